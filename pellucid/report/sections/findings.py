"""The findings with their evidence, or a quiet line that there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ...doctor.diagnosis import Diagnosis
from ...doctor.finding import Finding
from ...doctor.rule import load_rules
from ...doctor.text import closing
from ..blocks import fold, section
from ..element import el
from ..words import count
from .rules import anchor

MOST = 100


def findings(diagnosis: Diagnosis, anchors: Mapping[str, str]) -> Element | None:
    """All findings, the worst first, then what was looked at.

    Args:
        diagnosis: of the record.
        anchors: layer path -> id on the page.
    """
    if not len(diagnosis):
        return section("findings", "Findings", el("p", closing(diagnosis), class_="quiet"))
    shown = [block(item, anchors) for item in diagnosis[:MOST]]
    left = len(diagnosis) - len(shown)
    more = el("p", f"And {left:,} more.", class_="soft") if left else None
    return section("findings", "Findings", shown, more, el("p", closing(diagnosis), class_="soft"))


def block(finding: Finding, anchors: Mapping[str, str], cause: int = 0) -> Element:
    """One finding; its causes stand in it."""
    severity = finding.severity
    head = el(
        "h3",
        el("span", f"Likely cause {cause}, {100 * finding.confidence:.0f} %: ", class_="soft")
        if cause
        else None,
        el("span", severity, class_=f"badge {severity}"),
        finding.symptom,
        " ",
        _rule(finding.rule),
    )
    rows: list[Any] = []
    if str(finding.where):
        rows += [el("dt", "where"), el("dd", _where(finding, anchors))]
    if finding.seen:
        seen = [el("li", str(evidence)) for evidence in finding.seen]
        rows += [el("dt", "seen"), el("dd", el("ul", seen, class_="evidence"))]
    if finding.why:
        rows += [el("dt", "why"), el("dd", prose(finding.why))]
    fix: list[Any] = []
    if finding.fix:
        label = "or else" if finding.causes else "fix"
        fix = [el("dt", label), el("dd", prose(finding.fix))]
    causes: list[Any] = [block(item, anchors, n) for n, item in enumerate(finding.likely, 1)]
    if finding.unlikely:
        first = len(finding.likely) + 1
        others = [block(item, anchors, n) for n, item in enumerate(finding.unlikely, first)]
        causes.append(fold(count(len(others), "less likely cause"), *others))
    if causes:  # what mends the cause comes before what eases the symptom
        last = el("dl", fix) if fix else None
        whole = [el("dl", rows) if rows else None, causes, last]
    else:
        whole = [el("dl", rows, fix) if rows or fix else None]
    return el("article", head, whole, class_=f"finding {severity}")


def _rule(rule: str) -> Element:
    """The rule's name, leading to what it means at length."""
    known = load_rules().get(rule)
    name = el("code", rule, class_="soft", title=known.about if known is not None else None)
    place = anchor(rule)
    return el("a", name, href=f"#{place}") if place else name


def _where(finding: Finding, anchors: Mapping[str, str]) -> list[Any]:
    words: list[Any] = []
    for name, value in vars(finding.where).items():
        if value is None:
            continue
        words += [", " if words else "", f"{name} "]
        anchor = anchors.get(value) if name == "layer" else None
        words.append(el("a", value, href=f"#{anchor}") if anchor else el("b", value))
    return words


def prose(text: str) -> list[Element]:
    """Paragraphs; lines indented by four spaces are code."""
    found: list[Element] = []
    code: list[str] = []
    words: list[str] = []

    def flush() -> None:
        if code:
            found.append(el("pre", "\n".join(code)))
        if words:
            found.append(el("p", " ".join(words)))
        code.clear()
        words.clear()

    for line in text.splitlines():
        if line.startswith("    "):
            if words:
                flush()
            code.append(line[4:])
        elif line.strip():
            if code:
                flush()
            words.append(line.strip())
        else:
            flush()
    flush()
    return found
