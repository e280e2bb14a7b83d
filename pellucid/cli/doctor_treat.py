"""`pellucid doctor treat RUN`: train a run again, with what the doctor would change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .._core.errors import ConfigError, DataError, PellucidError


def treat(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    data: Annotated[
        str | None,
        typer.Option(
            help="The data set's name or file, where it is no longer where it was.",
            show_default="as in training",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Of each training.", show_default="as many as the run did"),
    ] = None,
    trainings: Annotated[
        int, typer.Option(help="At most so many, the one of the run as it is included.")
    ] = 8,
    data_dir: Annotated[
        str | None,
        typer.Option(
            help="Folder with the files of a data set that would be downloaded otherwise.",
            show_default="as in training",
        ),
    ] = None,
    save_weights: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.safetensors",
            help="Write the weights of the best network.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> int:
    """Try on copies of a run's network what the doctor suggests, and say whether it helped.

    The run is trained anew from its seed, on its own training samples, and beside it what the
    doctor would change. All are scored on the run's validation samples; its test samples stay
    unseen. The run folder stays as it is.

    Exit status: 0 it helped or the run was sound, 1 it did not help, 2 something cannot be read.
    """
    from ..doctor import treat as try_changes

    if save_weights is not None and not save_weights.endswith(".safetensors"):
        raise ConfigError(
            "The weights go into a .safetensors file.",
            got=f"--save-weights {save_weights}",
            fix=f"--save-weights {Path(save_weights).stem or 'best'}.safetensors",
        )
    model, training, validation, settings = prepared(run, data, data_dir)
    found = try_changes(
        model,
        training,
        validation,
        epochs=epochs or done_epochs(run) or settings.epochs,
        batch_size=settings.batch_size,
        trainings=trainings,
    )
    if save_weights is not None and found.model is not None:
        found.model.save_weights(save_weights)
    if as_json:
        sys.stdout.write(found.to_json() + "\n")
    else:
        typer.echo(str(found))
    return 0 if found.helped or found.before.sound else 1


def prepared(folder: Path, data: str | None, data_dir: str | None) -> tuple[Any, Any, Any, Any]:
    """The network of a run as it began, its training and validation samples, and its settings.

    Raises:
        DataError: no such run, or its data is gone or has changed.
        FileFormatError: a run folder that cannot be read.
        ConfigError: settings that this version does not know.
    """
    from dataclasses import fields, replace

    from ..runs import load_run
    from ..runs.network import NetworkSettings
    from ..runs.settings import TrainSettings, default_loss
    from ..runs.training import prepare

    loaded = load_run(folder)
    given = dict(loaded.settings["arguments"])
    known = {field.name for field in fields(TrainSettings)}
    if not set(given) <= known or not isinstance(given.get("network"), dict):
        raise ConfigError(
            f"The run {folder} cannot be trained again: its settings are not all known here.",
            got=", ".join(sorted(set(given) - known)) or "no network",
            fix="train it with pellucid train, and treat that run.",
        )
    network = dict(given.pop("network"))
    if network.get("layers") is not None:
        network["layers"] = tuple(network["layers"])
    settings = TrainSettings(network=NetworkSettings(**network), **given)
    kept = loaded.settings["data"]
    source = data or kept["source"]
    if data is None and kept["path"] is not None and not Path(source).is_file():
        source = kept["path"]
    settings = replace(settings, source=source, data_dir=data_dir or settings.data_dir,
                       target=settings.target or kept["target"])  # fmt: skip
    try:
        ready = prepare(settings)
    except DataError as error:
        if kept["path"] is None or Path(source).is_file():
            raise
        raise DataError(
            "The data of this run is no longer where it was.",
            got=f"no file {source}",
            expected="the file that the run was trained on",
            fix=f"pellucid doctor treat {folder} --data FILE.",
        ) from error
    if tuple(kept["sample_shape"]) != tuple(ready.samples.x.shape[1:]):
        raise DataError(
            "These are not samples as the run was trained on.",
            got=f"samples of shape {tuple(ready.samples.x.shape[1:])}",
            expected=f"{tuple(kept['sample_shape'])}",
            fix="name the data set or file that the run was trained on.",
        )
    loss = settings.loss or default_loss(ready.targets)

    def encoded(part: Any) -> Any:
        return None if part is None else (part[0], ready.targets.for_training(part[1], loss))

    return ready.model, encoded(ready.parts.train), encoded(ready.parts.validation), ready.settings


def done_epochs(folder: Path) -> int | None:
    """How many epochs a run did."""
    from ..runs import load_run

    try:
        return len(next(iter(load_run(folder).history.values()), ())) or None
    except PellucidError:
        return None
