"""How often numbers occur."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from ..element import el
from ..words import short
from . import frame
from .scale import Scale


def histogram(
    numbers: np.ndarray,
    title: str,
    x_label: str,
    bins: int = 32,
    *,
    zero: bool = False,
    width: float = frame.WIDTH,
    height: float = frame.HEIGHT,
) -> Element:
    """Bars over the range of the finite ones of `numbers`, with a line at zero.

    Args:
        numbers: (n,), at least one of them finite.
        title: read to who cannot see it.
        x_label: what the numbers are.
        bins: bars.
        zero: whether the axis reaches to zero.
    """
    numbers = numbers[np.isfinite(numbers)]
    low, high = float(numbers.min()), float(numbers.max())
    if high - low < 1e-6 * max(abs(low), abs(high), 1e-30):  # all the same, but for rounding
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    counts, edges = np.histogram(numbers, bins, (low, high))
    top, bottom = 8.0, height - 36
    up = Scale(0.0, float(max(counts.max(initial=0), 1)), bottom, top)
    left = frame.margin(up)
    along = Scale.over([*edges[[0, -1]], *([0.0] if zero else [])], left, width - 12)
    parts = [*frame.across(along, top, bottom, x_label), *frame.upright(up, left, width - 12)]
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        if count:
            hint = el("title", f"{short(low)} to {short(high)}: {count:,}")
            x, end = along(low), along(high)
            parts.append(
                el("rect", hint, x=x, y=up(count), width=max(end - x - 0.6, 0.5),
                   height=bottom - up(count), class_="bar s0")
            )  # fmt: skip
    if along.low < 0 <= along.high:
        parts.append(el("path", d=f"M{along(0.0):.1f} {top}V{bottom}", class_="mark level"))
    return frame.drawing(width, height, title, parts, class_="histogram")
