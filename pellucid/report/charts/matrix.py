"""A table of shares as squares: the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from ..element import el
from ..words import cut, percent
from . import frame

MOST = 40
"""Rows up to which a matrix is drawn."""
LETTERS = 24
"""Of a class's name; the longest names cost the squares room."""


def confusion(
    counts: np.ndarray, names: Sequence[str], title: str, width: float = frame.WIDTH
) -> Element:
    """Counts by true class (rows) and answer (columns), shaded by the share of each row.

    Args:
        counts: (classes, classes)
        names: of the classes.
        title: read to who cannot see it.
    """
    size = len(names)
    letters = min(LETTERS, max(len(str(name)) for name in names))
    left = 34 + frame.LETTER * letters
    # Names on top are written upright where they would not fit side by side.
    cell = min(44.0, (width - left - 8) / size)
    turned = max(len(cut(n, LETTERS)) for n in names) * frame.LETTER + 2 > cell
    top = 26 + (7.0 * letters if turned else 10.0)
    parts = [
        frame.text(left + cell * size / 2, 14, "answer", "middle", "label"),
        el("text", "truth", x=0, y=0, class_="label", text_anchor="middle",
           transform=f"translate(14 {top + cell * size / 2:.1f}) rotate(-90)"),
    ]  # fmt: skip
    sums = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = counts / sums
    for row in range(size):
        y = top + row * cell
        parts.append(_side_name(names[row], left - 6, y + cell / 2 + 4))
        parts.append(_top_name(names[row], left + row * cell + cell / 2, top - 6, turned))
        for column in range(size):
            parts += _cell(
                counts[row, column], shares[row, column], (names[row], names[column]),
                left + column * cell, y, cell,
            )  # fmt: skip
    right = float(np.trace(counts)) / max(float(counts.sum()), 1.0)
    label = f"{title}. {percent(right)} of the answers are right."
    return frame.drawing(width, top + cell * size + 8, label, parts, class_="matrix")


def _cell(
    number: int, share: float, names: tuple[str, str], x: float, y: float, size: float
) -> list[Element]:
    right = names[0] == names[1]
    hint = f"truth {names[0]}, answer {names[1]}: {int(number):,} ({percent(share)})"
    style = "right" if right else "wrong"
    found = [el("rect", x=x, y=y, width=size, height=size, class_="empty")]
    if number:
        # Small shares of wrong answers must be seen too: the root lifts them.
        found.append(
            el("rect", el("title", hint), x=x, y=y, width=size, height=size,
               class_=f"cell {style}", fill_opacity=f"{max(0.08, float(share) ** 0.5):.2f}")
        )  # fmt: skip
        if size >= 8 + 6.2 * len(str(int(number))):
            ink = f"on {style}" if share > 0.3 else "off"
            found.append(
                frame.text(
                    x + size / 2, y + size / 2 + 4, f"{int(number)}", "middle", f"count {ink}"
                )
            )
    return found


def _side_name(name: str, x: float, y: float) -> Element:
    shown = cut(name, LETTERS)
    return frame.text(x, y, shown, "end", hint=name if shown != name else None)


def _top_name(name: str, x: float, y: float, turned: bool) -> Element:
    shown = cut(name, LETTERS)
    if not turned:
        return frame.text(x, y, shown, "middle")
    return el("text", shown, transform=f"translate({x + 4:.1f} {y:.1f}) rotate(-90)")
