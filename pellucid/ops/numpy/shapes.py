"""The same numbers in another shape or order.

>>> from pellucid import ops
>>> ops.reshape([1, 2, 3, 4], (2, -1)).tolist(), ops.transpose([[1, 2], [3, 4]]).tolist()
([[1, 2], [3, 4]], [[1, 3], [2, 4]])
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from pellucid.layers.symbolic import SymbolicTensor

from ..op import ALONG, NEW, Tensor, op, tensor

__all__ = [
    "broadcast_to",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "moveaxis",
    "ndim",
    "pad",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "rot90",
    "size",
    "squeeze",
    "swapaxes",
    "tile",
    "transpose",
]


def ndim(x):
    """How many axes `x` has.

    >>> ndim([[1, 2]])
    2
    """
    return x.ndim if isinstance(x, SymbolicTensor) else tensor(x).ndim


@op
def size(x: Tensor):
    """How many numbers `x` holds."""
    return jnp.size(x)


@op
def reshape(x: Tensor, newshape):
    """The numbers, row by row, in a new shape.

    Args:
        x: array.
        newshape: sizes; one of them may be -1 (or None, as `ops.shape` gives the batch of a
            symbolic tensor): as many as are left.
    """
    if hasattr(newshape, "tolist"):  # an array of sizes
        newshape = newshape.tolist()
    sizes = newshape if isinstance(newshape, (tuple, list)) else (newshape,)
    if -1 not in sizes and list(sizes).count(None) == 1:
        sizes = [-1 if size is None else size for size in sizes]
    return jnp.reshape(x, tuple(sizes))


@op
def ravel(x: Tensor):
    """The numbers, row by row, along one axis."""
    return jnp.ravel(x)


@op(rows=NEW)
def expand_dims(x: Tensor, axis):
    """A new axis of length 1 (or several) at `axis`."""
    return jnp.expand_dims(x, axis)


@op(rows=ALONG)
def squeeze(x: Tensor, axis=None):
    """Without the axis (or axes) `axis` of length 1; None for all that have it."""
    return jnp.squeeze(x, axis)


@op
def transpose(x: Tensor, axes=None):
    """The axes in another order, the reverse by default."""
    return jnp.transpose(x, axes)


@op
def moveaxis(x: Tensor, source, destination):
    """The axis (or axes) `source` moved to the place `destination`, the others in their order."""
    return jnp.moveaxis(x, source, destination)


@op
def swapaxes(x: Tensor, axis1, axis2):
    """Two axes in each other's place."""
    return jnp.swapaxes(x, axis1, axis2)


@op
def broadcast_to(x: Tensor, shape):
    """`x` repeated along new axes, and along those of length 1, up to `shape`."""
    return jnp.broadcast_to(x, shape)


@op(rows=ALONG)
def flip(x: Tensor, axis=None):
    """The other way round along `axis`; None for every axis."""
    return jnp.flip(x, axis)


@op
def fliplr(x: Tensor):
    """The other way round along axis 1: left and right."""
    return jnp.fliplr(x)


@op
def flipud(x: Tensor):
    """The other way round along axis 0: up and down."""
    return jnp.flipud(x)


@op
def rot90(array: Tensor, k=1, axes=(0, 1)):
    """Turned by `k` right angles, from the first of the axes towards the second."""
    return jnp.rot90(array, k, axes)


@op(rows=ALONG)
def roll(x: Tensor, shift, axis=None):
    """Moved on by `shift` places along `axis`; what leaves at the end comes back at the start."""
    return jnp.roll(x, shift, axis)


@op(rows=ALONG)
def repeat(x: Tensor, repeats, axis=None):
    """Every number (or slice along `axis`) `repeats` times in a row.

    Args:
        x: array.
        repeats: how often; one number, or one for every slice.
        axis: None for the numbers of the flattened array.
    """
    if isinstance(repeats, (int, jax.Array)):
        return jnp.repeat(x, repeats, axis)
    # Known numbers stay numbers: the size of the result has to be known while it is compiled.
    counts = np.asarray(repeats)
    total = int(counts.sum()) if counts.size > 1 else None
    return jnp.repeat(x, counts, axis, total_repeat_length=total)


@op
def tile(x: Tensor, repeats):
    """The whole array `repeats` times along each axis."""
    return jnp.tile(x, repeats)


@op
def pad(x: Tensor, pad_width, mode="constant", constant_values=None):
    """Numbers added at the ends of every axis.

    Args:
        x: array.
        pad_width: how many before and after, for every axis: ``((before, after), ...)``; one pair
            or one number for all.
        mode: ``"constant"``, ``"reflect"``, ``"symmetric"``, ``"edge"``, ``"wrap"``, ...
        constant_values: what to add in the mode ``"constant"``; 0 by default.

    >>> pad([1, 2], (1, 2), constant_values=9).tolist()
    [9, 1, 2, 9, 9]
    """
    if constant_values is None:
        return jnp.pad(x, pad_width, mode)
    if mode != "constant":
        raise ValueError(f"constant_values belongs to mode='constant', not to {mode!r}.")
    return jnp.pad(x, pad_width, mode, constant_values=constant_values)
