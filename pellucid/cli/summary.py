"""`pellucid summary`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def summary(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN|NAME", help="A run folder, or a data set's name.", show_default=False
        ),
    ],
    diagram: Annotated[
        bool,
        typer.Option("--diagram", help="Print the network as a Mermaid diagram instead."),
    ] = False,
    data_dir: Annotated[
        str | None,
        typer.Option(
            help="Folder with the files of a data set that would be downloaded otherwise.",
            show_default="the user's cache",
        ),
    ] = None,
) -> None:
    """Show a network: its layers, what comes out of each, and how many parameters it has.

    For a RUN also what it was trained on and how well it did. For the NAME of a data set, the
    network that `pellucid train NAME` would begin with.

    **Examples**

    - `pellucid summary digits`
    - `pellucid summary runs/digits-20250101-120000 --diagram`
    """
    from ..runs import load_run
    from ..tasks.samples import is_file_name
    from . import report
    from .messages import say

    if Path(what).is_dir() or (is_file_name(what) and not Path(what).is_file()):
        run = load_run(what)
        model, results, settings = run.model, run.results, run.settings
        if not diagram:
            say(f"{settings['command'] or run.folder}, {settings['created']}")
            held = "test" if results.get("test") else "validation"
            if results.get(held):
                count = settings["split"][held]
                report.comparison(results[held], results["baseline"], count, f"{held} samples")
            say()
    else:
        from ..tasks.learn import prepare
        from ..tasks.settings import TrainSettings

        model = prepare(TrainSettings(what, data_dir=data_dir)).model
    if diagram:
        typer.echo(model.diagram())
    else:
        model.summary()
