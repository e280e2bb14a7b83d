"""`pellucid evaluate`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import DataDir, RunFolder

MOST_CLASSES_SHOWN = 30


def evaluate(
    run: RunFolder,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="A data set's name, an .npz or a .csv file.",
            show_default="the samples that the run held out",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Of a .csv file: the column with the right answers.",
            show_default="as in training, or the only column that is not a feature",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Measure a trained network, next to what the simplest possible answer would get.

    Without DATA the samples that the run held out are made again from its data, and checked to be
    the same. With DATA every sample in it is used, or its own test part if it has one.

    **Examples**

    - `pellucid evaluate runs/digits-20250101-120000`
    - `pellucid evaluate runs/iris-1 new_flowers.csv --target species`
    """
    from ..runs import load_run, use
    from ..tasks import results
    from . import report
    from .messages import say
    from .predict import note_ignored

    loaded = load_run(run)
    targets = loaded.targets
    if data is None:
        x, y = use.own_test_part(loaded, data_dir)
        where = "held-out samples"
    else:
        samples = use.samples_for(loaded, data, target, data_dir)
        if samples.ignored:
            note_ignored(samples.ignored)
        x, y = samples.x, targets.encode(samples.y)  # type: ignore[arg-type]
        where = f"samples of {data}"
    measured = results.measure(loaded.model, (x, y), targets, loaded.settings["compile"]["loss"])
    report.comparison(measured, results.baseline(y, targets), len(y), where)
    if targets.task == "classification" and len(targets.labels) <= MOST_CLASSES_SHOWN:
        say()
        predicted, _ = use.answers(loaded, x)
        report.classes(results.by_class(predicted, y, targets))
