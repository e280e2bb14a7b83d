"""Nested lists, tuples and dictionaries of arrays, each leaf with the name a user would give it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._core.errors import DataError
from .arrays import convert, is_array_like

Tree = Any  # an array, or a list, tuple or dictionary of trees


def map_tree(function: Callable[[Any, str], Any], tree: Tree, name: str) -> Tree:
    """`function(leaf, name)` at every leaf; None stays None.

    >>> map_tree(lambda leaf, name: name, {"a": 1, "b": [2, 3]}, "x")
    {'a': "x['a']", 'b': ["x['b'][0]", "x['b'][1]"]}
    """
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {key: map_tree(function, tree[key], f"{name}[{key!r}]") for key in tree}
    if isinstance(tree, (list, tuple)):
        parts = [map_tree(function, part, f"{name}[{i}]") for i, part in enumerate(tree)]
        return type(tree)(parts) if isinstance(tree, list) else tuple(parts)
    return function(tree, name)


def named_leaves(tree: Tree, name: str) -> Iterator[tuple[str, Any]]:
    """`(name, leaf)` for every leaf that is not None, in order.

    >>> list(named_leaves({"a": 1, "b": (2, None)}, "x"))
    [("x['a']", 1), ("x['b'][0]", 2)]
    """
    found: list[tuple[str, Any]] = []
    map_tree(lambda leaf, leaf_name: found.append((leaf_name, leaf)), tree, name)
    yield from found


def to_tree(
    value: Any,
    name: str,
    parts: int | None = 1,
    floatx: str | None = None,
    columns: dict[str, tuple[str, ...]] | None = None,
    fewer: bool = False,
) -> Tree:
    """`value` as an array, or as a list or dictionary of arrays where it holds several.

    Args:
        value: what the user passed.
        name: its name in messages.
        parts: how many arrays the model takes here; None: several if the list holds arrays.
        floatx: format of floats.
        columns: filled with the column names of tables, by leaf name.
        fewer: whether a list may hold less arrays: targets, where some outputs have no loss.
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        inside = _parts_inside(value.values(), parts)
        return {
            key: to_tree(value[key], f"{name}[{key!r}]", count, floatx, columns)
            for key, count in zip(value, inside, strict=True)
        }
    if isinstance(value, (list, tuple)):
        holds_arrays = any(part is None or is_array_like(part) for part in value)
        inside = _parts_inside(value, parts)
        if fewer and holds_arrays and parts is not None and sum(inside) < parts:
            parts = len(value) if len(value) > 1 else None
        if parts is not None and parts > 1 and sum(inside) != parts:
            raise DataError(
                f"{name} has {len(value)} parts but the model takes {parts} arrays there.",
                got=f"a {type(value).__name__} of {len(value)}",
                expected=f"a list of {parts} arrays, or a dictionary with their names",
                fix=f"pass {name}=[{', '.join(f'{name}{i}' for i in range(1, parts + 1))}].",
            )
        if (parts is None and holds_arrays) or (parts is not None and parts > 1):
            return [
                to_tree(part, f"{name}[{i}]", count, floatx, columns)
                for i, (part, count) in enumerate(zip(value, inside, strict=True))
            ]
        if len(value) == 1 and holds_arrays:  # Keras's [x] for a model of one input
            return to_tree(value[0], name, 1, floatx, columns)
    array, names = convert(value, name, floatx)
    if names and columns is not None:
        columns[name] = names
    return array


def _parts_inside(values: Iterable[Any], parts: int | None) -> list[int]:
    """How many of a structure's `parts` arrays each of its values holds: 1, unless it is nested."""
    values = list(values)
    counts = [_count(value) for value in values]
    nested = parts is not None and parts > len(values) and sum(counts) == parts
    return counts if nested else [1] * len(values)


def _count(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_count, value.values()))
    if isinstance(value, (list, tuple)) and any(map(is_array_like, value)):
        return sum(map(_count, value))
    return 1
