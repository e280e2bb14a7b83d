"""One score for networks that answer the same question, whatever their losses: higher is better."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..data.targets import kind_of as targets_of
from ..losses.traits import written_traits
from ..record.schema import OutputRecord
from ..training.per_output import by_output
from ..training.step import flat_outputs
from ..vitals.network import record_of

COMMON = 0.8  # share of one class from which every class counts alike


SCORED = {"labels": "classes", "binary": "classes", "one_hot": "one_hot"}
"""How each kind of targets is scored; every other by the variance explained."""


def kind_of(
    targets: Any,
    asks: Collection[str] | None,
    width: int | None = None,
    metrics: Sequence[str] = (),
) -> str:
    """How targets are scored: as classes, one_hot, flags (columns of 0 and 1) or values.

    Args:
        targets: ``(samples, ...)``.
        asks: traits of the loss.
        width, metrics: see `data.targets.kind_of`.

    >>> kind_of(np.array([0, 2, 1]), {"class_numbers"})
    'classes'
    >>> kind_of(np.array([[0.5], [2.0]]), {"distance"})
    'values'
    """
    array = np.asarray(targets)
    kind = targets_of(array, asks, width, list(metrics))
    if kind == "binary" and array.ndim > 1 and array.shape[-1] > 1:
        return "flags"
    return SCORED.get(kind, "values")


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
        outputs: what else is known of the original's outputs: their units and metrics.
    """

    def __init__(
        self,
        names: list[str],
        y: Any,
        losses: list[str | None],
        outputs: Sequence[OutputRecord] = (),
    ):
        self.names, self.y, self.losses, self.outputs = names, y, losses, tuple(outputs)
        known = {output.name: output for output in outputs}
        targets = by_output(y, names)
        self.parts = [
            (number, _kind(known.get(name), target, loss), np.asarray(target))
            for number, (name, target, loss) in enumerate(zip(names, targets, losses, strict=True))
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


def _kind(output: OutputRecord | None, targets: Any, loss: str | None) -> str:
    if output is None:
        return kind_of(targets, None if loss is None else written_traits(loss))
    width = output.shape[-1] if output.shape and len(output.shape) > 1 else None
    return kind_of(targets, output.loss_traits, width, output.metrics)


def outputs_of(model: Any) -> list[OutputRecord]:
    """Units, losses and metrics of a model's outputs, as vital signs know them."""
    return record_of(model).outputs
