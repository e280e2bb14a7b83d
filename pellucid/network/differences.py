"""How the arrays of a file differ from those that a network asks for, as one table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

_ROWS = 200  # of a table; more are counted


class Difference(NamedTuple):
    """One array that the file and the network do not agree about.

    Attributes:
        place: in the file.
        file: what the file holds there; empty for nothing.
        network: what the network asks for; empty for nothing.
    """

    place: str
    file: str
    network: str


def table(differences: Iterable[Difference]) -> str:
    """The differences as lines of text, a row each.

    >>> print(table([Difference("layers/dense/vars/0", "(4, 8)", "kernel (4, 16)")]))
    place in the file    the file has  the network needs
    layers/dense/vars/0  (4, 8)        kernel (4, 16)
    """
    rows = [(d.place, d.file or "nothing", d.network or "nothing") for d in differences]
    shown = [("place in the file", "the file has", "the network needs"), *rows[:_ROWS]]
    widths = [max(len(row[column]) for row in shown) for column in range(3)]
    lines = [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
    if len(rows) > _ROWS:
        lines.append(f"and {len(rows) - _ROWS} more")
    return "\n".join(lines)
