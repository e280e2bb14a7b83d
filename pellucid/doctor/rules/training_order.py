"""The order of samples, and single steps that stand out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..rule import rule
from ..symptoms import course, learned, series
from ..symptoms.order import ALIKE, SAWTOOTH, in_order, sawtooth, sorted_samples
from ..symptoms.series import between


@rule(
    "sorted-data",
    "training",
    needs=("losses",),
    risk=False,
    explains={
        "not-learning": 0.95, "diverging": 0.9, "unstable": 1.0, "generalising-badly": 0.8,
        "slow": 0.6, "underfitting": 0.9, "overfitting": 0.5, "class-prior-only": 0.9,
        "loss-not-finite": 0.2,
    },
)  # fmt: skip
def sorted_data(record: RunRecord) -> Iterator[Finding]:
    """Samples come in the same, sorted order every epoch."""
    if not sorted_samples(record):
        return
    depends, alike = sawtooth(record), in_order(record)
    seen = (
        "the targets of samples that follow each other are alike"
        if alike >= ALIKE
        else "the loss depends on the place in the epoch, as if they were sorted by target"
    )
    yield Finding(
        "sorted-data",
        f"The samples are not shuffled, and their order matters: {seen}.",
        "warning",
        evidence=(
            Evidence("likeness of neighbours' targets", alike, ALIKE),
            Evidence("change of the loss with the place in the epoch", depends, SAWTOOTH),
            Evidence("shuffle", False),
        ),
        why="Every batch pulls the network to its own class, and the next one back; it forgets "
        "what it has not seen for a while.",
        fix="Shuffle:\n\n    model.fit(x, y, shuffle=True)",
        confidence=0.6 + 0.38 * max(between(depends, SAWTOOTH, 0.6), between(alike, 0.7, 0.9)),
        changes=(Change("shuffle"),),
    )


WINDOW = 26  # steps whose median a step's loss is compared with


@rule("loss-spikes", "end", needs=("losses",))
def loss_spikes(record: RunRecord) -> Iterator[Finding]:
    """Single steps at which the loss leaps far above its surroundings, in a run that went well."""
    losses = series.clean(record.losses)
    if len(losses) < 200 or not learned(record):
        return
    units = course(record).units
    # No median is below the least number: few steps are left to look at.
    least = series.trailing_minima(losses, WINDOW)
    far = (losses > 8 * least) & (losses - least > 1.0 * units) & (np.arange(len(losses)) >= WINDOW)
    steps, usual = np.flatnonzero(far), np.full(len(losses), np.nan)
    usual[steps] = series.trailing_medians(losses, WINDOW, steps)
    far = (losses > 8 * usual) & (losses - usual > 1.0 * units)
    starts = np.flatnonzero(far & ~np.append(False, far[:-1]))
    if not len(starts):
        return
    worst = int(starts[np.argmax(losses[starts])])
    yield Finding(
        "loss-spikes",
        f"The loss leapt up at {len(starts)} step{'s' if len(starts) > 1 else ''}, furthest at "
        f"step {worst + record.first_step}: {losses[worst]:.4g} amid {usual[worst]:.4g}.",
        "remark",
        where=Where(step=worst + record.first_step),
        evidence=(Evidence("times its surroundings", float(losses[worst] / usual[worst]), 8.0),),
        why="Single samples, or steps that were too long; the network recovered.",
        fix="Clip the gradients, and look at the samples with the largest loss:\n\n"
        "    optimizer = Adam(clipnorm=1.0)",
        confidence=0.6,
        changes=(Change("clip_gradients", arguments={"norm": 1.0}),),
    )
