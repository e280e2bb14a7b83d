"""A run as it began: its network, its samples and its settings, ready to be trained again."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from .._core.errors import ConfigError, DataError, PellucidError
from ..tasks.learn import prepare
from ..tasks.settings import NetworkSettings, TrainSettings, default_loss
from .folder import load_run


def prepared(folder: Path, data: str | None, data_dir: str | None) -> tuple[Any, Any, Any, Any]:
    """The network of a run as it began, its training and validation samples, and its settings.

    Raises:
        DataError: no such run, or its data is gone or has changed.
        FileFormatError: a run folder that cannot be read.
        ConfigError: settings that this version does not know.
    """
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
                       target=settings.target or kept["target"], checkpoint=None)  # fmt: skip
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
    try:
        return len(next(iter(load_run(folder).history.values()), ())) or None
    except PellucidError:
        return None
