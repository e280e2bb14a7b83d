"""The findings with their evidence, or a quiet line that there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ...doctor.diagnosis import Diagnosis
from ...doctor.finding import Finding
from ...doctor.text import closing
from ..blocks import section
from ..element import el

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
        el("code", finding.rule, class_="soft"),
    )
    rows: list[Any] = []
    if str(finding.where):
        rows += [el("dt", "where"), el("dd", _where(finding, anchors))]
    if finding.evidence:
        seen = [el("li", str(evidence)) for evidence in finding.evidence]
        rows += [el("dt", "seen"), el("dd", el("ul", seen, class_="evidence"))]
    for label, text in (("why", finding.why), ("fix", finding.fix)):
        if text:
            rows += [el("dt", label), el("dd", prose(text))]
    causes = [block(item, anchors, number) for number, item in enumerate(finding.causes, 1)]
    return el("article", head, el("dl", rows) if rows else None, causes,
              class_=f"finding {severity}")  # fmt: skip


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
