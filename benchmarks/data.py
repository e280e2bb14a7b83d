"""The benchmarks' data: where MNIST's four original files lie, and arrays that load in no time.

MNIST is looked for where the tests find shared data; where there is none, Pellucid's own loader is
asked, which downloads it once.
"""

from __future__ import annotations

import gzip
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "train": ("train-images-idx3", "train-labels-idx1"),
    "test": ("t10k-images-idx3", "t10k-labels-idx1"),
}


def shared_mnist() -> Path | None:
    """The folder of MNIST's files, found by the tests' one helper; None where there is none."""
    helper = ROOT / "tests" / "helpers_data.py"
    return runpy.run_path(str(helper))["find_shared_data"]("mnist") if helper.exists() else None


def read_idx(path: Path):
    """One of MNIST's files (idx format, plain or gzipped) as a NumPy array of uint8."""
    import numpy as np

    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">i4", dimensions, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def mnist_files():
    """MNIST as `keras.datasets.mnist.load_data()` returns it, from the files on this disk."""
    folder = shared_mnist()
    if folder is None:
        from pellucid.datasets import mnist  # downloads, where there is a network

        return mnist.load_data()
    return tuple(
        tuple(read_idx(folder / f"{name}-ubyte.gz") for name in names) for names in PARTS.values()
    )


def table_rows():
    """A made-up table: 20 numeric columns, 2 classes; 20,000 rows to train on, 5,000 to test."""
    from sklearn.datasets import make_classification

    x, y = make_classification(
        n_samples=25000, n_features=20, n_informative=10, class_sep=0.8, random_state=0
    )
    x = x.astype("float32")
    return (x[:20000], y[:20000]), (x[20000:], y[20000:])


def prepare(folder: Path) -> None:
    """Write each workload's training arrays as .npy files, which every peer then reads alike."""
    import numpy as np

    (images, digits), _ = mnist_files()
    np.save(folder / "mnist-x.npy", images.reshape(-1, 784).astype("float32") / 255)
    np.save(folder / "mnist-y.npy", np.eye(10, dtype="float32")[digits])
    (x, y), _ = table_rows()
    np.save(folder / "table-x.npy", x)
    np.save(folder / "table-y.npy", y)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
    print('{"prepared": true}')
