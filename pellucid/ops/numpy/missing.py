"""Reductions that leave NaN, "not a number", out.

>>> from pellucid import ops
>>> ops.nanmean([1.0, float("nan"), 3.0]).tolist()
2.0
"""

from __future__ import annotations

import jax.numpy as jnp

from ..op import ALONG, Tensor, number_format, op
from .reductions import _axes

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
]


@op(rows=ALONG)
def nansum(x: Tensor, axis=None, keepdims=False):
    """The sum along `axis`, NaN left out."""
    return jnp.nansum(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanprod(x: Tensor, axis=None, keepdims=False):
    """The product along `axis`, NaN left out."""
    return jnp.nanprod(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanmean(x: Tensor, axis=None, keepdims=False):
    """The mean along `axis` of what is not NaN."""
    return jnp.nanmean(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanvar(x: Tensor, axis=None, keepdims=False):
    """The variance along `axis` of what is not NaN."""
    return jnp.nanvar(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanstd(x: Tensor, axis=None, keepdims=False):
    """The standard deviation along `axis` of what is not NaN."""
    return jnp.nanstd(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanmax(x: Tensor, axis=None, keepdims=False):
    """The largest number along `axis` that is not NaN."""
    return jnp.nanmax(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanmin(x: Tensor, axis=None, keepdims=False):
    """The smallest number along `axis` that is not NaN."""
    return jnp.nanmin(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanargmax(x: Tensor, axis=None, keepdims=False):
    """The place of the largest number along `axis` that is not NaN; -1 where all are."""
    return jnp.nanargmax(x, axis=axis, keepdims=keepdims)


@op(rows=ALONG)
def nanargmin(x: Tensor, axis=None, keepdims=False):
    """The place of the smallest number along `axis` that is not NaN; -1 where all are."""
    return jnp.nanargmin(x, axis=axis, keepdims=keepdims)


@op(rows=ALONG)
def nancumsum(x: Tensor, axis=None, dtype=None):
    """The running sum along `axis`, NaN counting as 0."""
    return jnp.nancumsum(x, axis=axis, dtype=number_format(dtype))


@op(rows=ALONG)
def nancumprod(x: Tensor, axis=None, dtype=None):
    """The running product along `axis`, NaN counting as 1."""
    return jnp.nancumprod(x, axis=axis, dtype=number_format(dtype))


@op(rows=ALONG)
def nanmedian(x: Tensor, axis=None, keepdims=False):
    """The median along `axis` of what is not NaN."""
    return jnp.nanmedian(x, axis=_axes(axis), keepdims=keepdims)


@op(rows=ALONG)
def nanquantile(x: Tensor, q: Tensor, axis=None, method="linear", keepdims=False):
    """`quantile` of what is not NaN."""
    return jnp.nanquantile(x, jnp.asarray(q), axis=_axes(axis), method=method, keepdims=keepdims)


@op(rows=ALONG)
def nanpercentile(x: Tensor, q: Tensor, axis=None, method="linear", keepdims=False):
    """`percentile` of what is not NaN."""
    return jnp.nanpercentile(x, jnp.asarray(q), axis=_axes(axis), method=method, keepdims=keepdims)
