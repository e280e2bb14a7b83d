"""Two public data sets exist only as pickles: read them without letting the pickle do anything.

IMDB's word lists and CIFAR-10's Python batches were written by `pickle`, which can call any
function it names. Here a name resolves to one of three inert stand-ins defined below, or the file
is refused: neither NumPy's own reconstruction functions nor anything else can be reached.
"""

from __future__ import annotations

import pickle
from typing import IO, Any

import numpy as np

from .._core.errors import FileFormatError


class _ArrayClass:
    """Stands for the class `numpy.ndarray`, which the pickles only mention."""


class _Dtype:
    """Stands for `numpy.dtype`: keeps the letter code."""

    __slots__ = ("code",)

    def __init__(self, code: Any = "", *_: Any):
        self.code = code.decode("ascii", "replace") if isinstance(code, bytes) else str(code)

    def __setstate__(self, state: Any) -> None:
        pass


class _Array:
    """Stands for an array: its content is a list, or bytes of unsigned 8-bit numbers."""

    __slots__ = ("content",)

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, _, data = state
        count = int(np.prod([int(n) for n in shape], dtype=np.int64))
        if isinstance(data, list) and dtype.code.startswith(("O", "|O")):
            self.content: Any = data
        elif isinstance(data, bytes) and dtype.code in ("u1", "|u1") and len(data) == count:
            self.content = np.frombuffer(data, np.uint8).reshape(shape)
        else:
            raise pickle.UnpicklingError("an array of an unexpected kind")


def _reconstruct(*_: Any) -> _Array:
    return _Array()


_STAND_INS = {
    ("numpy", "ndarray"): _ArrayClass,
    ("numpy", "dtype"): _Dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
}


class _InertUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}") from None


def load_inert(stream: IO[bytes], what: str, encoding: str = "ASCII") -> Any:
    """Lists, numbers, dictionaries and simple arrays from a pickle; anything else is refused.

    Args:
        stream: the pickle.
        what: the file, for messages.
        encoding: ``"bytes"`` for files written by Python 2.

    Raises:
        FileFormatError: a pickle that names any function, or is damaged.
    """
    try:
        value = _InertUnpickler(stream, encoding=encoding).load()
    except Exception as error:  # a hostile or truncated pickle can raise anything
        raise FileFormatError(
            f"{what} is not the plain data that it should be.",
            got=str(error) or type(error).__name__,
            expected="a pickle of lists, numbers and arrays alone",
            fix="delete it and download it again; if it comes from elsewhere, do not trust it.",
        ) from error
    return value.content if isinstance(value, _Array) else _without_stand_ins(value)


def _without_stand_ins(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: item.content if isinstance(item, _Array) else item for key, item in value.items()
        }
    return value
