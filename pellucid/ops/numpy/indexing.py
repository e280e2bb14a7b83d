"""Parts of an array: by place, by condition, by diagonal.

>>> from pellucid import ops
>>> ops.take([10, 20, 30], [2, 0]).tolist(), ops.diagonal([[1, 2], [3, 4]]).tolist()
([30, 10], [1, 4])
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from pellucid.layers.symbolic import SymbolicTensor

from ..op import Tensor, Tensors, op, tensor

__all__ = [
    "diag",
    "diagflat",
    "diagonal",
    "get_item",
    "nonzero",
    "select",
    "take",
    "take_along_axis",
    "trace",
    "tril",
    "triu",
    "unravel_index",
]


def get_item(x, key):
    """``x[key]``: a number, a slice, several of them, or an array of places.

    >>> get_item([1, 2, 3], -1).tolist()
    3
    """
    array: Any = x if isinstance(x, SymbolicTensor) else tensor(x)
    return array[key]


@op
def take(x: Tensor, indices: Tensor, axis=None):
    """The slices at `indices` along `axis`; of the flattened array where it is None.

    Places outside the array give NaN (or the smallest whole number).
    """
    return jnp.take(x, jnp.asarray(indices), axis)


@op
def take_along_axis(x: Tensor, indices: Tensor, axis=None):
    """One number per place: what `argsort` and `argmax` give, applied along their axis.

    >>> x = [[3, 1], [2, 4]]
    >>> take_along_axis(x, [[1], [0]], axis=1).tolist()
    [[1], [2]]
    """
    return jnp.take_along_axis(x, jnp.asarray(indices), axis)


def _places(x):
    return tuple(SymbolicTensor((None,), "int32") for _ in range(x.ndim))


@op(spec=_places)
def nonzero(x: Tensor):
    """The places of the numbers that are not zero: one array per axis."""
    return jnp.nonzero(x)


@op
def unravel_index(indices: Tensor, shape):
    """Places in the flattened array -> places along each axis of `shape`."""
    return jnp.unravel_index(indices, shape)


@op
def select(condlist: Tensors, choicelist: Tensors, default: Tensor = 0):
    """Of several arrays, number by number, the first whose condition is true.

    Args:
        condlist: conditions, as many as arrays.
        choicelist: arrays to choose from.
        default: where no condition is true.
    """
    return jnp.select(condlist, choicelist, default)


@op
def diag(x: Tensor, k=0):
    """Of a matrix its `k`-th diagonal; of a vector the matrix that has it there."""
    return jnp.diag(x, k)


@op
def diagflat(x: Tensor, k=0):
    """The matrix with the flattened numbers on its `k`-th diagonal."""
    return jnp.diagflat(x, k)


@op
def diagonal(x: Tensor, offset=0, axis1=0, axis2=1):
    """The diagonal of the matrices that two axes make, as the last axis."""
    return jnp.diagonal(x, offset, axis1, axis2)


@op
def trace(x: Tensor, offset=0, axis1=0, axis2=1):
    """The sum of the diagonal of the matrices that two axes make."""
    return jnp.trace(x, offset, axis1, axis2)


@op
def tril(x: Tensor, k=0):
    """Zeros above the `k`-th diagonal of the last two axes."""
    return jnp.tril(x, k)


@op
def triu(x: Tensor, k=0):
    """Zeros below the `k`-th diagonal of the last two axes."""
    return jnp.triu(x, k)
