"""The idx format of the MNIST family: a magic number, sizes, and bytes; gzipped or not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import IO

import numpy as np

from .._core.errors import FileFormatError

MAX_BYTES = 2**34  # far above any real file; a forged header may claim more than exists
_FORMATS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an idx file, whether gzipped or plain, whatever its name ends in.

    Args:
        path: for example ``train-images-idx3-ubyte.gz``.

    Raises:
        FileFormatError: not idx, truncated, too long, or with a wrong gzip checksum.

    The format: http://yann.lecun.com/exdb/mnist/
    """
    import gzip
    import zlib

    path = Path(path)
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            if not zipped:
                return _read(raw, path)
            with gzip.GzipFile(fileobj=raw) as stream:
                return _read(stream, path)  # type: ignore[arg-type]
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FileFormatError(
                f"{path} is damaged.",
                got=str(error) or type(error).__name__,
                expected="a complete gzip file",
                fix="delete it and download it again.",
            ) from error


def _read(stream: IO[bytes], path: Path) -> np.ndarray:
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _FORMATS or not head[3]:
        raise FileFormatError(
            f"{path} is not an idx file.",
            got=f"it starts with the bytes {head.hex(' ') or '(none)'}",
            expected="00 00, a type from 08 to 0e, and the number of dimensions",
            fix="delete it and download it again.",
        )
    dtype = np.dtype(_FORMATS[head[2]])
    sizes = stream.read(4 * head[3])
    shape = tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))
    wanted = math.prod(shape) * dtype.itemsize
    data = stream.read(min(wanted, MAX_BYTES))
    extra = stream.read(1)  # reading past the end also makes gzip compare its checksum
    if len(sizes) != 4 * head[3] or len(data) != wanted or extra:
        raise FileFormatError(
            f"{path} is not as long as its header says.",
            got=f"{'more than ' if extra else ''}{len(data)} bytes",
            expected=f"{wanted} bytes for shape {shape}",
            fix="delete it and download it again.",
        )
    return np.frombuffer(data, dtype).astype(dtype.newbyteorder("=")).reshape(shape)
