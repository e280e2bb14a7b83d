"""The commands together, and what happens when one of them fails. Imports nothing heavy."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .._core.errors import PellucidError
from . import messages
from .doctor import doctor
from .evaluate import evaluate
from .html_report import report
from .predict import predict
from .summary import summary
from .train import train


class Commands(TyperGroup):
    """The group of commands; turns every failure into one message and an exit status.

    0: done. 1: a fault in Pellucid, training that diverged, or a problem that the doctor found.
    2: something to be changed by the user. 130: ended by Ctrl-C.
    """

    def main(self, args: Any = None, *rest: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        args = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in args or bool(os.environ.get("PELLUCID_DEBUG"))
        args = [argument for argument in args if argument != "--debug"]  # wherever it stands
        extra["prog_name"] = "pellucid"
        code = self._guarded(args, debug, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _guarded(self, args: list[str], debug: bool, extra: dict[str, Any]) -> int:
        try:
            result = super().main(args, standalone_mode=False, **extra)
            return result if isinstance(result, int) else 0
        except messages.ClickException as error:
            messages.show_usage_error(error)
            return getattr(error, "exit_code", 2)
        except PellucidError as error:
            if debug:
                raise
            messages.show_error(error)
            return 2
        except (KeyboardInterrupt, typer.Abort):
            messages.show_interrupted()
            return 130
        except BrokenPipeError:  # the reader of a pipe has gone: head, less
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except Exception as error:
            if debug:
                raise
            messages.show_fault(error)
            return 1


app = typer.Typer(
    name="pellucid",
    cls=Commands,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(train)
app.command()(evaluate)
app.command()(predict)
app.command()(summary)
app.command()(report)
app.add_typer(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"pellucid {__version__}")
        raise typer.Exit()


@app.callback(invoke_without_command=True)
def pellucid(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            help="Show where in the code an error arose; also after a command, or as "
            "PELLUCID_DEBUG=1.",
        ),
    ] = False,
) -> None:
    """Train neural networks, measure them on data they have not seen, and use them.

    **A first thing to try:** `pellucid train digits` trains a network on
    1,797 handwritten digits in a few seconds, no download needed. It ends with the commands to try
    next.

    Every command explains itself: `pellucid train --help`.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
