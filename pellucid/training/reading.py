"""Reading data whose way into a network begins on the host: text, numbers of 64 bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._core.errors import DataError
from ..data.arrays import is_array_like, to_array
from ..data.tree import to_tree
from ..layers.prepared import Prepared


def reader(model: Any) -> Callable[[Any], Any] | None:
    """How `model` reads its inputs, where it does not take them the usual way."""
    if not model.takes_raw:
        return None
    widths: list[Any] = []

    def read(x: Any) -> Any:
        if isinstance(x, Prepared):
            return x
        if model.graph is None:
            model.start_on(_as_it_is(x, "x"))
        if not model.takes_raw:
            return to_tree(x, "x", 1)
        prepared = model.on_host(_arrays(model, x))
        _same_widths(model, prepared, widths)
        return prepared

    return read


def _arrays(model: Any, x: Any) -> list[Any]:
    """One array per input, in its format."""
    tensors = model.inputs
    if isinstance(x, dict) or (len(tensors) > 1 and isinstance(model.graph.inputs, dict)):
        parts = model.in_order(x)
    elif len(tensors) == 1:
        alone = isinstance(x, (list, tuple)) and len(x) == 1 and is_array_like(x[0])
        parts = [x[0]] if alone else [x]
    else:
        parts = list(x)
    if len(parts) != len(tensors):
        raise DataError(
            f"x has {len(parts)} parts but {model.name!r} takes {len(tensors)} inputs.",
            expected=", ".join(tensor.name for tensor in tensors),
            fix="pass a list with one array per input, or a dictionary by input name.",
        )
    wide = ("string", "int64", "uint64")
    return [
        _as_it_is(part, tensor.name) if tensor.dtype in wide else to_array(part, tensor.name)
        for part, tensor in zip(parts, tensors, strict=True)
    ]


def _as_it_is(value: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:
        raise DataError(
            f"{name} is a list of rows of different lengths.",
            got=f"{type(value).__name__} of {len(value)}",
            fix="join the words of a row to one text: [' '.join(row) for row in x].",
        ) from None
    if array.ndim == 0:
        raise DataError(
            f"{name} is a single value, not one row per sample.",
            got=repr(value)[:80],
            expected="an array whose first dimension counts the samples",
            fix=f"pass a list or array, for example np.array([{name}]).",
        )
    return array


def _same_widths(model: Any, prepared: Prepared, seen: list[Any]) -> None:
    """Batches of a stream become one array: refuse texts whose length varies between them."""
    import jax

    shapes = [tuple(leaf.shape[1:]) for leaf in jax.tree.leaves(prepared)]
    seen[:] = seen or [shapes]
    if shapes != seen[0]:
        first, other = next(
            pair for pair in zip(seen[0], shapes, strict=True) if len(set(pair)) > 1
        )
        raise DataError(
            f"The texts that {model.name!r} reads have other lengths in one batch than in another.",
            got=f"rows of {_width(first)} and then of {_width(other)} words",
            expected="one length for all batches",
            fix="TextVectorization(output_sequence_length=200), say.",
        )


def _width(shape: tuple[int, ...]) -> str:
    return str(shape[-1]) if shape else "1"
