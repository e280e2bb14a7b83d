"""Number formats of training data: what is kept, what is narrowed, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import dtypes
from .._core.errors import DataError

_INT32 = np.iinfo(np.int32)


def standard_format(array: Any, name: str, floatx: str | None) -> Any:
    """Floats in floatx, 64-bit integers in 32; everything that is not a number refused."""
    kind, dtype_name = array.dtype.kind, array.dtype.name
    if kind == "f" or dtype_name in ("bfloat16",) or dtype_name.startswith("float8"):
        wanted = floatx or dtypes.floatx()
        # A layer's policy casts what it computes; targets keep float32's precision until then.
        target = "float64" if wanted == "float64" else "float32"
        if dtype_name == target and array.dtype.isnative:
            return array
        with np.errstate(over="ignore"):  # what becomes infinite is found by check_finite
            return array.astype(target)
    if kind == "b":
        return array
    if kind in "iu" and isinstance(array, np.ndarray):
        if array.dtype.itemsize < 8:
            return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
        if array.size and (array.max() > _INT32.max or array.min() < _INT32.min):
            raise DataError(
                f"{name} holds integers that do not fit in 32 bits.",
                got=f"values from {array.min()} to {array.max()}",
                expected=f"integers from {_INT32.min} to {_INT32.max}",
                fix="number the identities densely, ids, codes = np.unique(x, return_inverse=True),"
                " or pass measurements as floats.",
            )
        return array.astype(np.int32)
    if kind in "iu":
        return array
    raise _not_numbers(array, name)


def _not_numbers(array: Any, name: str) -> DataError:
    """The error, with the fix that suits what is really in the array."""
    first = array.reshape(-1)[0] if array.size else None
    got = f"{array.dtype} values" + (f" such as {_brief(first)}" if array.size else "")
    if array.dtype.names:
        fix = f"pass a dictionary of columns: {{k: {name}[k] for k in {name}.dtype.names}}."
    elif isinstance(first, (list, tuple, np.ndarray)):
        fix = f"the rows differ in length: {name} = pellucid.utils.pad_sequences({name})."
    elif isinstance(first, str) or array.dtype.kind in "SU":
        got = f"text such as {_brief(array.reshape(-1)[0])}"
        fix = f"number the distinct texts: classes, {name} = np.unique({name}, return_inverse=True)"
        if name.startswith("x"):
            fix += "; or let the network begin with TextVectorization, StringLookup or Hashing"
    elif array.dtype.kind in "mM":
        fix = f"turn times into numbers: ({name} - {name}.min()) / np.timedelta64(1, 's')."
    elif array.dtype.kind == "c":
        fix = f"pass real and imaginary parts: np.stack([{name}.real, {name}.imag], -1)."
    else:
        fix = f"{name} = {name}.astype('float32'), after replacing None by a number."
    return DataError(
        f"{name} does not hold numbers.",
        got=got,
        expected="floats, integers or booleans",
        fix=fix,
    )


def _brief(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else text[:57] + "..."
