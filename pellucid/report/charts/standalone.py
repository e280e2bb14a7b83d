"""A chart as an SVG file of its own, for documents: light, on white, with its heading."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from xml.etree.ElementTree import Element

from ..element import el, to_xml
from . import frame

HERE = Path(__file__).parent
HEAD = 26.0
EDGE = 10.0


def standalone(chart: Element, heading: str) -> str:
    """The text of an SVG file.

    Args:
        chart: an `svg` element from this folder's functions.
        heading: stands above it, cut into lines where it is long.

    >>> from pellucid.report.charts.bars import Row, bars
    >>> text = standalone(bars([Row("a", [1.0])], ["x"], "One bar"), "One bar")
    >>> text.startswith("<svg xmlns=") and "One bar</text>" in text
    True
    """
    width, height = float(chart.get("width", 0)), float(chart.get("height", 0))
    lines = _wrapped(heading, int(width / 7.2))
    head = HEAD + 17 * (len(lines) - 1)
    inner = copy.deepcopy(chart)
    for link in inner.iter("a"):  # leads nowhere outside of the page
        link.tag = "g"
        link.attrib.pop("href", None)
    body = el("g", list(inner), transform=f"translate({EDGE} {head + EDGE})")
    used = set((chart.get("class") or "").split())
    for element in inner.iter():
        used |= set((element.get("class") or "").split())
    words = [
        frame.text(EDGE, EDGE + 14 + 17 * number, line, class_="heading")
        for number, line in enumerate(lines)
    ]
    whole = (width + 2 * EDGE, height + head + 2 * EDGE)
    page = el(
        "svg",
        el("title", chart.get("aria-label") or heading),
        el("style", _style(used | {"heading"})),
        el("rect", width=whole[0], height=whole[1], rx=8, fill="#ffffff"),
        words,
        body,
        xmlns="http://www.w3.org/2000/svg",
        class_=chart.get("class"),
        viewBox=f"0 0 {whole[0]:g} {whole[1]:g}",
        width=whole[0],
        height=whole[1],
        role="img",
    )
    return to_xml(page) + "\n"


def _wrapped(text: str, letters: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, letters) or [""]


def _style(used: set[str]) -> str:
    """The rules for these classes, in the light scheme's colours."""
    colours = dict(re.findall(r"(--[\w-]+): (#\w+)", _light()))
    kept = []
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", (HERE / "chart.css").read_text()):
        wanted = [
            part.strip()
            for part in selectors.split(",")
            if set(re.findall(r"\.([\w-]+)", part)) <= used and ":" not in part
        ]
        if wanted:
            body = re.sub(r"var\((--[\w-]+)\)", lambda m: colours[m.group(1)], body)
            kept.append(f"{','.join(wanted)}{{{body.strip()}}}")
    return "".join(kept)


def _light() -> str:
    """The first block of the page's style sheet."""
    return (HERE.parent / "style.css").read_text().split("@media", 1)[0]
