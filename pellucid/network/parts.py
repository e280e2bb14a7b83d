"""The parts of a network that files keep, each at the place where Keras's files have it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol, runtime_checkable

from .._core.registry import snake_case


@runtime_checkable
class Part(Protocol):
    """Something with variables of its own: a layer, a model, an optimiser."""

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None: ...

    def load_own_variables(self, store: Mapping[str, Any]) -> None: ...


def parts(root: Part) -> dict[str, Part]:
    """Every part of `root` by its place in a file, once each, where the walk meets it first.

    The place of a part is made of attributes' names, in lists and dictionaries of its class's name.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(2,)), layers.Dense(3), layers.Dense(1)])
    >>> list(parts(model))
    ['', 'layers/dense', 'layers/dense_1']
    """
    return {places[0]: part for part, places in places_of(root)}


def places_of(root: Part) -> list[tuple[Part, list[str]]]:
    """Every part of `root` with all the places that lead to it, the first one first."""
    found: dict[int, tuple[Part, list[str]]] = {}
    _visit(root, "", found)
    return list(found.values())


def _visit(part: Part, place: str, found: dict[int, tuple[Part, list[str]]]) -> None:
    if id(part) in found:
        found[id(part)][1].append(place)
        return
    found[id(part)] = part, [place]
    attributes = getattr(part, "saved_attributes", None)
    for name, value in attributes() if attributes is not None else ():
        inner = f"{place}/{name}" if place else name
        if is_part(value):
            _visit(value, inner, found)
        elif isinstance(value, (list, tuple, dict)):
            _visit_container(value, inner, found, set())


def _visit_container(
    container: Any, place: str, found: dict[int, tuple[Part, list[str]]], containers: set[int]
) -> None:
    if id(container) in containers:
        return
    containers.add(id(container))
    taken: dict[str, int] = {}
    for value in container.values() if isinstance(container, dict) else container:
        if is_part(value):
            _visit(value, f"{place}/{_numbered(name_of(value), taken)}", found)
        elif isinstance(value, (list, tuple, dict)):
            inner = f"{place}/{_numbered('container', taken)}"
            _visit_container(value, inner, found, containers)


def is_part(value: Any) -> bool:
    """Whether `value` has variables of its own to keep."""
    return not isinstance(value, type) and isinstance(value, Part)


def name_of(part: Part) -> str:
    """The name of a part in a list: its class's, as Keras calls the class."""
    return snake_case(getattr(part, "saved_class_name", None) or type(part).__name__)


def _numbered(name: str, taken: dict[str, int]) -> str:
    taken[name] = number = taken.get(name, -1) + 1
    return f"{name}_{number}" if number else name
