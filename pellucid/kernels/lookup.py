"""Rows of a table by number: the embedding, and how its gradient is gathered."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

# Up to this many entries the one-hot matrix is small enough for a product to beat the scatter,
# which XLA's CPU backend runs one row at a time.
ONE_HOT_LIMIT = 2**22


def lookup_plain(table: Any, indices: Any) -> jax.Array:
    """What `lookup` computes, as one would write it."""
    return jnp.take(table, indices, axis=0)


def lookup(table: jax.Array, indices: jax.Array) -> jax.Array:
    """The rows of `table` that `indices` name.

    Args:
        table: (rows, features)
        indices: whole numbers of any shape; negative ones count from the end, and one outside the
            table gives a row of NaN, as Keras on JAX does.

    Returns:
        (*indices.shape, features)

    >>> lookup(jnp.array([[1.0], [2.0]]), jnp.array([1, 0, 1])).ravel().tolist()
    [2.0, 1.0, 2.0]
    """
    rows = table.shape[0]
    return _lookup(table, jnp.where(indices < 0, indices + rows, indices), rows)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _lookup(table: jax.Array, indices: jax.Array, rows: int) -> jax.Array:
    outside = jnp.where((indices < 0) | (indices >= rows), rows, indices)
    return jnp.take(table, outside, axis=0, mode="fill")


def _forward(table: jax.Array, indices: jax.Array, rows: int) -> Any:
    return _lookup(table, indices, rows), indices


def _backward(rows: int, indices: Any, dy: jax.Array) -> Any:
    flat = indices.reshape(-1)  # (count,)
    flat_dy = dy.reshape(-1, dy.shape[-1])  # (count, features)
    if rows * flat.shape[0] <= ONE_HOT_LIMIT:
        hot = (flat[:, None] == jnp.arange(rows, dtype=flat.dtype)).astype(dy.dtype)
        dtable = lax.dot_general(hot, flat_dy, (((0,), (0,)), ((), ())))  # (rows, features)
    else:
        inside = jnp.where(flat < 0, rows, flat)
        dtable = jnp.zeros((rows, dy.shape[-1]), dy.dtype).at[inside].add(flat_dy, mode="drop")
    return dtable, None


_lookup.defvjp(_forward, _backward)
