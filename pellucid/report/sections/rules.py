"""What the findings on the page mean at length: the documentation's page of each rule."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ...doctor.diagnosis import Diagnosis
from ...doctor.finding import Finding
from ...doctor.pages import explain, picture
from ...doctor.rule import load_rules
from ..blocks import fold, section
from ..element import el


def anchor(rule: str) -> str | None:
    """Where on the page a rule is explained; None for one that nobody knows."""
    return f"rule-{rule}" if rule in load_rules() else None


def rules(diagnosis: Diagnosis) -> Element | None:
    """A fold-out for each rule that has found something, and for the causes named."""
    names = dict.fromkeys(finding.rule for finding in _all(diagnosis))
    known = [name for name in names if anchor(name)]
    folds = [fold(el("code", name), *_page(name), anchor=anchor(name)) for name in known]
    return section("rules", "About the findings", folds)


def _all(findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        yield finding
        yield from _all(finding.causes)


def _page(rule: str) -> list[Element]:
    """The page as elements; its headings stand below those of the report."""
    from markdown_it import MarkdownIt

    # The pages are the project's own files: what they hold is markup on purpose.
    html = MarkdownIt("commonmark", {"xhtmlOut": True, "html": False}).render(explain(rule))
    found = list(ElementTree.fromstring(f"<div>{html}</div>"))
    for element in (inner for outer in found for inner in outer.iter()):
        if element.tag in ("h1", "h2"):
            element.tag = "h4"
        elif element.tag == "img":
            _embed(element, rule)
        elif element.tag == "a":
            _lead(element)
    return found


def _embed(image: Element, rule: str) -> None:
    drawing = picture(rule)
    if drawing is not None:
        image.set("src", "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode())


def _lead(link: Element) -> None:
    """Links go to other pages of the documentation, which are not here: the words stay."""
    link.tag = "span"
    link.attrib.clear()
