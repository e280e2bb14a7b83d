"""What a preprocessing layer is called on, as NumPy: lists, series, frames, text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import jax
import numpy as np

from ..._core.errors import DataError, StateError
from ..base import Layer
from ..prepared import Prepared
from ..symbolic import SymbolicTensor


def who(layer: Layer) -> str:
    """A layer as messages name it; for a part of another, that one."""
    layer = getattr(layer, "owner", None) or layer
    return f"{type(layer).__name__} {layer.name!r}"


def shown(array: np.ndarray) -> str:
    """What an array holds, as messages say it."""
    first = f" such as {array.ravel()[:1].tolist()[0]!r}" if array.size else ""
    return f"{'text' if array.dtype.kind in 'SU' else array.dtype} values{first}"


def as_values(value: Any) -> Any:
    """Lists, scalars, series and frames as NumPy arrays; tensors and arrays as they are."""
    known = (np.ndarray, jax.Array, SymbolicTensor, Prepared)
    if isinstance(value, known) or value is None:
        return value
    if isinstance(value, (list, tuple)) and any(isinstance(item, known) for item in value):
        if any(isinstance(item, (SymbolicTensor, jax.core.Tracer)) for item in value):
            return value
        value = [np.asarray(item) for item in value]
    return np.asarray(value)


def host_array(layer: Layer, value: Any) -> np.ndarray:
    """`value` for work that only the host can do."""
    if isinstance(value, jax.core.Tracer):
        raise StateError(
            f"{who(layer)} works on the host and cannot be part of a compiled function.",
            got=f"a traced value of shape {value.shape}",
            fix="make it the first layer of a model, or call it on the data beforehand.",
        )
    return np.asarray(value)


def as_bytes(layer: Layer, array: np.ndarray, encoding: str = "utf-8") -> list[bytes]:
    """The texts of an array, flat, in UTF-8."""
    kind = array.dtype.kind
    if kind in "biufc":
        raise DataError(
            f"{who(layer)} takes text.",
            got=shown(array),
            expected="an array or list of str",
            fix="use IntegerLookup for whole numbers, Discretization for measurements, or "
            "x.astype(str).",
        )
    plain = encoding.lower().replace("-", "") in ("utf8", "ascii")
    flat = array.ravel().tolist()
    if kind == "S":
        return flat if plain else [text.decode(encoding).encode() for text in flat]
    try:
        return [
            text.encode("utf-8", "surrogatepass")
            if isinstance(text, str)
            else (text if plain else text.decode(encoding).encode())
            if isinstance(text, bytes)
            else _refuse(layer, place, text)
            for place, text in enumerate(flat)
        ]
    except UnicodeDecodeError as error:
        raise DataError(
            f"{who(layer)} was given bytes that are not {encoding}.",
            got=str(error),
            fix="name the encoding of the texts: encoding='latin-1', say.",
        ) from None


def _refuse(layer: Layer, place: int, value: Any) -> Any:
    missing = value is None or value != value
    raise DataError(
        f"{who(layer)} takes text, and value {place} is {'missing' if missing else 'none'}.",
        got=f"{value!r} ({type(value).__name__})",
        expected="str in every row",
        fix="fill or drop the missing ones: column.fillna('')."
        if missing
        else "column.astype(str), or repair the rows.",
    )


def as_integers(layer: Layer, array: np.ndarray) -> np.ndarray:
    """Whole numbers as int64."""
    if array.dtype.kind == "f" and array.size and np.all(array == np.floor(array)):
        return array.astype(np.int64)
    if array.dtype.kind not in "biu" and array.size:
        raise DataError(
            f"{who(layer)} takes whole numbers.",
            got=shown(array),
            expected="integers",
            fix="use StringLookup for text and Discretization for measurements.",
        )
    return array.astype(np.int64)


def batches(layer: Layer, data: Any, steps: int | None = None) -> Iterator[np.ndarray]:
    """The data of `adapt`: one array, or an iterable's batches, of tuples the first part.

    Raises:
        DataError: data that is none, an iterable without end, or text that is no list.
    """
    if isinstance(data, (str, bytes, dict)) or not (
        isinstance(data, Iterable) or hasattr(data, "__array__")
    ):
        raise DataError(
            f"{who(layer)} cannot be adapted on this.",
            got=f"{type(data).__name__} {data!r}"[:80],
            expected="an array, a list, a column, or an iterable of batches",
            fix="layer.adapt([text])."
            if isinstance(data, (str, bytes))
            else "pass one column: layer.adapt(table['name']).",
        )
    if isinstance(data, (list, tuple, np.ndarray)) or hasattr(data, "__array__"):
        yield _array(layer, data)
        return
    for batch in islice(data, steps):
        yield _array(layer, batch[0] if isinstance(batch, tuple) else batch)


def _array(layer: Layer, data: Any) -> np.ndarray:
    try:
        array = np.asarray(data)
    except ValueError:  # rows of different lengths: a document each
        array = np.empty(len(data), object)
        array[:] = [np.asarray(row) for row in data]
    if array.size == 0:
        raise DataError(
            f"{who(layer)} was adapted on no data.",
            got="0 samples",
            fix="pass the training data: layer.adapt(x_train).",
        )
    return array
