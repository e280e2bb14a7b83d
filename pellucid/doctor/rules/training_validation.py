"""Held-out samples that are not of the kind that the network was trained on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import ArrayRecord, RunRecord
from ..finding import Evidence, Finding, Where
from ..rule import rule
from ..symptoms.series import between

APART = 0.5
ENOUGH = 50


@rule(
    "validation-differs",
    "training",
    needs=("inputs", "validation"),
    alone=False,
    explains={"generalising-badly": 1.0, "overfitting": 0.8},
)
def validation_differs(record: RunRecord) -> Iterator[Finding]:
    """Validation inputs lie elsewhere than training inputs: prepared by other code, or drifted."""
    for name, held_out in record.data.validation_inputs.items():
        array = record.data.inputs.get(name)
        if array is None or array.embedded or min(array.samples, held_out.samples) < ENOUGH:
            continue
        apart = shift(array, held_out)
        if not apart > APART:
            continue
        yield Finding(
            "validation-differs",
            f"The validation inputs {name!r} are not like the training inputs: their mean lies "
            f"{apart:.2f} standard deviations away.",
            "warning",
            where=Where(input=name),
            evidence=(
                Evidence("distance of the means, in standard deviations", apart, APART),
                Evidence("mean in training", array.mean),
                Evidence("mean in validation", held_out.mean),
            ),
            why="The network is asked about samples of another kind than it has learned from; "
            "random parts of the same data would differ by a tenth of that or less.",
            fix="Prepare both sets by the same code, and draw both at random from the same "
            "samples:\n\n    model.fit(x, y, validation_split=0.2)",
            confidence=0.7 + 0.28 * between(apart, APART, 2 * APART),
        )


def shift(one: ArrayRecord, other: ArrayRecord) -> float:
    """How far apart two arrays' means are, in standard deviations of the first; NaN if unknown.

    By columns where they are known: the root mean square over the columns that vary.
    """
    if one.column_mean is not None and other.column_mean is not None and one.column_std is not None:
        spread = np.asarray(one.column_std, np.float64)
        apart = np.asarray(other.column_mean, np.float64) - np.asarray(one.column_mean, np.float64)
        varying = spread > 1e-3 * max(float(spread.max(initial=0.0)), 1e-30)
        if varying.any():
            # one wild column alone is an outlier, not another kind of data
            distances = np.minimum(np.abs(apart[varying] / spread[varying]), 5.0)
            return float(np.sqrt(np.mean(distances**2)))
    if None in (one.mean, one.std, other.mean) or not one.std:
        return float("nan")
    return abs(float(other.mean or 0.0) - float(one.mean or 0.0)) / float(one.std)
