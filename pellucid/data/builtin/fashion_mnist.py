"""Fashion-MNIST: 70,000 pictures of clothes, 28x28 grey (Xiao, Rasul, Vollgraf 2017; MIT)."""

from __future__ import annotations

from pathlib import Path

from ..download import cache_folder, fetch
from . import _idx_files
from ._common import KERAS, PathLike, Splits

TASK = "classification"
class_names = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
feature_names: tuple[str, ...] = ()
VALUE_RANGE = (0, 255)
DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # the package dataset-fashion-mnist

FILES = (
    tuple(
        _idx_files.remote_files(
            (
                KERAS,
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            ),
            {
                "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
                "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
                "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
            },
        )
    ),
)


def load_data(*, data_dir: PathLike | None = None) -> Splits:
    """Load Fashion-MNIST, downloading it (31 MB) the first time.

    Where Debian's package `dataset-fashion-mnist` is installed, its copy is read instead.

    Args:
        data_dir: folder that already holds the four files (`train-images-idx3-ubyte`, ...,
            gzipped or not), or where to download to. Files there are read as they are.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 `(60000, 28, 28)`, `(60000,)`,
        `(10000, 28, 28)`, `(10000,)`; pixels 0 to 255, labels by `class_names`.

    Raises:
        DownloadError: no mirror delivered it intact.
        FileFormatError: a damaged file.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    folder = Path(data_dir).expanduser() if data_dir is not None else DEBIAN
    if paths := _idx_files.find(folder):
        return _idx_files.read(paths)
    if data_dir is None:
        folder = cache_folder("fashion_mnist")
    return _idx_files.read(fetch("fashion_mnist", FILES, folder))
