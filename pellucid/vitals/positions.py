"""Answers where every position of a sample has its own class: words of a text, points of a
picture."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..layers.context import kept_mask
from ..layers.symbolic import leaves

CHUNK = 64


def classes_each(kind: str, truth: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """(samples, ...) class numbers of every position; None where the targets are no such ones.

    Args:
        kind: as `data.targets.kind_of` says.
        truth: (samples, ...) or (samples, ..., classes) targets.
        shape: of the predictions, (samples, ..., classes).

    >>> classes_each("labels", np.array([[1, 0], [2, 2]]), (2, 2, 3)).tolist()
    [[1, 0], [2, 2]]
    >>> classes_each("one_hot", np.eye(3)[[[1, 0]]], (1, 2, 3)).tolist()
    [[1, 0]]
    """
    if len(shape) < 3 or shape[-1] < 2:
        return None
    if kind in ("one_hot", "distribution") and truth.shape == shape:
        return truth.argmax(axis=-1)
    # Labels of 0 and 1 alone look binary: the classes of the output say what they are.
    fits = kind in ("labels", "binary") and truth.size == int(np.prod(shape[:-1]))
    if not fits or truth.dtype.kind not in "biuf" or not (truth == np.rint(truth)).all():
        return None
    return truth.reshape(shape[:-1]).astype(np.int64)


def masks_of(model: Any, x: Any) -> list[np.ndarray | None]:
    """Of each output: (samples, positions), False where there is padding; None where none is."""
    rows = len(jax.tree.leaves(x)[0])
    parts: list[list[Any]] = []
    for start in range(0, rows, CHUNK):
        chunk = jax.tree.map(lambda array, s=start: array[s : s + CHUNK], x)
        parts.append([kept_mask(leaf) for leaf in leaves(model(chunk))])
    return [
        None if any(part is None for part in column) else np.concatenate(column)
        for column in zip(*parts, strict=True)
    ]
