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
    """The data of `adapt`: one array, or a stream's batches, of `(x, y)` the first part.

    Rows of different lengths (TensorFlow's ragged tensors) are taken as the values in them.

    Raises:
        DataError: data that is none, an iterable without end, or text that is no list.
    """
    if hasattr(data, "flat_values"):
        data = np.asarray(data.flat_values)
    if isinstance(data, (list, tuple, np.ndarray)) or hasattr(data, "__array__"):
        yield _array(layer, data)
        return
    items = None if isinstance(data, (str, bytes, dict)) else stream_items(data)
    if items is None:
        raise DataError(
            f"{who(layer)} cannot be adapted on this.",
            got=f"{type(data).__name__} {data!r}"[:80],
            expected="an array, a list, a column, or a stream of batches",
            fix="layer.adapt([text])."
            if isinstance(data, (str, bytes))
            else "pass one column: layer.adapt(table['name']).",
        )
    for batch in islice(items, steps):
        values = inputs_of(batch)
        yield _array(layer, getattr(values, "flat_values", values))


def stream_items(data: Any) -> Iterator[Any] | None:
    """The batches of a generator, loader, tf.data.Dataset or PyDataset; None for what is none."""
    if hasattr(data, "as_numpy_iterator"):
        return iter(data.as_numpy_iterator())
    counted = hasattr(data, "__len__") or hasattr(type(data), "num_batches")
    if hasattr(data, "__getitem__") and counted and not hasattr(type(data), "__iter__"):
        known = hasattr(type(data), "num_batches")
        number = data.num_batches if known else len(data)
        if number is None:
            raise DataError(
                f"This {type(data).__name__} never ends, so nothing can be measured on all of it.",
                got="num_batches = None",
                fix="pass some of its batches: adapt(data[i] for i in range(100)).",
            )
        return (data[place] for place in range(int(number)))
    return iter(data) if isinstance(data, Iterable) else None


def inputs_of(batch: Any) -> Any:
    """The inputs of a stream's batch `x`, `(x, y)` or `(x, y, sample_weight)`."""
    if isinstance(batch, tuple):
        return batch[0]
    # PyTorch's loaders give lists; a list of rows is data.
    if isinstance(batch, list) and len(batch) in (1, 2, 3) and np.ndim(batch[0]) > 1:
        first = getattr(batch[0], "shape", None)
        return batch[0] if first is not None else batch
    return batch


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
