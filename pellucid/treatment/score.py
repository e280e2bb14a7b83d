"""One score for networks that answer the same question, whatever their losses: higher is better."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..doctor.network import DISTANCES
from ..training.step import by_output, flat_outputs
from .plan_edits import class_count

COMMON = 0.8  # share of one class from which every class counts alike
FEW_CLASSES = 20  # as many different whole numbers may be classes to a distance as loss


def kind_of(targets: Any, loss: str | None) -> str:
    """What targets are: classes, one_hot, flags (columns of 0 and 1) or values.

    >>> kind_of(np.array([0, 2, 1]), "sparse_categorical_crossentropy")
    'classes'
    >>> kind_of(np.array([[0.5], [2.0]]), "mean_squared_error")
    'values'
    """
    array = np.asarray(targets)
    whole = array.dtype.kind in "biu" or bool((array == np.rint(array)).all())
    if not whole:
        return "values"
    rows = array.reshape(len(array), -1)
    if array.ndim > 1 and array.shape[-1] > 1:
        if not np.isin(rows, (0, 1)).all():
            return "values" if array.dtype.kind == "f" or loss in DISTANCES else "classes"
        return "one_hot" if (array.sum(-1) == 1).all() else "flags"
    if np.isin(rows, (0, 1)).all() or (np.isin(rows, (-1, 1)).all() and "hinge" in str(loss)):
        return "classes"
    few = array.dtype.kind in "biu" and 0 < class_count(array) <= FEW_CLASSES
    return "values" if loss in DISTANCES and not few else "classes"


def name_of(kinds: list[str], rare: bool) -> str:
    """What the score is called."""
    if all(kind == "values" for kind in kinds):
        return "R2"
    if any(kind == "values" for kind in kinds):
        return "score"
    return "balanced accuracy" if rare else "accuracy"


def is_rare(targets: Any) -> bool:
    """Whether nearly all samples are of one class, so that the share of right ones says little."""
    flat = np.asarray(targets).reshape(-1)
    counts = np.unique(flat, return_counts=True)[1]
    return len(counts) > 1 and counts.max() / counts.sum() >= COMMON


def score_one(
    kind: str, targets: Any, answers: Any, rare: bool = False, bound: float = 0.5
) -> float:
    """Share of right answers (mean over classes where `rare`), or of the variance explained.

    A single number above `bound` means yes.

    >>> score_one("classes", np.array([0, 1, 1, 0]), np.array([0.2, 0.9, 0.4, 0.1]))
    0.75
    >>> score_one("values", np.array([1.0, 3.0]), np.array([[1.0], [3.0]]))
    1.0
    """
    truth, answers = np.asarray(targets), np.asarray(answers, np.float64)
    answers = np.nan_to_num(answers, nan=0.0, posinf=1e30, neginf=-1e30)
    if kind == "values":
        truth = truth.reshape(len(truth), -1).astype(np.float64)
        answers = answers.reshape(len(answers), -1)
        if answers.shape != truth.shape:
            answers = np.broadcast_to(answers.mean(1, keepdims=True), truth.shape)
        spread = ((truth - truth.mean(0)) ** 2).sum()
        left = ((truth - np.clip(answers, -1e12, 1e12)) ** 2).sum()
        return float(1 - left / spread) if spread > 0 else float("nan")
    if kind == "one_hot":
        truth, kind = truth.argmax(-1), "classes"
        answers = answers if answers.shape[-1] > 1 else answers[..., 0]
    if kind == "flags":
        right = (truth > 0.5) == (answers.reshape(truth.shape) > bound)
        return float(right.mean())
    chosen = _chosen(truth, answers, bound)
    truth, chosen = truth.reshape(-1), chosen.reshape(-1)
    right = truth == chosen
    if rare:
        return float(np.mean([right[truth == label].mean() for label in np.unique(truth)]))
    return float(right.mean())


def _chosen(truth: np.ndarray, answers: np.ndarray, bound: float) -> np.ndarray:
    """The class in each answer: the largest unit, or a single number's nearest class."""
    labels = np.unique(truth)
    several = answers.ndim > truth.ndim - (truth.ndim > 1 and truth.shape[-1] == 1)
    if several and answers.shape[-1] != 1:
        return answers.argmax(-1)
    one = answers[..., 0] if answers.shape[-1:] == (1,) else answers
    if labels.min() >= 0 and labels.max() <= 1:
        return (one > bound).astype(int)
    if labels.min() == -1:
        return np.where(one > 0, 1, -1)
    return np.rint(one)


class Scorer:
    """Scores a model's answers to the held-out samples; the mean over its outputs.

    Args:
        names: of the outputs.
        y: targets of the held-out samples, as `fit` takes them.
        losses: snake-case name of each output's loss, or None.
    """

    def __init__(self, names: list[str], y: Any, losses: list[str | None]):
        self.names, self.y, self.losses = names, y, losses
        targets = by_output(y, names)
        self.parts = [
            (number, kind_of(target, loss), np.asarray(target))
            for number, (target, loss) in enumerate(zip(targets, losses, strict=True))
            if target is not None and (loss is not None or len(names) == 1)
        ]
        kinds = [kind for _, kind, _ in self.parts]
        self.rare = any(kind == "classes" and is_rare(target) for _, kind, target in self.parts)
        self.name = name_of(kinds, self.rare) if kinds else "score"

    def __call__(self, answers: Any, bounds: list[float] | None = None) -> float:
        """The score of a model's answers; `bounds` as in `score_one`, one for each output."""
        given = flat_outputs(answers)
        above = bounds or [0.5] * len(given)
        found = [
            score_one(kind, target, given[number], self.rare and kind == "classes", above[number])
            for number, kind, target in self.parts
        ]
        return float(np.mean(found)) if found else float("nan")
