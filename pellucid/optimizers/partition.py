"""Different rules for different weights, told apart by their paths."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import jax

from .transforms import Transformation, path_of

# (path, weight) -> the key of its part
Choose = Callable[[str, Any], Hashable]


def keys_of(params: Any, choose: Choose) -> dict[str, Any]:
    """Path of each weight -> the key of its part.

    >>> keys_of({"a/kernel": 1, "a/bias": 2}, lambda path, w: path.endswith("bias"))
    {'a/bias': True, 'a/kernel': False}
    """
    leaves = jax.tree_util.tree_leaves_with_path(params)
    return {path_of(path): choose(path_of(path), leaf) for path, leaf in leaves}


def split(tree: Any, keys: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """A tree like the weights as one flat dictionary, path -> leaf, for each key."""
    parts: dict[Any, dict[str, Any]] = {key: {} for key in keys.values()}
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        parts[keys[path_of(path)]][path_of(path)] = leaf
    return parts


def join(parts: Mapping[Any, Mapping[str, Any]], like: Any) -> Any:
    """What `split` took apart, put together in the form of `like`."""
    leaves = {path: leaf for part in parts.values() for path, leaf in part.items()}
    return jax.tree_util.tree_map_with_path(lambda path, _: leaves[path_of(path)], like)


def partitioned(rules: Mapping[Any, Transformation], choose: Choose) -> Transformation:
    """Each weight by the rule that `choose` names for it; the state is one part per rule.

    Args:
        rules: key -> the transformation of its weights.
        choose: ``(path, weight) -> key``.
    """

    def init(params: Any) -> dict[Any, Any]:
        parts = split(params, keys_of(params, choose))
        return {key: rule.init(parts.get(key, {})) for key, rule in rules.items()}

    def update(gradients: Any, state: Any, params: Any, **extra: Any) -> Any:
        keys = keys_of(params, choose)
        weights, slopes = split(params, keys), split(gradients, keys)
        moved: dict[Any, Any] = {}
        slots: dict[Any, Any] = {}
        for key, rule in rules.items():
            part = slopes.get(key, {}), state[key], weights.get(key, {})
            moved[key], slots[key] = rule.update(*part, **extra)
        return join(moved, params), slots

    return Transformation(init, update)
