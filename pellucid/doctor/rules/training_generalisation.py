"""What held-out samples show: learning by heart, and answers that do not carry over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..rule import rule
from ..symptoms import Course, course, vitals
from ..symptoms.restraint import batch_norms
from ..symptoms.verdict import (
    GAP,
    RISE,
    disagrees,
    gap,
    generalisation_symptom,
    mode_gap,
    no_better_than_chance,
    rise,
    unseen,
)


def _now(record: RunRecord, name: str) -> Course | None:
    how = course(record)
    return how if generalisation_symptom(record, how) == name else None


def _both(how: Course) -> tuple[Evidence, ...]:
    found = []
    if len(how.train) and len(how.validation):
        found.append(Evidence("training loss", float(how.train[-1])))
        found.append(Evidence("validation loss", float(how.validation[-1])))
    if len(how.accuracy) and len(how.validation_accuracy):
        found.append(Evidence("training accuracy", float(how.accuracy[-1])))
        found.append(Evidence("validation accuracy", float(how.validation_accuracy[-1])))
    return tuple(found)


def lost_accuracy(how: Course) -> float:
    """How much held-out accuracy is lost since its best, smoothed over three epochs; else NaN."""
    curve = how.validation_accuracy
    if len(curve) < 3:
        return float("nan")
    return float(np.convolve(curve, np.ones(3) / 3, "valid").max() - curve[-3:].mean())


@rule("overfitting", "training", needs=("validation", "history"), symptom=True)
def overfitting(record: RunRecord) -> Iterator[Finding]:
    """The validation loss has risen for a sustained stretch while the training loss fell."""
    how = _now(record, "overfitting")
    if how is None:
        return
    risen, best = rise(how)
    apart = gap(how)
    lost = lost_accuracy(how)
    harmless = record.plan.stopped_early or (np.isfinite(lost) and lost < 0.02 and apart < GAP)
    patience = Change("add_early_stopping", arguments={"patience": 3})
    if risen >= RISE:
        text = (
            f"The network learns its training samples by heart: the validation loss was best in "
            f"epoch {best + 1} ({how.validation[best]:.4g}) and has risen to "
            f"{how.validation[-1]:.4g} since, while the training loss fell."
        )
    else:
        text = (
            "The network answers its training samples far better than others: much of what it "
            "learned holds for those samples only."
        )
    severe = risen >= 2 * RISE and not harmless
    yield Finding(
        "overfitting",
        text,
        "problem" if severe else "warning",
        where=Where(epoch=best + 1 if risen >= RISE else None),
        evidence=(
            Evidence("rise of the validation loss over the trivial answer's", risen, RISE),
            Evidence("training ahead of validation", apart, GAP),
            *_both(how),
        ),
        why="What it adds after that epoch is noise of the training samples, and costs accuracy or "
        "confidence on every other sample.",
        fix="Stop at the best epoch and keep its weights; then more data, dropout, weight decay or "
        "a smaller network:\n\n"
        "    EarlyStopping(patience=3, restore_best_weights=True)",
        confidence=0.9,
        changes=(patience,),
    )


@rule("generalising-badly", "training", needs=("validation", "history"), symptom=True)
def generalising_badly(record: RunRecord) -> Iterator[Finding]:
    """The training samples are learned, held-out samples are answered no better than by chance."""
    how = _now(record, "generalising-badly")
    if how is None:
        return
    said = (
        "What the network learned does not carry over: held-out samples are answered hardly better "
        "than by one answer for all."
    )
    if disagrees(record, how) and not no_better_than_chance(record, how):
        said = (
            "The network answers far worse when it predicts than while it trains, on the very same "
            "samples."
        )
    yield Finding(
        "generalising-badly",
        said,
        "problem",
        evidence=(
            Evidence("skill on training samples", how.success),
            Evidence("best skill on validation samples", unseen(how), 0.05),
            *_both(how),
        ),
        why="Either the two sets of samples differ, or there is nothing in the inputs that tells "
        "the targets, or the network computes something else when it predicts.",
        fix="Check that inputs and targets belong together, and that both sets are prepared by "
        "the same code.",
        confidence=0.9,
    )


@rule(
    "batch-norm-mismatch",
    "training",
    needs=("checkups",),
    alone=False,
    explains={
        "generalising-badly": 1.0,
        "overfitting": 0.6,
        "not-learning": 0.9,
        "unstable": 0.7,
        "underfitting": 0.6,
        "slow": 0.6,
    },
)
def batch_norm_mismatch(record: RunRecord) -> Iterator[Finding]:
    """Batch normalization answers the same samples far worse with its averages than in training."""
    layers = batch_norms(record)
    how = course(record)
    apart = mode_gap(record, how) if layers else 0.0
    if not apart >= 0.1:
        return
    momentum = max(float(layer.config.get("momentum") or 0.0) for layer in layers)
    yield Finding(
        "batch-norm-mismatch",
        f"On the same samples the loss is {record.checkups.train['loss'][-1]:.4g} when predicting "
        f"and {record.checkups.training_mode['loss'][-1]:.4g} in training mode: the averages that "
        "batch normalization keeps are not those of its batches.",
        "warning",
        where=Where(layer=layers[0].path),
        evidence=(
            Evidence("difference over the trivial answer's loss", apart, 0.1),
            Evidence("momentum", momentum),
            Evidence("steps", len(record.losses)),
            Evidence("batch size", record.plan.batch_size or 0),
        ),
        why="In training a batch is scaled by its own mean; afterwards by a moving average, which "
        "needs about 1 / (1 - momentum) steps to arrive, and batches that are not tiny.",
        fix="Lower the momentum, train longer, or use larger batches or another normalization:\n\n"
        "    BatchNormalization(momentum=0.9)",
        confidence=min(0.97, 0.75 + apart / 4),
        changes=(
            *(Change("set_momentum", layer.path, {"momentum": 0.9}) for layer in layers),
            *(
                [Change("set_batch_size", arguments={"batch_size": 32})]
                if (record.plan.batch_size or 32) < 8
                else []
            ),
        ),
    )


@rule(
    "shuffled-labels",
    "end",
    needs=("losses",),
    alone=False,
    explains={
        "generalising-badly": 1.0, "overfitting": 0.7, "not-learning": 1.0, "underfitting": 0.4,
        "class-prior-only": 0.3,
    },
)  # fmt: skip
def shuffled_labels(record: RunRecord) -> Iterator[Finding]:
    """Targets look unrelated to the inputs: shuffled, shifted, or read from another file."""
    how = course(record)
    link = best_link(record)
    worth = unseen(how)
    if not worth < (0.08 if generalisation_symptom(record, how) is None else 0.2):
        return
    if all_alike(record):
        return
    memorised = how.success > 0.1
    confidence = 0.85 if memorised else 0.3
    if link is not None:
        confidence = max(confidence, 0.8) if link[0] < link[1] else confidence * 0.5
    evidence = [Evidence("best skill on validation samples", worth, 0.08)]
    if link is not None:
        evidence.append(Evidence("strongest link of one column to the target", *link))
    yield Finding(
        "shuffled-labels",
        "The targets look unrelated to the inputs: as if they were shuffled, shifted by a row, or "
        "read from another file.",
        "warning",
        evidence=tuple(evidence),
        why="A network can learn such targets by heart, but nothing of it holds for a new sample.",
        fix="Look at ten samples with their targets by eye, and shuffle both in one call:\n\n"
        "    order = rng.permutation(len(x)); x, y = x[order], y[order]",
        confidence=confidence,
    )


def all_alike(record: RunRecord) -> bool:
    """Whether the inputs themselves cannot tell samples apart."""
    conflicts, rows = record.data.conflicting_rows or 0, record.data.looked_at
    first = record.layers[0].path if record.layers else ""
    return (rows > 0 and conflicts > rows / 2) or vitals.at(record, first, "output_spread", 0) == 0


def best_link(record: RunRecord) -> tuple[float, float] | None:
    """How well the best single column gives the target away, and what chance alone would give.

    None where columns mean nothing alone (pictures, words) or were not looked at.
    """
    found: list[tuple[float, float]] = []
    classes = max(
        (len(t.class_counts) for t in record.data.targets.values() if t.class_counts is not None),
        default=2,
    )
    for array in record.data.inputs.values():
        links = array.column_link
        if links is None or array.embedded or array.samples < 40:
            continue
        known = np.asarray(links, np.float64)
        known = known[np.isfinite(known)]
        if not len(known):
            continue
        chance = (max(classes, 2) - 1) / array.samples
        many = 3.0 + 2.0 * np.log(len(known))  # the best of many columns is lucky
        found.append((float(known.max()), float(chance * many)))
    return max(found) if found else None


@rule(
    "too-few-samples",
    "end",
    needs=("validation", "losses"),
    alone=False,
    explains={"overfitting": 1.0, "generalising-badly": 0.5},
)
def too_few_samples(record: RunRecord) -> Iterator[Finding]:
    """Few training samples for so many weights."""
    samples = record.plan.samples
    weights = sum(weight.size for weight in record.weights if weight.trainable)
    if not samples or weights < 20 * samples or samples > 2000:
        return
    yield Finding(
        "too-few-samples",
        f"{samples:,} training samples teach {weights:,} weights.",
        "warning",
        evidence=(Evidence("weights for each sample", weights / samples, 20),),
        why="With so many weights the samples can be learned by heart.",
        fix="More samples, augmentation, a network that is already trained, or a smaller one.",
        confidence=0.6 if samples > 400 else 0.8,
        changes=(Change("add_early_stopping", arguments={"patience": 5}),),
    )
