"""`pellucid doctor RUN`, `pellucid doctor check FILE`, and whatever else is added to `doctor`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .._core.errors import DataError, FileFormatError
from .doctor_experiment import experiment
from .doctor_treat import treat
from .options import RunFolder

VITALS, MODEL, SETTINGS = "vitals.npz", "model.json", "settings.json"
LARGEST = 64 * 1024**2  # bytes of a configuration


class Doctor(TyperGroup):
    """The group; a first word that is no command of it is the RUN of the command `run`."""

    def parse_args(self, context: Any, args: list[str]) -> list[str]:
        first = next((word for word in args if not word.startswith("-")), None)
        help_wanted = any(word in ("--help", "-h") for word in args)
        if not args:
            args = ["--help"]
        elif first not in self.commands and not (help_wanted and first is None):
            args = ["run", *args]
        return super().parse_args(context, args)


doctor = typer.Typer(
    name="doctor",
    cls=Doctor,
    help="Find what is wrong with a run, or with a network that was not trained yet.",
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="""
**Examples**

- `pellucid doctor runs/digits-20250101-120000`
- `pellucid doctor check model.keras`

Exit status: 0 no problem was found, 1 one was, 2 something cannot be read.
""",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")]


@doctor.command()
def run(
    run: RunFolder,
    as_json: AsJson = False,
) -> int:
    """Examine a run: `pellucid doctor RUN` says the same.

    The doctor reads what the run measured while it trained: losses, gradients, what every layer
    gave and how its weights moved. Nothing is trained again. Of a run without such a record it
    examines the network.
    """
    diagnosis = examined(record_of_run(run), run)
    status = show(diagnosis, as_json)
    if not as_json and (diagnosis.problems or diagnosis.warnings):
        propose(diagnosis, run)
    return status


@doctor.command()
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A .keras file, or a network as JSON.", show_default=False
        ),
    ],
    as_json: AsJson = False,
) -> int:
    """Examine a network that was saved, without training it or running any of its code."""
    from ..vitals.configuration import record_of_config

    return show(examined(record_of_config(read_config(file)), file), as_json)


@doctor.command()
def explain(
    rule: Annotated[
        str | None,
        typer.Argument(
            metavar="RULE",
            help="A finding's name, such as dead-units; all of them are listed without one.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Explain a finding: what it looks like, why it happens, how to fix it."""
    from ..doctor.pages import explain as page
    from ..doctor.rule import load_rules
    from .messages import console

    if rule is None:
        for known in sorted(load_rules().values(), key=lambda known: known.id):
            typer.echo(f"{known.id:32}{known.about}")
        return 0
    text = page(rule)
    out = console()
    if out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(text))
    else:
        typer.echo(text)
    return 0


def propose(diagnosis: Any, run: Path) -> None:
    """The commands that try the fixes on a run of `pellucid train`."""
    from .flags import proposed
    from .messages import say
    from .options import shown

    settings = run / SETTINGS
    if not settings.is_file():
        return
    command = read_config(settings).get("command")
    say()
    say("Try next:")
    for line in [
        *proposed(diagnosis, command if isinstance(command, str) else ""),
        f"pellucid doctor treat {shown(run)}",
        f"pellucid report {shown(run)}",
    ]:
        say(f"  {line}", "green")


def examined(record: Any, source: Path) -> Any:
    """The diagnosis of a record from a file.

    Raises:
        FileFormatError: a record whose parts do not belong together.
    """
    from ..doctor import examine

    try:
        return examine(record)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise FileFormatError(
            f"The parts of the record in {source} do not belong together.",
            got=f"{type(error).__name__}: {error}",
            expected="a record as Pellucid writes it",
            fix="train again, or copy the file once more from where it was made.",
        ) from error


def record_of_run(folder: Path) -> Any:
    """The record in a run folder.

    Raises:
        DataError: no such folder, or a run without a record.
        FileFormatError: a record that cannot be read.
    """
    from ..record.files import load_record

    if not folder.is_dir():
        if folder.suffix == ".npz":
            return load_record(folder)
        raise DataError(
            f"There is no run folder {folder}.",
            got="a file" if folder.exists() else "nothing there",
            expected="a folder that pellucid train wrote",
            fix=f"for a network in a file: pellucid doctor check {folder}"
            if folder.is_file()
            else "make a run with: pellucid train digits",
        )
    if (folder / VITALS).is_file():
        return load_record(folder / VITALS)
    if (folder / MODEL).is_file():
        from ..vitals.configuration import record_of_config

        return record_of_config(read_config(folder / MODEL))
    raise DataError(
        f"The folder {folder} holds no run.",
        got=f"neither {VITALS} nor {MODEL} in it",
        expected="a folder that pellucid train wrote",
        fix="make a run with: pellucid train digits",
    )


def read_config(path: Path) -> dict[str, Any]:
    """The configuration of a network, from a `.keras` file or from JSON.

    Raises:
        DataError: no such file.
        FileFormatError: neither of the two, or damaged.
    """
    import zipfile

    if not path.is_file():
        raise DataError(
            f"There is no file {path}.",
            got="a folder" if path.is_dir() else "nothing there",
            expected="a .keras file, or a network as JSON",
            fix=f"for a run: pellucid doctor {path}"
            if path.is_dir()
            else "write one with Keras: model.save('model.keras').",
        )
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if archive.getinfo("config.json").file_size > LARGEST:
                    raise ValueError("config.json is far too large")
                text = archive.read("config.json").decode()
        elif path.stat().st_size > LARGEST:
            raise ValueError("the file is far too large")
        else:
            text = path.read_text(encoding="utf-8")
        config = json.loads(text)
        if not isinstance(config, dict):
            raise ValueError(f"the JSON is a {type(config).__name__}")
    except (OSError, KeyError, ValueError, RecursionError, zipfile.BadZipFile) as error:
        raise FileFormatError(
            f"{path} holds no network that can be read.",
            got=str(error).strip("'\"") or type(error).__name__,
            expected="a .keras file, or JSON as model.get_config() gives it",
            fix="write it again, with Keras: model.save('model.keras').",
        ) from error
    if isinstance(config.get("model"), dict) and "format" in config:  # model.json of a run
        config = config["model"]
        beside = path.with_name(SETTINGS)
        if beside.is_file():
            config = {**config, "compile_config": read_config(beside).get("compile")}
    return config


def show(diagnosis: Any, as_json: bool = False) -> int:
    """Print a diagnosis; the exit status."""
    if as_json:
        sys.stdout.write(diagnosis.to_json() + "\n")
    else:
        from .messages import console

        out = console()
        if out.is_terminal:
            out.soft_wrap = False
            out.print(diagnosis)
        else:
            typer.echo(str(diagnosis))
    return 0 if diagnosis.healthy else 1


doctor.command()(treat)
doctor.command()(experiment)

__all__ = ["doctor", "examined", "read_config", "record_of_run", "show"]
