"""Options that several commands take, and values of options that need more than a type."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from .._core.errors import ConfigError
from ..tasks.setting import Setting, settings_of

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


def option_name(name: str) -> str:
    """`"batch_size"` -> `"--batch-size"`."""
    return "--" + name.replace("_", "-")


def with_settings(*classes: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command one option for each setting of some dataclasses, as the settings say it.

    The command takes their values as keywords, by the settings' names.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            parameter
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.kind is not parameter.VAR_KEYWORD
        ]
        added = [parameter for cls in classes for parameter in _parameters(cls)]
        # The argument first, then the settings, then what concerns the result.
        command.__signature__ = inspect.Signature([own[0], *added, *own[1:]])  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in (*own, *added)}
        return command

    return decorate


def _parameters(cls: type) -> list[inspect.Parameter]:
    types = get_type_hints(cls)
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=defaults[name],
            annotation=Annotated[_typed(types[name]), _option(name, known, defaults[name])],
        )
        for name, known in settings_of(cls).items()
    ]


def _typed(type_: Any) -> Any:
    """The type of an option: several numbers are written as one text."""
    return str | None if "tuple" in str(type_) else type_


def _option(name: str, known: Setting, default: Any) -> Any:
    return typer.Option(
        option_name(name),  # also of a switch: off is its default, so it needs no --no-...
        help=known.help,
        show_default=known.unset if known.unset is not None else default is not None,
        rich_help_panel=known.group,
    )


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
