"""Targets against a loss, before the first step: NumPy, once, on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pellucid._core.errors import DataError, PellucidError, ShapeError

from .label_checks import check_groups, check_sequences
from .shapes import shape_error

Shape = tuple[Any, ...]


def check_targets(loss: Any, y: np.ndarray, output_shape: Sequence[Any], output_name: str) -> None:
    """Refuse targets that the loss cannot mean, naming the row and the fix.

    Args:
        loss: the loss object; its ``targets`` says what it expects.
        y: every target, ``(samples, ...)``, before any reshaping.
        output_shape: shape of the output, batch included (its size may be None).
        output_name: the output's name, for the message.

    Raises:
        DataError: labels out of range or not whole, text, missing values, one-hot targets where
            class numbers belong or the reverse.
        ShapeError: targets of another shape than the output.

    >>> from pellucid import losses
    >>> sparse = losses.as_loss("sparse_categorical_crossentropy")
    >>> check_targets(sparse, np.array([0, 2, 1]), (None, 3), "dense")
    """
    kind = getattr(loss, "targets", None)
    if kind is None:  # only the function knows what it wants
        return
    y, output_shape = np.asarray(y), tuple(output_shape)
    where = f" at output {output_name!r}"
    if y.dtype.kind not in "biuf":
        raise DataError(
            f"The targets{where} are not numbers.",
            got=f"{y.dtype}, for example {y.reshape(-1)[0]!r}" if y.size else str(y.dtype),
            fix="number the classes: names, y = np.unique(y, return_inverse=True)",
        )
    _check_finite(y, where)
    if kind in _LABELS:
        _LABELS[kind](loss, y, output_shape, where)
        return
    if kind == "one_hot" and _looks_like_class_numbers(y, output_shape):
        raise _class_numbers_for_one_hot(loss, y, output_shape, where)
    _check_shape(loss, y, output_shape, where)
    if kind in ("binary", "signs"):
        _check_range(loss, y, -1 if kind == "signs" else 0, output_shape, where)


def _check_finite(y: np.ndarray, where: str) -> None:
    if y.dtype.kind != "f":
        return
    with np.errstate(all="ignore"):
        if np.isfinite(y.sum()):  # one pass and no copy; what is not finite stays so in a sum
            return
    if np.isfinite(y).all():
        return
    bad = ~np.isfinite(y)
    rows = np.flatnonzero(bad.reshape(len(y), -1).any(axis=1))
    raise DataError(
        f"The targets{where} contain missing or infinite values.",
        got=f"{y[bad][0]} in row {rows[0]}, and in {len(rows):,} of {len(y):,} rows altogether",
        expected="finite numbers",
        fix="drop those rows: keep = np.isfinite(y); x, y = x[keep], y[keep]",
    )


def _fits(y_shape: Shape, output_shape: Shape) -> bool:
    """Whether the shapes after the batch axis agree; None on the output's side agrees with all."""
    return len(y_shape) == len(output_shape) and all(
        want in (None, size) for size, want in zip(y_shape[1:], output_shape[1:], strict=True)
    )


def _check_shape(loss: Any, y: np.ndarray, output_shape: Shape, where: str) -> None:
    if _fits(y.shape, output_shape):
        return
    reshaped = [(*y.shape, 1)] + ([y.shape[:-1]] if y.ndim > 1 and y.shape[-1] == 1 else [])
    if any(_fits(shape, output_shape) for shape in reshaped):
        return  # `align_targets` makes them equal
    if loss.targets == "binary" and output_shape[-1] == 1 and y.ndim > 1 and y.shape[-1] > 1:
        width = y.shape[-1]
        raise ShapeError(
            f"The targets{where} have {width} columns but the output has one unit.",
            got=f"targets {y.shape}, output {_batch(output_shape)}",
            fix=f"end in Dense({width}, activation='softmax') with categorical_crossentropy, or "
            f"Dense({width}, activation='sigmoid') if several can be true at once.",
        )
    if loss.targets == "binary" and _looks_like_class_numbers(y, output_shape):
        raise _class_numbers_for_one_hot(loss, y, output_shape, where)
    raise shape_error(loss.name, (None, *y.shape[1:]), (None, *output_shape[1:]), where)


def _looks_like_class_numbers(y: np.ndarray, output_shape: Shape) -> bool:
    """One whole number a sample (or step) where a row of them belongs."""
    flat = y[..., 0] if y.ndim == len(output_shape) and y.shape[-1] == 1 else y
    several = output_shape[-1] is None or output_shape[-1] > 1 or flat is not y or y.ndim == 1
    return several and _fits((*flat.shape, 1), (*output_shape[:-1], 1)) and _whole(flat)


def _whole(y: np.ndarray) -> bool:
    return y.dtype.kind != "f" or bool((y == np.floor(y)).all())


def _class_numbers_for_one_hot(
    loss: Any, y: np.ndarray, output_shape: Shape, where: str
) -> PellucidError:
    units = output_shape[-1]
    fix = (
        "use loss='sparse_categorical_crossentropy', or one-hot targets: "
        f"y = pellucid.utils.to_categorical(y, {units})"
    )
    if units == 1:
        fix = "with one output unit use loss='binary_crossentropy' and a sigmoid."
    return DataError(
        f"{loss.name} needs one column per class, but the targets{where} are class numbers.",
        got=f"targets {y.shape} such as {y.reshape(-1)[:5].tolist()}",
        expected=f"targets {_batch(output_shape)}",
        fix=fix,
    )


def _check_classes(loss: Any, y: np.ndarray, output_shape: Shape, where: str) -> None:
    axis = getattr(loss, "axis", -1)
    classes = output_shape[axis]
    expected = list(output_shape)
    del expected[axis]
    column = y.ndim == len(output_shape) and y.shape[axis] == 1
    labels = y.squeeze(axis) if column else y
    if not _fits(labels.shape, tuple(expected)):
        one_hot = _fits(y.shape, output_shape)
        raise (DataError if one_hot else ShapeError)(
            f"{loss.name} needs class numbers, but the targets{where} "
            + ("have one column per class." if one_hot else "have another shape."),
            got=f"targets {y.shape}, output {_batch(output_shape)}",
            expected=f"targets {_batch(expected)}",
            fix=f"use loss='categorical_crossentropy', or class numbers: y = y.argmax(axis={axis})"
            if one_hot
            else "pass one class number per prediction.",
        )
    if not _whole(labels):
        row = _first_row(labels != np.floor(labels))
        raise DataError(
            f"{loss.name} needs whole class numbers, but the targets{where} have fractions.",
            got=f"{labels[labels != np.floor(labels)][0]} in row {row}",
            expected="0, 1, 2, ...",
            fix="for a quantity use loss='mse'; for probabilities 'categorical_crossentropy'.",
        )
    if classes is None or labels.size == 0:
        return
    ignored = getattr(loss, "ignore_class", None)
    if labels.min() >= 0 and labels.max() < classes:  # the whole check, for good labels
        return
    outside = (labels < 0) | (labels >= classes)
    if ignored is not None:
        outside &= labels != ignored
    if not outside.any():
        return
    worst = labels[outside].min()
    raise DataError(
        f"{loss.name} got a label that has no output unit{where}.",
        got=f"label {_number(worst)} in row {_first_row(outside & (labels == worst))}; "
        f"{int(outside.sum()):,} labels are out of range",
        expected=f"labels from 0 to {classes - 1}: the output has {classes} units",
        fix=_range_fix(labels if ignored is None else labels[labels != ignored], classes),
    )


_LABELS = {"classes": _check_classes, "sequences": check_sequences, "groups": check_groups}


def _range_fix(labels: np.ndarray, classes: int) -> str:
    low, high = labels.min().item(), labels.max().item()
    renumber = "number the classes from 0: names, y = np.unique(y, return_inverse=True)"
    if low == 1 and high == classes:
        return "count from 0: y = y - 1"
    if low < 0:
        return renumber
    units = _number(high + 1)
    if classes == 1:
        return f"end in Dense({units}, activation='softmax'), or use 'binary_crossentropy'."
    has_gaps = len(np.unique(labels)) <= classes
    return f"give the last layer {units} units" + (f", or {renumber}" if has_gaps else ".")


def _check_range(loss: Any, y: np.ndarray, low: int, output_shape: Shape, where: str) -> None:
    if y.size == 0 or (y.min() >= low and y.max() <= 1):
        return
    outside = (y < low) | (y > 1)
    worst, least, most = y[outside].min(), y.min().item(), y.max().item()
    if _whole(y) and most > 1 and output_shape[-1] == 1 and least >= 0:
        fix = (
            f"for classes 0 to {_number(most)} end in Dense({_number(most + 1)}, "
            "activation='softmax') "
            "with loss='sparse_categorical_crossentropy'."
        )
        if (least, most) == (1, 2):
            fix = "count from 0: y = y - 1"
    elif low == 0 and (least, most) == (-1, 1):
        fix = "map -1 and 1 to 0 and 1: y = (y + 1) / 2"
    else:
        fix = "scale the targets, or use loss='mse' for a quantity."
    raise DataError(
        f"{loss.name} needs targets from {low} to 1{where}.",
        got=f"{_number(worst)} in row {_first_row(outside & (y == worst))}",
        expected=f"numbers from {low} to 1",
        fix=fix,
    )


def _number(value: Any) -> str:
    """Whole numbers without a decimal point, however large."""
    return str(int(value)) if value == int(value) else str(value)


def _first_row(where: np.ndarray) -> int:
    return int(np.argwhere(where)[0][0])


def _batch(shape: Sequence[Any]) -> str:
    return str(("batch", *list(shape)[1:])).replace("'batch'", "batch").replace("None", "any")
