"""The averages of gradients and of their squares that Adam and its relatives steer by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from .transforms import Transformation, moving_average, per_tensor

# (gradient, weight, mean, size) -> what to add to the weight
Movement = Callable[[jax.Array, jax.Array, jax.Array, jax.Array], jax.Array]


def mean_square(old: jax.Array, g: jax.Array, decay: Any) -> jax.Array:
    """The average of the squared gradient."""
    return moving_average(old, jnp.square(g), decay)


def largest_size(old: jax.Array, g: jax.Array, decay: Any) -> jax.Array:
    """The largest recent size of the gradient."""
    return jnp.maximum(decay * old, jnp.abs(g))


def by_moments(
    beta_1: Any,
    beta_2: Any,
    movement_at: Callable[[jax.Array], Movement],
    *,
    second: tuple[str, Callable[..., jax.Array]] = ("velocity", mean_square),
    amsgrad: bool = False,
) -> Transformation:
    """A transformation that keeps two averages of the gradient, and moves by them.

    Args:
        beta_1: the memory of the gradient's average, the slot "momentum".
        beta_2: the memory of the second average.
        movement_at: given the number of the update, from 1, the movement of one tensor
            `movement(gradient, weight, mean, size)`. What depends on the number alone is computed
            there, once, and not once a tensor.
        second: the second average: its slot's name and `(old, gradient, beta_2) -> new`.
        amsgrad: move by the largest second average so far.
    """
    slot, size_of = second

    def rule_at(step: jax.Array) -> Any:
        movement = movement_at(step + 1)

        def rule(g: jax.Array, w: jax.Array, momentum: jax.Array, **sizes: jax.Array) -> Any:
            mean = moving_average(momentum, g, beta_1)
            size = size_of(sizes[slot], g, beta_2)
            slots = {"momentum": mean, slot: size}
            if amsgrad:
                size = jnp.maximum(sizes[f"{slot}_hat"], size)
                slots[f"{slot}_hat"] = size
            return movement(g, w, mean, size), slots

        return rule

    names = ["momentum", slot, *([f"{slot}_hat"] if amsgrad else [])]
    return per_tensor(dict.fromkeys(names, 0.0), rule_at)
