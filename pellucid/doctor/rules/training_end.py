"""Remarks on a run that is over: it could have gone on, or reads differently than it seems."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding
from ..rule import rule
from ..symptoms import course, learned, series
from ..symptoms.course import penalty
from ..symptoms.verdict import generalisation_symptom, training_symptom


@rule(
    "stopped-too-early",
    "end",
    needs=("losses",),
    risk=False,
    explains={"slow": 0.6, "not-learning": 0.15, "underfitting": 0.3, "class-prior-only": 0.3},
)
def stopped_too_early(record: RunRecord) -> Iterator[Finding]:
    """The run ended while both losses were still clearly falling."""
    how = course(record)
    if record.plan.stopped_early or record.plan.interrupted or len(how.steps) < 5:
        return
    falls = still_falling(record)
    reached = how.skill if np.isfinite(how.skill) else how.success
    enough = 0.1 if reached >= 0.5 else 0.04  # a loss that is still high falls by less
    if falls is None or falls < enough or penalty(record, -1) > how.units:
        return
    epochs = record.plan.epochs or how.epochs
    yield Finding(
        "stopped-too-early",
        f"The loss was still falling when the run ended: by {falls:.0%} over its last quarter.",
        "remark",
        evidence=(Evidence("fall over the last quarter of the run", falls, enough),),
        why="Longer training would most likely have given a better network.",
        fix=f"Train longer, and let early stopping find the end:\n\n"
        f"    model.fit(x, y, epochs={4 * max(epochs, 1)}, callbacks=[EarlyStopping(patience=5)])",
        confidence=0.8,
        changes=(Change("set_epochs", arguments={"epochs": 4 * max(epochs, 1)}),),
    )


def still_falling(record: RunRecord) -> float | None:
    """By which share the loss fell over about the last quarter; None if it did not fall steadily.

    None also where the fall is small against the trivial answer's loss.
    """
    how = course(record)
    curve = how.validation if len(how.validation) >= 3 else how.train
    if len(curve) >= 3:
        last = curve[-1 - max(1, len(curve) // 4) :]
        trend = curve[-max(3, len(curve) // 4) :]
        if series.direction(trend) > -0.7 or curve[-1] > curve[-2]:
            return None
    else:
        last = series.smooth(record.losses, max(1, len(record.losses) // 8))[-3:]
        trend = series.smooth(record.losses, max(1, len(record.losses) // 8))[-4:]
        if len(trend) < 4 or series.direction(trend) > -0.7:
            return None
    start, end = float(last[0]), float(last[-1])
    if start <= 0 or (start - end) / how.units < 0.035:
        return None
    return (start - end) / start


@rule("validation-easier", "end", needs=("validation", "history"))
def validation_easier(record: RunRecord) -> Iterator[Finding]:
    """Validation looks better than training, and why."""
    how = course(record)
    if not learned(record) or training_symptom(record, how) or generalisation_symptom(record, how):
        return
    logged, held = record.history.get("loss"), record.history.get("val_loss")
    if logged is None or held is None or not len(logged) or not len(held):
        return
    seems = float(logged[-1] - held[-1]) / how.units
    if seems < 0.1 or float(held[-1]) > 0.8 * float(logged[-1]):
        return
    alike = how.skill - how.validation_skill
    mode = series.last(record.checkups.training_mode.get("loss"))
    calm = series.last(record.checkups.train.get("loss"))
    noisy = np.isfinite(mode) and (mode - calm) / how.units > 0.3 * seems
    shared = record.data.shared_rows or 0
    if noisy:
        why = "the training loss is measured with dropout (or other noise) switched on"
    elif shared:
        why = f"{shared:,} validation samples are among the training samples"
    elif np.isfinite(alike) and alike > -0.02:
        why = "the logged training loss is a mean over the epoch, while the network improved"
    else:
        why = "the validation samples are easier than the training samples"
    yield Finding(
        "validation-easier",
        f"Validation looks better than training ({held[-1]:.4g} against {logged[-1]:.4g}): {why}.",
        "remark",
        evidence=(Evidence("difference over the trivial answer's loss", seems, 0.1),),
        why="The two numbers do not measure the same; compare the checkups' losses instead.",
        fix="None needed where dropout explains it; else look at how the samples were split.",
        confidence=0.7,
    )


@rule("plateau-after-rate-drop", "end", needs=("history",))
def plateau_after_rate_drop(record: RunRecord) -> Iterator[Finding]:
    """The learning rate fell so far that the rest of the run changed nothing."""
    rates = np.asarray(record.learning_rates, np.float64)
    how = course(record)
    if len(rates) < 8 or len(how.train) != len(rates) or not rates.max() > 0:
        return
    low = rates <= 0.02 * rates.max()
    if not low[-1] or low[0]:
        return
    since = int(np.flatnonzero(~low)[-1]) + 1
    if len(rates) - since < max(4, len(rates) // 4):
        return
    before = how.train[since - 1]
    gained = (before - how.train[-1]) / how.units
    earlier = (how.train[max(0, since - 4)] - before) / how.units
    if gained > 0.005 or earlier < 0.02:
        return
    yield Finding(
        "plateau-after-rate-drop",
        f"From epoch {since + 1} on the learning rate is at most "
        f"{rates[since]:.2g}, and the loss does not fall any more, though it did before.",
        "remark",
        evidence=(
            Evidence("fall of the loss since", gained, 0.005),
            Evidence("fall in the epochs before", earlier, 0.02),
        ),
        why="The schedule ended the training before it was done.",
        fix="Let the rate fall later or less.",
        confidence=0.6,
    )
