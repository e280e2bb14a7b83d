"""Reading `.npz` and `.npy` files from anywhere: plain numbers only, nothing is ever unpickled."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from .._core.errors import DataError, FileFormatError


def load_npz(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file by name; safe on files from strangers.

    Python objects (pickles, which can run code) are refused, sizes are checked against what the
    file really holds before memory is taken, and every member's checksum is verified.

    Args:
        path: the file.

    Raises:
        DataError: no such file.
        FileFormatError: not an .npz file, truncated, damaged, or holding Python objects.

    >>> import tempfile, os
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(os.path.join(folder, "d.npz"), x=np.ones((2, 3)))
    ...     load_npz(os.path.join(folder, "d.npz"))["x"].shape
    (2, 3)
    """
    return read_npz(path)


def read_npz(
    path: str | Path, read_objects: Callable[[IO[bytes]], Any] | None = None
) -> dict[str, np.ndarray]:
    """`load_npz`, with a reader for object arrays where the caller has a safe one."""
    import zipfile
    import zlib

    path = Path(path)
    if not path.is_file():
        raise DataError(
            f"There is no file {path}.",
            got=str(path),
            fix="check the path; an .npz file is written by np.savez('data.npz', x=x, y=y).",
        )
    arrays: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = member.filename.removesuffix(".npy")
                if name == member.filename:
                    continue
                with archive.open(member) as stream:
                    arrays[name] = _read_array(
                        stream, member.file_size, f"{path.name}: {name}", read_objects
                    )
    # RuntimeError: encrypted; MemoryError: a forged size
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, MemoryError) as error:
        raise FileFormatError(
            f"{path} is not an intact .npz file.",
            got=str(error) or type(error).__name__,
            expected="a complete archive written by np.savez",
            fix="it was probably cut short: copy, download or save it again.",
        ) from error
    if not arrays:
        raise FileFormatError(
            f"{path} holds no arrays.",
            got="an archive without .npy members",
            fix="save arrays into it: np.savez('data.npz', x=x, y=y).",
        )
    return arrays


def _read_array(
    stream: IO[bytes], size: int, what: str, read_objects: Callable[[IO[bytes]], Any] | None
) -> Any:
    """One `.npy` stream of `size` bytes."""
    import zipfile
    import zlib

    formats = np.lib.format
    try:
        version = formats.read_magic(stream)
        # Version 3 differs from 2 only in the encoding of field names.
        read_header = (
            formats.read_array_header_1_0 if version[0] == 1 else formats.read_array_header_2_0
        )
        with warnings.catch_warnings():  # about headers that Python 2 wrote
            warnings.simplefilter("ignore", UserWarning)
            shape, fortran_order, dtype = read_header(stream)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise
    except Exception as error:  # NumPy lets its tokenizer's errors through
        raise FileFormatError(
            f"{what} does not start with a NumPy header.",
            got=(str(error) or type(error).__name__).splitlines()[0],
            fix="save the file again with np.savez.",
        ) from error
    if dtype.hasobject:
        if read_objects is not None:
            return read_objects(stream)
        raise FileFormatError(
            f"{what} holds pickled Python objects, which Pellucid never loads: they can run code.",
            got=f"dtype {dtype}",
            expected="numbers",
            fix="save plain numeric arrays; pad ragged ones with pellucid.utils.pad_sequences.",
        )
    promised = math.prod(shape) * dtype.itemsize
    present = size - stream.tell()
    if promised != present or any(n < 0 for n in shape):
        raise FileFormatError(
            f"{what} is not as long as its header says.",
            got=f"{present} bytes",
            expected=f"{promised} bytes for shape {shape} of {dtype}",
            fix="the file is damaged or forged: save it again with np.savez.",
        )
    array = np.empty(math.prod(shape), dtype)
    view = memoryview(array.view(np.uint8).data) if promised else memoryview(b"")
    filled = 0
    while filled < promised:
        count = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError(f"{what} ends after {filled} of {promised} bytes")
        filled += count
    return array.reshape(shape, order="F" if fortran_order else "C")
