"""The page that belongs to a rule: what a finding looks like, why it happens, how to fix it."""

from __future__ import annotations

import difflib
from pathlib import Path

from .._core.errors import UnknownNameError
from .rule import load_rules

# Beside this file where Pellucid is installed; where it runs from its source tree, in the docs.
PLACES = (Path(__file__).parent / "pages", Path(__file__).parents[2] / "docs" / "doctor")


def explain(rule: str) -> str:
    """The page of a rule, as Markdown.

    Args:
        rule: its name, as it stands behind a finding: ``"dead-units"``.

    Raises:
        UnknownNameError: no rule of this name.

    >>> explain("dead-units").splitlines()[0]
    '# Dead units'
    """
    if rule not in load_rules():
        near = difflib.get_close_matches(rule, load_rules(), 3)
        raise UnknownNameError(
            "There is no rule of this name.",
            got=repr(rule),
            expected="a name as it stands behind a finding, such as 'dead-units'",
            fix=f"did you mean {' or '.join(near)}?"
            if near
            else "pellucid doctor explain lists all.",
        )
    return _file(f"{rule}.md", "utf-8") or f"# {rule}\n\n{load_rules()[rule].about}\n"


def picture(rule: str) -> str | None:
    """The drawing on a rule's page, as SVG; None where it has none."""
    return _file(f"pictures/{rule}.svg", "utf-8")


def _file(name: str, encoding: str) -> str | None:
    for place in PLACES:
        if (place / name).is_file():
            return (place / name).read_text(encoding)
    return None
