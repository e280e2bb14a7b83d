"""Targets of the losses that are neither values nor one class per prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid._core.errors import DataError, ShapeError


def check_sequences(loss: Any, y: np.ndarray, output_shape: Sequence[Any], where: str) -> None:
    """Label sequences of a CTC loss: ``(samples, labels)`` of whole numbers, 0 filling up."""
    if y.ndim != 2 or len(output_shape) != 3:
        raise ShapeError(
            f"{loss.name} compares sequences of labels with scores at every step{where}.",
            got=f"targets {y.shape}, output {_batch(output_shape)}",
            expected="targets (samples, labels), output (batch, steps, classes)",
            fix="fill short sequences up with 0; let the last layer return one row per step.",
        )
    _check_whole(loss, y, where)
    steps, classes = output_shape[1:]
    outside = (y < 0) | (y >= classes) if classes is not None else y < 0
    if outside.any():
        raise DataError(
            f"{loss.name} got a label that has no output column{where}.",
            got=f"label {y[outside][0]:g} in row {int(np.argwhere(outside)[0][0])}",
            expected=f"labels from 1 to {classes - 1 if classes else 'classes'}, and 0 to fill up: "
            "column 0 of the output is the blank",
            fix="count the classes from 1, and give the last layer one unit more than classes.",
        )
    # Two equal labels in a row need a blank between them.
    needed = (y != 0).sum(axis=1) + ((y[:, 1:] == y[:, :-1]) & (y[:, 1:] != 0)).sum(axis=1)
    if steps is not None and needed.size and needed.max() > steps:
        row = int(needed.argmax())
        raise DataError(
            f"{loss.name} cannot lay a sequence of labels along fewer steps{where}.",
            got=f"row {row} needs {needed[row]} steps, the output has {steps}",
            expected=f"at most {steps} labels, a repeated one counting twice",
            fix="shorten the targets, or let the network keep more steps.",
        )


def check_groups(loss: Any, y: np.ndarray, output_shape: Sequence[Any], where: str) -> None:
    """Group numbers of embeddings: one whole number per sample."""
    if not (y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1)) or len(output_shape) != 2:
        raise ShapeError(
            f"{loss.name} needs one group number per embedding{where}.",
            got=f"targets {y.shape}, output {_batch(output_shape)}",
            expected="targets (samples,), output (batch, features)",
            fix="for one-hot targets: y = y.argmax(axis=-1)",
        )
    _check_whole(loss, y, where)


def _check_whole(loss: Any, y: np.ndarray, where: str) -> None:
    fractions = y != np.floor(y)
    if y.dtype.kind == "f" and fractions.any():
        raise DataError(
            f"{loss.name} needs whole numbers, but the targets{where} have fractions.",
            got=f"{y[fractions][0]} in row {int(np.argwhere(fractions)[0][0])}",
            fix="number the classes: names, y = np.unique(y, return_inverse=True)",
        )


def _batch(shape: Sequence[Any]) -> str:
    return str(("batch", *list(shape)[1:])).replace("'batch'", "batch").replace("None", "any")
