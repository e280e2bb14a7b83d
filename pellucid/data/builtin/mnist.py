"""MNIST: 70,000 handwritten digits, 28x28 grey (LeCun, Cortes, Burges 1998; CC BY-SA 3.0)."""

from __future__ import annotations

from pathlib import Path

from ..download import RemoteFile, cache_folder, fetch
from . import _idx_files
from ._common import KERAS, PathLike, Splits, members

TASK = "classification"
class_names = tuple("0123456789")
feature_names: tuple[str, ...] = ()
VALUE_RANGE = (0, 255)

NPZ = RemoteFile(
    "mnist.npz",
    (KERAS + "mnist.npz", "https://s3.amazonaws.com/img-datasets/mnist.npz"),
    "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
)
IDX = _idx_files.remote_files(
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    {
        "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
    },
)
FILES = ((NPZ,), tuple(IDX))


def load_data(path: PathLike = "mnist.npz", *, data_dir: PathLike | None = None) -> Splits:
    """Load MNIST, downloading it (11 MB) the first time.

    Args:
        path: name of the .npz file in the cache, or the absolute path of one.
        data_dir: folder that already holds `mnist.npz` or the four original files
            (`train-images-idx3-ubyte`, ..., gzipped or not), or where to download to. Files there
            are read as they are and never replaced.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 `(60000, 28, 28)`, `(60000,)`,
        `(10000, 28, 28)`, `(10000,)`; pixels 0 (paper) to 255 (ink).

    Raises:
        DownloadError: no mirror delivered it intact.
        FileFormatError: a damaged file.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    folder = Path(data_dir).expanduser() if data_dir is not None else cache_folder("mnist")
    own = folder / path
    if data_dir is not None or Path(path).is_absolute():
        if own.is_file():
            return _from_npz(own)
        if idx := _idx_files.find(folder):
            return _idx_files.read(idx)
    npz = RemoteFile(own.name, NPZ.urls, NPZ.checksum)
    paths = fetch("mnist", [[npz], IDX], own.parent)
    return _from_npz(paths[0]) if len(paths) == 1 else _idx_files.read(paths)


def _from_npz(path: Path) -> Splits:
    x_train, y_train, x_test, y_test = members(path, ("x_train", "y_train", "x_test", "y_test"))
    return (x_train, y_train), (x_test, y_test)
