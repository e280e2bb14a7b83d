"""Pooling to a given number of windows, which then overlap or differ in size where they must.

Window `i` of `n` over `size` values runs from ``floor(i * size / n)`` to ``ceil((i + 1) * size /
n)``, as in PyTorch and Keras.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .pool import max_along


def windows(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """First places of the windows over an axis, and the places where they end.

    >>> [places.tolist() for places in windows(5, 3)]
    [[0, 1, 3], [2, 4, 5]]
    """
    numbers = np.arange(count)
    return numbers * size // count, -(-(numbers + 1) * size // count)


def adaptive_average(x: jax.Array, axis: int, count: int) -> jax.Array:
    """Means of `count` windows along an axis: one product with a small matrix.

    >>> adaptive_average(jnp.array([1.0, 2.0, 3.0]), 0, 2).tolist()
    [1.5, 2.5]
    """
    size = x.shape[axis]
    starts, ends = windows(size, count)
    places = np.arange(size)[:, None]
    within = (places >= starts) & (places < ends)  # (size, count)
    shares = jnp.asarray(within / (ends - starts), x.dtype)
    y = lax.dot_general(x, shares, (((axis,), (0,)), ((), ())))  # the windows come last
    return jnp.moveaxis(y, -1, axis)


def adaptive_max(x: jax.Array, axis: int, count: int) -> jax.Array:
    """The largest value of each of `count` windows along an axis; the first of equals counts.

    >>> adaptive_max(jnp.array([3.0, 1.0, 2.0]), 0, 2).tolist()
    [3.0, 2.0]
    """
    size = x.shape[axis]
    if size % count == 0:
        return max_along(x, axis, size // count, size // count, "valid")
    starts, ends = windows(size, count)
    best: Any = jnp.take(x, jnp.asarray(starts), axis=axis)
    for offset in range(1, int((ends - starts).max())):
        # Where a window is over, its last value again, which changes nothing.
        candidate = jnp.take(x, jnp.asarray(np.minimum(starts + offset, ends - 1)), axis=axis)
        best = jnp.where((candidate > best) | jnp.isnan(candidate), candidate, best)
    return best
