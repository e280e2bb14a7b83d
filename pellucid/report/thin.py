"""Long curves in few points: nothing that stands out may vanish."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

POINTS = 240
"""Buckets that a long curve is cut into."""


def thinned(x: np.ndarray, y: np.ndarray, buckets: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Of each stretch its smallest and its largest number, in their order; NaN stay as gaps.

    Args:
        x: (n,) ascending.
        y: (n,)
        buckets: stretches; a curve of at most twice as many points is returned as it is.

    Returns:
        At most about two points a bucket, x and y; the first and the last are always kept.

    >>> y = np.zeros(10_000)
    >>> y[5_000] = 1
    >>> x, kept = thinned(np.arange(10_000), y)
    >>> len(kept) < 600, kept.max()
    (True, np.float64(1.0))
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if len(y) <= 2 * buckets:
        return x, y
    edges = np.linspace(0, len(y), buckets + 1).astype(int)
    chosen = {0, len(y) - 1}
    for start, end in pairwise(edges):
        part = y[start:end]
        finite = np.isfinite(part)
        if finite.any():
            chosen.add(start + int(np.argmin(np.where(finite, part, np.inf))))
            chosen.add(start + int(np.argmax(np.where(finite, part, -np.inf))))
        if not finite.all():
            chosen.add(start + int(np.argmin(finite)))
    order = np.array(sorted(chosen))
    return x[order], y[order]


def envelope(
    x: np.ndarray, y: np.ndarray, buckets: int = POINTS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre, smallest and largest finite number of each stretch; stretches without any are out.

    >>> envelope(np.arange(4), np.array([1.0, 3.0, np.nan, 2.0]), 2)
    (array([0.5, 2.5]), array([1., 2.]), array([3., 2.]))
    """
    edges = np.unique(np.linspace(0, len(y), min(buckets, len(y)) + 1).astype(int))
    rows = []
    for start, end in pairwise(edges):
        part = np.asarray(y[start:end], np.float64)
        part = part[np.isfinite(part)]
        if part.size:
            rows.append((float(np.mean(x[start:end])), part.min(), part.max()))
    table = np.array(rows).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def smoothed(
    x: np.ndarray, y: np.ndarray, points: int = 160, share: float = 0.04
) -> tuple[np.ndarray, np.ndarray]:
    """The mean around each of `points` places, over the finite numbers there.

    Args:
        x, y: (n,)
        points: places, evenly spread.
        share: of the curve that each mean is taken over, half to each side.

    >>> smoothed(np.arange(3), np.array([0.0, 3.0, np.nan]), share=0.5)[1].tolist()
    [1.5, 1.5, 3.0]
    """
    reach = max(1, round(len(y) * share / 2))
    centres = spread_out(len(y), points)
    means = np.full(len(centres), np.nan)
    for number, centre in enumerate(centres):
        part = np.asarray(y[max(0, centre - reach) : centre + reach + 1], np.float64)
        part = part[np.isfinite(part)]
        if part.size:
            means[number] = part.mean()
    return np.asarray(x, np.float64)[centres], means


def spread_out(length: int, most: int) -> np.ndarray:
    """At most `most` of the indices 0 to length - 1, evenly, the first and the last with them.

    >>> spread_out(3, 8).tolist(), spread_out(100, 3).tolist()
    ([0, 1, 2], [0, 50, 99])
    """
    if length <= most:
        return np.arange(length)
    return np.unique(np.round(np.linspace(0, length - 1, most)).astype(int))
