"""The benchmarks' data: MNIST, film reviews, a made-up table, and arrays that load in no time.

Real data is looked for where the tests find it. Where MNIST is not there, Pellucid's own loader is
asked, which downloads it once.
"""

from __future__ import annotations

import csv
import gzip
import runpy
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "train": ("train-images-idx3", "train-labels-idx1"),
    "test": ("t10k-images-idx3", "t10k-labels-idx1"),
}


def shared(name: str) -> Path | None:
    """A folder of the shared data, found by the tests' one helper; None where there is none."""
    helper = ROOT / "tests" / "helpers_data.py"
    return runpy.run_path(str(helper))["find_shared_data"](name) if helper.exists() else None


def read_idx(path: Path):
    """One of MNIST's files (idx format, plain or gzipped) as a NumPy array of uint8."""
    import numpy as np

    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    dimensions = raw[3]
    shape = np.frombuffer(raw, ">i4", dimensions, offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def mnist_files():
    """MNIST as `keras.datasets.mnist.load_data()` returns it, from the files on this disk."""
    folder = shared("mnist")
    if folder is None:
        from pellucid.datasets import mnist  # downloads, where there is a network

        return mnist.load_data()
    return tuple(
        tuple(read_idx(folder / f"{name}-ubyte.gz") for name in names) for names in PARTS.values()
    )


def sst2(words: int, length: int):
    """Film sentences as word numbers, with 1 for praise and 0 for blame: train, dev and test.

    Args:
        words: size of the vocabulary: 0 stands for padding, 1 for words outside it.
        length: words kept of each sentence; shorter ones are padded at the end.

    Returns:
        Three pairs of (sentences, length) int32 and (sentences,) int32.
    """
    import numpy as np

    folder = shared("text/sst2")
    if folder is None:
        raise SystemExit("this benchmark needs the sst2 sentences: set PELLUCID_TEST_DATA")
    splits = {}
    for name in ("train", "dev", "test"):
        with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
            splits[name] = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    counts = Counter(word for text, _ in splits["train"] for word in text.split())
    number = {word: 2 + i for i, (word, _) in enumerate(counts.most_common(words - 2))}

    def encode(rows):
        x = np.zeros((len(rows), length), "int32")
        for row, (text, _) in zip(x, rows, strict=True):
            numbers = [number.get(word, 1) for word in text.split()[:length]]
            row[: len(numbers)] = numbers
        return x, np.array([int(label) for _, label in rows], "int32")

    return tuple(encode(rows) for rows in splits.values())


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
