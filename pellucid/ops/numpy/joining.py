"""Several arrays into one, and one into several.

>>> from pellucid import ops
>>> ops.concatenate([[1, 2], [3]]).tolist(), ops.stack([[1, 2], [3, 4]], axis=1).tolist()
([1, 2, 3], [[1, 3], [2, 4]])
"""

from __future__ import annotations

import jax.numpy as jnp

from ..op import ALONG, NEW, Tensor, Tensors, op

__all__ = [
    "append",
    "array_split",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "split",
    "stack",
    "vsplit",
    "vstack",
]


@op(rows=ALONG)
def concatenate(xs: Tensors, axis=0):
    """Arrays one after another along `axis`."""
    return jnp.concatenate(xs, axis)


@op(rows=NEW)
def stack(x: Tensors, axis=0):
    """Arrays of one shape beside each other along a new axis."""
    return jnp.stack(x, axis)


@op
def append(x1: Tensor, x2: Tensor, axis=None):
    """`x2` after `x1` along `axis`; None flattens both."""
    return jnp.append(x1, jnp.asarray(x2), axis)


@op
def hstack(xs: Tensors):
    """Arrays one after another along axis 1 (along axis 0 where there is only one)."""
    return jnp.hstack(xs)


@op
def vstack(xs: Tensors):
    """Arrays one below another: along axis 0, flat ones as rows."""
    return jnp.vstack(xs)


@op
def dstack(xs: Tensors):
    """Arrays one behind another: along axis 2."""
    return jnp.dstack(xs)


@op(rows=ALONG)
def split(x: Tensor, indices_or_sections, axis=0):
    """Parts of the array along `axis`, as a list.

    Args:
        x: array.
        indices_or_sections: how many equal parts, or the places where to cut.
        axis: the axis that is cut.

    >>> [part.tolist() for part in split([1, 2, 3], [1])]
    [[1], [2, 3]]
    """
    return jnp.split(x, indices_or_sections, axis)


@op(rows=ALONG)
def array_split(x: Tensor, indices_or_sections, axis=0):
    """`split` into parts that need not be equally long."""
    return jnp.array_split(x, indices_or_sections, axis)


@op
def hsplit(x: Tensor, indices_or_sections):
    """`split` along axis 1 (along axis 0 where there is only one)."""
    return jnp.hsplit(x, indices_or_sections)


@op
def vsplit(x: Tensor, indices_or_sections):
    """`split` along axis 0."""
    return jnp.vsplit(x, indices_or_sections)


@op
def dsplit(x: Tensor, indices_or_sections):
    """`split` along axis 2."""
    return jnp.dsplit(x, indices_or_sections)
