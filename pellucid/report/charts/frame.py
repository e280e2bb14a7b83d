"""What charts have in common: the drawing, its axes, its legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from ..element import el
from ..words import cut
from .scale import Scale

WIDTH, HEIGHT = 400.0, 230.0
LETTER = 6.0
"""About the width of a letter of axis text, in units of the drawing."""
ROW = 16.0
COLOURS = 6
"""Series have the classes ``s0`` to ``s5``; each has its colour and its dashes."""


def drawing(width: float, height: float, label: str, *children: Any, class_: str = "") -> Element:
    """An `svg` element that scales with the page; `label` is read to who cannot see it."""
    return el(
        "svg",
        *children,
        class_=f"chart {class_}".strip(),
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=label,
    )


def text(
    x: float, y: float, content: Any, anchor: str | None = None, class_: str | None = None,
    hint: Any = None,
) -> Element:  # fmt: skip
    """Text at a place; `hint` is shown under the pointer."""
    title = el("title", hint) if hint is not None else None
    return el("text", title, content, x=x, y=y, text_anchor=anchor, class_=class_)


def way(points: Sequence[tuple[float, float]], coarse: bool = False) -> str:
    """The `d` of a path through points; `coarse` is shorter, to whole units.

    >>> way([(0, 1), (2.26, 3)]), way([(0, 1), (2.26, 3)], coarse=True)
    ('M0 1L2.3 3', 'M0 1L2 3')
    """
    if coarse:
        return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points).replace(".0", "")


def legend(
    names: Sequence[tuple[str, str]], left: float, width: float
) -> tuple[list[Element], float]:
    """Samples of lines with names, in as many rows as they need.

    Args:
        names: (class of the line, its name).

    Returns:
        Elements from y = 0 down, and the height they take.
    """
    found: list[Element] = []
    x, y = left, 12.0
    for style, name in names:
        shown = cut(name, 34)
        room = 24 + LETTER * len(shown) + 12
        if x > left and x + room > left + width:
            x, y = left, y + ROW
        look = "" if style.startswith("ring") else "line "
        if look:
            found.append(el("path", d=f"M{x:g} {y - 4:g}h16", class_=f"line {style}"))
        else:
            found.append(el("circle", cx=x + 8, cy=y - 4, r=4.5, class_=style))
        found.append(text(x + 21, y, shown, class_="key", hint=name if shown != name else None))
        x += room
    return found, (y + 6 if names else 0.0)


def across(scale: Scale, top: float, bottom: float, label: str, about: int = 5) -> list[Element]:
    """The horizontal axis: ticks with faint lines, and what it measures."""
    found = []
    last = -1e9
    for number, words in scale.ticks(about):
        x = scale(number)
        room = LETTER * len(words) / 2 + 3
        found.append(el("path", d=f"M{x:.1f} {top:g}V{bottom:g}", class_="grid"))
        if x - room > last:
            found.append(text(x, bottom + 14, words, "middle"))
            last = x + room
    middle = (scale.start + scale.end) / 2
    if label:
        found.append(text(middle, bottom + 30, label, "middle", "label"))
    return found


def upright(scale: Scale, left: float, right: float, about: int = 4) -> list[Element]:
    """The vertical axis: ticks with faint lines."""
    found = []
    for number, words in scale.ticks(about):
        y = scale(number)
        found.append(el("path", d=f"M{left:g} {y:.1f}H{right:g}", class_="grid"))
        found.append(text(left - 5, y + 4, words, "end"))
    return found


def margin(scale: Scale, about: int = 4) -> float:
    """Room that the vertical axis's numbers need."""
    return max((LETTER * len(words) for _, words in scale.ticks(about)), default=0.0) + 12


def style_of(number: int) -> str:
    """The class of series `number`."""
    return f"s{number % COLOURS}"
