"""A treatment as text: plain for logs and `str()`, as a table for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ..doctor.text import WIDTH
from .attempt import Attempt

if TYPE_CHECKING:
    from .result import Treatment

BARS = "▁▂▃▄▅▆▇█"
CURVE = 16  # characters of a curve
LABEL = 44


def verdict(treatment: Treatment) -> str:
    """Whether it helped, in one or two sentences."""
    before, after = treatment.before, treatment.after
    name, held = treatment.score_name, f"{treatment.held_out:,} held-out samples"
    scores = [treatment.show_score(attempt.score) for attempt in (before, after)]
    if before.error is not None:
        if treatment.helped:
            return f"As it is, it cannot be trained. Treated, its {name} on {held} is {scores[1]}."
        return "As it is, it cannot be trained, and nothing that was tried changes that."
    if treatment.helped:
        text = f"It helped: the {name} on {held} went from {scores[0]} to {scores[1]}."
        if treatment.corrected:
            text += " The two do not measure the same: the first was too good to be true."
            text = text.replace("It helped: the", "It was corrected: the")
        return text
    if len(treatment.attempts) == 1:
        return (
            f"There was nothing to try: the {name} on {held} is {scores[0]}, and no finding comes "
            "with a change that can be made by itself."
        )
    count = len(treatment.attempts) - 1
    best = max((a.score for a in treatment.attempts[1:] if np.isfinite(a.score)), default=np.nan)
    return (
        f"It did not help: the {name} on {held} is {scores[0]} as it is, and at best "
        f"{treatment.show_score(best)} in {count} trial{'' if count == 1 else 's'}."
    )


def rows(treatment: Treatment) -> list[tuple[str, ...]]:
    """One row an attempt: label, score, curve, epochs, what the doctor still says."""
    known = [s for attempt in treatment.attempts for s in attempt.scores if np.isfinite(s)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    return [
        (
            attempt.label,
            treatment.show_score(attempt.score),
            curve(attempt.scores, max(low, -1.0), high),
            str(attempt.epochs) if attempt.epochs else "-",
            left_over(attempt),
        )
        for attempt in treatment.attempts
    ]


def curve(values: list[float], low: float, high: float) -> str:
    """Numbers as a row of bars.

    >>> curve([0.0, 0.5, 1.0], 0.0, 1.0)
    '▁▅█'
    """
    if not values:
        return ""
    picks = np.linspace(0, len(values) - 1, min(CURVE, len(values))).round().astype(int)
    span = high - low or 1.0
    shares = [(values[pick] - low) / span if np.isfinite(values[pick]) else 0.0 for pick in picks]
    return "".join(BARS[round(min(max(share, 0.0), 1.0) * 7)] for share in shares)


def smooth(losses: np.ndarray) -> list[float]:
    """Means over as many stretches as a curve has characters.

    >>> smooth(np.arange(32.0))[:3]
    [0.5, 2.5, 4.5]
    """
    return [float(part.mean()) for part in np.array_split(losses, min(CURVE, len(losses)))]


def left_over(attempt: Attempt) -> str:
    """The rules of problems and warnings that an attempt still has."""
    if attempt.error is not None:
        return "refused: " + attempt.error.splitlines()[0]
    found = [finding.rule for finding in (*attempt.diagnosis.problems, *attempt.diagnosis.warnings)]
    return ", ".join(dict.fromkeys(found)) or "nothing"


def plain(treatment: Treatment) -> str:
    """Verdict, table, changes, notes."""
    table = [("tried", treatment.score_name, "by epoch", "epochs", "the doctor still says")]
    table += rows(treatment)  # type: ignore[arg-type]
    table = [(textwrap.shorten(row[0], LABEL, placeholder=" ..."), *row[1:]) for row in table]
    widths = [max(len(row[column]) for row in table) for column in range(4)]
    lines = []
    for number, row in enumerate(table):
        best = number > 0 and treatment.attempts[number - 1] is treatment.after
        cells = [
            row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].ljust(widths[2]),
            row[3].rjust(widths[3]), row[4],
        ]  # fmt: skip
        lines.append(("> " if best else "  ") + "  ".join(cells).rstrip())
    parts = ["\n".join(textwrap.wrap(verdict(treatment), WIDTH)), "\n".join(lines)]
    return "\n\n".join([*parts, *_tail(treatment)])


def _tail(treatment: Treatment) -> list[str]:
    parts = []
    if treatment.changes:
        parts.append("\n".join(["Changed:", *(f"  {change}" for change in treatment.changes)]))
    if treatment.notes:
        parts.append("\n".join(["Not tried:", *(f"  {note}" for note in treatment.notes)]))
    if treatment.split:
        parts.append(
            "The held-out samples were taken from the data; pass validation_data to choose."
        )
    return parts


def rich_treatment(treatment: Treatment) -> Any:
    """The same for rich."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, side in (("tried", "left"), (treatment.score_name, "right"), ("by epoch", "left"),
                       ("epochs", "right"), ("the doctor still says", "left")):  # fmt: skip
        table.add_column(Text(name), justify=side, overflow="fold")  # type: ignore[arg-type]
    for attempt, row in zip(treatment.attempts, rows(treatment), strict=True):
        best = attempt is treatment.after
        table.add_row(*(Text(cell) for cell in row), style="bold green" if best else "")
    colour = "bold green" if treatment.helped else "bold yellow"
    tail = [item for part in _tail(treatment) for item in (Text(part), Text())]
    return Group(Text(verdict(treatment), style=colour), table, *tail)
