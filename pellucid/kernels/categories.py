"""Category numbers as rows of zeros and ones, or of counts."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

MODES = ("one_hot", "multi_hot", "count")


def encode(
    ids: jax.Array, mode: str, depth: int, dtype: Any, weights: jax.Array | None = None
) -> jax.Array:
    """Category numbers as ``"int"``, ``"one_hot"``, ``"multi_hot"`` or ``"count"``.

    Args:
        ids: whole numbers; those outside 0 .. depth - 1 count nowhere.
        mode: one row per number (a last axis of size 1 is dropped first), or one row per sample,
            axis 1 holding a sample's numbers, with a 1 for what occurs or with how often it does.
        depth: length of the rows.
        dtype: of the result; for ``"int"`` the numbers stay whole.
        weights: in ``"count"``, what each number adds in place of 1; shaped like `ids`.

    >>> encode(jnp.array([[0, 2, 2]]), "count", 4, "float32").tolist()
    [[1.0, 0.0, 2.0, 0.0]]
    """
    if mode == "int":
        return ids
    if ids.ndim == 0:
        ids = ids[None]
    if mode == "one_hot":
        if ids.ndim > 1 and ids.shape[-1] == 1:
            ids = ids[..., 0]
        return jax.nn.one_hot(ids, depth, dtype=dtype)
    wide = jnp.promote_types(dtype, jnp.float32)  # counts above 256 do not exist in bfloat16
    if ids.ndim <= 2:
        return _scatter(ids, mode, depth, wide, weights).astype(dtype)
    rows = jax.nn.one_hot(ids, depth, dtype=wide)  # (*ids.shape, depth)
    if mode == "multi_hot":
        return rows.max(axis=1).astype(dtype)
    if weights is not None:
        rows = rows * weights[..., None].astype(wide)
    return rows.sum(axis=1).astype(dtype)


def _scatter(ids: Any, mode: str, depth: int, dtype: Any, weights: Any) -> jax.Array:
    """Rows written at the places that occur: no (batch, numbers, depth) array in between."""
    flat = ids if ids.ndim == 2 else ids[None]  # (samples, numbers)
    places = jnp.where(flat < 0, depth, flat).astype(jnp.int32)  # negative ones would wrap around
    samples = jnp.arange(len(flat))[:, None]
    target = jnp.zeros((len(flat), depth), dtype).at[samples, places]
    if mode == "multi_hot":
        rows = target.set(1, mode="drop")
    elif weights is None:
        rows = target.add(1, mode="drop")
    else:
        rows = target.add(weights.reshape(flat.shape).astype(dtype), mode="drop")
    return rows if ids.ndim == 2 else rows[0]
