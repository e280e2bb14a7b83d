"""What can be laid around any chain: summed gradients, scaled losses, averaged weights."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from .transforms import Transformation, copied, filled_like


def accumulated(inner: Transformation, every: int) -> Transformation:
    """`inner` on the mean of `every` gradients, once in so many steps; in between nothing moves.

    The state is ``{"accumulated": the sum so far, "inner": ...}``. `inner` counts its own updates.
    """

    def init(params: Any) -> dict[str, Any]:
        zeros = jax.tree.map(lambda w: filled_like(w, 0.0), params)
        return {"accumulated": zeros, "inner": inner.init(params)}

    def update(gradients: Any, state: Any, params: Any, *, step: jax.Array, **extra: Any) -> Any:
        total = jax.tree.map(jnp.add, gradients, state["accumulated"])

        def move() -> Any:
            mean = jax.tree.map(lambda g: (g / every).astype(g.dtype), total)
            moved, slots = inner.update(mean, state["inner"], params, step=step // every, **extra)
            return moved, {"accumulated": jax.tree.map(jnp.zeros_like, total), "inner": slots}

        def wait() -> Any:
            still = jax.tree.map(jnp.zeros_like, params)
            return still, {"accumulated": total, "inner": state["inner"]}

        return jax.lax.cond((step + 1) % every == 0, move, wait)

    return Transformation(init, update)


def unscaled(inner: Transformation, factor: Any) -> Transformation:
    """`inner` on gradients of a loss that was multiplied by `factor`; the state stays `inner`'s."""

    def update(gradients: Any, state: Any, params: Any = None, **extra: Any) -> Any:
        gradients = jax.tree.map(lambda g: (g / factor).astype(g.dtype), gradients)
        return inner.update(gradients, state, params, **extra)

    return Transformation(inner.init, update)


def averaged(
    inner: Transformation, momentum: Any, overwrite_every: int | None, updates_every: int = 1
) -> Transformation:
    """`inner`, and the exponential average of the weights that it makes.

    The state is ``{"average": tree like the weights, "inner": ...}``.

    Args:
        inner: what moves the weights.
        momentum: the memory of the average. The first update starts the average afresh.
        overwrite_every: after so many updates the weights become their average; None for never.
        updates_every: how many steps make one update.
    """

    def init(params: Any) -> dict[str, Any]:
        return {"average": jax.tree.map(copied, params), "inner": inner.init(params)}

    def update(gradients: Any, state: Any, params: Any, *, step: jax.Array, **extra: Any) -> Any:
        moved, slots = inner.update(gradients, state["inner"], params, step=step, **extra)
        updates = step // updates_every
        memory = jnp.where(updates == 0, 0.0, momentum)

        def blend(old: jax.Array, w: jax.Array, u: jax.Array) -> jax.Array:
            return (memory * old + (1 - memory) * (w + u)).astype(old.dtype)

        average = jax.tree.map(blend, state["average"], params, moved)
        if overwrite_every:
            due = (updates + 1) % overwrite_every == 0
            moved = jax.tree.map(lambda u, a, w: jnp.where(due, a - w, u), moved, average, params)
        return moved, {"average": average, "inner": slots}

    return Transformation(init, update)
