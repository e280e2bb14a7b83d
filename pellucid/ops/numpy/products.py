"""Sums of products: matrices, vectors, tensors; and running sums.

>>> from pellucid import ops
>>> ops.matmul([[1, 2]], [[3], [4]]).tolist(), ops.einsum("i,j->ij", [1, 2], [3, 4]).tolist()
([[11]], [[3, 4], [6, 8]])
"""

from __future__ import annotations

import jax.numpy as jnp

from ..op import ALONG, Tensor, Tensors, number_format, op

__all__ = [
    "corrcoef",
    "correlate",
    "cross",
    "cumprod",
    "cumsum",
    "diff",
    "dot",
    "einsum",
    "inner",
    "kron",
    "matmul",
    "outer",
    "slogdet",
    "tensordot",
    "trapezoid",
    "vdot",
]


def _wide(*operands):
    """Products of 8-bit numbers are added up in 32 bits."""
    return jnp.int32 if all(x.dtype == jnp.int8 for x in operands) else None


@op
def matmul(x1: Tensor, x2: Tensor):
    """The matrix product of the last two axes; axes before them are stacks of matrices."""
    x2 = jnp.asarray(x2)
    return jnp.matmul(x1, x2, preferred_element_type=_wide(x1, x2))


@op
def dot(x1: Tensor, x2: Tensor):
    """The product along the last axis of `x1` and the second last (or only) one of `x2`."""
    return jnp.dot(x1, x2)


@op
def vdot(x1: Tensor, x2: Tensor):
    """The sum of the products of all numbers of two arrays, flattened."""
    return jnp.vdot(x1, x2)


@op
def inner(x1: Tensor, x2: Tensor):
    """The product along the last axis of both."""
    return jnp.inner(x1, x2)


@op
def outer(x1: Tensor, x2: Tensor):
    """Every number of one times every number of the other, ``(n, m)``."""
    return jnp.outer(x1, x2)


@op
def kron(x1: Tensor, x2: Tensor):
    """Kronecker's product: every number of `x1` becomes a copy of `x2` times it."""
    return jnp.kron(x1, x2)


@op
def cross(x1: Tensor, x2: Tensor, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The cross product of vectors of 3 (or 2) numbers.

    Args:
        x1: array.
        x2: array.
        axisa: the axis of the vectors of `x1`.
        axisb: the axis of the vectors of `x2`.
        axisc: the axis of the vectors of the result.
        axis: all three, where it is given.
    """
    return jnp.cross(x1, x2, axisa, axisb, axisc, axis)


@op
def tensordot(x1: Tensor, x2: Tensor, axes=2):
    """Products summed along several axes.

    Args:
        x1: array.
        x2: array.
        axes: how many: the last of `x1` with the first of `x2`; or two lists of axes.
    """
    return jnp.tensordot(x1, x2, axes)


@op
def einsum(subscripts, *operands: Tensors, **kwargs):
    """Products and sums in Einstein's notation.

    Args:
        subscripts: a letter per axis, ``"bij,bjk->bik"`` for a stack of matrix products: letters
            that are missing after the arrow are summed over.
        operands: arrays.
        kwargs: further arguments of `jax.numpy.einsum`, such as ``optimize``.
    """
    kwargs.setdefault("preferred_element_type", _wide(*operands))
    return jnp.einsum(subscripts, *operands, **kwargs)


@op
def slogdet(x: Tensor):
    """Sign, and logarithm of the size, of the determinant of square matrices ``(..., n, n)``."""
    return tuple(jnp.linalg.slogdet(x))


# --- along an axis


@op(rows=ALONG)
def cumsum(x: Tensor, axis=None, dtype=None):
    """The running sum along `axis`; of the flattened array where it is None."""
    return jnp.cumsum(x, axis, number_format(dtype))


@op(rows=ALONG)
def cumprod(x: Tensor, axis=None, dtype=None):
    """The running product along `axis`; of the flattened array where it is None."""
    return jnp.cumprod(x, axis, number_format(dtype))


@op(rows=ALONG)
def diff(a: Tensor, n=1, axis=-1):
    """Each number minus the one before it along `axis`, `n` times over."""
    return jnp.diff(a, n, axis)


@op(rows=ALONG)
def trapezoid(y: Tensor, x: Tensor = None, dx=1.0, axis=-1):
    """The area under a line through the numbers along `axis`.

    Args:
        y: heights.
        x: where they are; None for a distance of `dx`.
        dx: the distance between two.
        axis: the axis of the line.
    """
    return jnp.trapezoid(y, x, dx, axis)


@op
def correlate(x1: Tensor, x2: Tensor, mode="valid"):
    """The products of `x1` with `x2` moved along it: ``"valid"``, ``"same"`` or ``"full"``."""
    return jnp.correlate(x1, x2, mode)


@op
def corrcoef(x: Tensor):
    """How strongly every two rows go together, from -1 to 1: ``(rows, rows)``."""
    return jnp.corrcoef(x)
