"""`pellucid report RUN`: the run as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import DataDir


def report(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run folder, or a record: vitals.npz.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            "--output",
            metavar="FILE.html",
            help="The HTML file to write.",
            show_default="report.html in RUN",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the report of a run: findings, curves, the network, its layers, its answers.

    One HTML file that can be sent to anybody: it loads nothing, and runs no scripts.

    **Examples**

    - `pellucid report runs/digits-20250101-120000`
    - `pellucid report runs/digits-20250101-120000 -o digits.html`
    """
    from ..report import write
    from .messages import say

    if run.is_file() and run.suffix == ".npz":
        from ..record.files import load_record

        written = write(load_record(run), out or run.with_name("report.html"))
    else:
        from ..runs import load_run
        from ..runs.answers import answers_of_run, facts_of_run, record_of_run

        loaded = load_run(run)
        record = record_of_run(loaded)
        record.examples = answers_of_run(loaded, data_dir) or record.examples
        written = write(
            record,
            out or run / "report.html",
            title=run.resolve().name,
            class_names=loaded.class_names,
            facts=facts_of_run(loaded),
        )
    say(f"The report is in {written}", "bold")
