"""Scores to probabilities that sum to one."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .bounds import bounded
from .registering import register


@register("softmax")
@bounded(0.0, 1.0)
def softmax(x, axis=-1):
    """Scores to probabilities: ``exp(x)`` divided by its sum along `axis`.

    Args:
        x: scores, ``(..., classes)`` for the default axis.
        axis: the axis (or axes) of the classes.

    >>> softmax(jnp.array([[1.0, 1.0]])).tolist()
    [[0.5, 0.5]]
    """
    return jax.nn.softmax(x, axis=axis)


@register("log_softmax")
def log_softmax(x, axis=-1):
    """The logarithm of `softmax`, without its overflow.

    >>> round(float(log_softmax(jnp.array([0.0, 0.0]))[0]), 4)
    -0.6931
    """
    return jax.nn.log_softmax(x, axis=axis)


@register("sparsemax")
def sparsemax(x, axis=-1):
    """Scores to probabilities as `softmax` does, but low scores get a probability of exactly 0.

    The point of the simplex nearest to the scores: a threshold is taken off all of them so that
    what stays above zero sums to one.

    Args:
        x: scores, ``(..., classes)`` for the default axis.
        axis: the axis of the classes.

    >>> sparsemax(jnp.array([2.0, 1.5, -1.0])).tolist()
    [0.75, 0.25, 0.0]

    Martins and Astudillo, "From softmax to sparsemax", arXiv:1602.02068.
    """
    x = jnp.asarray(x)
    scores = jnp.moveaxis(x, axis, -1)  # (..., classes)
    falling = -jnp.sort(-scores, axis=-1)
    totals = jnp.cumsum(falling, axis=-1)
    count = jnp.arange(1, scores.shape[-1] + 1, dtype=scores.dtype)
    kept = jnp.sum(1 + count * falling > totals, axis=-1, keepdims=True)  # scores that stay
    total_kept = jnp.take_along_axis(totals, kept - 1, axis=-1)
    threshold = (total_kept - 1) / kept.astype(scores.dtype)
    return jnp.moveaxis(jnp.maximum(scores - threshold, 0), -1, axis)
