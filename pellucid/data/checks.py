"""What is checked before training: equal lengths, something to learn from, only finite numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core.errors import DataError
from .arrays import is_jax_array
from .tree import Tree, named_leaves

CHUNK = 2**22  # values looked at together


def check_lengths(where: str = "", **trees: Tree) -> int:
    """The number of samples, after checking that all arrays agree on it.

    Args:
        where: context for the message, for example ``"batch 3"``.
        trees: arrays or trees of them under the names that messages show; None is left out.

    Raises:
        DataError: different lengths, or no samples at all.

    >>> check_lengths(x=np.zeros((5, 2)), y=np.zeros(5))
    5
    """
    leaves = [pair for name, tree in trees.items() for pair in named_leaves(tree, name)]
    place = f" in {where}" if where else ""
    if not leaves:
        raise DataError(
            f"There is no data{place}.",
            got="no arrays",
            fix="pass at least one array as x.",
        )
    first_name, first = leaves[0]
    n = len(first)
    for name, leaf in leaves:
        if len(leaf) == n:
            continue
        if len(leaf.shape) == 2 and leaf.shape[1] == n:
            fix = f"{name} looks transposed: pass {name}.T."
        elif len(first.shape) == 2 and first.shape[1] == len(leaf):
            fix = f"{first_name} looks transposed: pass {first_name}.T."
        else:
            fix = "select the same rows of every array."
        raise DataError(
            f"{first_name} has {n} samples but {name} has {len(leaf)}{place}.",
            got=", ".join(f"{name}: {len(leaf)}" for name, leaf in leaves),
            expected="one length for all of them",
            fix=fix,
        )
    if n == 0 or first.size == 0:
        raise DataError(
            f"{first_name} is empty{place}.",
            got=f"shape {tuple(first.shape)}",
            expected="at least one sample of at least one value",
            fix="check the file or the selection that it comes from.",
        )
    return n


def check_finite(
    tree: Tree, what: str = "x", columns: Mapping[str, tuple[str, ...]] | None = None
) -> None:
    """Raise where an array holds NaN or infinity, saying where first and how many.

    One pass of sums, no copy; only an array with a fault is looked at value by value.

    Args:
        tree: array or tree of arrays.
        what: its name in the message.
        columns: leaf name -> names of its columns.

    Raises:
        DataError: with the first row and column and the counts.

    >>> check_finite(np.ones((3, 2)))
    """
    for name, leaf in named_leaves(tree, what):
        if leaf.dtype.kind in "iub" or _sum_is_finite(leaf):
            continue
        fault = _describe_fault(np.asarray(leaf), (columns or {}).get(name, ()))
        if fault:
            raise DataError(
                f"{name} holds values that are not finite numbers.",
                got=fault,
                expected="only finite numbers: one NaN makes every weight NaN after one step",
                fix=f"drop those rows, or fill them: np.nan_to_num({name}), or "
                "sklearn.impute.SimpleImputer; infinities often come from a division by zero "
                "or log(0).",
            )


def _chunks(array: Any) -> Any:
    rows = max(1, CHUNK // max(1, math.prod(array.shape[1:])))
    for start in range(0, len(array), rows):
        yield start, array[start : start + rows]


def _sum_is_finite(array: Any) -> bool:
    # A sum is finite only if every term is; the reverse fails for huge terms, looked at later.
    if is_jax_array(array):
        return math.isfinite(float(array.sum()))
    with np.errstate(over="ignore", invalid="ignore"):
        return all(math.isfinite(float(chunk.sum())) for _, chunk in _chunks(array))


def _describe_fault(array: np.ndarray, columns: tuple[str, ...]) -> str | None:
    nans = infinities = 0
    first: tuple[int, ...] | None = None
    for start, chunk in _chunks(array):
        bad = ~np.isfinite(chunk)
        count = int(bad.sum())
        if count and first is None:
            place = np.unravel_index(int(bad.argmax()), bad.shape)
            first = (start + int(place[0]), *(int(i) for i in place[1:]))
        chunk_nans = int(np.isnan(chunk).sum()) if count else 0
        nans += chunk_nans
        infinities += count - chunk_nans
    if first is None:
        return None
    counts = [f"{nans} NaN"] if nans else []
    counts += [f"{infinities} infinite"] if infinities else []
    where = f"row {first[0]}"
    if array.ndim == 2:
        named = f" ({columns[first[1]]!r})" if first[1] < len(columns) else ""
        where += f", column {first[1]}{named}"
    elif array.ndim == 1 and columns:
        where += f" of {columns[0]!r}"
    elif array.ndim > 2:
        where += f", position {first[1:]}"
    return f"{' and '.join(counts)} of {array.size} values, the first in {where}"
