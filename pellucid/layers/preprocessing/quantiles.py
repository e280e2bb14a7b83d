"""A sketch of how values are distributed, kept small however many batches it is made from.

A summary is an array of two rows: values in order, and how many values each stands for. The steps
are those of Keras's Discretization, so that the boundaries are the same numbers.
"""

from __future__ import annotations

import numpy as np

EMPTY = np.zeros((2, 0), np.float32)


def summary_of(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Every so manieth of the sorted values, so that about ``1 / epsilon`` remain.

    >>> summary_of(np.array([3.0, 1.0, 2.0]), 0.01).tolist()
    [[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]
    """
    ordered = np.sort(np.ravel(values)).astype(np.float32)
    stride = max(ordered.size * epsilon, 1)
    picked = ordered[int(stride - 1) :: int(stride)]
    return np.stack([picked, np.full_like(picked, stride)])


def merged(first: np.ndarray, second: np.ndarray, epsilon: float) -> np.ndarray:
    """One summary of the data of two."""
    both = np.concatenate([first, second], axis=1)
    return compressed(both[:, np.argsort(both[0])], epsilon)


def compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """About ``1 / epsilon`` values that stand for the same distribution, by interpolation."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    upto = summary[1].cumsum()
    values = np.interp(shares, upto / upto[-1], summary[0])
    counts = np.diff(np.interp(shares, upto / upto[-1], upto), prepend=0)
    return np.stack([values, counts]).astype(np.float32)


def boundaries(summary: np.ndarray, bins: int) -> list[float]:
    """The values between `bins` ranges that hold about as much each.

    >>> boundaries(summary_of(np.arange(8.0), 0.01), 4)
    [1.0, 3.0, 5.0]
    """
    return compressed(summary, 1.0 / bins)[0, :-1].tolist()
