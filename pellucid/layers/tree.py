"""The layers inside a layer, and a path for each: read off the attributes, never registered."""

from __future__ import annotations

from collections.abc import Iterator
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
        if name not in layer._not_tracked:
            for child in _layers_in(value):
                found.setdefault(child)
    return list(found)


def walk(root: Any) -> Iterator[tuple[str, Layer]]:
    """Every layer at or under `root` with its path, parents first, shared layers once."""
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
    found: dict[str, Weight] = {}
    for path, layer in walk(root):
        taken: set[str] = set()
        for weight in layer._own_weights:
            name = unique(weight.name, taken)
            taken.add(name)
            full = f"{path}/{name}"
            if weight.seed is None:
                weight.seed, weight.stream = root.root_seed, full
            if not weight.path.endswith(f"/{full}"):
                weight.path = full
            found[full] = weight
    return found
