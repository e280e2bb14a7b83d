"""Nested structures under `keras.tree`'s names: lists, tuples, dictionaries and what is in them.

A structure is a list, tuple, named tuple, deque or dictionary, of exactly these types; anything
else, None among it, is a leaf. Dictionaries are gone through by sorted keys, an `OrderedDict` in
its own order.

>>> flatten({"b": 1, "a": [2, (3,)]})
[2, 3, 1]
>>> map_structure(lambda x: 10 * x, {"b": 1, "a": [2, (3,)]})
{'b': 10, 'a': [20, (30,)]}
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ._core.errors import ArgumentTypeError, ConfigError

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]

_SEQUENCES = (list, tuple, deque)
_DICTIONARIES = (dict, OrderedDict, defaultdict)


class MAP_TO_NONE:  # noqa: N801 - Keras's name
    """What a function given to `traverse` returns to put None in a place."""


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a list, tuple, deque or dictionary, even an empty one.

    >>> is_nested([]), is_nested({"a": 1}), is_nested("text"), is_nested(None)
    (True, True, False, False)
    """
    return type(structure) in (*_SEQUENCES, *_DICTIONARIES) or _is_named_tuple(structure)


def flatten(structure: Any) -> list[Any]:
    """The leaves of a structure, in order; a leaf alone becomes a list of one.

    >>> flatten({"z": 1, "y": [2, None]}), flatten(3)
    ([2, None, 1], [3])
    """
    return [leaf for _, leaf in _walk(structure, ())]


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Pairs of (path, leaf), a path being the keys and positions on the way.

    >>> flatten_with_path([{"foo": 42}])
    [((0, 'foo'), 42)]
    """
    return list(_walk(structure, ()))


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """`func` of the leaves of one or more structures of the same form, in that form.

    Args:
        func: takes as many arguments as there are structures.
        structures: of the same form.
        none_is_leaf: False leaves None as it is.

    Raises:
        ValueError: no structures, or different forms.

    >>> map_structure(lambda x, y: x + y, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    _check_callable("map_structure", func)
    if not structures:
        raise ConfigError(
            "map_structure was given no structure.", fix="map_structure(func, structure)."
        )

    def visit(first: Any, *others: Any) -> Any:
        if not is_nested(first):
            for other in others:
                if is_nested(other) or (not none_is_leaf and (first is None) != (other is None)):
                    raise _different(first, other)
            return None if first is None and not none_is_leaf else func(first, *others)
        return _rebuild(first, [visit(*group) for group in _side_by_side(first, others)])

    return visit(*structures)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """`func` of what lies in `structures` where `shallow_structure` has leaves.

    Args:
        shallow_structure: says how deep to go; its leaves are not used, and are not None.
        func: takes as many arguments as there are `structures`.
        structures: of the same form down to there.

    Raises:
        ValueError: no structures, or different forms.

    >>> map_structure_up_to([0, 0], len, [[1, 1], [2]])
    [2, 1]
    """
    _check_callable("map_structure_up_to", func)
    if not structures:
        raise ConfigError(
            "map_structure_up_to was given no structure.",
            fix="map_structure_up_to(shallow, func, structure).",
        )

    def visit(shallow: Any, *others: Any) -> Any:
        if not is_nested(shallow):
            if shallow is None:
                raise ConfigError(
                    "The leaves of the shallow structure must not be None.",
                    got="None",
                    fix="use 0 or True where its leaves are.",
                )
            return func(*others)
        return _rebuild(shallow, [visit(*group) for group in _side_by_side(shallow, others)])

    return visit(shallow_structure, *structures)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """The structure with every part replaced for which `func` gives something but None.

    Args:
        func: takes a part, whole structures and leaves alike; None keeps it, `MAP_TO_NONE` puts
            None in its place.
        structure: what to go through.
        top_down: whether a structure comes before what is in it, and is not gone into when it is
            replaced; else after.

    >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], top_down=False)
    (1, (2,))
    """
    _check_callable("traverse", func)

    def inside(part: Any) -> Any:
        if not is_nested(part):
            return part
        return _rebuild(part, [visit(child) for _, child in _children(part)])

    def visit(part: Any) -> Any:
        part = part if top_down else inside(part)
        given = func(part)
        if given is None:
            return inside(part) if top_down else part
        return None if given is MAP_TO_NONE else given

    return visit(structure)


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """The items of `flat_sequence` in the form of `structure`: the inverse of `flatten`.

    Raises:
        ValueError: more or fewer items than leaves. TypeError: not a sequence.

    >>> pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
    {'b': 3, 'a': (1, 2)}
    """
    try:
        items = list(flat_sequence)
    except TypeError:
        raise ArgumentTypeError(
            "pack_sequence_as takes a sequence of leaves.",
            got=type(flat_sequence).__name__,
            fix="pack_sequence_as(structure, [leaf, ...]).",
        ) from None
    wanted = len(flatten(structure))
    if len(items) != wanted:
        raise ConfigError(
            "The sequence does not fill the structure.",
            got=f"{len(items)} items",
            expected=f"{wanted}, one for each leaf",
            fix="pass what flatten() of a structure of this form gave.",
        )
    supply = iter(items)
    return map_structure(lambda _: next(supply), structure)


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Raise a ValueError unless both have the same form: types, lengths and keys.

    The kinds of dictionaries count as one. `check_types` is accepted and not used, as in Keras.

    >>> assert_same_structure([(0, 1)], [(2, None)])
    """
    if check_types is not None:
        warnings.warn(
            "check_types has no effect; for a looser comparison use assert_same_paths.",
            DeprecationWarning,
            stacklevel=2,
        )
    map_structure(lambda *_: None, a, b)


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise a ValueError unless both have the same paths; a list and a tuple count as one.

    >>> assert_same_paths([0, 1], (2, 3))
    """
    ours, theirs = ({path for path, _ in flatten_with_path(one)} for one in (a, b))
    if ours != theirs:
        raise ConfigError(
            "The two structures do not have the same paths.",
            got=f"only in the first: {_listed(ours - theirs)}; "
            f"only in the second: {_listed(theirs - ours)}",
            fix="pass two structures of the same form.",
        )


def lists_to_tuples(structure: Any) -> Any:
    """The structure with a tuple in the place of every list.

    >>> lists_to_tuples([1, {"a": [2]}])
    (1, {'a': (2,)})
    """
    return traverse(
        lambda part: tuple(part) if isinstance(part, list) else None, structure, top_down=False
    )


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """`func` of every shape in a structure: tuples and lists of whole numbers and None.

    >>> map_shape_structure(len, {"a": (None, 2), "b": [(1, 2, 3)]})
    {'a': 2, 'b': [3]}
    """
    if isinstance(structure, (list, tuple)) and all(
        size is None or isinstance(size, int) for size in structure
    ):
        return func(structure)
    if not is_nested(structure):
        return func(structure)
    return _rebuild(
        structure, [map_shape_structure(func, child) for _, child in _children(structure)]
    )


def _is_named_tuple(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(type(value), "_fields")


def _keys(dictionary: dict[Any, Any]) -> list[Any]:
    if type(dictionary) is OrderedDict:
        return list(dictionary)
    try:
        return sorted(dictionary)
    except TypeError:  # keys of several types: by type, then by value
        return sorted(dictionary, key=lambda key: (type(key).__qualname__, key))


def _children(structure: Any) -> list[tuple[Any, Any]]:
    """(key or position, what is there) of a structure, one level down."""
    if type(structure) in _DICTIONARIES:
        return [(key, structure[key]) for key in _keys(structure)]
    return list(enumerate(structure))


def _walk(structure: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if not is_nested(structure):
        yield path, structure
        return
    for key, child in _children(structure):
        yield from _walk(child, (*path, key))


def _rebuild(like: Any, parts: list[Any]) -> Any:
    """A structure of the type and keys of `like`, with other parts."""
    kind = type(like)
    if kind in _DICTIONARIES:
        by_key = dict(zip(_keys(like), parts, strict=True))
        pairs = [(key, by_key[key]) for key in like]  # in the order that `like` was made in
        if isinstance(like, defaultdict):
            return defaultdict(like.default_factory, pairs)
        return OrderedDict(pairs) if kind is OrderedDict else dict(pairs)
    if _is_named_tuple(like):
        return kind(*parts)
    return deque(parts, like.maxlen) if kind is deque else kind(parts)


def _side_by_side(first: Any, others: tuple[Any, ...]) -> list[list[Any]]:
    """The parts of `first`, each with its counterparts, after checking that there are any."""
    for other in others:
        if type(first) in _DICTIONARIES:
            same = type(other) in _DICTIONARIES and set(first) == set(other)
        else:
            same = type(first) is type(other) and len(first) == len(other)
        if not same:
            raise _different(first, other)
    return [[child, *(other[key] for other in others)] for key, child in _children(first)]


def _different(first: Any, other: Any) -> ConfigError:
    return ConfigError(
        "The structures don't have the same nested structure.",
        got=f"{_outline(first)} beside {_outline(other)}",
        fix="pass structures of the same types, lengths and keys.",
    )


def _outline(value: Any) -> str:
    name = type(value).__name__
    if not is_nested(value):
        return f"a leaf ({name})"
    if type(value) in _DICTIONARIES:
        return f"{name} with keys {list(value)}"
    return f"{name} of {len(value)}"


def _listed(paths: set[Any]) -> str:
    return ", ".join(sorted(map(str, paths))) or "none"


def _check_callable(name: str, func: Any) -> None:
    if not callable(func):
        raise ArgumentTypeError(
            f"{name} takes a function.", got=repr(func), fix=f"{name}(func, structure)."
        )
