"""Random numbers for the rows of a batch: a row's depend on the key and its position alone.

So rows that fill up a batch leave the numbers of the real ones as they are.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from ..dropout import random_bits


def uniform(
    key: jax.Array, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0
) -> jax.Array:
    """Evenly spread float32 numbers, `low` included; axis 0 counts the rows.

    >>> import jax
    >>> few, many = (uniform(jax.random.key(0), (rows, 2)) for rows in (2, 5))
    >>> bool((few == many[:2]).all())
    True
    """
    share = (random_bits(key, shape) >> 8).astype(jnp.float32) * 2.0**-24
    return low + share * (high - low)


def integers(key: jax.Array, shape: tuple[int, ...], low: int, high: int) -> jax.Array:
    """Whole int32 numbers from `low` to `high`, both included."""
    drawn = jnp.floor(uniform(key, shape, low, high + 1)).astype(jnp.int32)
    return jnp.minimum(drawn, high)


def happens(key: jax.Array, rows: int, low: float, high: float) -> jax.Array:
    """(rows,) bool: true with a probability that is itself drawn between `low` and `high`."""
    drawn = uniform(key, (rows, 2))
    return drawn[:, 0] < low + drawn[:, 1] * (high - low)


def permutation(key: jax.Array, rows: int, valid: Any = None) -> jax.Array:
    """(rows,) int32: a random partner for each row, the real rows among themselves.

    Args:
        key: a JAX random key.
        rows: how many.
        valid: (rows,) bool, the real rows; the others are their own partners. All when missing.

    >>> import jax
    >>> order = permutation(jax.random.key(0), 5, jax.numpy.arange(5) < 3)
    >>> sorted(order[:3].tolist()), order[3:].tolist()
    ([0, 1, 2], [3, 4])
    """
    real = jnp.ones(rows, bool) if valid is None else valid.astype(bool)
    rank = jnp.where(real, uniform(key, (rows,)), 2.0)  # what fills the batch is sorted to the end
    shuffled = jnp.argsort(rank).astype(jnp.int32)
    place = jnp.cumsum(real) - 1  # a real row's place among the real rows
    return jnp.where(real, shuffled[place], jnp.arange(rows)).astype(jnp.int32)


def beta(key: jax.Array, rows: int, alpha: Any) -> jax.Array:
    """(rows,) numbers of the distribution Beta(alpha, alpha), alpha above 0.

    In closed form from two even draws, by way of Student's t with ``2 alpha`` degrees of freedom
    (Devroye, "Random variate generation in one line of code", 1996), where JAX's own sampler
    takes seconds to compile.
    """
    share = uniform(key, (rows, 2))
    cosine = jnp.cos(2 * math.pi * share[:, 1])
    square = jnp.expm1(-jnp.log(share[:, 0]) / alpha) * cosine**2  # t squared over its freedom
    return 0.5 + jnp.sign(cosine) * 0.5 / jnp.sqrt(1 + 1 / square)


def dirichlet(key: jax.Array, number: int, alpha: float) -> jax.Array:
    """(number,) shares that sum to 1, of the symmetric Dirichlet distribution."""
    if alpha != 1:
        return jax.random.dirichlet(key, jnp.full(number, alpha, jnp.float32))
    waits = -jnp.log1p(-uniform(key, (number,)))  # exponential: its special case, much cheaper
    return waits / jnp.sum(waits)
