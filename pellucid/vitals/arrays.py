"""One array of data in numbers: range, scale, columns; looked at in pieces, on the host."""

from __future__ import annotations

import math

import numpy as np

from ..record.schema import ArrayRecord

ROWS = 20_000
"""Rows looked at, at most."""
NUMBERS = 2**21
"""Numbers looked at, about."""
COLUMNS = 4096
_SHORT = 128
_PIECE = 2**16  # numbers summed together in float32 before float64 takes over


def some_rows(array: np.ndarray, rows: int = ROWS, numbers: int = NUMBERS) -> np.ndarray:
    """Evenly spaced rows, few enough to be looked at in no time."""
    each = max(1, math.prod(array.shape[1:]))
    wanted = max(1, min(rows, numbers // each))
    return array[:: max(1, -(-len(array) // wanted))]


def describe_array(
    array: np.ndarray,
    name: str,
    columns: tuple[str, ...] | None = None,
    numbers: int = NUMBERS,
) -> ArrayRecord:
    """Ranges and moments of (evenly spaced rows of) an array ``(samples, ...)``.

    Args:
        array: of numbers, or of anything.
        name: for the record.
        columns: their names.
        numbers: about how many are looked at.

    >>> found = describe_array(np.array([[1.0, 10.0], [3.0, 10.0]]), "x")
    >>> found.minimum, found.maximum, found.column_std.tolist(), found.integers
    (1.0, 10.0, [1.0, 0.0], True)
    """
    part = some_rows(array, numbers=numbers)
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


class _Sums:
    """What there is to know of some columns, added up over rows piece by piece.

    Args:
        shift: (columns,) numbers nearby: sums of squares about them keep their digits.
    """

    def __init__(self, shift: np.ndarray):
        columns = len(shift)
        self.shift = shift
        self.total, self.squares = np.zeros(columns), np.zeros(columns)
        self.count = np.zeros(columns, np.int64)
        self.low, self.high = np.full(columns, np.inf), np.full(columns, -np.inf)
        self.whole = True

    def add(self, flat: np.ndarray) -> None:
        """Take in rows ``(rows, columns)``."""
        each = max(1, _PIECE // flat.shape[1])
        for start in range(0, len(flat), each):
            self._add(flat[start : start + each])

    def _add(self, piece: np.ndarray) -> None:
        counted = piece.dtype.kind in "iub"
        if piece.dtype.kind != "f" or piece.dtype.itemsize < 4:
            piece = piece.astype(np.float32 if piece.dtype.itemsize < 4 else np.float64)
        lowest, highest = piece.min(axis=0), piece.max(axis=0)
        sound = counted or bool(np.isfinite(lowest).all() and np.isfinite(highest).all())
        if not counted:
            self.whole = self.whole and _are_whole(piece[:64]) and _are_whole(piece)
        finite = None if sound else np.isfinite(piece)
        if finite is not None:
            lowest = np.where(finite, piece, np.inf).min(axis=0)
            highest = np.where(finite, piece, -np.inf).max(axis=0)
        moved = piece - self.shift.astype(piece.dtype)
        if finite is not None:
            moved = np.where(finite, moved, 0)
            self.count += finite.sum(axis=0)
        else:
            self.count += len(piece)
        self.total += moved.sum(axis=0)
        self.squares += np.einsum("ij,ij->j", moved, moved)
        np.minimum(self.low, lowest, out=self.low)
        np.maximum(self.high, highest, out=self.high)

    def take(self, other: _Sums) -> None:
        """Take in the sums of as many columns, or several times as many side by side."""
        columns = len(self.total)
        self.total += other.total.reshape(-1, columns).sum(axis=0)
        self.squares += other.squares.reshape(-1, columns).sum(axis=0)
        self.count += other.count.reshape(-1, columns).sum(axis=0)
        np.minimum(self.low, other.low.reshape(-1, columns).min(axis=0), out=self.low)
        np.maximum(self.high, other.high.reshape(-1, columns).max(axis=0), out=self.high)
        self.whole = self.whole and other.whole


def _by_column(flat: np.ndarray, record: ArrayRecord) -> None:
    rows, columns = flat.shape
    shift = np.where(np.isfinite(flat[0]), flat[0], 0).astype(np.float64)
    sums = _Sums(shift)
    # Many short rows laid side by side: a sum by column then costs what one sum does.
    beside = min(COLUMNS // columns, math.isqrt(rows)) if columns <= _SHORT else 1
    folded = rows // beside * beside if beside > 1 else 0
    if folded:
        wide = _Sums(np.tile(shift, beside))
        wide.add(flat[:folded].reshape(-1, beside * columns))
        sums.take(wide)
    sums.add(flat[folded:])
    total, squares, count = sums.total, sums.squares, sums.count
    known = np.maximum(count, 1)
    mean = shift.astype(flat.dtype if flat.dtype.kind == "f" else np.float64) + total / known
    variance = np.maximum(squares / known - np.square(total / known), 0)
    everything = max(1, int(count.sum()))
    middle = float((mean * count).sum() / everything)
    spread = (count * (variance + np.square(mean - middle))).sum() / everything
    record.nonfinite = int(flat.size - count.sum())
    record.integers = sums.whole and record.nonfinite == 0
    if record.nonfinite < flat.size:
        record.minimum, record.maximum = float(sums.low.min()), float(sums.high.max())
        record.mean, record.std = middle, float(np.sqrt(spread))
    record.column_mean, record.column_std = mean, np.sqrt(variance)
    record.column_minimum, record.column_maximum = sums.low, sums.high
