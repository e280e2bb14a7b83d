"""Parts of the page that sections are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from .element import el


def section(anchor: str, title: str, *content: Any) -> Element | None:
    """A part of the page with a heading; None where there is nothing in it."""
    kept = [part for part in content if part is not None and part != []]
    return el("section", el("h2", title), kept, id=anchor) if kept else None


def figure(title: str, chart: Element, note: str | None = None) -> Element:
    """A chart with its title, and a sentence on how to read it."""
    return el(
        "figure", el("figcaption", title), chart, el("p", note, class_="note") if note else None
    )


def charts(figures: Iterable[Element | None]) -> Element | None:
    """Figures side by side, as many as the page is wide."""
    kept = [item for item in figures if item is not None]
    return el("div", kept, class_="charts") if kept else None


def table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], caption: str | None = None
) -> Element | None:
    """Rows under a head; cells that are numbers, or headed so, stand at the right.

    Args:
        head: titles; one that begins with ``#`` is of a column of numbers.
        rows: as many cells each.
    """
    found = [list(row) for row in rows]
    if not found:
        return None
    numeric = [title.startswith("#") for title in head]
    styles = ["n" if n else ("name" if i == 0 else None) for i, n in enumerate(numeric)]
    titles = [
        el("th", title.removeprefix("#"), class_="n" if n else None, scope="col")
        for title, n in zip(head, numeric, strict=True)
    ]
    body = [
        el("tr", [el("td", cell, class_=style) for cell, style in zip(row, styles, strict=True)])
        for row in found
    ]
    whole = el(
        "table",
        el("caption", caption) if caption else None,
        el("thead", el("tr", titles)),
        el("tbody", body),
    )
    return el("div", whole, class_="table")


def fold(summary: Any, *content: Any, anchor: str | None = None, opened: bool = False) -> Element:
    """Something that opens when it is asked to; works without scripts."""
    return el(
        "details",
        el("summary", summary),
        el("div", [part for part in content if part is not None], class_="inside"),
        id=anchor,
        open=opened,
    )


def settings(values: Sequence[tuple[str, Any]], caption: str | None = None) -> Element | None:
    """Names with values; what is None, empty or False is left out."""
    rows = [(name, value) for name, value in values if value not in (None, "", [], {}, False)]
    return table(["setting", "value"], rows, caption)
