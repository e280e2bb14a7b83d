"""Rows with a bar or with dots: one row a layer, a class, a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ..element import el
from ..words import cut, short
from . import frame
from .scale import Scale, wants_log

STEP = 20.0
LETTERS = 34


@dataclass
class Row:
    """One row.

    Attributes:
        name: at its left.
        values: one for each series; NaN leaves one out.
        style: class of the bar: "" or ``"problem"``, ``"warning"``.
    """

    name: str
    values: Sequence[float]
    style: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def bars(
    rows: Sequence[Row],
    series: Sequence[str],
    title: str,
    x_label: str = "",
    *,
    show: Callable[[Any], str] = short,
    high: float | None = None,
    width: float = frame.WIDTH,
) -> Element:
    """Horizontal bars from zero, with their numbers at the end.

    Args:
        rows: from top to bottom.
        series: names for the legend; the bars of a row stand under one another.
        title, x_label: as for `lines`.
        show: how numbers are written.
        high: end of the axis; else the largest number.
    """
    several = len(series) > 1
    keys, top = frame.legend(
        [(f"{frame.style_of(i)} thick", name) for i, name in enumerate(series)] if several else [],
        8, width - 16,
    )  # fmt: skip
    numbers = np.array([v for row in rows for v in row.values], np.float64)
    numbers = numbers[np.isfinite(numbers)]
    left = _name_room(rows)
    limit = high if high is not None else max(float(numbers.max(initial=0.0)), 1e-30)
    along = Scale(min(0.0, float(numbers.min(initial=0.0))), limit, left, width - 58)
    thick = 12.0 if not several else 7.0
    step = STEP if not several else thick * len(series) + 8
    parts: list[Element] = []
    for number, row in enumerate(rows):
        y = top + 6 + number * step
        parts.append(_name(row, left, y + step / 2))
        for place, value in enumerate(row.values):
            if not np.isfinite(value):
                continue
            at = y + (step - thick * len(row.values)) / 2 + place * thick
            zero, end = along(0.0), along(value)
            hint = el("title", f"{row.name}: {show(value)}")
            parts.append(
                el("rect", hint, x=min(zero, end), y=at, width=max(abs(end - zero), 0.8),
                   height=thick - 1, rx=1.5, class_=f"bar {row.style or frame.style_of(place)}")
            )  # fmt: skip
            if not several:
                parts.append(frame.text(max(zero, end) + 4, at + 10, show(value), class_="value"))
    bottom = top + 10 + len(rows) * step
    if x_label:
        parts.append(frame.text((left + width) / 2, bottom + 12, x_label, "middle", "label"))
        bottom += 18
    told = "; ".join(f"{row.name} {show(row.values[-1])}" for row in rows[:12])
    return frame.drawing(width, bottom, f"{title}. {told}.", keys, parts, class_="bars")


def dots(
    rows: Sequence[Row],
    series: Sequence[str],
    title: str,
    x_label: str = "",
    *,
    log: bool | None = None,
    show: Callable[[Any], str] = short,
    band: tuple[float, float] | None = None,
    width: float = frame.WIDTH,
) -> Element:
    """Rows with one dot for each series on one axis, joined by a line: from before to after.

    Args:
        rows, series, title, x_label, log, show: as above.
        band: a stretch of the axis in which numbers usually lie, shaded.
    """
    keys, top = frame.legend(
        [(_dot_style(i, len(series)), name) for i, name in enumerate(series)], 8, width - 16
    )
    numbers = np.array([v for row in rows for v in row.values], np.float64)
    log = wants_log(numbers[numbers > 0], 20.0) if log is None else log
    left = _name_room(rows)
    ends = numbers if band is None else np.concatenate([numbers, np.asarray(band)])
    along = Scale.over(ends, left + 4, width - 14, log, zero=not log)
    bottom = top + 8 + len(rows) * STEP
    parts = list(frame.across(along, top + 4, bottom, x_label, about=4))
    if band is not None:
        a, b = along(band[0]), along(band[1])
        parts.insert(
            0, el("rect", x=a, y=top + 4, width=b - a, height=bottom - top - 4, class_="usual")
        )
    for number, row in enumerate(rows):
        y = top + 4 + (number + 0.5) * STEP
        parts.append(_name(row, left, y))
        shown = [
            (place, value)
            for place, value in enumerate(row.values)
            if np.isfinite(value) and not (log and value <= 0)
        ]
        if len(shown) > 1:
            a, b = along(shown[0][1]), along(shown[-1][1])
            parts.append(el("path", d=f"M{a:.1f} {y:g}H{b:.1f}", class_="join"))
        for place, value in shown:
            hint = el("title", f"{row.name}, {series[place]}: {show(value)}")
            style, size = _dot_style(place, len(series)), 3.2 if place == len(series) - 1 else 5.0
            parts.append(el("circle", hint, cx=along(value), cy=y, r=size, class_=style))
    told = "; ".join(f"{row.name} {show(row.values[-1])}" for row in rows[:12])
    return frame.drawing(
        width, bottom + (36 if x_label else 20), f"{title}. {told}.", keys, parts, class_="dots"
    )


def _dot_style(place: int, count: int) -> str:
    """The last one is full; the others are rings, so that equal numbers can both be seen."""
    if place == count - 1:
        return f"ring full {frame.style_of(place)}"
    return f"ring {frame.style_of(place)}"


def _name_room(rows: Sequence[Row]) -> float:
    return 14 + frame.LETTER * max((min(len(row.name), LETTERS) for row in rows), default=0)


def _name(row: Row, left: float, y: float) -> Element:
    shown = cut(row.name, LETTERS)
    style = f"name {row.style}".strip()
    return frame.text(left - 6, y + 4, shown, "end", style, row.name if shown != row.name else None)
