"""Findings as text: plain for logs and `str()`, in colours for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from .finding import Finding

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

WIDTH = 96
STYLES = {"problem": "bold red", "warning": "bold yellow", "remark": "bold cyan"}
LABELS = {"where": "cyan", "seen": "magenta", "why": "blue", "fix": "green", "else": "green"}


def parts(finding: Finding) -> list[tuple[str, str]]:
    """`(label, text)` of everything beneath the headline.

    The fix of a symptom with causes comes last, after them: see `otherwise`.
    """
    rows = [("where", str(finding.where))]
    rows.append(("seen", "; ".join(str(evidence) for evidence in finding.seen)))
    rows += [("why", finding.why), ("fix", "" if finding.causes else finding.fix)]
    return [(label, text) for label, text in rows if text]


def otherwise(finding: Finding) -> list[tuple[str, str]]:
    """What stands beneath the likely causes: the others by name, and the symptom's own fix."""
    if not finding.causes:
        return []
    rows = [("also", less_likely(finding)), ("else", finding.fix)]
    return [(label, text) for label, text in rows if text]


def less_likely(finding: Finding) -> str:
    """The causes that are not told in full, by rule.

    >>> from pellucid.doctor import Finding
    >>> guess = Finding("plain-sgd", "It is plain SGD.", confidence=0.1)
    >>> sure = Finding("unscaled-inputs", "They are large.", confidence=0.9)
    >>> less_likely(Finding("slow", "It is slow.", causes=(sure, guess)))
    'less likely: plain-sgd (10 %)'
    """
    named = [f"{cause.rule} ({100 * cause.confidence:.0f} %)" for cause in finding.unlikely]
    return "less likely: " + ", ".join(named) if named else ""


def plain(finding: Finding, indent: str = "") -> str:
    """A finding as a block of plain lines."""
    head = f"{finding.symptom} [{finding.rule}]"
    lines = _wrapped(f"{indent}{finding.severity}: ", head, indent + "  ")
    for label, text in parts(finding):
        lines += _wrapped(f"{indent}  {label + ':':<7}", text, indent + " " * 9)
    for number, cause in enumerate(finding.likely, 1):
        lines.append(f"{indent}  likely cause {number} ({100 * cause.confidence:.0f} %):")
        lines.append(plain(cause, indent + "    "))
    for label, text in otherwise(finding):
        lines += _wrapped(f"{indent}  {label + ':':<7}", text, indent + " " * 9)
    return "\n".join(lines)


def _wrapped(first: str, text: str, following: str) -> list[str]:
    """Wrapped paragraphs; lines of code, which are indented, stay as they are."""
    lines: list[str] = []
    for number, paragraph in enumerate(text.splitlines() or [""]):
        start = first if number == 0 else following
        if paragraph.startswith("    "):
            lines.append(start + paragraph)
        else:
            lines += textwrap.wrap(
                paragraph,
                WIDTH,
                initial_indent=start,
                subsequent_indent=following,
                break_long_words=False,
                break_on_hyphens=False,
            ) or [start.rstrip()]
    return lines


def closing(diagnosis: Diagnosis) -> str:
    """One line: whether there is a problem, and what was looked at.

    >>> from pellucid.doctor import Diagnosis
    >>> closing(Diagnosis(looked_at=["3 layers", "1 loss"], rules=["a", "b"]))
    'No problem found: 2 rules looked at 3 layers and 1 loss.'
    """
    seen = list(diagnosis.looked_at) or ["an empty record"]
    listed = " and ".join([", ".join(seen[:-1]), seen[-1]] if len(seen) > 1 else seen)
    rules = f"{len(diagnosis.rules)} rule{'' if len(diagnosis.rules) == 1 else 's'}"
    if diagnosis.healthy:
        return f"No problem found: {rules} looked at {listed}."
    count = len(diagnosis.problems)
    return f"{count} problem{'' if count == 1 else 's'} found: {rules} looked at {listed}."


def plain_diagnosis(diagnosis: Diagnosis) -> str:
    """All findings, then the closing line."""
    return "\n\n".join([*(plain(finding) for finding in diagnosis), closing(diagnosis)])


def console(stderr: bool = False) -> Any:
    """Where to print."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, soft_wrap=False)


def rich_diagnosis(diagnosis: Diagnosis) -> Any:
    """The same for rich."""
    from rich.console import Group
    from rich.text import Text

    blocks: list[Any] = []
    for finding in diagnosis:
        blocks += [rich_finding(finding), Text()]
    style = "bold green" if diagnosis.healthy else "bold red"
    return Group(*blocks, Text(closing(diagnosis), style=style))


def rich_finding(finding: Finding, headline: str = "") -> Any:
    """One finding for rich: a headline, then labelled rows, then its causes, indented."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    style = STYLES[finding.severity]
    head = Text.assemble(
        headline, (finding.severity, style), f"  {finding.symptom} ", (f"[{finding.rule}]", "dim")
    )
    rows: list[Any] = [head, Padding(_rich_rows(parts(finding)), (0, 0, 0, 2))]
    for number, cause in enumerate(finding.likely, 1):
        share = f"likely cause {number} ({100 * cause.confidence:.0f} %): "
        rows.append(Padding(rich_finding(cause, share), (0, 0, 0, 2)))
    if left := otherwise(finding):
        rows.append(Padding(_rich_rows(left), (0, 0, 0, 2)))
    return Group(*rows)


def _rich_rows(rows: list[tuple[str, str]]) -> Any:
    """Labels and texts beside each other."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(Text(label, style=LABELS.get(label, "")), Text(text))
    return grid
