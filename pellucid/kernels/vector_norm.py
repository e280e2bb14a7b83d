"""Vectors brought to one length: root mean square 1, or Euclidean length 1.

The root mean square along the last axis has a gradient written by hand, as in `norm`.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from .dense import column_sums


def rms_norm_plain(x: Any, scale: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    """``x / sqrt(mean(x ** 2) + epsilon) * scale`` over any axes; what `rms_norm` computes."""
    mean = jnp.mean(jnp.square(x), axes, keepdims=True)
    return x * jax.lax.rsqrt(mean + epsilon) * scale


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def rms_norm(x: jax.Array, scale: jax.Array, epsilon: float) -> jax.Array:
    """Every vector along the last axis brought to root mean square 1.

    Args:
        x: (..., features), float32 or wider.
        scale: (features,)
        epsilon: added to the mean of the squares.

    >>> rms_norm(jnp.array([[3.0, 3.0]]), jnp.ones(2), 0.0).tolist()
    [[1.0, 1.0]]

    Zhang and Sennrich, "Root mean square layer normalization", arXiv:1910.07467.
    """
    return _forward(x, scale, epsilon)[0]


def _forward(x: Any, scale: Any, epsilon: float) -> Any:
    inverse = jax.lax.rsqrt(jnp.mean(jnp.square(x), -1, keepdims=True) + epsilon)
    return x * inverse * scale, (x, inverse, scale)


def _backward(epsilon: float, saved: Any, dy: jax.Array) -> Any:
    x, inverse, scale = saved
    normal = x * inverse  # (..., features)
    inner = dy * scale
    dx = inverse * (inner - normal * jnp.mean(inner * normal, -1, keepdims=True))
    dscale = column_sums((dy * normal).reshape(-1, x.shape[-1])).astype(scale.dtype)
    return dx, dscale


rms_norm.defvjp(_forward, _backward)


def unit_norm(x: jax.Array, axes: tuple[int, ...] | None, epsilon: float = 1e-12) -> jax.Array:
    """Every vector along some axes, or the whole array, divided by its Euclidean length.

    A vector shorter than `epsilon` is divided by that, with a gradient that stays finite.

    >>> unit_norm(jnp.array([[3.0, 4.0], [0.0, 0.0]]), (1,)).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    squares = jnp.sum(jnp.square(x), axes, keepdims=True)
    return x * jax.lax.rsqrt(jnp.maximum(squares, epsilon**2))
