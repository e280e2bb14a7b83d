"""Small statistics on curves. All take what they get: NaN, infinities, empty arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def clean(values: Any) -> np.ndarray:
    """The finite numbers of a curve, in order, as float64."""
    if values is None:
        return np.zeros(0)
    curve = np.asarray(values, np.float64).reshape(-1)
    return curve[np.isfinite(curve)]


def last(values: Any, default: float = float("nan")) -> float:
    """The last finite number."""
    curve = clean(values)
    return float(curve[-1]) if len(curve) else default


def first(values: Any, default: float = float("nan")) -> float:
    """The first finite number."""
    curve = clean(values)
    return float(curve[0]) if len(curve) else default


def smooth(values: Any, window: int) -> np.ndarray:
    """Medians over `window` neighbours that follow each other: one number a window.

    >>> smooth([1.0, 1.0, 9.0, 2.0, 2.0, 2.0], 3).tolist()
    [1.0, 2.0]
    """
    curve = clean(values)
    window = max(1, min(window, len(curve)))
    whole = len(curve) // window * window
    return np.median(curve[len(curve) - whole :].reshape(-1, window), axis=1)


def trailing_medians(values: Any, window: int, places: Any) -> np.ndarray:
    """The median of each number at `places` and of the `window - 1` before it.

    >>> trailing_medians([1.0, 2.0, 9.0, 3.0], 3, [2, 3]).tolist()
    [2.0, 3.0]
    """
    curve, places = np.asarray(values, np.float64), np.asarray(places, np.int64)
    if not len(places):
        return np.zeros(0)
    windows = sliding_window_view(curve, window)
    # In pieces: the windows of a long curve together would fill the memory.
    pieces = np.array_split(places - window + 1, -(-len(places) // 65536))
    return np.concatenate([np.median(windows[piece], axis=1) for piece in pieces])


def trailing_minima(values: Any, window: int) -> np.ndarray:
    """The least of each number and the `window - 1` before it; NaN where there are fewer.

    >>> trailing_minima([4.0, 2.0, 3.0, 5.0, 6.0], 3).tolist()
    [nan, nan, 2.0, 2.0, 3.0]
    """
    curve = np.asarray(values, np.float64)
    found = np.full(len(curve), np.nan)
    if len(curve) < window:
        return found
    least, width = curve, 1
    while 2 * width <= window:  # of 2, 4, 8, ... numbers that follow each other
        least, width = np.minimum(least[:-width], least[width:]), 2 * width
    rest = len(curve) - window + 1
    found[window - 1 :] = np.minimum(least[:rest], least[window - width :][:rest])
    return found


def calm(values: Any) -> float:
    """The least mean of three neighbours (fewer of a short curve): no single lucky point."""
    curve = clean(values)
    if not len(curve):
        return float("nan")
    window = max(1, min(3, len(curve) // 3))
    return float(np.convolve(curve, np.full(window, 1 / window), "valid").min())


def thirds(values: Any) -> np.ndarray:
    """Mean of the first, the middle and the last third of a curve of three numbers or more."""
    return np.array([part.mean() for part in np.array_split(clean(values), 3)])


def direction(values: Any) -> float:
    """-1 to 1: how steadily a curve falls or rises (rank correlation with time).

    >>> direction([3.0, 2.0, 1.0]), direction([1.0, 1.0, 1.0])
    (-1.0, 0.0)
    """
    curve = clean(values)
    if len(curve) < 2 or np.ptp(curve) == 0:
        return 0.0
    ranks = np.argsort(np.argsort(curve, kind="stable"), kind="stable")
    return float(round(np.corrcoef(ranks, np.arange(len(curve)))[0, 1], 6))


def turns(values: Any) -> float:
    """Share of the inner points at which a curve changes between rising and falling."""
    steps = np.sign(np.diff(clean(values)))
    steps = steps[steps != 0]
    return float(np.mean(steps[1:] != steps[:-1])) if len(steps) > 1 else 0.0


def together_sure(*chances: float) -> float:
    """How sure several independent hints are together: 1 minus the chance that all mislead.

    >>> round(together_sure(0.5, 0.5), 2)
    0.75
    """
    left = 1.0
    for chance in chances:
        left *= 1.0 - min(max(chance, 0.0), 0.99)
    return 1.0 - left


def between(value: float, low: float, high: float) -> float:
    """0 at `low` or less, 1 at `high` or more, straight between (by logarithm where both > 0).

    >>> between(10.0, 1.0, 100.0), between(5.0, 0.0, 10.0)
    (0.5, 0.5)
    """
    if not np.isfinite(value):
        return 1.0 if value > 0 else 0.0
    if low > 0 and high > 0:
        value, low, high = np.log(max(value, 1e-300)), np.log(low), np.log(high)
    return float(np.clip((value - low) / (high - low), 0.0, 1.0))
