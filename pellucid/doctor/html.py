"""A diagnosis in a notebook: one block a finding, styled inline, no scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .finding import Finding
from .text import closing, otherwise, parts

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

COLOURS = {"problem": "#c62828", "warning": "#b26a00", "remark": "#00695c"}


def diagnosis_html(diagnosis: Diagnosis) -> str:
    """All findings, then the closing line."""
    blocks = "".join(finding_html(finding) for finding in diagnosis)
    colour = "#2e7d32" if diagnosis.healthy else COLOURS["problem"]
    end = f'<p style="color:{colour};font-weight:bold">{escape(closing(diagnosis))}</p>'
    return f'<div class="pellucid-diagnosis">{blocks}{end}</div>'


def finding_html(finding: Finding, headline: str = "") -> str:
    """One finding and, indented beneath it, its causes."""
    colour = COLOURS[finding.severity]
    causes = "".join(
        finding_html(cause, f"likely cause {number} ({100 * cause.confidence:.0f} %): ")
        for number, cause in enumerate(finding.likely, 1)
    )
    return (
        f'<div style="border-left:3px solid {colour};padding-left:.8em;margin:.8em 0">'
        f'{escape(headline)}<b style="color:{colour}">{finding.severity}</b> '
        f"{escape(finding.symptom)} <code>{escape(finding.rule)}</code>"
        f"{_rows(parts(finding))}{causes}{_rows(otherwise(finding))}</div>"
    )


def _rows(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><td style="opacity:.7;vertical-align:top;text-align:left">{label}</td>'
        f'<td style="text-align:left;white-space:pre-wrap">{escape(text)}</td></tr>'
        for label, text in rows
    )
    return f"<table>{cells}</table>" if cells else ""
