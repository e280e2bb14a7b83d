"""Small data sets for programs that train in seconds, all scaled as their users should.

Each is split once, with a fixed seed, into training and validation samples.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.data import mnist_files, shared, sst2


@dataclass(frozen=True)
class Data:
    """Samples to train on and to judge by.

    Attributes:
        kind: ``"labels"`` (whole numbers), ``"binary"`` (0 and 1), ``"several"`` (columns of 0 and
            1), ``"values"``, ``"steps"`` (a label for every time step), ``"inputs"`` (reproduce x).
        units: numbers that the network answers with.
        words: size of the vocabulary, for word numbers.
        rare: the score is the mean of the classes' shares of right answers.
    """

    x: Any
    y: Any
    x_val: Any
    y_val: Any
    kind: str
    units: int
    words: int = 0
    rare: bool = False

    def both(self, change: Callable[[Any], Any]) -> Data:
        """The same change in the training and the validation inputs."""
        return replace(self, x=change(self.x), x_val=change(self.x_val))


def split(x: Any, y: Any, kind: str, units: int, share: float = 0.25, **more: Any) -> Data:
    """A fixed random split."""
    order = np.random.default_rng(0).permutation(len(x))
    held = int(len(x) * share)
    train, val = order[held:], order[:held]
    return Data(x[train], y[train], x[val], y[val], kind, units, **more)


def standard(x: Any) -> np.ndarray:
    """Columns with mean 0 and deviation 1."""
    x = np.asarray(x, "float32")
    return (x - x.mean(0)) / (x.std(0) + 1e-6)


def table(name: str) -> np.ndarray:
    """One of the shared numeric tables."""
    folder = shared("tables")
    if folder is None:
        raise FileNotFoundError(f"no shared tables: {name} is missing")
    with (folder / name).open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    codes = {"M": "0", "F": "1", "I": "2"}
    return np.array([[codes.get(cell, cell.strip("'")) for cell in row] for row in rows if row])


def digits() -> Data:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return split((x / 16).astype("float32"), y.astype("int32"), "labels", 10)


def digit_images() -> Data:
    return digits().both(lambda x: x.reshape(-1, 8, 8, 1))


def digit_rows() -> Data:
    """Digits as eight steps of eight numbers."""
    return digits().both(lambda x: x.reshape(-1, 8, 8))


def digit_inputs() -> Data:
    """Reproduce the picture."""
    data = digits()
    return replace(data, y=data.x, y_val=data.x_val, kind="inputs", units=64)


def digits_odd_one() -> Data:
    """Is it a nine? One sample in ten is."""
    data = digits()
    y, y_val = ((v == 9).astype("float32")[:, None] for v in (data.y, data.y_val))
    return replace(data, y=y, y_val=y_val, kind="binary", units=1, rare=True)


def digits_several() -> Data:
    """Three yes-or-no questions about a digit: even? above four? a multiple of three?"""
    data = digits()

    def ask(y: Any) -> Any:
        return np.stack([y % 2 == 0, y > 4, y % 3 == 0], 1).astype("float32")  # (samples, 3)

    return replace(data, y=ask(data.y), y_val=ask(data.y_val), kind="several", units=3)


def digits_noisy() -> Data:
    """Three training labels in ten are drawn at random among two classes: 70 % right at best."""
    data = digits()
    random = np.random.default_rng(1)

    def spoil(y: Any) -> Any:
        clean = (y > 4).astype("float32")
        flip = random.random(len(y)) < 0.3
        return np.where(flip, 1 - clean, clean)[:, None].astype("float32")

    return replace(data, y=spoil(data.y), y_val=spoil(data.y_val), kind="binary", units=1)


def _sklearn(name: str, kind: str, units: int, values: bool = False) -> Data:
    import sklearn.datasets

    x, y = getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
    y = standard(y)[:, None] if values else y.astype("int32")
    if kind == "binary":
        y = y.astype("float32")[:, None]
    return split(standard(x), y, kind, units)


def iris() -> Data:
    return _sklearn("iris", "labels", 3)


def wine() -> Data:
    return _sklearn("wine", "labels", 3)


def cancer() -> Data:
    return _sklearn("breast_cancer", "binary", 1)


def diabetes() -> Data:
    return _sklearn("diabetes", "values", 1, values=True)


def housing() -> Data:
    rows = np.array([r[0].split() if len(r) == 1 else r for r in table("housing.csv")], "float32")
    return split(standard(rows[:, :-1]), standard(rows[:, -1:]), "values", 1)


def abalone() -> Data:
    rows = table("abalone.csv").astype("float32")
    return split(standard(rows[:, :-1]), standard(rows[:, -1:]), "values", 1)


def pima() -> Data:
    rows = table("pima-indians-diabetes.csv").astype("float32")
    return split(standard(rows[:, :-1]), rows[:, -1:], "binary", 1)


def mammography() -> Data:
    """One in 42 is a case."""
    rows = table("mammography.csv").astype("float32")
    return split(
        standard(rows[:, :-1]), (rows[:, -1:] > 0).astype("float32"), "binary", 1, rare=True
    )


def white_wine() -> Data:
    rows = table("winequality-white.csv").astype("float32")
    return split(standard(rows[:, :-1]), standard(rows[:, -1:]), "values", 1)


def mnist() -> Data:
    """2,000 pictures to train on, 1,000 to judge by."""
    (x, y), (x_val, y_val) = mnist_files()

    def scale(images: Any) -> Any:
        return (images / 255).astype("float32")[..., None]

    return Data(
        scale(x[:2000]), y[:2000].astype("int32"), scale(x_val[:1000]),
        y_val[:1000].astype("int32"), "labels", 10,
    )  # fmt: skip


def mnist_flat() -> Data:
    return mnist().both(lambda x: x.reshape(len(x), -1))


def sentences() -> Data:
    """Film sentences, good or bad: 3,000 of 20 words."""
    (x, y), (x_val, y_val), _ = sst2(2000, 20)
    y, y_val = y.astype("float32")[:, None], y_val.astype("float32")[:, None]
    return Data(x[:3000], y[:3000], x_val[:800], y_val[:800], "binary", 1, words=2000)


def _waves(length: int, kind: str) -> Data:
    random = np.random.default_rng(2)
    y = random.integers(0, 3, 1200)
    time = np.arange(length)
    phase = random.uniform(0, 6.28, (1200, 1))
    speed = (np.array([0.2, 0.4, 0.8])[y])[:, None]
    x = np.sin(speed * time + phase) + 0.3 * random.normal(size=(1200, length))
    return split(x.astype("float32")[..., None], y.astype("int32"), kind, 3)


def waves() -> Data:
    """Which of three frequencies is it? (samples, 24, 1)"""
    return _waves(24, "labels")


def long_waves() -> Data:
    return _waves(120, "labels")


def temperatures() -> Data:
    """The next day's lowest temperature from the 14 before."""
    folder = shared("series")
    if folder is None:
        raise FileNotFoundError("no shared series")
    with (folder / "daily-min-temperatures.csv").open(encoding="utf-8") as file:
        rows = [float(row[1].strip("?")) for row in list(csv.reader(file))[1:] if len(row) > 1]
    series = standard(np.array(rows))
    windows = np.lib.stride_tricks.sliding_window_view(series, 15)[:2400]  # (samples, 15)
    return split(windows[:, :14, None].copy(), windows[:, 14:].copy(), "values", 1)


def letters() -> Data:
    """The next letter of a play, after each of 24."""
    folder = shared("text")
    if folder is None:
        raise FileNotFoundError("no shared texts")
    text = (folder / "tinyshakespeare.txt").read_text(encoding="utf-8")[:50000].lower()
    names = sorted(set(text))
    numbers = np.array([names.index(letter) for letter in text], "int32")
    rows = numbers[: len(numbers) // 25 * 25].reshape(-1, 25)
    return split(rows[:, :-1], rows[:, 1:], "steps", len(names), words=len(names))


def circles() -> Data:
    from sklearn.datasets import make_circles

    x, y = make_circles(1000, noise=0.1, factor=0.5, random_state=1)
    return split(x.astype("float32"), y.astype("float32")[:, None], "binary", 1)


def moons() -> Data:
    from sklearn.datasets import make_moons

    x, y = make_moons(1000, noise=0.15, random_state=1)
    return split(x.astype("float32"), y.astype("float32")[:, None], "binary", 1)


def line() -> Data:
    """A plain linear law with some noise, 8 columns."""
    random = np.random.default_rng(3)
    x = random.normal(size=(1200, 8)).astype("float32")
    y = x @ random.normal(size=(8, 1)) + 0.3 * random.normal(size=(1200, 1))
    return split(x, standard(y), "values", 1)


@cache
def load(name: str) -> Data:
    """A data set of this file by its name."""
    return globals()[name]()
