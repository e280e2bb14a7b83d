"""Whether samples lie in the order of their targets."""

from __future__ import annotations

import numpy as np


def neighbours_alike(targets: np.ndarray, kind: str) -> float | None:
    """How much more alike the targets of neighbours are than by chance: 0, to 1 for sorted samples.

    Args:
        targets: ``(samples, ...)``; of wide values only the first column is looked at.
        kind: as in `TargetRecord.kind`.

    Returns:
        For classes ``(s - c) / (1 - c)`` with `s` the share of neighbours of the same class and
        `c` its expectation in random order; for values the correlation of neighbours; None where
        all targets are the same, or there are too few.

    >>> neighbours_alike(np.repeat([0, 1, 2], 100), "labels") > 0.98
    True
    """
    rows = np.asarray(targets).reshape(len(targets), -1)
    if len(rows) < 20 or not rows.size:
        return None
    if kind == "values":
        series = rows[:, 0].astype(np.float64)
        if not np.isfinite(series).all() or not np.ptp(series):
            return None
        apart = series - series.mean()
        return float(apart[1:] @ apart[:-1] / (apart @ apart))
    labels = rows.argmax(axis=1) if rows.shape[1] > 1 else rows[:, 0]
    shares = _counts(labels) / len(labels)
    chance = float(np.square(shares).sum())
    if chance >= 1:
        return None
    return float((np.mean(labels[1:] == labels[:-1]) - chance) / (1 - chance))


def _counts(labels: np.ndarray) -> np.ndarray:
    """How often each class occurs."""
    if labels.dtype.kind in "iub" and labels.min() >= 0 and labels.max() < len(labels):
        return np.bincount(labels.astype(np.int64))
    return np.unique(labels, return_counts=True)[1]
