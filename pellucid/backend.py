"""Keras's questions about what computes: ``from pellucid import backend as K``.

The operations on arrays are in `pellucid.ops`, and in `jax.numpy`.

>>> backend(), standardize_dtype(float)
('jax', 'float32')
"""

from __future__ import annotations

from typing import Any

from ._core.dtypes import floatx, set_floatx
from ._core.settings import (
    epsilon,
    image_data_format,
    set_epsilon,
    set_image_data_format,
)
from .config import backend
from .layers import Variable
from .utils.session import (
    clear_session,
    get_uid,
    is_keras_tensor,
    standardize_dtype,
)

__all__ = [
    "Variable",
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]


def is_float_dtype(dtype: Any) -> bool:
    """Whether a number format is one of floats.

    >>> is_float_dtype("bfloat16"), is_float_dtype("int8")
    (True, False)
    """
    return standardize_dtype(dtype).startswith(("float", "bfloat"))


def is_int_dtype(dtype: Any) -> bool:
    """Whether a number format is one of whole numbers, with a sign or without.

    >>> is_int_dtype("uint8"), is_int_dtype("bool")
    (True, False)
    """
    return standardize_dtype(dtype).startswith(("int", "uint"))


def result_type(*dtypes: Any) -> str:
    """The format that arithmetic between numbers of these formats gives.

    Args:
        dtypes: formats, or Python's `int` and `float`, which take the others' width.

    >>> result_type("int32", "float32"), result_type("float16", "bfloat16")
    ('float32', 'float32')
    """
    import jax

    if not dtypes:
        return floatx()
    weak: dict[Any, Any] = {bool: "bool", int: 0, "int": 0, float: 0.0, "float": 0.0}
    parts = [
        weak[dtype]
        if isinstance(dtype, (str, type)) and dtype in weak
        else jax.dtypes.canonicalize_dtype(standardize_dtype(dtype)).name
        for dtype in dtypes
    ]
    if all(not isinstance(part, str) for part in parts):
        return floatx() if any(isinstance(part, float) for part in parts) else "int32"
    return jax.numpy.result_type(*parts).name
