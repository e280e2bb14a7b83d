"""What examples mean: classes or values, and which class an answer names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..record.schema import Examples, RunRecord
from .words import cut

CROSSENTROPY = "crossentropy"
MOST_CLASSES = 2000
MOST_LABELS = 64
LONGEST = 40
"""Characters of a class's name."""


def is_classes(record: RunRecord, examples: Examples) -> bool:
    """Whether the truth is class numbers, one a sample or one a position."""
    if examples.positions:
        return True
    truth = np.asarray(examples.truth)
    if truth.ndim != 1 or truth.dtype.kind not in "iub":
        return False
    target = record.data.targets.get(examples.output)
    if target is not None:
        return target.kind != "values"
    if examples.kind:
        return examples.kind != "values"
    loss = next((o.loss for o in record.outputs if o.name == examples.output), None) or ""
    return CROSSENTROPY in loss or "hinge" in loss


def has_labels(examples: Examples) -> bool:
    """Whether each sample has several labels or has them not, and so few that each is told."""
    width = np.asarray(examples.prediction).reshape(len(examples.truth), -1).shape[1]
    return examples.kind == "binary" and 1 < width <= MOST_LABELS


def class_names(
    record: RunRecord, examples: Examples, names: Sequence[str] | None = None
) -> list[str] | None:
    """The names of the classes, or their numbers; None where the answers are values."""
    if not is_classes(record, examples):
        return None
    width = examples.classes
    if not examples.positions:
        width = int(np.asarray(examples.prediction).reshape(len(examples.truth), -1).shape[1])
    size = max(2 if width == 1 else width, int(np.max(examples.truth, initial=0)) + 1)
    if size > MOST_CLASSES and not examples.positions:
        return None
    if not names or len(names) != size:
        return [str(number) for number in range(size)]
    return [cut(name, LONGEST) for name in names]


def answers(record: RunRecord, examples: Examples) -> np.ndarray:
    """The class that each answer names: (samples,) or (samples, positions); -1: not finite."""
    if examples.positions:
        return np.asarray(examples.prediction).astype(int)
    prediction = np.asarray(examples.prediction, np.float64).reshape(len(examples.truth), -1)
    known = np.isfinite(prediction).all(axis=1)
    if prediction.shape[1] > 1:
        named = np.nan_to_num(prediction).argmax(axis=1)
    else:
        named = (prediction[:, 0] > threshold(record, examples.output)).astype(int)
    return np.where(known, named, -1)


def threshold(record: RunRecord, name: str) -> float:
    """Above which a single number says "yes": 0 for scores, one half for probabilities."""
    output = next((o for o in record.outputs if o.name == name), None)
    if output is None:
        return 0.5
    scores = output.loss_config.get("from_logits") or "hinge" in (output.loss or "")
    return 0.0 if scores else 0.5


def sureness(record: RunRecord, examples: Examples) -> np.ndarray | None:
    """(samples, classes) probabilities, where the predictions are some; else None."""
    if examples.positions:
        return None
    prediction = np.asarray(examples.prediction, np.float64).reshape(len(examples.truth), -1)
    if not np.isfinite(prediction).all() or prediction.min(initial=0) < 0:
        return None
    if prediction.shape[1] == 1:
        return None if prediction.max(initial=0) > 1 else np.hstack([1 - prediction, prediction])
    sums = prediction.sum(axis=1)
    return prediction if np.abs(sums - 1).max(initial=0) < 1e-2 else None
