"""Numbers brought to a common mean, spread or length.

>>> from pellucid import ops
>>> ops.rms_normalization([[2.0, -2.0]], epsilon=0.0).tolist()
[[1.0, -1.0]]
"""

from __future__ import annotations

import math
import warnings

import jax
import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.errors import ConfigError, PellucidWarning, ShapeError

from ..op import ALONG, Tensor, op

__all__ = [
    "batch_normalization",
    "layer_normalization",
    "moments",
    "normalize",
    "rms_normalization",
]


@op
def moments(x: Tensor, axes, keepdims=False, synchronized=False):
    """Mean and variance along axes, computed in float32 at least.

    Args:
        x: array.
        axes: an axis, or several.
        keepdims: whether the axes stay, with length 1.
        synchronized: not supported; arrays that are spread over devices are one array here.
    """
    if synchronized:
        raise ConfigError(
            "ops.moments needs no synchronisation: an array spread over devices is one array.",
            got="synchronized=True",
            fix="leave it out.",
        )
    axes = tuple(axes) if isinstance(axes, (list, tuple)) else axes
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    results = jnp.mean(wide, axes, keepdims=keepdims), jnp.var(wide, axes, keepdims=keepdims)
    if x.dtype in (jnp.float16, jnp.bfloat16):
        most = jnp.finfo(jnp.float16).max
        return tuple(jnp.clip(result, -most, most).astype(x.dtype) for result in results)
    return results


@op
def batch_normalization(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    axis,
    offset: Tensor = None,
    scale: Tensor = None,
    epsilon=1e-3,
):
    """``(x - mean) / sqrt(variance + epsilon) * scale + offset``.

    Args:
        x: array.
        mean: of each feature, ``(features,)``.
        variance: of each feature.
        axis: the axis of the features.
        offset: added at the end; None for nothing.
        scale: multiplied before that; None for 1.
        epsilon: keeps the root away from zero.
    """
    shape = [1] * x.ndim
    shape[axis] = -1
    factor = jax.lax.rsqrt(variance + epsilon)
    factor = factor if scale is None else factor * scale
    shift = -mean * factor
    shift = shift if offset is None else shift + offset
    return x * factor.reshape(shape) + shift.reshape(shape)


@op(rows=ALONG)
def layer_normalization(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, axis=-1, epsilon=None, **kwargs
):
    """Mean 0 and variance 1 along `axis`, then times `gamma` plus `beta`.

    Args:
        x: array.
        gamma: scale, of the shape of the axes; None for 1.
        beta: offset; None for nothing.
        axis: an axis, or several.
        epsilon: keeps the root away from zero; 1e-7 by default.
        kwargs: ``rms_scaling=True`` divides by the standard deviation and leaves mean and `beta`
            out, with a warning: Keras has given it up.
    """
    by_variance = kwargs.pop("rms_scaling", False)
    if by_variance:
        warnings.warn(
            "rms_scaling=True divides by the standard deviation, not by the root mean square; "
            "Keras has given it up. Use ops.rms_normalization.",
            PellucidWarning,
            stacklevel=2,
        )
    if kwargs:
        raise ConfigError(
            "ops.layer_normalization takes no further arguments.",
            got=", ".join(f"{name}={value!r}" for name, value in kwargs.items()),
            fix="for scaling by the root mean square use ops.rms_normalization.",
        )
    wide, axes = _prepared(x, axis)
    mean = jnp.mean(wide, axes, keepdims=True)
    factor = jax.lax.rsqrt(jnp.var(wide, axes, keepdims=True) + _positive(epsilon))
    y = (wide if by_variance else wide - mean) * factor
    y = y if gamma is None else y * _spread(gamma, wide, axes)
    y = y if beta is None or by_variance else y + _spread(beta, wide, axes)
    return y.astype(x.dtype)


@op(rows=ALONG)
def rms_normalization(x: Tensor, scale: Tensor = None, axis=-1, epsilon=None):
    """Root mean square 1 along `axis`, then times `scale`.

    Args:
        x: array.
        scale: of the shape of the axis; None for 1.
        axis: an axis, or several.
        epsilon: keeps the root away from zero; 1e-7 by default.
    """
    wide, axes = _prepared(x.reshape(1) if x.ndim == 0 else x, axis)
    squares = jnp.mean(jnp.square(wide), axes, keepdims=True)
    y = wide * jax.lax.rsqrt(squares + _positive(epsilon))
    return (y if scale is None else y * _spread(scale, wide, axes)).astype(x.dtype)


def _prepared(x, axis):
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    return wide, tuple(sorted(a % x.ndim for a in axes))


def _positive(epsilon):
    return settings.epsilon() if epsilon is None else epsilon


def _spread(weight, x, axes):
    """A weight of the shape of the axes, laid along them; of the last axes in any case, where it
    is that of the last axis, as arrays meet each other."""
    weight = weight.astype(x.dtype)
    sizes = tuple(x.shape[axis] for axis in axes)
    flat = weight.ndim == 1 and weight.size == math.prod(sizes)
    if (weight.shape == sizes or flat) and axes != (x.ndim - 1,) and weight.ndim != x.ndim:
        return weight.reshape([x.shape[axis] if axis in axes else 1 for axis in range(x.ndim)])
    apart = zip(reversed(weight.shape), reversed(x.shape), strict=False)
    if weight.ndim > x.ndim or any(size not in (1, there) for size, there in apart):
        raise ShapeError(
            "The scale and offset of a normalization have the shape of the axes that it is over.",
            got=f"shape {weight.shape} for an array of shape {x.shape}, axis={axes}",
            expected=f"shape {sizes}",
            fix="ops.reshape(...) brings them into it.",
        )
    return weight


@op(rows=ALONG)
def normalize(x: Tensor, axis=-1, order=2, epsilon=None):
    """Vectors of length 1.

    Args:
        x: array.
        axis: the axis of the vectors.
        order: how length is measured: 2 for the root of the squares, 1 for the sum of the sizes.
        epsilon: vectors shorter than this stay short; 1e-7 by default.
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ConfigError(
            "ops.normalize takes a positive whole number as order.",
            got=f"order={order!r}",
            fix="order=2 for the usual length.",
        )
    x = x.reshape(1) if x.ndim == 0 else x
    least = _positive(epsilon)
    if order == 2:
        squares = jnp.sum(jnp.square(x), axis, keepdims=True)
        return x * jnp.minimum(jax.lax.rsqrt(squares), 1.0 / least)
    length = jnp.linalg.norm(x, ord=order, axis=axis, keepdims=True)
    return x / jnp.maximum(length, least)
