"""`Course`: what became of a run, in numbers that mean the same for every loss and task.

Losses are measured in units of the trivial answer's loss (class shares, mean, median): *skill* 0 is
as good as that answer, 1 is perfect, below 0 is worse. Accuracy is measured as the way from the
commonest class to perfect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...record.schema import Examples, RunRecord, TargetRecord
from ..remembering import remembered
from . import series

NAN = float("nan")
PROBE = 600  # samples; checkups look at no more than 512
# Skill or gain of accuracy from which a run has learned something, and below which it has not.
SOMETHING, NOTHING = 0.15, 0.04
CLEARLY = 0.4  # from here on a run refutes predictions that it would fail


@dataclass(frozen=True)
class Course:
    """How a run went. Whatever is not known is NaN or empty.

    Attributes:
        baseline: loss of the trivial answer, over all outputs.
        start: training loss before the first step, without penalties; `begun` with them.
        train, validation: logged losses by epoch.
        accuracy, validation_accuracy: the same; `usual` is the commonest answer's share.
        validation_baseline, validation_usual: `baseline` and `usual` of the held-out samples.
        skill, best_skill: of the training samples, at the end and at best.
        gain, best_gain: the same for accuracy.
        validation_skill, validation_best, validation_gain, validation_best_gain: held-out samples.
        answered: how much better than chance the held-out examples are answered, classes counting
            alike; of the variance for values.
        steps: (windows,) losses of single steps, as medians over windows.
        ended_badly: a loss or gradient was not finite.
        weighted: class or sample weights: losses then have another baseline.
        epochs: done.
    """

    baseline: float = NAN
    start: float = NAN
    begun: float = NAN
    train: np.ndarray = field(default_factory=lambda: np.zeros(0))
    validation: np.ndarray = field(default_factory=lambda: np.zeros(0))
    accuracy: np.ndarray = field(default_factory=lambda: np.zeros(0))
    validation_accuracy: np.ndarray = field(default_factory=lambda: np.zeros(0))
    usual: float = NAN
    skill: float = NAN
    best_skill: float = NAN
    gain: float = NAN
    best_gain: float = NAN
    validation_baseline: float = NAN
    validation_usual: float = NAN
    validation_skill: float = NAN
    validation_best: float = NAN
    validation_gain: float = NAN
    validation_best_gain: float = NAN
    answered: float = NAN
    steps: np.ndarray = field(default_factory=lambda: np.zeros(0))
    ended_badly: bool = False
    weighted: bool = False
    epochs: int = 0

    @property
    def fallen(self) -> float:
        """Share of its first value by which the training loss has fallen."""
        first = float(self.steps[0]) if len(self.steps) else self.start
        if not (len(self.train) and np.isfinite(first) and first > 0):
            return NAN
        return float(1.0 - self.train[-1] / first)

    @property
    def success(self) -> float:
        """The best that any measure says of the training samples at the end."""
        return _best(self.skill, self.gain)

    @property
    def validation_success(self) -> float:
        """The best that any measure says of the held-out samples at the end."""
        return _best(self.validation_skill, self.validation_gain, self.answered)

    @property
    def units(self) -> float:
        """What a loss is measured in: the baseline, else where it began."""
        return self.baseline if self.baseline > 0 else abs(self.start) or 1.0


def _best(*values: float) -> float:
    known = [value for value in values if np.isfinite(value)]
    return max(known) if known else NAN


@remembered
def course(record: RunRecord) -> Course:
    """Read the course of a run off its record."""
    checkups = record.checkups
    weighted = record.plan.class_weight or record.plan.sample_weight
    baseline = NAN if weighted else _baseline(record)
    epochs = max((len(values) for values in record.history.values()), default=0)
    start = series.first(checkups.train.get("loss"))
    if not np.isfinite(start):
        start = series.first(record.losses)
    begun = start
    train, end = _curve(record, "loss", "")
    validation, validation_end = _curve(record, "loss", "val_")
    fine = penalty(record, -1)  # no part of how well the samples are answered
    start, end, validation_end = start - penalty(record, 0), end - fine, validation_end - fine
    usual, accuracy, gain_end = _accuracies(record, "")
    held_usual, validation_accuracy, validation_gain_end = _accuracies(record, "val_")
    held_baseline = NAN if weighted else _baseline(record, held_out=True)
    window = max(1, len(record.losses) // 40)
    bad = record.bad_step >= 0 or not np.isfinite(np.asarray(record.losses)).all()
    found = {
        "skill": _skill(end, baseline),
        "best_skill": _skill(min(end, train.min(initial=np.inf) - fine), baseline),
        "gain": _gain(gain_end, usual),
        "best_gain": _gain(accuracy.max(initial=-np.inf), usual),
        "validation_skill": _skill(validation_end, held_baseline),
        "validation_best": _skill(validation.min(initial=np.inf) - fine, held_baseline),
        "validation_gain": _gain(validation_gain_end, held_usual),
        "validation_baseline": held_baseline,
        "validation_usual": held_usual,
        "validation_best_gain": _gain(validation_accuracy.max(initial=-np.inf), held_usual),
    }
    answered = [answered_well(examples) for examples in record.examples.values()]
    return Course(
        baseline=baseline,
        start=start,
        begun=begun,
        train=train,
        validation=validation,
        accuracy=accuracy,
        validation_accuracy=validation_accuracy,
        usual=usual,
        answered=_best(*answered),
        steps=series.smooth(record.losses, window),
        ended_badly=bool(bad),
        weighted=weighted,
        epochs=epochs,
        **found,
    )


def learned(record: RunRecord) -> bool | None:
    """Whether the run clearly beat the trivial answer, and kept what it had.

    Returns:
        True or False; None where the record does not tell.
    """
    how = course(record)
    if how.ended_badly:
        return False
    if how.weighted and not how.success >= SOMETHING:
        return True if how.fallen >= 0.5 else None
    success = _best(how.success, how.answered)
    if not np.isfinite(success):
        return None
    if success >= SOMETHING:
        return True
    return False if success < NOTHING else None


def refutes(record: RunRecord) -> bool:
    """Whether a run went so well that what might have gone wrong did not.

    Well by two fifths of what there is to learn; by anything where that cannot be said.
    """
    how = course(record)
    success = _best(how.success, how.answered)
    return bool(learned(record)) and not success < CLEARLY


def _target(record: RunRecord, name: str, held_out: bool) -> TargetRecord | None:
    """The targets of an output; of the training samples where held-out ones are not known."""
    found = record.data.validation_targets.get(name) if held_out else None
    if found is None or found.baseline_loss is None or found.array.samples < 20:
        return record.data.targets.get(name)
    return found


def _baseline(record: RunRecord, held_out: bool = False) -> float:
    """The trivial answer's loss over all outputs.

    NaN if one is unknown, or if the loss has terms that are none of the answers'.
    """
    if record.plan.custom_step or any(layer.adds_loss for layer in record.layers):
        return NAN
    total, known = 0.0, False
    for output in record.outputs:
        if not output.loss:
            continue
        target = _target(record, output.name, held_out)
        if target is None or target.baseline_loss is None:
            return NAN
        total, known = total + output.weight * target.baseline_loss, True
    return total if known and total > 0 else NAN


def _curve(record: RunRecord, name: str, prefix: str) -> tuple[np.ndarray, float]:
    """The logs' curve by epoch, and the number at the end, measured in inference mode if known."""
    measured = record.checkups.validation if prefix else record.checkups.train
    seen = series.clean(measured.get(name))
    logged = series.clean(record.history.get(prefix + name))
    # logs of held-out samples are measured on all of them; checkups on no more than 512
    if prefix and len(logged):
        return logged, float(logged[-1])
    if len(seen) > 1:
        end = float(seen[-1])
        mode = series.clean(record.checkups.training_mode.get(name))
        if len(logged) >= 4 and len(mode) and (record.plan.samples or 0) > PROBE:
            # the probe may be easier than all samples: their log, put into inference mode
            end = float(logged[-1]) + end - float(mode[-1])
        return (logged if len(logged) else seen[1:]), end
    return logged, series.last(logged)


def _accuracies(record: RunRecord, prefix: str) -> tuple[float, np.ndarray, float]:
    """The commonest answer's share, the curve of accuracy and its end, of the first that has it."""
    for output in record.outputs:
        target = _target(record, output.name, bool(prefix))
        if target is None or target.baseline_accuracy is None:
            continue
        for name in output.metrics:
            if "acc" not in name.lower():
                continue
            curve, end = _curve(record, name, prefix)
            if len(curve):
                return float(target.baseline_accuracy), curve, end
    return NAN, np.zeros(0), NAN


_PENALISED = {
    "kernel": "kernel",
    "recurrent_kernel": "recurrent",
    "depthwise_kernel": "depthwise",
    "pointwise_kernel": "pointwise",
    "embeddings": "embeddings",
    "bias": "bias",
}


def penalty_weights(given: Any) -> tuple[float, float]:
    """Factors of the absolute and of the squared penalty in a regularizer's configuration.

    >>> penalty_weights({"class_name": "L2", "config": {"l2": 0.1}}), penalty_weights("l2")
    ((0.0, 0.1), (0.0, 0.01))
    """
    if isinstance(given, str):  # a name alone has Keras's factors
        name = given.lower()
        return (0.01 if "l1" in name else 0.0), (0.01 if "l2" in name else 0.0)
    config = given.get("config", given) if isinstance(given, dict) else {}
    if not isinstance(config, dict):
        return 0.0, 0.0
    found = [config.get(name) for name in ("l1", "l2")]
    first, second = (float(v) if isinstance(v, (int, float)) else 0.0 for v in found)
    return first, second


def penalty(record: RunRecord, checkup: int) -> float:
    """What weight penalties add to the loss at a checkup; 0 where it is not known."""
    total = 0.0
    for weight in record.weights:
        layer = record.layer(weight.layer)
        role = _PENALISED.get(weight.role)
        if layer is None or role is None or not weight.trainable:
            continue
        absolute, squared = penalty_weights(layer.config.get(f"{role}_regularizer"))
        norms = record.checkups.weights.get(weight.path, {}).get("norm")
        if (absolute or squared) and norms is not None and len(norms):
            norm = float(np.asarray(norms)[checkup])
            # the sum of sizes is about 0.8 of what it is if all are alike
            added = squared * norm**2 + absolute * 0.8 * norm * weight.size**0.5
            total += added if np.isfinite(added) else 0.0
    return total


def _skill(loss: float, baseline: float) -> float:
    if not (np.isfinite(loss) and baseline > 0):
        return NAN
    return float(1.0 - loss / baseline)


def _gain(accuracy: float, usual: float) -> float:
    if not (np.isfinite(accuracy) and usual < 1):
        return NAN
    return float((accuracy - usual) / (1.0 - usual))


def answered_well(examples: Examples) -> float:
    """How far from chance to perfect: mean share of right answers over the classes, or R squared.

    Classes with fewer than five samples are left out.
    """
    truth, prediction = np.asarray(examples.truth), np.asarray(examples.prediction, np.float64)
    if len(truth) < 10 or not np.isfinite(prediction).all():
        return NAN
    whole = np.issubdtype(truth.dtype, np.integer) and truth.ndim == 1
    if whole and prediction.ndim == 2:
        wide = prediction.shape[1] > 1
        chosen = prediction.argmax(1) if wide else (prediction[:, 0] > 0.5).astype(np.int64)
        classes, counts = np.unique(truth, return_counts=True)
        rights = [float(np.mean(chosen[truth == c] == c)) for c in classes[counts >= 5]]
        if len(rights) < 2:
            return NAN
        chance = 1.0 / len(rights)
        return float((np.mean(rights) - chance) / (1.0 - chance))
    if whole or truth.shape != prediction.shape:
        return NAN
    spread = ((truth - truth.mean(0)) ** 2).sum()
    return float(1.0 - ((truth - prediction) ** 2).sum() / spread) if spread > 0 else NAN
