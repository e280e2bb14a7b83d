"""Limits on gradients: entry by entry, tensor by tensor, and on all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from .transforms import Transformation


def squared_norm(x: jax.Array) -> jax.Array:
    """The sum of squares, in float32 at least: half precision would overflow."""
    return jnp.sum(jnp.square(x.astype(jnp.promote_types(x.dtype, jnp.float32))))


def clip_by_value(gradients: Any, limit: Any) -> Any:
    """Every entry into [-limit, limit].

    >>> clip_by_value({"w": jnp.array([-3.0, 0.5])}, 1.0)["w"].tolist()
    [-1.0, 0.5]
    """
    return jax.tree.map(lambda g: jnp.clip(g, -limit, limit).astype(g.dtype), gradients)


def clip_by_norm(gradients: Any, limit: Any) -> Any:
    """Every tensor by itself scaled down to Euclidean norm `limit` where its norm is larger.

    >>> [round(x, 6) for x in clip_by_norm({"w": jnp.array([3.0, 4.0])}, 1.0)["w"].tolist()]
    [0.6, 0.8]
    """

    def clip(g: jax.Array) -> jax.Array:
        norm = jnp.sqrt(squared_norm(g))
        return (g * (limit / jnp.maximum(norm, limit))).astype(g.dtype)

    return jax.tree.map(clip, gradients)


def clip_by_global_norm(gradients: Any, limit: Any) -> Any:
    """All tensors scaled by one factor, so that their joint norm is at most `limit`.

    An infinite or undefined norm makes every entry NaN, as in Keras: a broken step stays visible.

    >>> clipped = clip_by_global_norm({"a": jnp.array([3.0]), "b": jnp.array([4.0])}, 1.0)
    >>> [round(float(x[0]), 6) for x in clipped.values()]
    [0.6, 0.8]
    """
    norm = jnp.sqrt(sum(map(squared_norm, jax.tree.leaves(gradients)), jnp.zeros(())))
    scale = limit / jnp.maximum(norm, limit) + (norm - norm)
    return jax.tree.map(lambda g: (g * scale).astype(g.dtype), gradients)


_CLIPPERS: dict[str, Callable[[Any, Any], Any]] = {
    "clipnorm": clip_by_norm,
    "clipvalue": clip_by_value,
    "global_clipnorm": clip_by_global_norm,
}


def clipped(inner: Transformation, hyper: Mapping[str, Any]) -> Transformation:
    """`inner` after the clipping that `hyper` asks for; the state stays `inner`'s."""
    asked = [(clip, hyper[name]) for name, clip in _CLIPPERS.items() if name in hyper]
    if not asked:
        return inner

    def update(gradients: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        for clip, limit in asked:
            gradients = clip(gradients, limit)
        return inner.update(gradients, state, params, **extra)

    return Transformation(inner.init, update)
