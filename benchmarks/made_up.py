"""Made-up data that a network can learn: the same numbers on every machine, no files needed."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def table_rows():
    """A table: 20 numeric columns, 2 classes; 20,000 rows to train on, 5,000 to test."""
    from sklearn.datasets import make_classification

    x, y = make_classification(
        n_samples=25000, n_features=20, n_informative=10, class_sep=0.8, random_state=0
    )
    x = x.astype("float32")
    return (x[:20000], y[:20000]), (x[20000:], y[20000:])


def series(samples: int, steps: int = 50, features: int = 32, classes: int = 10):
    """Noisy series around one curve per class: (samples, steps, features), (samples,)."""
    import numpy as np

    random = np.random.default_rng(0)
    curves = random.normal(size=(classes, steps, features)).cumsum(1) / steps**0.5
    y = random.integers(0, classes, samples).astype("int32")
    noise = random.normal(size=(samples, steps, features))
    return (curves[y] + noise).astype("float32"), y


def source_bytes(samples: int, length: int = 128):
    """Stretches of Pellucid's own source, and the same moved on by one byte: (samples, length)."""
    import numpy as np

    files = sorted((ROOT / "pellucid").rglob("*.py"))
    text = np.frombuffer(b"".join(path.read_bytes() for path in files), np.uint8).astype("int32")
    starts = np.random.default_rng(0).integers(0, len(text) - length - 1, samples)
    rows = starts[:, None] + np.arange(length + 1)  # (samples, length + 1)
    return text[rows[:, :-1]], text[rows[:, 1:]]


def tokens(samples: int, length: int = 1024, vocabulary: int = 22_528):
    """The same with two bytes a token, the most frequent pairs first: (samples, length)."""
    import numpy as np

    bytes_, following = source_bytes(samples, 2 * length)  # (samples, 2 length) each
    last = following[:, -2:]  # (samples, 2)
    row = np.concatenate([bytes_, last], axis=1)[:, : 2 * length + 2]  # (samples, 2 length + 2)
    pairs = 256 * row[:, 0::2] + row[:, 1::2]  # (samples, length + 1)
    _, numbers, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    rank = np.argsort(np.argsort(-counts, kind="stable"))
    ranked = (rank[numbers.reshape(pairs.shape)] % vocabulary).astype("int32")
    return ranked[:, :-1], ranked[:, 1:]


def pictures(samples: int, size: int = 32, classes: int = 10):
    """Noisy colour pictures around one pattern per class: (samples, size, size, 3), (samples,)."""
    import numpy as np

    random = np.random.default_rng(0)
    coarse = random.normal(size=(classes, 4, 4, 3))
    patterns = coarse.repeat(size // 4, axis=1).repeat(size // 4, axis=2)
    y = random.integers(0, classes, samples).astype("int32")
    return (patterns[y] + random.normal(size=(samples, size, size, 3))).astype("float32"), y


def sentences(samples: int, length: int = 60, words: int = 5000):
    """Word numbers of sentences of different lengths, zeros behind them; even words win or lose."""
    import numpy as np

    random = np.random.default_rng(0)
    x = 1 + (random.zipf(1.2, size=(samples, length)) - 1) % (words - 1)
    lengths = random.integers(length // 4, length + 1, samples)
    real = np.arange(length) < lengths[:, None]  # (samples, length)
    even = ((x % 2 == 0) & real).sum(1)
    y = (even > 0.45 * lengths).astype("float32")[:, None]
    return np.where(real, x, 0).astype("int32"), y


def shapes(samples: int, size: int = 96):
    """Bright discs on a noisy ground, and where they are: (samples, size, size, 3), (..., 1)."""
    import numpy as np

    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:size, :size]
    x = random.normal(0, 0.3, size=(samples, size, size, 3)).astype("float32")
    y = np.zeros((samples, size, size, 1), "float32")
    for number in range(samples):
        for _ in range(3):
            row, column = random.integers(0, size, 2)
            radius = random.integers(size // 12, size // 4)
            y[number, (rows - row) ** 2 + (columns - column) ** 2 < radius**2] = 1
    return x + y * 0.7, y
