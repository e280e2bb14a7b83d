"""One update of variables in a list, by an optimiser's pure functions over trees."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core.errors import ConfigError
from .memory import Memory


def moved(
    optimizer: Any, memory: Memory, values: list[Any], grads: list[Any], state: Any, hyper: Any
) -> tuple[list[Any], Any]:
    """New values of the memory's variables and the next state; pure.

    Args:
        grads: one array a variable, or None for one that stays as it is.
    """
    keys = list(memory.variables)
    overwritten = [getattr(v, "overwrite_with_gradient", False) for v in _all(memory)]
    still = [g is None or over for g, over in zip(grads, overwritten, strict=True)]
    params = {key: jnp.asarray(v) for key, v in zip(keys, values, strict=True)}
    slopes = {
        key: jnp.zeros_like(params[key]) if rests else jnp.asarray(g)
        for key, g, rests in zip(keys, grads, still, strict=True)
    }
    updates, next_state = optimizer.update(slopes, state, params, hyper)
    stepped = optimizer.apply_updates(params, updates)
    resting = {key for key, rests in zip(keys, still, strict=True) if rests}
    if resting:
        next_state = _resting(next_state, state, resting)
    result = []
    for key, variable, gradient, over in zip(keys, _all(memory), grads, overwritten, strict=True):
        constraint = getattr(variable, "constraint", None)
        if gradient is not None and over:
            result.append(jnp.asarray(gradient).astype(params[key].dtype))
        elif key in resting:
            result.append(params[key])
        else:
            result.append(stepped[key] if constraint is None else constraint(stepped[key]))
    return result, next_state


def _all(memory: Memory) -> list[Any]:
    return list(memory.variables.values())


def _resting(new_state: Any, old: Any, keys: set[str]) -> Any:
    """`moved`, but for the slots of the weights `keys`, which stay as they were."""

    def choose(path: Any, new: Any, before: Any) -> Any:
        return before if any(getattr(k, "key", None) in keys for k in path) else new

    return jax.tree_util.tree_map_with_path(choose, new_state, old)


def array_of(variable: Any) -> Any:
    """The array that a variable holds, for an update that puts another in its place."""
    if not hasattr(variable, "assign") or not hasattr(variable, "value"):
        raise ConfigError(
            "An optimiser moves variables; this is none.",
            got=f"{type(variable).__name__} of shape {np.shape(variable)}",
            expected="variables such as model.trainable_variables",
            fix="pass variables; for arrays use optimizer.stateless_apply(...), or the pure "
            "optimizer.update(...) and optimizer.apply_updates(...).",
        )
    return variable.stored() if hasattr(variable, "stored") else variable.value


def path_of(variable: Any) -> str:
    """What a variable is called in messages and in the state."""
    return str(getattr(variable, "path", getattr(variable, "name", "variable")))


def keyed(variables: list[Any]) -> dict[str, Any]:
    """The variables by path, each once; a path that is taken gets a number."""
    keyed: dict[str, Any] = {}
    seen: set[int] = set()
    for variable in variables:
        if id(variable) in seen:
            continue
        seen.add(id(variable))
        path = key = path_of(variable)
        number = 1
        while key in keyed:
            key, number = f"{path}_{number}", number + 1
        keyed[key] = variable
    return keyed
