"""Many numbers to one: sums, means, extremes, quantiles.

`axis` is an axis, several, or None for all of them; `keepdims` leaves the axes in, with length 1.

>>> from pellucid import ops
>>> x = [[1.0, 2.0], [3.0, 6.0]]
>>> ops.sum(x).tolist(), ops.mean(x, axis=0).tolist(), ops.max(x, axis=1, keepdims=True).tolist()
(12.0, [2.0, 4.0], [[2.0], [6.0]])
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core.dtypes import floatx
from pellucid.kernels.platform import on_cpu

from ..op import ALONG, Tensor, floating, number_format, op

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "average",
    "count_nonzero",
    "max",
    "mean",
    "median",
    "min",
    "percentile",
    "prod",
    "ptp",
    "quantile",
    "std",
    "sum",
    "var",
]


def _axes(axis):
    return tuple(axis) if isinstance(axis, list) else axis


@op(rows=ALONG)
def sum(x: Tensor, axis=None, keepdims=False):
    """The sum along `axis`."""
    return jnp.sum(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def prod(x: Tensor, axis=None, keepdims=False, dtype=None):
    """The product along `axis`."""
    return jnp.prod(x, axis=_axes(axis), keepdims=keepdims, dtype=number_format(dtype))


@op(rows=ALONG)
def mean(x: Tensor, axis=None, keepdims=False):
    """The mean along `axis`, computed in float32 at least."""
    result = jnp.mean(
        x, axis=_axes(axis), keepdims=keepdims, dtype=jnp.promote_types(x.dtype, jnp.float32)
    )
    return result.astype(x.dtype) if jnp.issubdtype(x.dtype, jnp.inexact) else result


@op(rows=ALONG)
def var(x: Tensor, axis=None, keepdims=False):
    """The variance along `axis`: the mean square of the distance from the mean."""
    result = jnp.var(
        x, axis=_axes(axis), keepdims=keepdims, dtype=jnp.promote_types(x.dtype, jnp.float32)
    )
    return result.astype(x.dtype if jnp.issubdtype(x.dtype, jnp.floating) else floatx())


@op(rows=ALONG)
def std(x: Tensor, axis=None, keepdims=False):
    """The standard deviation along `axis`, the root of `var`."""
    return jnp.std(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def max(x: Tensor, axis=None, keepdims=False, initial=None):
    """The largest number along `axis`, and no less than `initial`."""
    return jnp.max(x, axis=_axes(axis), keepdims=keepdims, initial=initial)


@op(rows=ALONG)
def min(x: Tensor, axis=None, keepdims=False, initial=None):
    """The smallest number along `axis`, and no more than `initial`."""
    return jnp.min(x, axis=_axes(axis), keepdims=keepdims, initial=initial)


@op(rows=ALONG)
def amax(x: Tensor, axis=None, keepdims=False):
    """The largest number along `axis`."""
    return jnp.max(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def amin(x: Tensor, axis=None, keepdims=False):
    """The smallest number along `axis`."""
    return jnp.min(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def ptp(x: Tensor, axis=None, keepdims=False):
    """Largest minus smallest number along `axis`."""
    return jnp.ptp(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def all(x: Tensor, axis=None, keepdims=False):
    """Whether everything along `axis` is true."""
    return jnp.all(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def any(x: Tensor, axis=None, keepdims=False):
    """Whether anything along `axis` is true."""
    return jnp.any(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def count_nonzero(x: Tensor, axis=None):
    """How many numbers along `axis` are not zero."""
    return jnp.count_nonzero(x, axis=_axes(axis)).astype(jnp.int32)


@op(rows=ALONG)
def argmax(x: Tensor, axis=None, keepdims=False):
    """The place of the largest number along `axis`; the first of several."""
    return jnp.argmax(_zeros_apart(x), axis=axis, keepdims=keepdims)


@op(rows=ALONG)
def argmin(x: Tensor, axis=None, keepdims=False):
    """The place of the smallest number along `axis`; the first of several."""
    return jnp.argmin(_zeros_apart(x), axis=axis, keepdims=keepdims)


def _zeros_apart(x: jax.Array) -> jax.Array:
    """On the CPU as in Keras, -0.0 comes before 0.0."""
    if x.ndim == 0 or not jnp.issubdtype(x.dtype, jnp.floating) or not on_cpu():
        return x
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    return jnp.where((x == 0) & jnp.signbit(x), -jnp.finfo(x.dtype).tiny, x)


@op(rows=ALONG)
def average(x: Tensor, axis=None, weights: Tensor = None):
    """The mean along `axis`, every number counting as much as its weight.

    Args:
        x: array.
        axis: an axis, several, or None for all.
        weights: of the shape of `x`, or ``(length of the axis,)``; None for equal weights.
    """
    x = floating(x)
    if weights is not None:
        dtype = jnp.promote_types(x.dtype, floating(weights).dtype)
        x, weights = x.astype(dtype), weights.astype(dtype)
    return jnp.average(x, weights=weights, axis=_axes(axis))


@op(rows=ALONG)
def median(x: Tensor, axis=None, keepdims=False):
    """The number in the middle along `axis`; of an even count, the mean of the two."""
    return jnp.median(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def quantile(x: Tensor, q: Tensor, axis=None, method="linear", keepdims=False):
    """The number below which the share `q` of the numbers along `axis` lies.

    Args:
        x: array.
        q: from 0 to 1, one or several; several come first in the result's shape.
        axis: an axis, several, or None for all.
        method: between two numbers: ``"linear"``, ``"lower"``, ``"higher"``, ``"midpoint"``,
            ``"nearest"``.
        keepdims: whether the axes stay, with length 1.

    >>> quantile([1.0, 2.0, 3.0], 0.5).tolist()
    2.0
    """
    return jnp.quantile(x, jnp.asarray(q), axis=_axes(axis), method=method, keepdims=keepdims)


@op(rows=ALONG)
def percentile(x: Tensor, q: Tensor, axis=None, method="linear", keepdims=False):
    """`quantile` with `q` from 0 to 100."""
    return jnp.percentile(x, jnp.asarray(q), axis=_axes(axis), method=method, keepdims=keepdims)
