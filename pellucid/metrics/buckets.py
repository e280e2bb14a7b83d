"""Counts at many thresholds from a histogram of the predictions.

How much weight, of negatives and of positives, lies between one threshold and the next. What lies
above each threshold is summed up once, at the end, not at every batch.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core import settings

from . import accumulate


def empty(limits: np.ndarray, columns: int = 1) -> np.ndarray:
    """No weight anywhere: (sum and its rounding, negative or positive, buckets, columns)."""
    return accumulate.zeros(2, len(limits) + 1, columns)


def add(
    histogram: jax.Array,
    y_true: jax.Array,
    y_pred: jax.Array,
    weight: jax.Array,
    limits: np.ndarray,
) -> jax.Array:
    """`histogram` with one more batch in it.

    Args:
        histogram: from `empty` or `add`.
        y_true: what is not 0 is positive; ``(..., columns)``, or any shape for one column.
        y_pred: predictions, of the same shape.
        weight: of the same shape.
        limits: the thresholds, increasing.
    """
    shape = histogram.shape[1:]  # (2, buckets, columns)
    y_true, y_pred, weight = (x.reshape(-1, shape[2]) for x in (y_true, y_pred, weight))
    positive = (y_true != 0).astype(jnp.int32)  # (samples, columns)
    bucket = thresholds_below(y_pred, limits)
    cell = (positive * shape[1] + bucket) * shape[2] + jnp.arange(shape[2])
    sums = jax.ops.segment_sum(weight.reshape(-1), cell.reshape(-1), math.prod(shape))
    return accumulate.add(histogram, sums.reshape(shape))


def counts(histogram: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """True and false positives, true and false negatives: each ``(thresholds, columns)``."""
    totals = accumulate.read(histogram)  # (2, buckets, columns)
    above = jnp.cumsum(totals[:, ::-1], axis=1)[:, -2::-1]  # (2, thresholds, columns)
    fp, tp = above
    tn, fn = jnp.sum(totals, axis=1, keepdims=True) - above
    return tp, fp, tn, fn


def thresholds_below(y_pred: jax.Array, limits: np.ndarray) -> jax.Array:
    """How many of the increasing `limits` each prediction exceeds.

    >>> thresholds_below(jnp.array([0.0, 0.2, 1.0]), np.array([-1e-7, 0.5, 1.0 + 1e-7])).tolist()
    [1, 1, 2]
    """
    count = len(limits)
    if count >= 2 and np.allclose(limits, np.arange(count) / (count - 1), atol=settings.epsilon()):
        below = jnp.ceil(jnp.clip(y_pred, 0.0, 1.0) * (count - 1))  # Keras's way, to the last bit
        return jnp.maximum(below, 1 if limits[0] < 0 else 0).astype(jnp.int32)
    return jnp.searchsorted(jnp.asarray(limits, jnp.float32), y_pred).astype(jnp.int32)
