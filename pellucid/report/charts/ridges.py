"""Histograms over time: one ridge a checkup, the first at the back."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from ..element import el
from . import frame
from .scale import Scale

RISE = 34.0
NEEDLE = 3.0
"""Half the width of a ridge that would be too narrow to be seen."""


def ridges(
    counts: np.ndarray,
    ranges: np.ndarray,
    names: Sequence[str],
    title: str,
    x_label: str = "",
    *,
    style: int = 0,
    width: float = frame.WIDTH,
) -> Element:
    """Histograms one in front of the other.

    Args:
        counts: (rows, bins), the first row at the back. Heights are the root of the counts, so
            that a peak does not hide the rest.
        ranges: (rows, 2) smallest and largest number of each.
        names: of the rows.
        title, x_label: as for `lines`.
    """
    counts, ranges = np.asarray(counts, np.float64), np.asarray(ranges, np.float64)
    shapes, ranges = _trimmed(counts, ranges)
    known = np.isfinite(ranges).all(axis=1) & np.array([shape.sum() > 0 for shape in shapes])
    rows = np.flatnonzero(known).tolist()
    letters = max((len(names[row]) for row in rows), default=0)
    left = 14 + frame.LETTER * letters
    gap = 32.0 if len(rows) <= 3 else 15.0 if len(rows) <= 8 else 11.0
    top, bottom = RISE + 6, RISE + 6 + gap * max(len(rows) - 1, 0)
    along = Scale.over(ranges[rows], left + 4, width - 12)
    parts = frame.across(along, 6, bottom, x_label)
    kind = f"ridge {frame.style_of(style)}"
    for place, row in enumerate(rows):
        base = top + place * gap
        shape = np.sqrt(shapes[row] / shapes[row].max())
        low, high = ranges[row]
        if len(shape) == 1 or along(high) - along(low) < 2 * NEEDLE:  # (nearly) one number
            middle = (along(low) + along(high)) / 2
            points = [
                (middle + side * NEEDLE, base - RISE * up)
                for side, up in ((-1, 0), (-1, 1), (1, 1), (1, 0))
            ]
        else:
            edges = np.linspace(low, high, len(shape) + 1)
            middles = (edges[:-1] + edges[1:]) / 2
            points = [(along(low), base)]
            points += [(along(m), base - RISE * h) for m, h in zip(middles, shape, strict=True)]
            points.append((along(high), base))
        parts.append(
            el(
                "path",
                d=frame.way(points, coarse=True) + "Z",
                class_=kind,
            )
        )
        parts.append(frame.text(left - 6, base + 3, names[row], "end"))
    return frame.drawing(width, bottom + (36 if x_label else 20), title, parts, class_="ridges")


def _trimmed(counts: np.ndarray, ranges: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Each row without the empty bins at its ends."""
    shapes, ends = [], ranges.copy()
    for number, (row, (low, high)) in enumerate(zip(counts, ranges, strict=True)):
        filled = np.flatnonzero(row)
        first, last = (filled[0], filled[-1] + 1) if filled.size else (0, len(row))
        step = (high - low) / len(row)
        shapes.append(row[first:last])
        ends[number] = low + first * step, low + last * step
    return shapes, ends
