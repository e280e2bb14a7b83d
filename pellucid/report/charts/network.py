"""Boxes and arrows: the network, each box with what it has to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from ..element import el
from ..words import cut
from . import frame
from .layout import place

BOX, SMALL = (236.0, 66.0), (300.0, 22.0)
WIDEST = 420.0
IN_ROWS, ACROSS = 24, 1080.0
"""A chain of up to so many boxes is written in rows of about this width, as lines of text are."""
SIGNS = {"problem": "✕", "warning": "!", "remark": "i", "good": "✓", "": ""}


@dataclass
class Box:
    """One layer in the drawing.

    Attributes:
        name: unique.
        head, lines: what it says, the first line in bold.
        inputs: names of other boxes.
        state: ``"problem"``, ``"warning"``, ``"remark"``, ``"good"`` or "".
        gauge: a share from 0 to 1, drawn as a bar at its foot; None for none.
        link: anchor to go to.
        hint: shown under the pointer.
        end: an input or output of the model, drawn round.
    """

    name: str
    head: str
    lines: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    state: str = ""
    gauge: float | None = None
    link: str | None = None
    hint: str = ""
    end: bool = False


def network(boxes: Sequence[Box], title: str, small: bool = False) -> Element:
    """The graph from top to bottom.

    Args:
        boxes: in the order of computation.
        title: read to who cannot see it.
        small: one line a box, for networks with very many.
    """
    width, height = SMALL if small else BOX
    longest = max((len(box.head) for box in boxes), default=0)
    told = max((len(line) for box in boxes for line in box.lines[:2]), default=0)
    width = min(max(width, 7.3 * longest + 40, 6.0 * told + 28), WIDEST)  # read whole
    if not small and is_chain(boxes) and len(boxes) <= IN_ROWS:
        return _in_rows(boxes, title, width, height)
    aside, below = 26.0, 14.0 if small else 24.0
    where, routes = place([b.name for b in boxes], {b.name: b.inputs for b in boxes}, gap=1.0)
    left = min((x for x, _ in where.values()), default=0.0)
    passing = min((x for route in routes for x, _ in route), default=left)
    start = max(left - 0.5, passing - 0.6) if passing > left - 0.5 else passing - 0.15
    end = max(
        [x + 0.5 for x, _ in where.values()] + [x + 0.15 for route in routes for x, _ in route],
        default=1.0,
    )
    start = min(start, left - 0.5)

    def at(x: float, row: int) -> tuple[float, float]:
        return (x - start) * (width + aside) + aside / 2 - aside * 0.0, 8 + row * (height + below)

    rows = max((row for _, row in where.values()), default=0) + 1
    parts: list[Any] = [_arrow([at(x, row) for x, row in route], height) for route in routes]
    for box in boxes:
        x, y = at(*where[box.name])
        parts.append(_box(box, x - width / 2, y, width, height, small))
    return frame.drawing(
        (end - start) * (width + aside) + aside,
        8 + rows * (height + below),
        title,
        parts,
        class_="network",
    )


def is_chain(boxes: Sequence[Box]) -> bool:
    """Whether each box reads the one before and no other.

    >>> is_chain([Box("a", "a"), Box("b", "b", inputs=["a"])])
    True
    """
    return all(list(box.inputs) == [before.name] for before, box in pairwise(boxes))


def _in_rows(boxes: Sequence[Box], title: str, width: float, height: float) -> Element:
    """A chain from left to right, in rows of equal length."""
    aside, below = 34.0, 30.0
    most = max(1, int((ACROSS + aside) // (width + aside)))
    rows = -(-len(boxes) // most)
    across = -(-len(boxes) // rows)
    places = [
        (8 + (number % across) * (width + aside), 8 + (number // across) * (height + below))
        for number in range(len(boxes))
    ]
    parts: list[Any] = []
    for (x0, y0), (x1, y1) in pairwise(places):
        if y0 == y1:
            x, y = x1, y0 + height / 2
            d = f"M{x0 + width:.1f} {y:.1f}H{x:.1f}"
            d += f"M{x - 5:.1f} {y - 3.5:.1f}L{x:.1f} {y:.1f}l-5 3.5"
        else:
            x, y = x1 + width / 2, y1
            d = f"M{x0 + width / 2:.1f} {y0 + height:.1f}V{y1 - below / 2:.1f}H{x:.1f}V{y:.1f}"
            d += f"M{x - 3.5:.1f} {y - 5:.1f}L{x:.1f} {y:.1f}l3.5 -5"
        parts.append(el("path", d=d, class_="edge"))
    parts += [_box(b, x, y, width, height, False) for b, (x, y) in zip(boxes, places, strict=True)]
    return frame.drawing(
        16 + across * (width + aside) - aside,
        16 + rows * (height + below) - below,
        title,
        parts,
        class_="network",
    )


def _arrow(points: list[tuple[float, float]], height: float) -> Element:
    """From the foot of the first box to the head of the last."""
    d = f"M{points[0][0]:.1f} {points[0][1] + height:.1f}"
    for number, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        here, there = y0 + height, y1
        if number:
            d += f"V{here:.1f}"
        if abs(x0 - x1) < 0.5:
            d += f"V{there:.1f}"
        else:
            middle = (here + there) / 2
            d += f"C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {there:.1f}"
    x, y = points[-1]
    return el("path", d=d + f"M{x - 3.5:.1f} {y - 5:.1f}L{x:.1f} {y:.1f}l3.5 -5", class_="edge")


def _box(box: Box, x: float, y: float, width: float, height: float, small: bool) -> Element:
    shape = "end" if box.end else "layer"
    parts = [
        el("title", box.hint or " · ".join([box.head, *box.lines])),
        el("rect", x=x, y=y, width=width, height=height, rx=height / 2 if box.end else 6,
           class_=f"box {shape} {box.state}".strip()),
    ]  # fmt: skip
    sign = SIGNS[box.state]
    room = int((width - 22 - (16 if sign else 0)) / 7.3)
    middle = x + width / 2 if box.end else x + 12
    anchor = "middle" if box.end else None
    if small:
        both = " · ".join([box.head, *box.lines[:1]])
        line = both if len(both) <= room else box.head
        parts.append(frame.text(middle, y + 15, cut(line, room), anchor, "head"))
    else:
        top = y + (20 if len(box.lines) > 1 or not box.end else 28)
        parts.append(frame.text(middle, top, cut(box.head, room), anchor, "head"))
        for number, line in enumerate(box.lines[:2]):
            shown = cut(line, int((width - 22) / 6.0))
            parts.append(frame.text(middle, top + 16 * (number + 1), shown, anchor, "tell"))
    if sign:
        parts.append(
            frame.text(
                x + width - 11, y + (15 if small else 20), sign, "middle", f"sign {box.state}"
            )
        )
    if box.gauge is not None and not small:
        full = width - 24
        parts.append(el("rect", x=x + 12, y=y + height - 6, width=full, height=2.5, class_="gauge"))
        if box.gauge > 0:
            parts.append(
                el("rect", x=x + 12, y=y + height - 6, width=max(full * box.gauge, 1),
                   height=2.5, class_="gauge full")
            )  # fmt: skip
    group = el("g", parts)
    return el("a", group, href=box.link) if box.link else group
