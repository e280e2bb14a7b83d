"""What the output gives before training against what its loss takes, whatever made the numbers.

For networks whose last layer tells nothing: a `call` of one's own, functions, wrapped models.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import OutputRecord, RunRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import (
    from_logits,
    judged,
    raw_scores,
    width,
)
from ..rule import rule

ROUNDING = 1e-3


def _first(record: RunRecord, output: OutputRecord, name: str) -> float | None:
    """A measure of the predictions on the probe before the first step."""
    row = record.checkups.outputs.get(output.name, {}).get(name)
    if row is None or not len(row) or not np.isfinite(row[0]):
        return None
    return float(row[0])


def _is_unreadable(record: RunRecord, output: OutputRecord) -> bool:
    """Whether the layers do not say what an output gives: other rules speak where they do."""
    if output.activation == "linear":
        return not raw_scores(record, output)  # a sum or mean of what may be probabilities
    return output.activation is None


@rule("predictions-are-no-probabilities", "initial", ("initial", "loss"),
      explains=explains(1.0, 0.9, 0.9, 0.9))  # fmt: skip
def predictions_are_no_probabilities(record: RunRecord) -> Iterator[Finding]:
    """Before training the output gives numbers below 0 or above 1 to a cross-entropy."""
    for output in judged(record):
        if not _is_unreadable(record, output) or from_logits(output):
            continue
        if not output.wants("crossentropy") or output.loss == "kl_divergence":
            continue
        low, high = _first(record, output, "minimum"), _first(record, output, "maximum")
        if low is None or high is None:
            continue
        # What is only too large is divided by its sum, where there is one class of several.
        divided = output.wants("one_of_several")
        if low >= -ROUNDING and (divided or high <= 1 + ROUNDING):
            continue
        activation = "sigmoid" if output.wants("yes_no") or width(output) == 1 else "softmax"
        yield Finding(
            "predictions-are-no-probabilities",
            f"Before training the output {output.name!r} gives numbers from {low:.3g} to "
            f"{high:.3g}, but {output.loss} expects probabilities.",
            "problem",
            where=Where(layer=output.layer, output=output.name, step=0),
            evidence=(
                Evidence("smallest prediction", low, 0.0),
                Evidence("largest prediction", high, 1.0),
            ),
            why="The loss cuts off what is not between 0 and 1, and there it has no gradient: such "
            "samples are never learned.",
            fix="End in probabilities:\n"
            f'    layers.Dense({width(output) or "units"}, activation="{activation}")',
            confidence=0.95,
            changes=(Change("set_output", output.name, {"activation": activation}),),
        )


@rule("predictions-are-probabilities-already", "initial", ("initial", "loss"), risk=False,
      explains=explains(0.7, 0.9))  # fmt: skip
def predictions_are_probabilities_already(record: RunRecord) -> Iterator[Finding]:
    """Before training every row of the output adds to one, but its loss applies a softmax."""
    for output in judged(record):
        units = width(output)
        if not _is_unreadable(record, output) or not from_logits(output):
            continue
        if not output.wants("one_of_several") or not units or units < 2:
            continue
        low, high = _first(record, output, "minimum"), _first(record, output, "maximum")
        least = _first(record, output, "row_sum_minimum")
        most = _first(record, output, "row_sum_maximum")
        if low is None or high is None or least is None or most is None:
            continue
        if low < 0 or high > 1 + ROUNDING or max(abs(least - 1), abs(most - 1)) > ROUNDING:
            continue
        lowest = float(np.log(np.e + units - 1) - 1)
        yield Finding(
            "predictions-are-probabilities-already",
            f"The rows of the output {output.name!r} add to one before training, but its loss was "
            f"told from_logits=True: it cannot fall below {lowest:.3g}.",
            "problem",
            where=Where(layer=output.layer, output=output.name, step=0),
            evidence=(
                Evidence("smallest sum of a row", least, 1.0),
                Evidence("largest sum of a row", most, 1.0),
                Evidence("lowest loss within reach", lowest, 0.0),
            ),
            why="Something in the network applies a softmax, and the loss applies another. From "
            "numbers between 0 and 1 it cannot make a sure answer, and its gradient stays small.",
            fix=f'Leave out from_logits=True:\n    model.compile(..., loss="{output.loss}")',
            confidence=0.97,
            changes=(Change("set_output", output.name, {"loss_config": {"from_logits": False}}),),
        )
