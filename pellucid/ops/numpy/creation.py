"""New arrays: constants, ranges, identities, windows.

Formats are `pellucid.config.floatx()` unless `dtype` says otherwise.

>>> from pellucid import ops
>>> ops.arange(3).tolist(), ops.ones((1, 2)).tolist(), ops.eye(2).tolist()
([0, 1, 2], [[1.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
"""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.dtypes import floatx

from ..op import EACH, Tensor, Tensors, number_format, op, table

__all__ = [
    "arange",
    "array",
    "bartlett",
    "blackman",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "geomspace",
    "hamming",
    "hanning",
    "identity",
    "kaiser",
    "linspace",
    "logspace",
    "meshgrid",
    "ones",
    "ones_like",
    "tri",
    "vander",
    "zeros",
    "zeros_like",
]

_unary, _ = table(__name__)


@op
def array(x: Tensor, dtype=None):
    """`x` as an array of its own."""
    return jnp.array(x, dtype=number_format(dtype))


@op
def zeros(shape, dtype=None):
    """Zeros."""
    return jnp.zeros(shape, number_format(dtype, floatx()))


@op
def ones(shape, dtype=None):
    """Ones."""
    return jnp.ones(shape, number_format(dtype, floatx()))


@op
def empty(shape, dtype=None):
    """An array whose numbers mean nothing (they are zeros)."""
    return jnp.zeros(shape, number_format(dtype, floatx()))


@op
def full(shape, fill_value: Tensor, dtype=None):
    """Every number `fill_value`."""
    return jnp.full(shape, fill_value, number_format(dtype, floatx()))


@op(rows=EACH)
def zeros_like(x: Tensor, dtype=None):
    """Zeros of the shape and format of `x`."""
    return jnp.zeros_like(x, dtype=number_format(dtype))


@op(rows=EACH)
def ones_like(x: Tensor, dtype=None):
    """Ones of the shape and format of `x`."""
    return jnp.ones_like(x, dtype=number_format(dtype))


@op(rows=EACH)
def empty_like(x: Tensor, dtype=None):
    """An array like `x` whose numbers mean nothing (they are zeros)."""
    return jnp.zeros_like(x, dtype=number_format(dtype))


@op
def full_like(x: Tensor, fill_value: Tensor, dtype=None):
    """Every number `fill_value`, in the shape and format of `x`."""
    return jnp.full_like(x, fill_value, dtype=number_format(dtype))


@op
def arange(start, stop=None, step=None, dtype=None):
    """Numbers from `start` up to, and without, `stop`; from 0 to `start` if that is all.

    Args:
        start: the first number.
        stop: the limit.
        step: the distance between two; 1 by default.
        dtype: None for whole numbers where the arguments are, else floating point.
    """
    if dtype is None:
        parts = [part for part in (start, stop, step) if part is not None]
        weak = [part if hasattr(part, "dtype") else type(part)(0) for part in parts]
        dtype = jnp.result_type(*weak)
        if jnp.issubdtype(dtype, jnp.floating) and not any(hasattr(p, "dtype") for p in parts):
            dtype = floatx()
    return jnp.arange(start, stop, step, dtype=number_format(dtype))


@op
def linspace(start: Tensor, stop: Tensor, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """`num` evenly spaced numbers from `start` to `stop`.

    Args:
        start: the first number, or an array of them.
        stop: the last.
        num: how many.
        endpoint: whether `stop` is one of them.
        retstep: whether to return the distance between two as well.
        dtype: of the result.
        axis: where the numbers go when `start` or `stop` are arrays.
    """
    return jnp.linspace(start, stop, num, endpoint, retstep, number_format(dtype), axis)


@op
def logspace(start: Tensor, stop: Tensor, num=50, endpoint=True, base=10, dtype=None, axis=0):
    """``base ** linspace(start, stop)``: the same factor from each to the next."""
    return jnp.logspace(start, stop, num, endpoint, base, number_format(dtype), axis)


@op
def geomspace(start: Tensor, stop: Tensor, num=50, endpoint=True, dtype=None, axis=0):
    """Numbers from `start` to `stop`, the same factor from each to the next."""
    return jnp.geomspace(start, stop, num, endpoint, number_format(dtype), axis)


@op
def eye(N, M=None, k=0, dtype=None):
    """Ones on a diagonal of ``(N, M)``, the `k`-th above the main one; zeros elsewhere."""
    return jnp.eye(N, M, k, number_format(dtype, floatx()))


@op
def identity(n, dtype=None):
    """The identity matrix, ``(n, n)``."""
    return jnp.identity(n, number_format(dtype, floatx()))


@op
def tri(N, M=None, k=0, dtype=None):
    """Ones on and below a diagonal of ``(N, M)``; zeros above."""
    return jnp.tri(N, M, k, number_format(dtype, floatx()))


@op
def meshgrid(*x: Tensors, indexing="xy"):
    """The coordinates of a grid, one array per axis.

    Args:
        x: the coordinates along each axis.
        indexing: ``"xy"`` has the first along the columns, ``"ij"`` along the rows.
    """
    return jnp.meshgrid(*x, indexing=indexing)


@op
def vander(x: Tensor, N=None, increasing=False):
    """The powers of every number, one row per number, `N` of them."""
    return jnp.vander(x, N, increasing)


# --- windows


def _window(function):
    return lambda x: function(int(x)).astype(floatx())


bartlett = _unary("bartlett", _window(jnp.bartlett), "A triangle over `x` steps.", rows="mixed")
blackman = _unary("blackman", _window(jnp.blackman), "Blackman's bell, `x` steps.", rows="mixed")
hamming = _unary("hamming", _window(jnp.hamming), "Hamming's bell over `x` steps.", rows="mixed")
hanning = _unary("hanning", _window(jnp.hanning), "Hann's bell over `x` steps.", rows="mixed")


@op
def kaiser(x: Tensor, beta):
    """Kaiser's bell over `x` steps; the larger `beta`, the narrower."""
    return jnp.kaiser(int(x), beta).astype(floatx())
