"""Which symptom a run shows. At most one of training, and at most one of generalisation.

The order matters: a loss that is no number explains that nothing was learned, and a network that
has not learned cannot overfit.
"""

from __future__ import annotations

import numpy as np

from ...record.schema import RunRecord
from ..remembering import remembered
from . import series, vitals
from .course import NOTHING, SOMETHING, Course
from .order import sorted_samples
from .restraint import batch_norms, restraints

# Losses are in units of the trivial answer's.
DIVERGED = 0.5  # the training loss ends this far above its best ...
DIVERGED_TIMES = 2.0  # ... and this many times as high
SWING = 0.12  # typical change of the training loss from epoch to epoch
LUCK = 0.12  # accuracy that says nothing where the loss is no better than one answer's
ACCURACY_SWING = 0.03
SLOW_SKILL = 0.7  # a run that got this far is not slow
STILL = 0.12  # weights that changed less than this have hardly moved
VANISHED = 5e-3  # the gradient of the first layers over the last one's
RISE = 0.1  # of the validation loss above its best
GAP = 0.35  # between training and validation
ENOUGH_STEPS = 100  # before that, a run that goes downhill has only begun


@remembered
def training_symptom(record: RunRecord, how: Course) -> str | None:
    """Id of the symptom that the training samples show."""
    if how.ended_badly:
        return "loss-not-finite"
    if not record.trained or len(record.losses) < 15:
        return None
    if diverged(how):
        return "diverging"
    if only_begun(record, how):
        return None
    if not_learning(how):
        return "not-learning"
    if prior_only(record, how) is not None:
        return "class-prior-only"
    if unstable(record, how):
        return "unstable"
    if slow(record, how):
        return "slow"
    if underfits(record, how):
        return "underfitting"
    return None


@remembered
def generalisation_symptom(record: RunRecord, how: Course) -> str | None:
    """Id of the symptom that held-out samples show, where training itself went well."""
    if training_symptom(record, how) in ("loss-not-finite", "diverging", "not-learning"):
        return None
    # Averages of batches follow the weights a hundred steps behind.
    enough = 3 * ENOUGH_STEPS if batch_norms(record) else ENOUGH_STEPS
    if not len(how.validation) or only_begun(record, how, enough):
        return None
    if no_better_than_chance(record, how):
        return "generalising-badly"
    if disagrees(record, how):
        return "generalising-badly"
    if rise(how)[0] >= RISE:
        return "overfitting"
    if gap(how) >= GAP:
        return "overfitting"
    return None


def only_begun(record: RunRecord, how: Course, enough: int = ENOUGH_STEPS) -> bool:
    """Few steps at a usual rate, downhill so far: too early to say what will become of it."""
    if len(record.losses) >= enough:
        return False
    times = vitals.unusual_rate(record)
    probe = series.clean(record.checkups.train.get("loss"))
    downhill = len(probe) >= 2 and probe[-1] < probe[0] - 0.002 * how.units
    return bool(downhill and not (times < 0.1 or times > 10))


def diverged(how: Course) -> bool:
    """The training loss ends far above where it has been."""
    curve = np.append(how.begun, how.train) if np.isfinite(how.begun) else how.train
    if len(how.train) < 3 and len(how.steps) >= 8:  # within an epoch, order alone can do this
        late, best = float(np.median(how.steps[-3:])), float(how.steps.min())
        up = late - best >= DIVERGED * how.units and late >= DIVERGED_TIMES * best
        return bool(up and not how.skill >= NOTHING and late > how.steps[0])
    if len(curve) < 3:
        return False
    end, best = float(np.median(curve[-2:])), float(curve.min())
    worse = how.success < 0.3 if np.isfinite(how.success) else end > curve[0]
    lost = end - best >= DIVERGED * how.units and end >= DIVERGED_TIMES * best
    return lost and worse and (end > curve[0] or how.best_skill > how.skill + DIVERGED)


def not_learning(how: Course) -> bool:
    """No better than one answer for all, by every measure that there is."""
    if how.weighted:  # accuracy below the commonest class's share is what the weights ask for
        return bool(how.fallen < SOMETHING and not how.success >= NOTHING)
    best = max((v for v in (how.success, how.answered) if np.isfinite(v)), default=np.nan)
    if np.isfinite(best):
        return bool(best < NOTHING or only_luck(how))
    if not (np.isfinite(how.start) and len(how.train)):
        return False
    return how.fallen <= 0.02


def only_luck(how: Course) -> bool:
    """A little better than chance by accuracy, as untrained networks are, but not by the loss.

    Or a little on the training samples and never on held-out ones: the first of them by heart.
    """
    if how.answered >= LUCK or not how.skill < 2 * NOTHING or how.gain >= SOMETHING:
        return False
    if how.skill < 0.01 and how.gain < LUCK:
        return True
    never = unseen(how) < 0.02 or (how.validation_best < 0.02 and unseen(how) < LUCK)
    return bool(never and len(how.train) >= 3)


def prior_only(record: RunRecord, how: Course) -> tuple[str, float] | None:
    """The output that has only one answer, and the share of that class; None where none has.

    Only where classes are of unequal size, so that the share looks like a good accuracy.
    """
    for output in record.outputs:
        target = record.data.targets.get(output.name)
        shares = record.checkups.outputs.get(output.name, {}).get("class_share")
        if target is None or target.class_counts is None or shares is None or not len(shares):
            continue
        counts = np.asarray(target.class_counts, np.float64)
        if (counts > 0).sum() < 2 or counts.sum() < 50:
            continue
        common = float(counts.max() / counts.sum())
        now = np.asarray(shares)[-1]
        rest = common < 1 and (1 - common) * 512 >= 4
        if now.max() >= 0.995 and common >= 1.4 / (counts > 0).sum() and rest:
            return output.name, common
    return None


def unstable(record: RunRecord, how: Course) -> bool:
    """Loss, or loss and accuracy, jump from epoch to epoch and get nowhere."""
    if swing(how) >= SWING and how.success < 0.9:
        return True
    many = (record.plan.samples or 0) >= 200  # else a single sample is a jump of accuracy
    jumps = swing(how) >= SWING / 6 and jump(how.accuracy) >= ACCURACY_SWING
    return bool(many and jumps and how.success < 0.7)


def swing(how: Course) -> float:
    """Typical change of the training loss between epochs, over the trivial answer's loss."""
    return jump(how.train) / how.units


def jump(curve: np.ndarray) -> float:
    """Typical change of a curve between epochs after its first third; 0 if it goes one way."""
    rest = curve[len(curve) // 3 :]
    if len(rest) < 4 or series.turns(rest) < 0.4 or abs(series.direction(rest)) > 0.7:
        return 0.0
    return float(np.median(np.abs(np.diff(rest))))


def slow(record: RunRecord, how: Course) -> bool:
    """Falls steadily, is far from the end, and the weights have hardly moved."""
    if not how.success < SLOW_SKILL or len(record.losses) < 2 * ENOUGH_STEPS:
        return False
    moved = vitals.moved(record)
    if not moved < STILL:
        return False
    first, middle, final = series.thirds(how.steps)
    falling = series.direction(how.steps) < -0.5 and first > middle > final
    return bool(falling and (middle - final) > 0.4 * (first - middle))


def underfits(record: RunRecord, how: Course) -> bool:
    """Learned part of what there is, and something holds the network back."""
    if how.success < 0.85 and too_long(record):
        return True
    if not how.success < 0.75:
        return False
    if how.success < 0.6 and 0 < vitals.backward_ratio(record) <= VANISHED:
        return True
    if how.success < 0.6 and starved(record):
        return True
    held = restraints(record)
    return bool(held and held[0].sure >= 0.5) or sorted_samples(record)


def starved(record: RunRecord) -> bool:
    """A layer of which no more than one unit is still alive: all has to pass through that one."""
    for layer in vitals.hidden(record):
        units = (layer.output_shape or [None])[-1] or 0
        dead = vitals.dead_share(record, layer.path)
        if layer.activation == "relu" and dead >= 0.75 and units * (1 - dead) < 1.5:
            return True
    return False


def too_long(record: RunRecord) -> bool:
    """Steps far longer than usual, which changed weights by a tenth at a time."""
    pace = vitals.pace(record)
    known = pace[np.isfinite(pace)]
    return bool(len(known) and known.max() >= 0.1 and vitals.unusual_rate(record) >= 10)


def no_better_than_chance(record: RunRecord, how: Course) -> bool:
    """The training samples are learned, held-out samples never were."""
    worth = unseen(how)
    if not np.isfinite(worth):
        return False
    # few held-out samples are right by luck
    held = record.plan.validation_samples or 0
    luck = (how.usual / max(1 - how.usual, 1e-6) / held) ** 0.5 if held and how.usual < 1 else 0.0
    return bool(worth < 0.05 + min(luck, 0.12) and how.success > worth + 0.1)


def unseen(how: Course) -> float:
    """How well held-out samples were ever answered: the best over three epochs, by any measure."""
    calm = [series.calm(how.validation), -series.calm(-how.validation_accuracy)]
    usual = how.validation_usual
    found = [1 - calm[0] / how.validation_baseline, (calm[1] - usual) / max(1 - usual, 1e-9)]
    known = [value for value in (*found, how.answered) if np.isfinite(value)]
    return float(max(known)) if known else float("nan")


def disagrees(record: RunRecord, how: Course) -> bool:
    """With batch statistics: the same samples are answered far worse when predicting."""
    return bool(batch_norms(record)) and mode_gap(record, how) >= 0.2


def mode_gap(record: RunRecord, how: Course) -> float:
    """How much worse the probe's loss is when predicting than in training mode."""
    known = series.last(record.checkups.training_mode.get("loss"))
    now = series.last(record.checkups.train.get("loss"))
    return float((now - known) / how.units)


def rise(how: Course) -> tuple[float, int]:
    """How far the validation loss has risen above its best while training improved, and since when.

    0 where the rise is no sustained trend: it needs three epochs and a fifth of the run.
    """
    curve = how.validation
    if len(curve) < 4:
        return 0.0, -1
    best = int(curve.argmin())
    after = curve[best:]
    if len(after) - 1 < max(3, len(curve) // 5):
        return 0.0, best
    if series.direction(after) < 0.6 or len(how.train) != len(curve):
        return 0.0, best
    end = float(np.median(after[-3:]))
    train_end = float(np.median(how.train[-3:]))
    if train_end > how.train[best]:
        return 0.0, best
    return float((end - curve[best]) / how.units), best


def gap(how: Course) -> float:
    """How much better the training samples are answered than held-out ones, skill and accuracy."""
    skills = how.skill - how.validation_skill
    gains = how.gain - how.validation_gain
    known = [value for value in (skills, gains) if np.isfinite(value)]
    return min(known) if known else 0.0
