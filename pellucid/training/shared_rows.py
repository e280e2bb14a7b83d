"""Training data that lies on the device where it lies on the host: one copy in memory, not two.

XLA computes on a host's array in place if it begins at a 64-byte address; NumPy's begin sixteen
bytes later. So the array is handed over as a flat one from the last such address before it, of
which a row is a slice. The few bytes in front are in the same line of the processor's cache, hence
in the same page of memory; they are never used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

LINE = 64
"""Bytes; XLA's arrays begin at multiples of it."""
SMALL = 2**15
"""Bytes up to which an array stays on the host: a program takes it along in less time than a call
that copies it takes."""
WORTH = 2**25
"""Bytes from which an array is shared: a smaller copy is made in no time."""


@partial(
    jax.tree_util.register_dataclass, data_fields=["flat"], meta_fields=["before", "row", "rows"]
)
@dataclass(frozen=True)
class SharedRows:
    """An array ``(rows, *row)`` as a part of a flat one.

    Attributes:
        flat: (before + rows * numbers a row,)
        before: numbers in front of the first row.
        row: shape of one.
        rows: how many.
    """

    flat: Any
    before: int
    row: tuple[int, ...]
    rows: int

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.rows, *self.row)

    @property
    def dtype(self) -> Any:
        return self.flat.dtype

    def take(self, rows: jax.Array) -> jax.Array:
        """(batch,) row numbers -> (batch, *row)"""
        width = math.prod(self.row)
        numbers = lax.GatherDimensionNumbers(
            offset_dims=(1,), collapsed_slice_dims=(), start_index_map=(0,)
        )
        starts = (self.before + rows * width)[:, None]  # (batch, 1)
        found = lax.gather(
            self.flat, starts, numbers, (width,), mode=lax.GatherScatterMode.PROMISE_IN_BOUNDS
        )
        return found.reshape(-1, *self.row)


class _Line:
    """The bytes from the beginning of a line on; keeps the array alive that lies there."""

    def __init__(self, array: np.ndarray, before: int):
        self.owner = array
        self.__array_interface__ = {
            "data": (array.ctypes.data - before * array.itemsize, True),
            "shape": (before * array.itemsize + array.nbytes,),
            "typestr": "|u1",
            "version": 3,
        }


def share(array: Any) -> Any:
    """`array` as programs take it: where it lies if that saves memory, else a copy.

    What is shared must not change while the device uses it.

    Args:
        array: NumPy's or JAX's, ``(rows, ...)``.

    Returns:
        A JAX array, or `SharedRows`; NumPy's copy of a small array of NumPy's.
    """
    if isinstance(array, np.ndarray) and array.nbytes <= SMALL:
        return np.array(array, jax.dtypes.canonicalize_dtype(array.dtype))
    if not _worth_sharing(array):
        return jax.device_put(array)
    before, rest = divmod(array.ctypes.data % LINE, array.itemsize)
    if rest or not before or array.size + before >= 2**31:
        return jax.device_put(array)
    flat = jax.device_put(np.asarray(_Line(array, before)).view(array.dtype))
    return SharedRows(flat, before, array.shape[1:], len(array))


def _worth_sharing(array: Any) -> bool:
    if not isinstance(array, np.ndarray) or not array.ndim or array.nbytes < WORTH:
        return False
    if not array.flags.c_contiguous or array.dtype != jax.dtypes.canonicalize_dtype(array.dtype):
        return False
    return jax.devices()[0].platform == "cpu"


def is_shared(data: Any) -> bool:
    """For `jax.tree.map`, which is to stop at them."""
    return isinstance(data, SharedRows)


def take(data: Any, rows: jax.Array) -> Any:
    """The rows of these numbers, of every array in `data`."""
    return jax.tree.map(
        lambda a: (
            a.take(rows) if is_shared(a) else jnp.asarray(a).at[rows].get(mode="promise_in_bounds")
        ),
        data,
        is_leaf=is_shared,
    )


def like_batch(data: Any, size: int) -> Any:
    """Shapes and dtypes of a batch of `size` rows of `data`."""
    return jax.tree.map(
        lambda a: jax.ShapeDtypeStruct((size, *a.shape[1:]), a.dtype), data, is_leaf=is_shared
    )
