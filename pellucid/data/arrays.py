"""Anything a user may call an array -> one NumPy array (or the JAX array that it already is).

Other libraries are recognised by what their objects can do, never imported.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np

from .._core.errors import DataError
from .formats import standard_format
from .frames import from_frame

DENSE_LIMIT = 4 * 2**30  # bytes; above it a sparse matrix is refused rather than made dense


class Converted(NamedTuple):
    """An array, and its columns' names where it came from a table."""

    array: Any
    columns: tuple[str, ...] = ()


def to_array(value: Any, name: str = "x", floatx: str | None = None) -> Any:
    """`value` as an array in a training format: floats in `floatx`, integers in at most 32 bits.

    Args:
        value: numbers, nested lists, a NumPy or JAX array, a data frame or series, a PyTorch or
            TensorFlow tensor, a SciPy sparse matrix.
        name: what error messages call it.
        floatx: format for floats, default `pellucid`'s floatx (float32).

    Raises:
        DataError: text, Python objects, ragged lists, a single number, 64-bit integers that do
            not fit.

    >>> to_array([[1.0, 2.0]]).dtype, to_array([1, 2]).dtype, to_array(np.zeros(2, "uint8")).dtype
    (dtype('float32'), dtype('int32'), dtype('uint8'))
    """
    return convert(value, name, floatx).array


def convert(value: Any, name: str, floatx: str | None = None) -> Converted:
    """`to_array`, with the column names of a table."""
    columns: tuple[str, ...] = ()
    array = _from_tensor(value, name)
    if array is None and isinstance(value, (list, tuple)):
        array = _from_list(value, name)
    if array is None and not np.isscalar(value):
        table = from_frame(value, name)
        if table is not None:
            array, columns = table
    if array is None:
        array = np.asarray(value)
        if array.dtype == object and array.ndim == 0:
            raise DataError(
                f"{name} is not data that Pellucid can read.",
                got=f"an object of type {type(value).__module__}.{type(value).__qualname__}",
                expected="arrays, lists, data frames, or an iterable of batches",
                fix=f"convert it first, for example with np.asarray({name}).",
            )
    if array.ndim == 0:
        raise DataError(
            f"{name} is a single value, not one row per sample.",
            got=repr(value),
            expected="an array whose first dimension counts the samples",
            fix=f"pass a list or array, for example np.array([{name}]).",
        )
    return Converted(standard_format(array, name, floatx), columns)


def is_jax_array(value: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def is_array_like(value: Any) -> bool:
    """True for an object that is itself an array or table of at least one dimension."""
    shape = getattr(value, "shape", None)
    return (shape is not None and len(shape) > 0) or hasattr(value, "to_numpy")


def _from_tensor(value: Any, name: str) -> Any:
    """NumPy, JAX, PyTorch, TensorFlow and SciPy-sparse objects as arrays; None for the rest."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DataError(
            f"{name} is a masked array with {int(np.ma.count_masked(value))} masked values.",
            fix=f"fill them, for example {name}.filled({name}.mean()), or drop their rows.",
        )
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if is_jax_array(value):
        return value
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        tensor = value.detach().cpu()
        if str(tensor.dtype) == "torch.bfloat16":  # NumPy has no such format
            tensor = tensor.float()
        return tensor.numpy()
    if hasattr(value, "todense") and not hasattr(value, "toarray"):  # JAX's sparse arrays
        return np.asarray(value.todense())
    if all(hasattr(value, part) for part in ("dense_shape", "indices", "values")):  # TensorFlow's
        dense = np.zeros([int(size) for size in value.dense_shape], np.asarray(value.values).dtype)
        dense[tuple(np.asarray(value.indices).T)] = np.asarray(value.values)
        return dense
    if hasattr(value, "toarray") and hasattr(value, "nnz"):
        size = int(np.prod(value.shape)) * 4
        if size > DENSE_LIMIT:
            raise DataError(
                f"{name} is a sparse matrix that would take {size / 2**30:.1f} GiB dense.",
                got=f"shape {tuple(value.shape)}, {value.nnz} stored values",
                expected=f"at most {DENSE_LIMIT / 2**30:.0f} GiB once dense",
                fix="pass a generator that yields batches made dense with .toarray().",
            )
        if value.dtype == np.float64:
            value = value.astype(np.float32)
        return value.toarray()
    if type(value).__module__.startswith("tensorflow") and hasattr(value, "numpy"):
        return np.asarray(value.numpy())
    return None


def _from_list(value: list | tuple, name: str) -> Any:
    """Nested lists, or a list of equally shaped arrays, as one array."""
    if not len(value):
        return np.zeros((0,), np.float32)
    if any(is_array_like(part) for part in value):
        parts = [np.asarray(to_array(part, f"{name}[{i}]")) for i, part in enumerate(value)]
        for i, part in enumerate(parts):
            if part.shape != parts[0].shape:
                raise DataError(
                    f"{name} is a list of arrays of different shapes.",
                    got=f"{parts[0].shape} at {name}[0] but {part.shape} at {name}[{i}]",
                    expected="one shape for all samples, or one array per input of the model",
                    fix="pad or crop them to one shape, for example with "
                    "pellucid.utils.pad_sequences.",
                )
        return np.stack(parts)
    try:
        return np.asarray(value)
    except ValueError as error:
        raise _ragged(value, name) from error


def _ragged(value: list | tuple, name: str) -> DataError:
    def length(row: Any) -> int | None:
        return len(row) if isinstance(row, (list, tuple)) else None

    lengths = [length(row) for row in value]
    odd = next((i for i, n in enumerate(lengths) if n != lengths[0]), None)
    if odd is None:
        got = "rows whose own parts differ in length"
    else:
        got = f"{name}[0] has {_count(lengths[0])} but {name}[{odd}] has {_count(lengths[odd])}"
    return DataError(
        f"{name} is ragged: its rows are not all of one length.",
        got=got,
        expected="the same number of values in every row",
        fix="pad them with pellucid.utils.pad_sequences, or repair the odd row.",
    )


def _count(length: int | None) -> str:
    return "no length (a single value)" if length is None else f"{length} values"
