"""Values of callbacks as JSON and arrays, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from ..._core.errors import ConfigError


def packed(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """`value` ready for JSON; its arrays go into `arrays` under names that begin with `name`.

    Raises:
        ConfigError: something that can be written as neither.

    >>> arrays = {}
    >>> packed({"wait": 2, "best": (np.ones(2), None)}, "c", arrays), list(arrays)
    ({'wait': 2, 'best': {'__tuple__': [{'__array__': 'c/best/0'}, None]}}, ['c/best/0'])
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (np.ndarray, jax.Array)):
        arrays[name] = np.array(value)
        return {"__array__": name}
    if isinstance(value, dict):
        return {str(k): packed(v, f"{name}/{k}", arrays) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        items = [packed(item, f"{name}/{n}", arrays) for n, item in enumerate(value)]
        return {"__tuple__": items} if isinstance(value, tuple) else items
    if isinstance(value, (set, frozenset)):
        return {"__set__": sorted(packed(item, name, arrays) for item in value)}
    raise ConfigError(
        f"The state of a callback holds something that cannot be written to a checkpoint: {name}.",
        got=type(value).__name__,
        expected="numbers, text, arrays, and lists or dictionaries of them",
        fix="leave it out of get_state.",
    )


def unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The inverse of `packed`."""
    if isinstance(value, list):
        return [unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if "__array__" in value:
        return arrays[value["__array__"]]
    if "__tuple__" in value:
        return tuple(unpacked(value["__tuple__"], arrays))
    if "__set__" in value:
        return set(unpacked(value["__set__"], arrays))
    return {key: unpacked(item, arrays) for key, item in value.items()}


def numbered(callbacks: Iterable[Any]) -> list[tuple[str, Any]]:
    """Callbacks that have a state, each with a name: its class and its number among that class."""
    counts: dict[str, int] = {}
    found = []
    for callback in callbacks:
        kind = type(callback).__name__
        counts[kind] = counts.get(kind, 0) + 1
        if hasattr(callback, "get_state") and hasattr(callback, "set_state"):
            found.append((f"{kind} {counts[kind]}", callback))
    return found
