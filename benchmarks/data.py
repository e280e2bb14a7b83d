"""The benchmarks' data: MNIST, film reviews, made-up data, and arrays that load in no time.

Real data is looked for where the tests find it. Where MNIST is not there, Pellucid's own loader is
asked, which downloads it once.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import runpy
from collections import Counter
from pathlib import Path

from benchmarks import made_up
from benchmarks.workloads import EVERY

ROOT = Path(__file__).resolve().parent.parent
TINY_STEPS = 8
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


def scaled_mnist(samples: int, flat: bool):
    """MNIST's first training images from 0 to 1, as rows of 784 points or (28, 28, 1) each."""
    (images, digits), _ = mnist_files()
    shape = (-1, 784) if flat else (-1, 28, 28, 1)
    return images[:samples].reshape(shape).astype("float32") / 255, digits[:samples]


def arrays(name: str, samples: int, **sizes: int):
    """The training arrays of one kind of data: inputs and targets, `samples` of each."""
    import numpy as np

    if name == "mnist_flat":
        x, digits = scaled_mnist(samples, flat=True)
        return x, np.eye(10, dtype="float32")[digits]
    if name == "mnist":
        x, digits = scaled_mnist(samples, flat=False)
        return x, digits.astype("int32")
    if name == "mnist_points":
        x, _ = scaled_mnist(samples, flat=True)
        return x, x
    if name == "table":
        (x, y), _ = made_up.table_rows()
        return x[:samples], y[:samples]
    if name == "sentences_64":
        return made_up.sentences(samples, **{"length": 64, **sizes})
    makers = {
        "series": made_up.series,
        "bytes": made_up.source_bytes,
        "tokens": made_up.tokens,
        "pictures": made_up.pictures,
        "sentences": made_up.sentences,
        "shapes": made_up.shapes,
    }
    return makers[name](samples, **sizes)


def prepare(folder: Path, names: list[str], tiny: bool = False, least_steps: int = 0) -> None:
    """Write the workloads' training arrays as .npy files, which every peer then reads alike.

    Args:
        least_steps: more than the workload's own for a machine on which those take no time.
    """
    import numpy as np

    for name in names:
        workload = EVERY[name]
        sizes = {key: workload.tiny[key] for key in workload.data_sizes} if tiny else {}
        steps = TINY_STEPS if tiny else max(workload.steps, least_steps)
        x, y = arrays(workload.data, steps * workload.batch, **sizes)
        np.save(folder / f"{name}-x.npy", x)
        np.save(folder / f"{name}-y.npy", y)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("workloads", nargs="*")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--least-steps", type=int, default=0)
    options = parser.parse_args()
    prepare(options.folder, options.workloads, options.tiny, options.least_steps)
    print('{"prepared": true}')


if __name__ == "__main__":
    main()
