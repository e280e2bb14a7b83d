"""What the command line says: plain text in a pipe, colours on a terminal."""

from __future__ import annotations

import re
from typing import Any

import typer

from .._core.errors import PellucidError
from .._core.registry import did_you_mean
from .wording import in_options

# Typer has carried its own Click since 0.26; this finds the base of usage errors in either.
ClickException: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def console(stderr: bool = False) -> Any:
    """Where to print: never wraps lines in a pipe."""
    from rich.console import Console

    out = Console(stderr=stderr, highlight=False, markup=False)
    out.soft_wrap = not out.is_terminal
    return out


def say(text: str = "", style: str | None = None) -> None:
    """One line on standard output."""
    # A command stays on one line, to be copied; the terminal itself breaks it.
    console().print(text, style=style, soft_wrap=True if text.startswith("  pellucid ") else None)


def show_error(error: PellucidError) -> None:
    """What happened, what was got and expected, and the fix: in options, not in arguments."""
    details = (("got", error.got), ("expected", error.expected), ("fix", error.fix))
    _show(
        in_options(error.what),
        [(label, None if value is None else in_options(str(value))) for label, value in details],
    )


def _show(what: str, details: list[tuple[str, Any]]) -> None:
    from rich.text import Text

    out = console(stderr=True)
    out.print(Text.assemble(("Error: ", "bold red"), _printable(what)))
    styles = {"got": "yellow", "expected": "cyan", "fix": "green"}
    for label, value in details:
        if value is not None:
            out.print(Text.assemble((f"  {label}: ", styles[label]), _printable(str(value))))


def _printable(text: str) -> str:
    """`text` without control characters: file names and labels come from anywhere."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "?", text)


def show_usage_error(error: Any) -> None:
    """A command, option or argument that does not exist, or a value that it does not take."""
    from ..tasks.samples import known_names

    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "pellucid"
    what = error.format_message().split(" (Possible options")[0].split(" Did you mean")[0].strip()
    fix = None
    if match := re.match(r"No such command '(.*)'", what):
        name = match[1]
        fix = did_you_mean(name, sorted(context.command.commands) if context is not None else [])
        if name in known_names() or name.endswith((".npz", ".csv")):
            fix = f"pellucid train {name}."
    elif match := re.match(r"No such option: (-\S+)", what):
        near = did_you_mean(match[1], _options(context))
        near = f"{near} " if near.startswith("did you mean") else ""
        fix = f"{near}{path} --help lists the options."
    elif "Missing argument" in what and context is not None:
        fix = EXAMPLES.get(context.info_name)
    _show(what, [("fix", fix or f"{path} --help explains the options.")])


EXAMPLES = {
    "train": "name the data: pellucid train digits.",
    "evaluate": "name the run: pellucid evaluate runs/digits-...",
    "predict": "name the run and the samples: pellucid predict runs/digits-... samples.csv.",
    "summary": "name a run or a data set: pellucid summary digits.",
    "report": "name the run: pellucid report runs/digits-...",
    "doctor": "name the run: pellucid doctor runs/digits-...",
}


def _options(context: Any) -> list[str]:
    if context is None:
        return []
    return [name for p in context.command.params for name in p.opts if name.startswith("--")]


def show_interrupted() -> None:
    """Ctrl-C where there was nothing to keep."""
    console(stderr=True).print("Stopped; nothing was written.")


def show_fault(error: Exception) -> None:
    """An error that nobody foresaw."""
    text = str(error).strip().splitlines()
    _show(
        f"Something went wrong that Pellucid did not foresee: {type(error).__name__}"
        + (f": {text[0]}" if text else "."),
        [("fix", "run the same command with --debug to see where; please report what it shows.")],
    )


def table(columns: list[str], rows: list[list[str]]) -> None:
    """A small table: the first column to the left, the others to the right."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        grid.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        grid.add_row(*(_printable(cell) for cell in row))
    out = console()
    if not out.is_terminal:
        out.width = 1000  # nothing is cut off in a pipe
    out.print(grid)
