"""Mean and variance of data that comes at once or in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..._core.errors import DataError, ShapeError
from .values import inputs_of, stream_items


def data_statistics(
    name: str, data: Any, kept: Callable[[int], tuple[int, ...]]
) -> tuple[tuple[int | None, ...], np.ndarray, np.ndarray]:
    """Shape (batch unknown), mean and biased variance of data, in float64.

    Args:
        name: of the layer, for messages.
        data: an array or data frame, or an iterable of batches.
        kept: rank -> the axes that keep a mean each.

    Chan, Golub and LeVeque's pairwise update (1979): batches of any sizes give the numbers of the
    whole.
    """
    shape: tuple[int, ...] | None = None
    keep: tuple[int, ...] = ()
    count = 0
    mean, squares = np.zeros(()), np.zeros(())
    for batch in _batches(name, data):
        if shape is None:
            shape, keep = batch.shape, kept(batch.ndim)
        if batch.ndim != len(shape) or any(batch.shape[axis] != shape[axis] for axis in keep):
            raise ShapeError(
                f"Normalization {name!r} was adapted on batches of different shapes.",
                got=f"shapes {shape} and {batch.shape}",
                fix="pass batches that differ in their number of samples only.",
            )
        reduced = tuple(axis for axis in range(batch.ndim) if axis not in keep)
        size = int(np.prod([batch.shape[axis] for axis in reduced]))
        if size == 0:
            continue
        batch_mean = batch.mean(axis=reduced)
        shift = batch_mean - mean
        total = count + size
        squares = squares + batch.var(axis=reduced) * size + shift**2 * (count * size / total)
        mean = mean + shift * (size / total)
        count = total
    if shape is None or count == 0:
        raise DataError(
            f"Normalization {name!r} was adapted on no data.",
            got="0 samples",
            fix="pass the training data: layer.adapt(x_train).",
        )
    if not np.isfinite(mean).all():
        raise DataError(
            f"Normalization {name!r} was adapted on data with missing or infinite values.",
            got=f"mean {mean.ravel()[:5].tolist()}",
            fix="drop or fill the rows with NaN before adapt.",
        )
    outside = (None, *shape[1:]) if 0 not in keep else shape
    return outside, np.asarray(mean), np.asarray(squares / count)


def _batches(name: str, data: Any) -> Iterator[np.ndarray]:
    if hasattr(data, "__array__") or hasattr(data, "__dataframe__") or _is_numbers(data):
        yield _numbers(name, data)
        return
    items = None if isinstance(data, (str, bytes, dict)) else stream_items(data)
    if items is None:
        raise DataError(
            f"Normalization {name!r} cannot be adapted on this.",
            got=type(data).__name__,
            expected="an array, a data frame, or a stream of batches",
            fix="layer.adapt(np.asarray(data)).",
        )
    for batch in items:
        yield _numbers(name, inputs_of(batch))


def _is_numbers(data: Any) -> bool:
    """Whether nested lists hold numbers directly, rather than arrays."""
    first = data
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    return first is not data and isinstance(first, (int, float, np.number))


def _numbers(name: str, data: Any) -> np.ndarray:
    try:
        array = np.asarray(data).astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"Normalization {name!r} can only be adapted on numbers.",
            got=f"{type(data).__name__} with values that are not numbers",
            fix="drop or encode the columns that hold text.",
        ) from None
    return array[None] if array.ndim == 0 else array
