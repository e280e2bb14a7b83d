"""Options that several commands take, and values of options that need more than a type."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .._core.errors import ConfigError

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)]
Data = Annotated[
    str | None,
    typer.Option(
        help="The data set's name or file, where it is no longer where it was.",
        show_default="as in training",
    ),
]
DataDir = Annotated[
    str | None,
    typer.Option(
        help="Folder with the files of a data set that would be downloaded otherwise.",
        show_default="as in training",
    ),
]


def parse_layers(text: str) -> tuple[int, ...]:
    """`"512,512"` -> units of each hidden layer; `"none"` -> no hidden layer.

    Raises:
        ConfigError: something that is not a positive whole number.

    >>> parse_layers("512, 256"), parse_layers("none")
    ((512, 256), ())
    """
    if text.strip().lower() in ("none", ""):
        return ()
    units = []
    for part in re.split(r"[,\s]+", text.strip()):
        if not re.fullmatch(r"[0-9]{1,9}", part) or int(part) < 1:
            raise ConfigError(
                "--layers takes the units of each hidden layer, separated by commas.",
                got=f"{part!r} in --layers {text}",
                expected="positive whole numbers",
                fix="--layers 512,512 for two layers, --layers none for a linear model.",
            )
        units.append(int(part))
    return tuple(units)


def parse_verbose(text: str) -> Any:
    """`"auto"`, `"0"`, `"1"` or `"2"`, as `fit` takes it.

    >>> parse_verbose("2")
    2
    """
    known = {"auto": "auto", "0": 0, "1": 1, "2": 2}
    if text not in known:
        raise ConfigError(
            "--verbose takes auto, 0, 1 or 2.",
            got=f"--verbose {text}",
            fix="leave it out, or pass --verbose 0 for no progress at all.",
        )
    return known[text]


def default_folder(name: str) -> Path:
    """`runs/NAME-DATE-TIME`, with a number added where that is taken."""
    import datetime

    stem = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.") or "run"
    base = f"{stem}-{datetime.datetime.now():%Y%m%d-%H%M%S}"
    folder, number = Path("runs") / base, 2
    while folder.exists():
        folder, number = Path("runs") / f"{base}-{number}", number + 1
    return folder


def shown(path: Path) -> str:
    """A path as it is typed: short, and quoted where the shell needs it."""
    with contextlib.suppress(ValueError):
        path = path.absolute().relative_to(Path.cwd())
    return shlex.quote(str(path))


def command_line() -> str:
    """The command as it was typed."""
    return shlex.join(["pellucid", *sys.argv[1:]])
