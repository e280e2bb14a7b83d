"""What the trained network answers on samples, for the report: `RunRecord.examples`."""

from __future__ import annotations

import copy
from typing import Any

import jax
import numpy as np

from ..data import ArraySource
from ..data.targets import kind_of
from ..layers.symbolic import leaves
from ..vitals.network import describe_loss
from ..vitals.record import Examples, TargetRecord
from . import preparation
from .step import Batch, by_output

SAMPLES = 2000
"""Of the samples that are given, at most so many are answered."""
WORST = 24
NUMBERS = 2**19
"""Numbers of one output that are kept; fewer samples where a sample has many."""


def batch_of(model: Any, x: Any, y: Any) -> Batch:
    """Some samples of `x` and `y`, drawn by the model's seed; the model gets its objective.

    Raises:
        DataError, ShapeError: data that `evaluate` would refuse.
    """
    source = preparation.make_source(model, x, y)
    preparation.ensure_objective(model, source, "report")
    if isinstance(source, ArraySource):
        rows = min(SAMPLES, source.n)
        chosen = np.random.default_rng(model.root_seed).choice(source.n, rows, replace=False)
        part = source.take(np.sort(chosen))
        return Batch(part.x, part.y)
    first = source.peek()
    return Batch(first[0], first[1])


def examples_of(
    model: Any, batch: Batch, source: str, targets: dict[str, TargetRecord] | None = None
) -> dict[str, Examples]:
    """Truth, answer and loss of every sample, and the inputs of those answered worst.

    Args:
        model: with its objective.
        batch: samples with targets.
        source: what they are: ``"validation"``, ``"training"``, ``"test"``.
        targets: what is known of the targets, by output.

    Returns:
        By output; outputs without targets or whose targets are of another kind are left out.
    """
    if batch.y is None or model.objective is None:
        return {}
    x, y = jax.tree.map(np.asarray, (batch.x, batch.y))
    predictions = leaves(model.predict(x, batch_size=256, verbose=0))
    found = {}
    truths = by_output(y, model.objective.names)
    for name, loss, truth, predicted in zip(
        model.objective.names, model.objective.losses, truths, predictions, strict=False
    ):
        if truth is None or loss is None:
            continue
        made = _one(name, loss, np.asarray(truth), np.asarray(predicted), source, targets or {})
        if made is not None:
            worst, made.worst = made.worst, np.arange(len(made.worst))
            made.worst_inputs = _inputs(x, worst)
            found[name] = made
    return found


def _one(
    name: str,
    loss: Any,
    truth: np.ndarray,
    predicted: np.ndarray,
    source: str,
    targets: dict[str, TargetRecord],
) -> Examples | None:
    values = _losses(loss, truth, predicted)
    if values is None or len(predicted) != len(truth):
        return None
    kind = targets[name].kind if name in targets else _kind(loss, truth, predicted)
    answers = np.asarray(predicted, np.float32).reshape(len(predicted), -1)
    meant = meaning(kind, truth, predicted.shape)
    if meant is None:
        return None
    rows = max(WORST, NUMBERS // max(1, answers.shape[1]))
    order = np.argsort(-np.where(np.isnan(values), np.inf, values), kind="stable")
    if len(order) > rows:  # the worst, and others evenly
        others = order[WORST:][np.linspace(0, len(order) - WORST - 1, rows - WORST).astype(int)]
        order = np.concatenate([order[:WORST], others])
    # Largest loss first; `worst` are rows of the batch until its inputs are taken.
    return Examples(
        source, name, meant[order], answers[order], values[order], order[:WORST], kind=kind
    )


def _kind(loss: Any, truth: np.ndarray, predicted: np.ndarray) -> str:
    width = predicted.shape[-1] if predicted.ndim > 1 else 1
    return kind_of(truth, describe_loss(loss)[0], width)


def _losses(loss: Any, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray | None:
    """One loss a sample, (n,); None where the loss compares samples with each other."""
    single = copy.copy(loss)
    single.reduction = None
    values = np.asarray(single(truth, predicted), np.float32)
    if values.ndim < 1 or len(values) != len(predicted):
        return None
    return values.reshape(len(values), -1).mean(axis=1)


def meaning(kind: str, truth: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Targets as the report wants them: (n,) class numbers, or (n, columns) values.

    >>> meaning("one_hot", np.eye(3)[[2, 0]], (2, 3)).tolist()
    [2, 0]
    """
    one = truth.size == len(truth)
    if kind == "labels" or (kind == "binary" and one):
        # One label for each of several positions has no single class to be told.
        if not one:
            return None
        flat = truth.reshape(-1)
        return (flat > 0 if kind == "binary" else flat).astype(np.int64)  # -1 is no, to a hinge
    if kind in ("one_hot", "distribution") and truth.ndim == 2:
        return truth.argmax(axis=-1)
    if truth.size != int(np.prod(shape)) or truth.dtype.kind not in "biuf":
        return None
    return truth.reshape(len(truth), -1).astype(np.float32)


def _inputs(x: Any, worst: np.ndarray) -> np.ndarray | None:
    """The inputs of the worst samples: of several the one that is most like a picture."""
    arrays = [array for array in jax.tree.leaves(x) if array.dtype.kind in "biuf"]
    if not arrays:
        return None
    return max(arrays, key=lambda array: (array.ndim, array[0].size))[worst]
