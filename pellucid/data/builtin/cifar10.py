"""CIFAR-10: 60,000 colour pictures, 32x32, of ten kinds of things (Krizhevsky 2009)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..._core.errors import FileFormatError
from ..download import RemoteFile, cache_folder, fetch
from ..pickled import load_inert
from ._common import PathLike, Splits

TASK = "classification"
class_names = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
feature_names: tuple[str, ...] = ()
VALUE_RANGE = (0, 255)

# The binary edition holds the same pictures as the pickled one that Keras takes.
FILES = (
    (
        RemoteFile(
            "cifar-10-binary.tar.gz",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
                "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"
                "cifar-10-binary.tar.gz",
            ),
            "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        ),
    ),
)
BINARY, PYTHON = "cifar-10-batches-bin", "cifar-10-batches-py"
BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
PIXELS = 3 * 32 * 32
Reader = Callable[[str], bytes]  # name of a batch -> its file's content


def load_data(*, data_dir: PathLike | None = None) -> Splits:
    """Load CIFAR-10, downloading it (162 MB) the first time.

    Args:
        data_dir: folder that already holds `cifar-10-binary.tar.gz`, `cifar-10-python.tar.gz`, or
            what they unpack to, or where to download to. Files there are read as they are.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 `(50000, 32, 32, 3)`, `(50000, 1)`,
        `(10000, 32, 32, 3)`, `(10000, 1)`; labels by `class_names`.

    Raises:
        DownloadError: no mirror delivered it intact.
        FileFormatError: a damaged file.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    folder = Path(data_dir).expanduser() if data_dir is not None else cache_folder("cifar10")
    if data_dir is not None:
        for kind, ending in ((BINARY, ".bin"), (PYTHON, "")):
            for place in (folder / kind, folder):
                if (place / f"test_batch{ending}").is_file():
                    return _read_folder(place, ending)
        for name in ("cifar-10-binary.tar.gz", "cifar-10-python.tar.gz"):
            if (folder / name).is_file():
                return _read_archive(folder / name)
    return _read_archive(fetch("cifar10", FILES, folder)[0])


def _read_folder(folder: Path, ending: str) -> Splits:
    def content(batch: str) -> bytes:
        path = folder / f"{batch}{ending}"
        if not path.is_file():
            raise FileFormatError(
                f"The folder {folder} holds only part of CIFAR-10.",
                got=", ".join(sorted(p.name for p in folder.glob("*_batch*"))),
                expected=", ".join(f"{name}{ending}" for name in BATCHES),
                fix=f"add {path.name}.",
            )
        return path.read_bytes()

    return _assemble(content, binary=bool(ending), what=str(folder))


def _read_archive(path: Path) -> Splits:
    """Straight from the archive: nothing is unpacked onto the disk."""
    import tarfile
    import zlib

    binary = "binary" in path.name
    try:
        with tarfile.open(path, "r:gz") as archive:
            wanted = {
                f"{BINARY}/{batch}.bin" if binary else f"{PYTHON}/{batch}": batch
                for batch in BATCHES
            }
            found: dict[str, bytes] = {}
            for member in archive:
                if member.name in wanted and member.isfile():
                    stream = archive.extractfile(member)
                    found[wanted[member.name]] = stream.read() if stream else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise FileFormatError(
            f"{path} is damaged.",
            got=str(error) or type(error).__name__,
            expected="a complete .tar.gz archive",
            fix="delete it and load the data set again.",
        ) from error
    if missing := [batch for batch in BATCHES if batch not in found]:
        raise FileFormatError(
            f"{path} is not the CIFAR-10 archive.",
            got=f"no {', '.join(missing)} in it",
            fix="delete it and load the data set again.",
        )
    return _assemble(found.__getitem__, binary, str(path))


def _assemble(content: Reader, binary: bool, what: str) -> Splits:
    batches = []
    for batch in BATCHES:
        read = _read_binary if binary else _read_python
        batches.append(read(content(batch), f"{what}: {batch}"))
    pixels = [p.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1) for p, _ in batches]
    labels = [y.reshape(-1, 1) for _, y in batches]
    x_train = np.concatenate(pixels[:5])  # (pictures, 32, 32, 3)
    return (x_train, np.concatenate(labels[:5])), (np.ascontiguousarray(pixels[5]), labels[5])


def _read_binary(data: bytes, what: str) -> tuple[np.ndarray, np.ndarray]:
    """A batch as records of one label byte and 3,072 pixel bytes."""
    if not data or len(data) % (1 + PIXELS):
        raise _wrong(what, f"{len(data)} bytes", f"a multiple of {1 + PIXELS} bytes")
    records = np.frombuffer(data, np.uint8).reshape(-1, 1 + PIXELS)
    return records[:, 1:], records[:, 0].copy()


def _read_python(data: bytes, what: str) -> tuple[np.ndarray, np.ndarray]:
    """A batch as a pickled dictionary, read by the reader that can only build plain data."""
    batch = load_inert(io.BytesIO(data), what, encoding="bytes")
    pixels = batch.get(b"data") if isinstance(batch, dict) else None
    labels = batch.get(b"labels") if isinstance(batch, dict) else None
    if (
        not isinstance(pixels, np.ndarray)
        or not isinstance(labels, list)
        or pixels.shape != (len(labels), PIXELS)
        or not all(type(label) is int and 0 <= label < 10 for label in labels)
    ):
        raise _wrong(what, "other content", f"b'data' (n, {PIXELS}) and b'labels' of length n")
    return pixels, np.array(labels, np.uint8)


def _wrong(what: str, got: str, expected: str) -> FileFormatError:
    return FileFormatError(
        f"{what} is not a CIFAR-10 batch.",
        got=got,
        expected=expected,
        fix="delete it and load the data set again.",
    )
