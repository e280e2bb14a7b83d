"""`pellucid train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Network, Training, Data = "The network", "The training", "The data and the result"


def train(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="A built-in data set, or an .npz or .csv file.",
            show_default=False,
        ),
    ],
    layers: Annotated[
        str | None,
        typer.Option(
            help="Units of each hidden layer, separated by commas; 'none' for a linear model.",
            show_default="128,64; 512,512 from 256 numbers per sample on",
            rich_help_panel=Network,
        ),
    ] = None,
    activation: Annotated[
        str,
        typer.Option(
            help="Of the hidden layers: relu, tanh, gelu, selu, ...", rich_help_panel=Network
        ),
    ] = "relu",
    dropout: Annotated[
        float,
        typer.Option(
            help="Share (0 to 1) of a hidden layer's outputs set to zero in training.",
            rich_help_panel=Network,
        ),
    ] = 0.2,
    batch_norm: Annotated[
        bool,
        typer.Option(
            "--batch-norm",
            help="Normalise each hidden layer's outputs over the batch.",
            rich_help_panel=Network,
        ),
    ] = False,
    l2: Annotated[
        float,
        typer.Option(
            help="Penalty on the squared weights, added to the loss.", rich_help_panel=Network
        ),
    ] = 0.0,
    dtype: Annotated[
        str,
        typer.Option(
            help="Number format: float32, or mixed_bfloat16 for speed on newer hardware.",
            rich_help_panel=Network,
        ),
    ] = "float32",
    epochs: Annotated[
        int | None,
        typer.Option(
            help="Passes over the training samples, at most.",
            show_default="about 3,000 updates: 10 to 200",
            rich_help_panel=Training,
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            help="Samples per update of the weights.",
            show_default="32; 128 from 10,000 samples on",
            rich_help_panel=Training,
        ),
    ] = None,
    optimizer: Annotated[
        str, typer.Option(help="adam, sgd, rmsprop, adamw, ...", rich_help_panel=Training)
    ] = "adam",
    learning_rate: Annotated[
        float | None,
        typer.Option(
            help="The step size.",
            show_default="the optimizer's own: 0.001 for adam",
            rich_help_panel=Training,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            help="What training makes small.",
            show_default="cross-entropy for classes, mean squared error for numbers",
            rich_help_panel=Training,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Epochs without a better validation loss before training stops; the best epoch's "
            "weights are kept. 0 trains to the end and keeps the last.",
            show_default="a fifth of the epochs, at least 5",
            rich_help_panel=Training,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            help="Of everything random: the same seed, the same run.", rich_help_panel=Training
        ),
    ] = 0,
    validation_split: Annotated[
        float,
        typer.Option(
            help="Share (0 to 1) of the samples to watch the training with.", rich_help_panel=Data
        ),
    ] = 0.1,
    test_split: Annotated[
        float | None,
        typer.Option(
            help="Share (0 to 1) of the samples to hold out for the final result.",
            show_default="the data's own test part, else 0.2",
            rich_help_panel=Data,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="classification or regression. Texts, true/false and up to 20 different whole "
            "numbers are classes, other numbers a regression.",
            show_default="found from the data",
            rich_help_panel=Data,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Of a .csv file: the column to predict.", show_default=False, rich_help_panel=Data
        ),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option(
            help="Folder with the files of a data set that would be downloaded otherwise.",
            show_default="the user's cache",
            rich_help_panel=Data,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Folder for the run; must not exist, or be empty.",
            show_default="runs/NAME-DATE-TIME",
            rich_help_panel=Data,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace the run in --out DIR.", rich_help_panel=Data),
    ] = False,
    verbose: Annotated[
        str,
        typer.Option(
            help="auto: a progress bar on a terminal, else a line per epoch. 0: nothing, "
            "1: the bar, 2: lines.",
            rich_help_panel=Data,
        ),
    ] = "auto",
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
    from ..tasks.network import NetworkSettings
    from ..tasks.settings import TrainSettings
    from . import messages, options, report

    network = NetworkSettings(
        None if layers is None else options.parse_layers(layers),
        activation,
        dropout,
        batch_norm,
        l2,
        dtype,
    )
    settings = TrainSettings(
        name,
        network,
        task,
        target,
        data_dir,
        epochs,
        batch_size,
        optimizer,
        learning_rate,
        loss,
        patience,
        seed,
        validation_split,
        test_split,
    )
    shown = options.parse_verbose(verbose)
    settings.check()
    folder = out if out is not None else options.default_folder(name)
    check_free(folder, force)
    prepared = prepare(settings)
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
