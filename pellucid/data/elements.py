"""Elements of a data set: nested tuples and dictionaries of arrays, batched, padded, described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._core import foreign
from .._core.errors import DataError, ShapeError
from .arrays import is_jax_array


class Element(np.ndarray):
    """An array as iteration over a data set gives it: NumPy's, with TensorFlow's `numpy()`.

    >>> number = np.arange(3).view(Element)[1]
    >>> int(number.numpy()), [10, 20, 30][number]
    (1, 20)
    """

    def numpy(self) -> Any:
        """The plain array, number or, of texts, bytes."""
        plain = np.asarray(self)
        if plain.dtype.kind in "OU":
            flat = [t.encode() if isinstance(t, str) else t for t in plain.ravel().tolist()]
            out = np.empty(len(flat), object)
            out[:] = flat
            plain = out.reshape(plain.shape)
        return plain[()]

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return found if isinstance(found, np.ndarray) else _array(found).view(Element)


@dataclass(frozen=True)
class TensorSpec:
    """Shape (None where sizes differ from element to element) and format of an array."""

    shape: tuple[int | None, ...]
    dtype: np.dtype[Any]


def tree(function: Any, *elements: Any) -> Any:
    """`function` of the leaves of elements of one structure: nested tuples and dictionaries."""
    first = elements[0]
    if isinstance(first, Mapping):
        return {key: tree(function, *(element[key] for element in elements)) for key in first}
    if isinstance(first, tuple):
        parts = [tree(function, *parts) for parts in zip(*elements, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    return function(*elements)


def leaves(element: Any) -> list[Any]:
    """The arrays of an element, in order."""
    found: list[Any] = []
    tree(found.append, element)
    return found


def standard(element: Any) -> Any:
    """What a function gave as an element: numbers and lists become arrays, as TensorFlow has it."""
    return tree(_array, element)


def _array(leaf: Any) -> Any:
    if leaf is None or is_jax_array(leaf) or hasattr(leaf, "as_numpy_iterator"):
        return leaf
    if isinstance(leaf, (np.ndarray, np.generic)):
        return np.asarray(leaf)
    if isinstance(leaf, (str, bytes)):
        return np.array(leaf, object)
    array = np.asarray(foreign.to_numpy(leaf))
    if isinstance(leaf, (bool, int, float, list)):  # a Python number has no size of its own
        small = {"float64": np.float32, "int64": np.int32}
        array = array.astype(small.get(array.dtype.name, array.dtype))
    return array.astype(object) if array.dtype.kind == "U" else array


def shown(element: Any) -> Any:
    """The element as iteration gives it."""
    return tree(lambda x: x.view(Element) if type(x) is np.ndarray else x, element)


def plain(element: Any) -> Any:
    """The element in NumPy arrays alone."""
    return tree(lambda x: np.asarray(x) if is_jax_array(x) else x, element)


def stacked(elements: list[Any]) -> Any:
    """A batch of elements."""
    return tree(lambda *arrays: _stack(arrays), *elements)


def _stack(arrays: Any) -> np.ndarray:
    shapes = {np.shape(array) for array in arrays}
    if len(shapes) > 1:
        raise ShapeError(
            "Elements of different shapes cannot be one batch.",
            got=", ".join(map(str, sorted(shapes))),
            fix="padded_batch fills them up; or map them to one shape before batch.",
        )
    return np.stack([np.asarray(array) for array in arrays])


def unstacked(element: Any) -> list[Any]:
    """The rows of a batch as elements."""
    sizes = {len(leaf) for leaf in leaves(element)}
    if len(sizes) != 1:
        raise DataError(
            "The arrays to slice are of different lengths.",
            got=", ".join(map(str, sorted(sizes))),
            expected="one length",
            fix="pass arrays with one row for every sample.",
        )
    return [tree(lambda x, i=i: np.asarray(x[i]), element) for i in range(sizes.pop())]


def padded(elements: list[Any], shapes: Any = None, values: Any = None) -> Any:
    """A batch of elements, each filled up to the largest, or to the shapes given."""
    count = len(leaves(elements[0]))
    wanted = [None] * count if shapes is None else _per_leaf(shapes, elements[0])
    fills = [values] * count if not isinstance(values, (tuple, dict)) else leaves(values)
    each = zip(*map(leaves, elements), strict=True)
    columns = [_fill(*column) for column in zip(each, wanted, fills, strict=True)]
    supply = iter(columns)
    return tree(lambda _: next(supply), elements[0])


def _per_leaf(shapes: Any, element: Any) -> list[Any]:
    """One shape for each array; a shape is itself a tuple or list of sizes."""
    if isinstance(element, Mapping):
        return [s for key in element for s in _per_leaf(shapes[key], element[key])]
    if isinstance(element, tuple):
        parts = zip(shapes, element, strict=True)
        return [s for shape, part in parts for s in _per_leaf(shape, part)]
    return [tuple(shapes)]


def _fill(arrays: Any, shape: Any, value: Any) -> np.ndarray:
    arrays = [np.asarray(array) for array in arrays]
    largest = tuple(map(max, zip(*(a.shape for a in arrays), strict=True)))
    sizes = (
        largest
        if shape is None
        else tuple(
            most if size in (None, -1) else size for size, most in zip(shape, largest, strict=True)
        )
    )
    if any(size < most for size, most in zip(sizes, largest, strict=True)):
        raise ShapeError(
            "padded_batch was given a shape that an element does not fit into.",
            got=f"an element of shape {largest}",
            expected=f"at most {sizes}",
            fix="pass None for the axes that the largest element decides.",
        )
    text = arrays[0].dtype.kind in "OSU"
    filler = value if value is not None else "" if text else 0
    out = np.full((len(arrays), *sizes), filler, object if text else arrays[0].dtype)
    for row, array in zip(out, arrays, strict=True):
        row[tuple(slice(size) for size in array.shape)] = array
    return out
