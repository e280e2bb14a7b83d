"""`pellucid predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .options import DataDir, RunFolder


def predict(
    run: RunFolder,
    data: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="An .npz file with an array x, a .csv file, - for a table on standard input, or "
            "a data set's name for its test part.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE.csv",
            help="Write the answers there.",
            show_default="print them",
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Of a .csv file: a column to copy beside the answers, such as a key. May be "
            "given several times.",
            show_default="none",
        ),
    ] = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="Add a column with each class's probability.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Let a trained network answer for new samples: one line of CSV for each.

    A class comes with its probability, a number in the units of the training data. Samples are
    taken as they are: the network scales them itself. A table needs the columns that were there in
    training, in any order; others are left aside.

    **Examples**

    - `pellucid predict runs/digits-20250101-120000 digits`
    - `pellucid predict runs/iris-1 flowers.csv --keep id --proba --out answers.csv`
    - `cat flowers.csv | pellucid predict runs/iris-1 - | head`
    """
    from .._core.files import cannot_write, write_atomically
    from ..runs import load_run, use
    from .messages import say

    loaded = load_run(run)
    wanted = tuple(keep or ())
    samples = use.samples_for(loaded, data, data_dir=data_dir, needs_targets=False, keep=wanted)
    if samples.ignored:
        note_ignored(samples.ignored, " (--keep NAME copies one beside the answers.)")
    values, outputs = use.answers(loaded, samples.x)
    text = as_csv(loaded, values, outputs, proba, samples.kept)
    if out is None:
        typer.echo(text, nl=False)
        return
    if str(out.parent) != ".":
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(out, error) from error
    write_atomically(out, text)
    say(f"{len(values):,} answers are in {out}")


def note_ignored(names: tuple[str, ...], hint: str = "") -> None:
    """Say, beside the results, which columns the network does not know."""
    from .messages import console

    some = ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5} more" if names[5:] else "")
    which = "Column" if len(names) == 1 else "Columns"
    console(stderr=True).print(f"{which} not used by the network: {some}.{hint}")


def as_csv(
    run: Any, values: Any, outputs: Any, proba: bool, kept: dict[str, list[Any]] | None = None
) -> str:
    """The answers as a table with a line of column names; `kept` columns stand first."""
    import csv
    import io

    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    first = list(kept or {})
    keys = [list(row) for row in zip(*kept.values(), strict=True)] if kept else [[]] * len(values)
    if run.task == "classification":
        names = run.class_names
        header = ["prediction", "probability"]
        table.writerow(first + header + ([f"p_{name}" for name in names] if proba else []))
        for key, number, row in zip(keys, values, outputs, strict=True):
            every = [f"{p:.6f}" for p in row] if proba else []
            table.writerow([*key, names[number], f"{row[number]:.6f}", *every])
        return text.getvalue()
    columns = values.shape[1]
    names = ["prediction"] if columns == 1 else [f"prediction_{i + 1}" for i in range(columns)]
    table.writerow([*first, *names])
    for key, row in zip(keys, values, strict=True):
        table.writerow([*key, *(f"{value:.7g}" for value in row)])
    return text.getvalue()
