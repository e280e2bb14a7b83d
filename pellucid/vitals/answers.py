"""What the trained network answers on samples, for the report: `RunRecord.examples`."""

from __future__ import annotations

import copy
from typing import Any

import jax
import numpy as np

from ..data import ArraySource
from ..data.targets import kind_of
from ..layers.prepared import Prepared
from ..layers.symbolic import leaves
from ..record.schema import Examples, TargetRecord
from ..training import preparation
from ..training.step import Batch
from .network import traits_of_loss
from .positions import classes_each, masks_of

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
    truths = model.objective.targets(y)
    outputs = zip(model.objective.names, model.objective.losses, truths, predictions, strict=False)
    for number, (name, loss, truth, predicted) in enumerate(outputs):
        if truth is None or loss is None or len(predicted) != len(truth):
            continue
        truth, predicted = np.asarray(truth), np.asarray(predicted)
        kind = targets[name].kind if targets and name in targets else _kind(loss, truth, predicted)
        each = classes_each(kind, truth, predicted.shape)
        if each is None:
            made = _one(name, loss, truth, predicted, source, kind)
        else:
            mask = masks_of(model, x)[number]
            made = _each(name, loss, (truth, each), predicted, source, mask)
        if made is not None:
            worst, made.worst = made.worst, np.arange(len(made.worst))
            made.worst_inputs = _inputs(x, worst)
            made.worst_columns, made.worst_cells = _texts(model, x, worst)
            found[name] = made
    return found


def _one(
    name: str, loss: Any, truth: np.ndarray, predicted: np.ndarray, source: str, kind: str
) -> Examples | None:
    """One answer a sample."""
    values = _losses(loss, truth, predicted)
    meant = meaning(kind, truth, predicted.shape)
    if values is None or meant is None:
        return None
    values = values.reshape(len(values), -1).mean(axis=1)
    answers = np.asarray(predicted, np.float32).reshape(len(predicted), -1)
    order, worst = _kept(values, answers.shape[1])
    return Examples(source, name, meant[order], answers[order], values[order], worst, kind=kind)


def _each(
    name: str,
    loss: Any,
    truths: tuple[np.ndarray, np.ndarray],
    predicted: np.ndarray,
    source: str,
    mask: np.ndarray | None,
) -> Examples | None:
    """An answer for every position; positions that are masked or ignored count for nothing.

    Args:
        truths: targets as they are given, and as (samples, ...) class numbers.
        predicted: (samples, ..., classes)
        mask: (samples, ...) or with fewer axes, or None.
    """
    values = _losses(loss, truths[0], predicted)
    truth, classes = truths[1], predicted.shape[-1]
    counts = (truth >= 0) & (truth < classes)
    ignored = getattr(loss, "ignore_class", None)
    if ignored is not None:
        counts &= truth != ignored
    if mask is not None and mask.shape == truth.shape[: mask.ndim]:
        counts &= mask.reshape(mask.shape + (1,) * (truth.ndim - mask.ndim)).astype(bool)
    if values is None or not counts.any():
        return None
    if values.shape == truth.shape:
        summed = np.where(counts, values, 0).sum(axis=tuple(range(1, truth.ndim)))
        values = summed / np.maximum(counts.reshape(len(truth), -1).sum(axis=1), 1)
    values = values.reshape(len(values), -1).mean(axis=1)
    finite = np.isfinite(predicted).all(axis=-1)
    answers = np.where(finite, np.nan_to_num(predicted).argmax(axis=-1), -1)
    positions = list(truth.shape[1:])
    truth = np.where(counts, truth, -1).reshape(len(truth), -1)
    answers = answers.reshape(len(truth), -1).astype(np.int32)
    order, worst = _kept(values, answers.shape[1])
    return Examples(
        source, name, truth[order].astype(np.int32), answers[order], values[order], worst,
        kind="labels", positions=positions, classes=classes,
    )  # fmt: skip


def _kept(losses: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to keep, largest loss first, and those of the worst: rows of the batch until then."""
    rows = max(WORST, NUMBERS // max(1, width))
    order = np.argsort(-np.where(np.isnan(losses), np.inf, losses), kind="stable")
    if len(order) > rows:  # the worst, and others evenly
        others = order[WORST:][np.linspace(0, len(order) - WORST - 1, rows - WORST).astype(int)]
        order = np.concatenate([order[:WORST], others])
    return order, order[:WORST]


def _kind(loss: Any, truth: np.ndarray, predicted: np.ndarray) -> str:
    width = predicted.shape[-1] if predicted.ndim > 1 else 1
    return kind_of(truth, traits_of_loss(loss), width)


def _losses(loss: Any, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray | None:
    """(samples, ...) losses; None where the loss compares samples with each other."""
    single = copy.copy(loss)
    single.reduction = None
    values = np.asarray(single(truth, predicted), np.float32)
    if values.ndim < 1 or len(values) != len(predicted):
        return None
    return values


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


def _texts(model: Any, x: Any, worst: np.ndarray) -> tuple[list[str], list[list[str]]]:
    """The inputs of the worst samples that are text: names of columns, and rows."""
    if not isinstance(x, Prepared):
        return [], []
    rows = Prepared([jax.tree.map(lambda array: array[worst], part) for part in x])
    columns = model.graph.host.texts(rows)
    cells = [[str(text) for text in row] for row in zip(*columns.values(), strict=True)]
    return list(columns), cells
