"""Lines over steps or epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import numpy as np

from ..element import el
from ..thin import envelope, thinned
from ..words import short
from . import frame
from .scale import Scale, wants_log

DOTS = 40
"""Up to so many points of a series are marked, and tell their numbers under the pointer."""


@dataclass
class Series:
    """One line.

    Attributes:
        name: for the legend; "" leaves it out.
        x, y: (n,); NaN and infinities are gaps.
        style: number of its colour and dashes.
        look: ``"line"``; ``"faint"``; ``"band"``: from the smallest to the largest number of each
            stretch; ``"points"``: single points.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    style: int = 0
    look: str = "line"


@dataclass
class Mark:
    """A vertical line with a word, at an `x`."""

    x: float
    name: str
    style: str = "problem"


@dataclass
class Level:
    """A horizontal line with a word, at a `y`."""

    y: float
    name: str
    style: str = "level"


def lines(
    series: Sequence[Series],
    title: str,
    x_label: str = "",
    *,
    log: bool | None = None,
    log_x: bool = False,
    zero: bool = False,
    least: float = 0.0,
    marks: Sequence[Mark] = (),
    levels: Sequence[Level] = (),
    width: float = frame.WIDTH,
    height: float = frame.HEIGHT,
) -> Element:
    """A chart of lines.

    Args:
        series: the lines, the last drawn on top.
        title: what the chart shows, read to who cannot see it.
        x_label: what the horizontal axis counts.
        log, log_x: logarithmic axes; None where the numbers reach over more than fifty times.
        zero: the vertical axis shows zero.
        least: what the vertical axis reaches over at least, so that noise does not look large.
        marks, levels: places worth a word.
    """
    series = [s for s in series if np.isfinite(np.asarray(s.y, np.float64)).any()]
    heights = np.concatenate(
        [np.asarray(s.y, np.float64) for s in series] + [np.array([v.y for v in levels])]
    )
    log = wants_log(heights) if log is None else log
    places = np.concatenate([np.asarray(s.x, np.float64) for s in series] + [np.zeros(0)])
    named = {s.name: f"{frame.style_of(s.style)} key-{s.look}" for s in series if s.name}
    keys, top = frame.legend([(style, name) for name, style in named.items()], 8, width - 16)
    top += 8 + (12 if marks else 0)
    bottom = height - (36 if x_label else 20)
    up = Scale.over(heights, bottom, top, log, zero)
    if not log and up.high - up.low < least:
        middle = (up.high + up.low) / 2
        low = middle - least / 2
        low = max(low, 0.0) if up.low >= 0 else low
        up = Scale(low, low + least, bottom, top)
    left = frame.margin(up)
    places = np.array([*places, *(m.x for m in marks)])
    along = Scale.over(places, left, width - 12, log_x)
    along = replace(along, whole=bool((places == np.round(places)).all()))
    parts = [*frame.across(along, top, bottom, x_label), *frame.upright(up, left, width - 12)]
    for level in levels:
        parts += _level(level, up, left, width - 12)
    for one in series:
        parts += _drawn(one, along, up, x_label)
    for mark in marks:
        parts += _mark(mark, along, top - 4, bottom)
    label = f"{title}. {summary(series)}".strip()
    return frame.drawing(width, height, label, keys, parts, class_="lines")


def summary(series: Sequence[Series]) -> str:
    """From where to where each line goes, in words."""
    told = []
    for one in series:
        y = np.asarray(one.y, np.float64)
        finite = y[np.isfinite(y)]
        if one.name and finite.size:
            told.append(f"{one.name}: from {short(finite[0])} to {short(finite[-1])}")
    return "; ".join(told) + ("." if told else "")


def _drawn(one: Series, along: Scale, up: Scale, x_label: str) -> list[Element]:
    style = frame.style_of(one.style)
    y = np.asarray(one.y, np.float64)
    if up.log:
        y = np.where(y > 0, y, np.nan)
    x = np.asarray(one.x, np.float64)
    if one.look == "band":
        middle, low, high = envelope(x, y)
        if len(middle) < 2:
            return []
        there = [(along(a), up(b)) for a, b in zip(middle, high, strict=True)]
        back = [(along(a), up(b)) for a, b in zip(middle[::-1], low[::-1], strict=True)]
        return [el("path", d=frame.way(there + back) + "Z", class_=f"band {style}")]
    found = []
    if one.look != "points":
        d = "".join(frame.way(run) for run in _runs(*thinned(x, y), along, up))
        found.append(el("path", d=d, class_=f"{one.look} {style}"))
    if one.look == "points" or (one.look == "line" and len(y) <= DOTS):
        found += _dots(one.name, x, y, along, up, style, x_label)
    return found


def _runs(x: np.ndarray, y: np.ndarray, along: Scale, up: Scale) -> list[list[tuple[float, float]]]:
    """The stretches between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for a, b in zip(x, y, strict=True):
        if np.isfinite(b):
            runs[-1].append((along(a), up(b)))
        elif runs[-1]:
            runs.append([])
    return [run if len(run) > 1 else run * 2 for run in runs if run]


def _dots(
    name: str, x: np.ndarray, y: np.ndarray, along: Scale, up: Scale, style: str, x_label: str
) -> list[Element]:
    found = []
    for a, b in zip(x, y, strict=True):
        if np.isfinite(b):
            hint = el("title", f"{name} {short(b, 4)} at {x_label} {short(a, 6)}".strip())
            found.append(
                el(
                    "circle",
                    hint,
                    cx=float(along(a)),
                    cy=float(up(b)),
                    r=2.2,
                    class_=f"dot {style}",
                )
            )
    return found


def _mark(mark: Mark, along: Scale, top: float, bottom: float) -> list[Element]:
    x = along(mark.x)
    side = "end" if x > (along.start + along.end) / 2 else "start"
    return [
        el("path", d=f"M{x:.1f} {top:g}V{bottom:g}", class_=f"mark {mark.style}"),
        frame.text(x, top - 3, mark.name, side, f"word {mark.style}"),
    ]


def _level(level: Level, up: Scale, left: float, right: float) -> list[Element]:
    y = up(level.y)
    # At the very top the words of marks stand above: these go below the line.
    word = y + 11 if y - up.end < 14 else y - 4
    return [
        el("path", d=f"M{left:g} {y:.1f}H{right:g}", class_=f"mark {level.style}"),
        frame.text(right - 2, word, level.name, "end", f"word {level.style}"),
    ]
