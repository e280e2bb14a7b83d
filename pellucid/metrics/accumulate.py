"""Running totals that do not stop growing.

A float32 total of ones stands still at 2**24, about 16.8 million. A total here is a pair (sum, what
the sum has lost to rounding), exact to some 48 bits, so an epoch may have any length.

Knuth, The Art of Computer Programming, volume 2, section 4.2.2 (the error of one addition).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


class Total(np.ndarray):
    """An empty total; its kind tells that the first axis is the sum and its rounding."""


def zeros(*shape: int) -> Any:
    """An empty total of the given shape, as ``(2, *shape)`` float32; NumPy: nothing to compile.

    >>> zeros(3).shape
    (2, 3)
    """
    return np.zeros((2, *shape), np.float32).view(Total)


def add(total: jax.Array, amount: Any) -> jax.Array:
    """`total` and `amount` together.

    >>> running = add(add(zeros(), 2.0**24), 1.0)
    >>> read(add(running, 1.0)).item() - 2.0**24
    2.0
    """
    amount = jnp.asarray(amount, jnp.float32)
    total = jnp.asarray(total, jnp.float32)
    high, low = total[0], total[1]
    rough = high + amount
    shadow = rough - high
    lost = (high - (rough - shadow)) + (amount - shadow)
    low = low + jnp.where(jnp.isfinite(rough), lost, 0.0)  # infinity minus infinity is no error
    exact = rough + low
    return jnp.stack([exact, jnp.where(jnp.isfinite(exact), low - (exact - rough), 0.0)])


def read(total: jax.Array) -> jax.Array:
    """The value of a total, rounded to float32."""
    return total[0] + total[1]
