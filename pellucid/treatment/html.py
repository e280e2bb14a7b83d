"""A treatment in a notebook: verdict, table, changes; no scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .text import _tail, rows, verdict

if TYPE_CHECKING:
    from .result import Treatment

HEADS = ("tried", "", "by epoch", "epochs", "the doctor still says")


def treatment_html(treatment: Treatment) -> str:
    """Everything that `str()` says, as a table."""
    colour = "#2e7d32" if treatment.helped else "#b26a00"
    heads = "".join(
        f'<th style="text-align:left">{escape(head or treatment.score_name)}</th>' for head in HEADS
    )
    body = ""
    for attempt, row in zip(treatment.attempts, rows(treatment), strict=True):
        style = ' style="font-weight:bold"' if attempt is treatment.after else ""
        cells = "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row)
        body += f"<tr{style}>{cells}</tr>"
    tail = "".join(f"<pre>{escape(part)}</pre>" for part in _tail(treatment))
    return (
        '<div class="pellucid-treatment">'
        f'<p style="color:{colour};font-weight:bold">{escape(verdict(treatment))}</p>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{tail}</div>"
    )
