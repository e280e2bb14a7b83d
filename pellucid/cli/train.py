"""`pellucid train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..tasks.setting import DATA, settings_of
from ..tasks.settings import NetworkSettings, TrainSettings
from . import options


@options.with_settings(NetworkSettings, TrainSettings)
def train(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A built-in data set, or an .npz or .csv file.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Folder for the run; must not exist, or be empty.",
            show_default="runs/NAME-DATE-TIME",
            rich_help_panel=DATA,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace the run in --out DIR.", rich_help_panel=DATA),
    ] = False,
    verbose: Annotated[
        str,
        typer.Option(
            help="auto: a progress bar on a terminal, else a line per epoch. 0: nothing, "
            "1: the bar, 2: lines.",
            rich_help_panel=DATA,
        ),
    ] = "auto",
    **settings: Any,
) -> None:
    """Train a network on a data set, and measure it on samples that it has not seen.

    NAME is one of digits, iris, wine, breast_cancer, diabetes (these come with the installation),
    mnist, fashion_mnist, cifar10, cifar100, california_housing, boston_housing (downloaded on
    first use). A FILE.npz holds
    arrays x and y, or x_train, y_train, x_test and y_test; a FILE.csv has a line of column names,
    numbers in its columns, and its answers in the column --target.

    Inputs are scaled inside the network, so that the saved model takes data as it came. Ctrl-C
    ends training early and keeps what was reached.

    **Examples**

    - `pellucid train digits`
    - `pellucid train iris --layers 16,16 --activation tanh --epochs 100`
    - `pellucid train mnist --layers 512,512 --batch-norm --out runs/mnist-1`
    - `pellucid train measurements.npz --task regression --learning-rate 0.0003`
    """
    from .._core.errors import ConfigError
    from ..runs.saving import check_free, save_run
    from ..tasks.learn import prepare
    from ..tasks.learn import train as run_training
    from . import messages, report

    chosen = settings_from(name, settings)
    shown = options.parse_verbose(verbose)
    chosen.check()
    folder = out if out is not None else options.default_folder(name)
    check_free(folder, force)
    prepared = prepare(chosen)
    report.before_training(prepared)
    outcome = run_training(prepared, shown, command=options.command_line())
    parts = (outcome.model, outcome.settings, outcome.history, outcome.results)
    try:
        folder = save_run(out if out is not None else options.default_folder(name), *parts, force)
    except ConfigError as error:  # something appeared there while training went on
        messages.say(f"{error.what} So the run goes elsewhere.", "yellow")
        folder = save_run(options.default_folder(name), *parts)
    report.after_training(prepared, outcome, folder)
    if outcome.results["interrupted"]:
        raise typer.Exit(130)
    if outcome.results["first_bad_step"] is not None:
        raise typer.Exit(1)


def settings_from(source: str, values: dict[str, Any]) -> TrainSettings:
    """The settings that options stand for.

    Args:
        source: the data.
        values: of the options, by the settings' names; `layers` as text.

    Raises:
        ConfigError: layers that are no numbers.
    """
    values = dict(values)
    network = {name: values.pop(name) for name in settings_of(NetworkSettings)}
    if network["layers"] is not None:
        network["layers"] = options.parse_layers(network["layers"])
    return TrainSettings(source, NetworkSettings(**network), **values)
