"""The parts of a network that files keep, each at the place where Keras's files have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
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
    found: dict[str, Part] = {}
    seen: set[int] = set()
    for place, part in _walk(root, "", seen):
        found[place] = part
    return found


def _walk(part: Part, place: str, seen: set[int]) -> Iterator[tuple[str, Part]]:
    if id(part) in seen:
        return
    seen.add(id(part))
    yield place, part
    attributes = getattr(part, "saved_attributes", None)
    for name, value in attributes() if attributes is not None else ():
        inner = f"{place}/{name}" if place else name
        if is_part(value):
            yield from _walk(value, inner, seen)
        elif isinstance(value, (list, tuple, dict)):
            yield from _walk_container(value, inner, seen, set())


def _walk_container(
    container: Any, place: str, seen: set[int], containers: set[int]
) -> Iterator[tuple[str, Part]]:
    if id(container) in containers:
        return
    containers.add(id(container))
    taken: dict[str, int] = {}
    for value in container.values() if isinstance(container, dict) else container:
        if is_part(value):
            yield from _walk(value, f"{place}/{_numbered(name_of(value), taken)}", seen)
        elif isinstance(value, (list, tuple, dict)):
            inner = f"{place}/{_numbered('container', taken)}"
            yield from _walk_container(value, inner, seen, containers)


def is_part(value: Any) -> bool:
    """Whether `value` has variables of its own to keep."""
    return not isinstance(value, type) and isinstance(value, Part)


def name_of(part: Part) -> str:
    """The name of a part in a list: its class's, as Keras calls the class."""
    return snake_case(getattr(part, "saved_class_name", None) or type(part).__name__)


def _numbered(name: str, taken: dict[str, int]) -> str:
    taken[name] = number = taken.get(name, -1) + 1
    return f"{name}_{number}" if number else name
