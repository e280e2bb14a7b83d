"""Curves made of straight lines, and of steps."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .bounds import bounded
from .registering import register


@register("hard_sigmoid")
@bounded(0.0, 1.0)
def hard_sigmoid(x):
    """``min(max(x / 6 + 0.5, 0), 1)``, three straight lines instead of a sigmoid.

    >>> hard_sigmoid(jnp.array([-3.0, 0.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return jax.nn.hard_sigmoid(x)


@register("hard_silu", "hard_swish")
def hard_silu(x):
    """``x * hard_sigmoid(x)``, a `silu` of straight lines and a parabola.

    >>> hard_silu(jnp.array([-3.0, 0.0, 3.0])).tolist()
    [-0.0, 0.0, 3.0]

    Howard et al., "Searching for MobileNetV3", arXiv:1905.02244.
    """
    return jax.nn.hard_silu(x)


hard_swish = hard_silu


@register("hard_tanh")
@bounded(-1.0, 1.0)
def hard_tanh(x):
    """``min(max(x, -1), 1)``.

    >>> hard_tanh(jnp.array([-3.0, 0.5, 3.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    return jax.nn.hard_tanh(x)


@register("hard_shrink")
def hard_shrink(x, threshold=0.5):
    """``x`` where its size exceeds `threshold`, zero elsewhere.

    >>> hard_shrink(jnp.array([-1.0, 0.25, 1.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    x = jnp.asarray(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0.0)


@register("soft_shrink")
def soft_shrink(x, threshold=0.5):
    """Every number moved towards zero by `threshold`, and no further than zero.

    >>> soft_shrink(jnp.array([-1.0, 0.25, 1.0])).tolist()
    [-0.5, 0.0, 0.5]
    """
    x = jnp.asarray(x)
    nearer = jnp.where(x > 0, x - threshold, x + threshold)
    return jnp.where(jnp.abs(x) > threshold, nearer, 0.0)


@register("threshold")
def threshold(x, threshold, default_value):
    """``x`` where it exceeds `threshold`, `default_value` elsewhere.

    Args:
        x: array of any shape.
        threshold: the limit; what equals it is replaced too.
        default_value: what stands in for the rest.

    >>> threshold(jnp.array([0.5, 2.0]), 1.0, -1.0).tolist()
    [-1.0, 2.0]
    """
    return jnp.where(jnp.asarray(x) > threshold, x, default_value)


@register("sparse_plus")
def sparse_plus(x):
    """0 up to -1, ``x`` from 1 on, and the parabola ``(x + 1) ** 2 / 4`` between them.

    >>> sparse_plus(jnp.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.25, 2.0]
    """
    return jax.nn.sparse_plus(x)


@register("sparse_sigmoid")
@bounded(0.0, 1.0)
def sparse_sigmoid(x):
    """``min(max((x + 1) / 2, 0), 1)``: a sigmoid that reaches 0 and 1.

    >>> sparse_sigmoid(jnp.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return jax.nn.sparse_sigmoid(x)
