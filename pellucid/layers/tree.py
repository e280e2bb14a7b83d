"""The layers inside a layer, and a path for each: read off the attributes, never registered."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Layer
    from .weight import Weight


def unique(name: str, taken: set[str]) -> str:
    """`name`, or `name_1`, `name_2`, ... : the first that is not taken.

    >>> unique("dense", {"dense", "dense_1"})
    'dense_2'
    """
    if name not in taken:
        return name
    number = 1
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


layer_class: Any = ()  # `Layer`, which imports this module and then names itself here


def _layers_in(value: Any) -> Iterator[Layer]:
    if isinstance(value, layer_class):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _layers_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _layers_in(item)


def children(layer: Any) -> list[Layer]:
    """The layers held directly by `layer`, in the order they were assigned, each once."""
    found: dict[Layer, None] = {}
    for name, value in vars(layer).items():
        if name not in layer._not_tracked and name != "_looked_up":
            for child in _layers_in(value):
                found.setdefault(child)
    return list(found)


class Structure:
    """The layers and weights under a root, read once for as long as nothing about them changes.

    Args:
        root: a layer or model.
    """

    def __init__(self, root: Any):
        self.root = root
        self.layers: tuple[tuple[str, Layer], ...] = tuple(_walk(root))
        self._changes = [changes(layer) for _, layer in self.layers]
        self._containers = [
            (container, _parts(container))
            for _, layer in self.layers
            for name, value in vars(layer).items()
            if name not in UNTRACKED
            for container in _containers(value)
        ]
        self._derived: dict[Hashable, Any] = {}

    def holds(self) -> bool:
        """Whether the layers, their names and their weights are still those that were read."""
        return all(
            changes(layer) == before
            for (_, layer), before in zip(self.layers, self._changes, strict=True)
        ) and all(_same_parts(container, parts) for container, parts in self._containers)

    def __reduce__(self) -> Any:
        return type(None), ()  # a copy of the root reads its own

    def derived(self, key: Hashable, make: Callable[[Structure], Any]) -> Any:
        """`make(self)`, computed once for each `key`."""
        if key not in self._derived:
            self._derived[key] = make(self)
        return self._derived[key]


UNTRACKED = frozenset(
    {"_weight_attributes", "_own_weights", "_structure", "_call_losses", "_built_on", "_looked_up"}
)
"""Attributes of layers that hold no layers, or whose changes are counted where they happen."""


def changes(layer: Any) -> int:
    """How often what may be a part of `layer` was assigned; `count_change` counts."""
    return layer.__dict__.get("_changes", 0)


def count_change(layer: Any) -> None:
    """Note that a part of `layer` was assigned: another layer, a weight, its name."""
    layer.__dict__["_changes"] = changes(layer) + 1


def structure(root: Any) -> Structure:
    """The structure under `root`, read anew where anything in it has changed."""
    known = root.__dict__.get("_structure")
    if known is None or known.root is not root or not known.holds():
        known = root.__dict__["_structure"] = Structure(root)
    return known


def _containers(value: Any) -> Iterator[Any]:
    """The lists and dictionaries in `value` that may hold layers now or later."""
    if isinstance(value, (list, dict)):
        items = list(value.values() if isinstance(value, dict) else value)
        if not items or any(not isinstance(item, (str, int, float)) for item in items):
            yield value
            for item in items:
                yield from _containers(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _containers(item)


def _parts(container: Any) -> list[Any]:
    return list(container.values() if isinstance(container, dict) else container)


def _same_parts(container: Any, parts: list[Any]) -> bool:
    now = _parts(container)
    return len(now) == len(parts) and all(map(operator.is_, now, parts))


def walk(root: Any) -> Iterator[tuple[str, Layer]]:
    """Every layer at or under `root` with its path, parents first, shared layers once."""
    return iter(structure(root).layers)


def _walk(root: Any) -> Iterator[tuple[str, Layer]]:
    seen: set[Layer] = set()

    def visit(layer: Layer, path: str) -> Iterator[tuple[str, Layer]]:
        seen.add(layer)
        yield path, layer
        taken: set[str] = set()
        for child in layer.sublayers():
            name = unique(child.name, taken)
            taken.add(name)
            if child not in seen:
                yield from visit(child, f"{path}/{name}")

    yield from visit(root, root.name)


def index(root: Any) -> dict[str, Weight]:
    """Every weight at or under `root` by path, in Keras's order.

    A weight met for the first time takes its random stream from the root's seed and its path. The
    path it shows grows as it becomes part of larger networks.
    """
    return dict(structure(root).derived("weights", _index))


def _index(known: Structure) -> dict[str, Weight]:
    root = known.root
    found: dict[str, Weight] = {}
    met: set[int] = set()  # two layers may hold one variable
    seen: set[int] = set()  # a variable may be held by two layers
    for path, layer in known.layers:
        taken: set[str] = set()
        for weight in layer._own_weights:
            if id(weight) in seen:
                continue
            seen.add(id(weight))
            if id(weight) in met:
                continue
            met.add(id(weight))
            name = unique(weight.name, taken)
            taken.add(name)
            full = f"{path}/{name}"
            if weight.seed is None:
                weight.seed, weight.stream = root.root_seed, full
            if not weight.path.endswith(f"/{full}"):
                weight.path = full
            found[full] = weight
    return found


def metrics_in(root: Any) -> list[Any]:
    """The metrics in the attributes of a layer and of those in it, in order, each once.

    Known by what they can do: metrics stand beside the layers, not below them.
    """
    methods = ("update_state", "reset_state", "result")
    found: dict[int, Any] = {}
    for _, layer in walk(root):
        for value in vars(layer).values():
            held = value.values() if isinstance(value, dict) else value
            for one in held if isinstance(value, (list, tuple, dict)) else [value]:
                if all(hasattr(one, method) for method in methods):
                    found.setdefault(id(one), one)
    return list(found.values())
