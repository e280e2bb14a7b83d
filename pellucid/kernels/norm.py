"""Batch and layer normalisation with hand-written gradients; statistics in float32.

Means and variances over rows take a weight for each row: zero leaves out the rows that only fill a
batch, or the steps that a mask hides. The gradient takes its statistics from the forward pass.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from .dense import column_sums
from .platform import on_cpu


def moments_plain(x: Any, axes: tuple[int, ...], weights: Any = None) -> tuple[Any, Any]:
    """Mean and biased variance over `axes`, which stay as size 1.

    Args:
        x: array of any shape.
        axes: reduced axes.
        weights: 0 or 1 per element, broadcast against `x`; where 0 the element does not count.
    """
    if weights is None:
        mean = jnp.mean(x, axes, keepdims=True)
        return mean, jnp.mean(jnp.square(x - mean), axes, keepdims=True)
    weights = jnp.broadcast_to(weights, x.shape)
    counted = jnp.where(weights > 0, x, 0)
    count = jnp.maximum(jnp.sum(weights, axes, keepdims=True), 1)
    mean = jnp.sum(counted * weights, axes, keepdims=True) / count
    squares = jnp.square(counted - mean) * weights
    return mean, jnp.sum(squares, axes, keepdims=True) / count


def normalize_plain(x: Any, mean: Any, variance: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    """``(x - mean) / sqrt(variance + epsilon) * gamma + beta``; gamma and beta may be None."""
    y = (x - mean) * jax.lax.rsqrt(variance + epsilon)
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


def batch_norm_plain(
    x: Any, gamma: Any, beta: Any, epsilon: float, weights: Any = None
) -> tuple[Any, Any, Any]:
    """What `batch_norm` computes, as one would write it."""
    expanded = None if weights is None else weights[:, None]
    mean, variance = moments_plain(x, (0,), expanded)
    y = normalize_plain(x, mean, variance, gamma, beta, epsilon)
    return y, jax.lax.stop_gradient(mean[0]), jax.lax.stop_gradient(variance[0])


@functools.partial(jax.custom_vjp, nondiff_argnums=(3,))
def batch_norm(
    x: jax.Array,
    gamma: jax.Array | None,
    beta: jax.Array | None,
    epsilon: float,
    weights: jax.Array | None = None,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Every column brought to mean 0 and variance 1 over the rows that count.

    Args:
        x: (rows, features), float32 or wider.
        gamma: (features,) or None, the scale.
        beta: (features,) or None, the offset.
        epsilon: added to the variance.
        weights: (rows,) of 0 and 1, the rows that count; all when missing.

    Returns:
        The normalised rows, and mean and variance, (features,) each, which carry no gradient.

    >>> y, mean, variance = batch_norm(jnp.array([[1.0], [3.0]]), None, None, 0.0)
    >>> y.tolist(), mean.tolist(), variance.tolist()
    ([[-1.0], [1.0]], [2.0], [1.0])

    Ioffe and Szegedy, "Batch normalization", arXiv:1502.03167.
    """
    return _batch_forward(x, gamma, beta, epsilon, weights)[0]


def _batch_forward(x: Any, gamma: Any, beta: Any, epsilon: float, weights: Any) -> Any:
    counted = x if weights is None else jnp.where(weights[:, None] > 0, x, 0)
    count = jnp.float32(x.shape[0]) if weights is None else jnp.maximum(jnp.sum(weights), 1)
    mean = column_sums(counted, weights) / count  # (features,)
    variance = column_sums(jnp.square(counted - mean), weights) / count
    inverse = jax.lax.rsqrt(variance + epsilon)
    scale = inverse if gamma is None else inverse * gamma
    offset = -mean * scale if beta is None else beta - mean * scale
    y = x * scale + offset  # (rows, features)
    return (y, mean, variance), (x, mean, inverse, gamma, beta, weights, count)


def _batch_backward(epsilon: float, saved: Any, cotangents: Any) -> Any:
    x, mean, inverse, gamma, beta, weights, count = saved
    dy = cotangents[0]
    normal = (x - mean) * inverse  # (rows, features)
    dbeta = column_sums(dy)
    dgamma = column_sums(dy * normal)
    scale = inverse if gamma is None else inverse * gamma
    share = 1 / count if weights is None else (weights / count)[:, None]
    dx = scale * (dy - share * (dbeta + normal * dgamma))
    return (
        dx,
        None if gamma is None else dgamma.astype(gamma.dtype),
        None if beta is None else dbeta.astype(beta.dtype),
        None if weights is None else jnp.zeros_like(weights),
    )


batch_norm.defvjp(_batch_forward, _batch_backward)


def layer_norm_plain(x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    """What `layer_norm` computes, as one would write it."""
    mean, variance = moments_plain(x, (-1,))
    return normalize_plain(x, mean, variance, gamma, beta, epsilon)


@functools.partial(jax.custom_vjp, nondiff_argnums=(3,))
def layer_norm(
    x: jax.Array, gamma: jax.Array | None, beta: jax.Array | None, epsilon: float
) -> jax.Array:
    """Every vector along the last axis brought to mean 0 and variance 1.

    Args:
        x: (..., features), float32 or wider.
        gamma: (features,) or None, the scale.
        beta: (features,) or None, the offset.
        epsilon: added to the variance.

    >>> layer_norm(jnp.array([[1.0, 3.0]]), None, None, 0.0).tolist()
    [[-1.0, 1.0]]

    Ba, Kiros and Hinton, "Layer normalization", arXiv:1607.06450.
    """
    return _layer_forward(x, gamma, beta, epsilon)[0]


def _layer_forward(x: Any, gamma: Any, beta: Any, epsilon: float) -> Any:
    mean, variance = moments_plain(x, (-1,))
    inverse = jax.lax.rsqrt(variance + epsilon)
    y = (x - mean) * inverse
    y = y if gamma is None else y * gamma
    y = y if beta is None else y + beta
    return y, (x, mean, inverse, gamma, beta)


def _layer_backward(epsilon: float, saved: Any, dy: jax.Array) -> Any:
    x, mean, inverse, gamma, beta = saved
    normal = (x - mean) * inverse  # (..., features)
    inner = dy if gamma is None else dy * gamma
    # Means along the features as products with gamma, which spares a pass over the rows.
    share = jnp.full(x.shape[-1:], 1 / x.shape[-1], x.dtype)
    share = share if gamma is None else share * gamma
    dx = inverse * (inner - _along(dy, share) - normal * _along(dy * normal, share))
    rows = (-1, x.shape[-1])
    dgamma = None if gamma is None else column_sums((dy * normal).reshape(rows))
    dbeta = None if beta is None else column_sums(dy.reshape(rows))
    return (
        dx,
        None if dgamma is None else dgamma.astype(gamma.dtype),
        None if dbeta is None else dbeta.astype(beta.dtype),
    )


def _along(x: jax.Array, weights: jax.Array) -> jax.Array:
    """The weighted sum over the last axis, which stays as size 1."""
    if not on_cpu():  # where a product of float32 may round to fewer digits, and sums are fast
        return jnp.sum(x * weights, axis=-1, keepdims=True)
    rows = x.reshape(-1, x.shape[-1])
    return jnp.matmul(rows, weights).reshape(*x.shape[:-1], 1)


layer_norm.defvjp(_layer_forward, _layer_backward)
