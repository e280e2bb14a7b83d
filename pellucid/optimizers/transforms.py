"""The parts that optimisers are put together from: gradient transformations in optax's protocol.

Every one is a pair of pure functions `init(params)` and `update(gradients, state, params, step=)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Transformation(NamedTuple):
    """Optax's protocol. Its own class is not used, so that Optax is loaded only by who uses it."""

    init: Callable[..., Any]
    update: Callable[..., Any]


# (gradient, weight, **slots) -> (what to add to the weight, the new slots)
Rule = Callable[..., tuple[jax.Array, dict[str, jax.Array]]]


def per_tensor(
    initial: Mapping[str, float | Callable[[Any], Any]], rule_at: Callable[[jax.Array], Rule]
) -> Transformation:
    """A transformation from the rule for one tensor.

    Args:
        initial: slot name -> the value that the slot starts from; a slot is an array like the
            weight, kept from step to step (a momentum, an accumulator). A function of the weight
            gives a slot of another shape, or one that does not start at one value.
        rule_at: given the step (int32 scalar, 0 for the first), the rule
            `rule(gradient, weight, **slots) -> (update, new_slots)`. What depends on the step alone
            is computed here, once, and not once a tensor.

    Returns:
        A transformation whose state is `{slot name: tree like the weights}`.
    """

    def init(params: Any) -> dict[str, Any]:
        return {
            name: jax.tree.map(value if callable(value) else partial(_filled, value), params)
            for name, value in initial.items()
        }

    def update(
        gradients: Any, state: dict[str, Any], params: Any, *, step: jax.Array, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        rule = rule_at(step)
        tree: Any
        weights, tree = jax.tree.flatten(params)
        slots = {name: tree.flatten_up_to(state[name]) for name in initial}
        updates: list[jax.Array] = []
        changed: dict[str, list[jax.Array]] = {name: [] for name in initial}
        for index, (g, w) in enumerate(zip(tree.flatten_up_to(gradients), weights, strict=True)):
            old = {name: slots[name][index] for name in initial}
            step_taken, new = rule(g, w, **old)
            updates.append(step_taken.astype(w.dtype))
            for name in initial:
                # arithmetic with float32 scalars must not widen a bfloat16 slot
                changed[name].append(new[name].astype(old[name].dtype))
        return tree.unflatten(updates), {name: tree.unflatten(changed[name]) for name in initial}

    return Transformation(init, update)


def filled_like(weight: Any, value: float, shape: tuple[int, ...] | None = None) -> jax.Array:
    """An array of `value` throughout, like `weight` or of another shape, on the same devices."""
    shape = weight.shape if shape is None else shape
    if isinstance(weight, jax.core.Tracer):
        return jnp.full_like(weight, value, shape=shape)
    # filled on the host: jnp.full would compile a program for every new shape (50 ms each)
    return _placed_like(weight, np.full(shape, value, weight.dtype))


def _filled(value: float, weight: Any) -> jax.Array:
    return filled_like(weight, value)


def copied(weight: Any) -> jax.Array:
    """An array equal to `weight` that shares no memory with it, so that both can be consumed."""
    if isinstance(weight, jax.core.Tracer):
        return jnp.asarray(weight)
    return _placed_like(weight, np.array(weight))


def _placed_like(weight: Any, array: np.ndarray) -> jax.Array:
    # a slot is tied to devices only if its weight is: else the second step would compile again
    tied = getattr(weight, "committed", False)
    if not tied or array.shape == weight.shape:
        return jax.device_put(array, weight.sharding if tied else None)
    return scalar_beside(weight, array)


def scalar_beside(params: Any, value: Any) -> jax.Array:
    """The NumPy value as an array where the weights `params` are, whole on each device."""
    leaves = jax.tree.leaves(params)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
        return jnp.asarray(value)
    places = [leaf.sharding for leaf in leaves if getattr(leaf, "committed", False)]
    if not places:
        return jax.device_put(value)
    place = places[0]
    if isinstance(place, jax.sharding.NamedSharding):
        place = jax.sharding.NamedSharding(place.mesh, jax.sharding.PartitionSpec())
    return jax.device_put(value, place)


def one_minus_power(decay: Any, count: jax.Array) -> jax.Array:
    """`1 - decay**count` without the cancellation that costs float32 four digits at the start.

    >>> round(float(one_minus_power(0.999, jnp.int32(2))), 6)
    0.001999
    """
    return -jnp.expm1(count * jnp.log(decay))


def moving_average(old: jax.Array, new: jax.Array, decay: Any) -> jax.Array:
    """`decay * old + (1 - decay) * new`."""
    return old + (new - old) * (1 - decay)


def decayed(
    inner: Transformation,
    amount: Any,
    excluded: Callable[[str], bool],
) -> Transformation:
    """`inner` on weights that first shrink by the share `amount` (decoupled weight decay).

    Args:
        inner: the rule that then moves the weights.
        amount: learning rate times weight decay.
        excluded: path of a weight -> whether it does not decay.
    """

    def shrink(path: Any, w: jax.Array) -> jax.Array:
        if excluded(path_of(path)):
            return w
        return (w - w * amount).astype(w.dtype)

    def update(gradients: Any, state: Any, params: Any, **extra: Any) -> Any:
        small = jax.tree_util.tree_map_with_path(shrink, params)
        updates, state = inner.update(gradients, state, small, **extra)
        return jax.tree.map(lambda u, s, w: u + (s - w), updates, small, params), state

    return Transformation(inner.init, update)


def path_of(keys: tuple[Any, ...]) -> str:
    """A leaf's position in a tree of weights as text: `"dense/kernel"`."""
    return jax.tree_util.keystr(keys, simple=True, separator="/")


def path_filter(patterns: tuple[str, ...], paths: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a path is one of `paths`, or it or its last part matches one of `patterns`.

    >>> matches = path_filter(("^bias$",), ("dense/kernel",))
    >>> matches("dense/bias"), matches("dense/kernel"), matches("dense_1/kernel")
    (True, True, False)
    """
    regex = re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None

    def matches(path: str) -> bool:
        if path in paths:
            return True
        name = path.rsplit("/", 1)[-1]
        return regex is not None and bool(regex.search(path) or regex.search(name))

    return matches
