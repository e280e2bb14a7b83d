"""One array of data in numbers: range, scale, columns; looked at in pieces, on the host."""

from __future__ import annotations

import math

import numpy as np

from .record import ArrayRecord

ROWS = 20_000
"""Rows looked at, at most."""
NUMBERS = 2**22
"""Numbers looked at, about."""
COLUMNS = 4096
_PIECE = 2**18  # numbers summed together in float32 before float64 takes over


def some_rows(array: np.ndarray, rows: int = ROWS, numbers: int = NUMBERS) -> np.ndarray:
    """Evenly spaced rows, few enough to be looked at in no time."""
    each = max(1, math.prod(array.shape[1:]))
    wanted = max(1, min(rows, numbers // each))
    return array[:: max(1, -(-len(array) // wanted))]


def describe_array(
    array: np.ndarray, name: str, columns: tuple[str, ...] | None = None
) -> ArrayRecord:
    """Ranges and moments of (evenly spaced rows of) an array ``(samples, ...)``.

    >>> found = describe_array(np.array([[1.0, 10.0], [3.0, 10.0]]), "x")
    >>> found.minimum, found.maximum, found.column_std.tolist(), found.integers
    (1.0, 10.0, [1.0, 0.0], True)
    """
    part = some_rows(array)
    record = ArrayRecord(name, [int(n) for n in array.shape[1:]], str(array.dtype), len(part))
    if part.dtype.kind not in "fiub" and "float" not in part.dtype.name:
        return record
    record.column_names = list(columns) if columns else None
    if not part.size:
        return record
    flat = part.reshape(len(part), -1)
    by_column = array.ndim == 2 and array.shape[1] <= COLUMNS
    if by_column:
        _by_column(flat, record)
    else:
        _by_column(_folded(flat), record)
        record.column_mean = record.column_std = None
        record.column_minimum = record.column_maximum = None
    return record


def _folded(flat: np.ndarray) -> np.ndarray:
    """The numbers in rows of a few thousand, so that sums by column cost what one sum does."""
    width = flat.shape[1]
    if width <= COLUMNS:
        return flat
    for columns in range(COLUMNS, COLUMNS // 2, -1):
        if width % columns == 0:
            return flat.reshape(-1, columns)
    return flat


def _are_whole(numbers: np.ndarray) -> bool:
    return bool((numbers == np.floor(numbers)).all())


def _by_column(flat: np.ndarray, record: ArrayRecord) -> None:
    rows, columns = flat.shape
    each = max(1, _PIECE // columns)
    total = np.zeros(columns)
    squares = np.zeros(columns)
    count = np.zeros(columns, np.int64)
    low, high = np.full(columns, np.inf), np.full(columns, -np.inf)
    whole = True
    # Sums of squares about a number nearby keep their digits.
    shift = np.where(np.isfinite(flat[0]), flat[0], 0).astype(np.float64)
    for start in range(0, rows, each):
        piece = flat[start : start + each]
        if piece.dtype.kind != "f" or piece.dtype.itemsize < 4:
            piece = piece.astype(np.float32 if piece.dtype.itemsize < 4 else np.float64)
        lowest, highest = piece.min(axis=0), piece.max(axis=0)
        sound = bool(np.isfinite(lowest).all() and np.isfinite(highest).all())
        whole = whole and _are_whole(piece[:64]) and _are_whole(piece)
        finite = None if sound else np.isfinite(piece)
        if finite is not None:
            lowest = np.where(finite, piece, np.inf).min(axis=0)
            highest = np.where(finite, piece, -np.inf).max(axis=0)
        moved = piece - shift.astype(piece.dtype)
        if finite is not None:
            moved = np.where(finite, moved, 0)
            count += finite.sum(axis=0)
        else:
            count += len(piece)
        total += moved.sum(axis=0)
        squares += np.einsum("ij,ij->j", moved, moved)
        np.minimum(low, lowest, out=low)
        np.maximum(high, highest, out=high)
    known = np.maximum(count, 1)
    mean = shift.astype(flat.dtype if flat.dtype.kind == "f" else np.float64) + total / known
    variance = np.maximum(squares / known - np.square(total / known), 0)
    everything = max(1, int(count.sum()))
    middle = float((mean * count).sum() / everything)
    spread = (count * (variance + np.square(mean - middle))).sum() / everything
    record.nonfinite = int(flat.size - count.sum())
    record.integers = whole and record.nonfinite == 0
    if record.nonfinite < flat.size:
        record.minimum, record.maximum = float(low.min()), float(high.max())
        record.mean, record.std = middle, float(np.sqrt(spread))
    record.column_mean, record.column_std = mean, np.sqrt(variance)
    record.column_minimum, record.column_maximum = low, high
