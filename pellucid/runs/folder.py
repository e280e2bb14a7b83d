"""The run folder: everything about one training, and enough to reload it.

    settings.json         command, arguments, versions, the data, its split, the compile arguments
    model.json            the architecture, as `model.get_config()` has it
    weights.safetensors   the weights
    history.csv           one line per epoch, for people and spreadsheets
    history.json          the same for programs, and whether Ctrl-C ended the run
    results.json          results on held-out data, next to a trivial baseline
    vitals.npz            what the run measured about itself, for `pellucid doctor`

Each JSON file starts with `"format"` and `"version"`; numbers that are not finite are null.
"""

from __future__ import annotations

import contextlib
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._core.errors import DataError, FileFormatError, PellucidError
from .._core.specs import deserialize
from ..tasks.targets import Targets
from . import files

VERSION = 1
SETTINGS, MODEL, WEIGHTS = "settings.json", "model.json", "weights.safetensors"
HISTORY, HISTORY_TABLE, RESULTS = "history.json", "history.csv", "results.json"
VITALS = "vitals.npz"
NAMES = (SETTINGS, MODEL, WEIGHTS, HISTORY, HISTORY_TABLE, RESULTS, VITALS)
_SETTINGS_KEYS = ("task", "data", "split", "targets", "compile", "arguments")
_DATA_KEYS = ("source", "kind", "path", "target", "feature_names", "sample_shape")
_SPLIT_KEYS = ("seed", "test", "test_split", "validation_split", "test_sha256")


@dataclass(frozen=True)
class Run:
    """A finished training, as its folder holds it.

    Attributes:
        folder: where it lies.
        model: the network with its weights, compiled; takes the data as it came, unscaled.
        settings: what `settings.json` says.
        history: log name -> one value per epoch.
        results: what `results.json` says.
    """

    folder: Path
    model: Any
    settings: dict[str, Any]
    history: dict[str, list[Any]]
    results: dict[str, Any]

    @property
    def targets(self) -> Targets:
        """What the outputs mean: classes by number, or the scale of a regression."""
        return Targets.from_dict(self.settings["targets"])

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return self.targets.task

    @property
    def class_names(self) -> tuple[str, ...]:
        """The name of each output of a classifier; empty for a regression."""
        return self.targets.class_names


def load_run(folder: str | os.PathLike[str]) -> Run:
    """A run as `pellucid train` or `save_run` wrote it, its model ready to predict and evaluate.

    Args:
        folder: the run folder.

    Raises:
        DataError: there is no such folder.
        FileFormatError: a file is missing, damaged, or does not belong to the others; it is named.
    """
    from .. import layers, models  # noqa: F401  (their classes must be known by name)
    from ..training.weights_file import load_weights

    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(
            f"There is no run folder {folder}.",
            got=f"{folder} is a file" if folder.exists() else "no such folder",
            expected="a folder that `pellucid train` wrote",
            fix=_known_runs(folder),
        )
    settings = files.read_json(folder / SETTINGS, "pellucid-run", VERSION, _SETTINGS_KEYS)
    described = files.read_json(folder / MODEL, "pellucid-model", VERSION, ("model",))
    log = files.read_json(folder / HISTORY, "pellucid-history", VERSION, ("epoch", "history"))
    results = files.read_json(folder / RESULTS, "pellucid-results", VERSION, ())
    again = "train again, or copy the whole run folder once more from where it was made."
    try:
        for part, keys in (("data", _DATA_KEYS), ("split", _SPLIT_KEYS)):
            _ = [settings[part][key] for key in keys]
        Targets.from_dict(settings["targets"])
        model = deserialize(described["model"])
        model.compile(**{k: deserialize(value) for k, value in settings["compile"].items()})
    except PellucidError as error:
        raise FileFormatError(
            f"The model in {folder} cannot be built from its description.",
            got=error.what,
            fix=error.fix or again,
        ) from error
    except (TypeError, KeyError, AttributeError, ValueError, IndexError) as error:
        raise FileFormatError(
            f"The model in {folder} cannot be built from its description.",
            got=f"{type(error).__name__}: {error}",
            expected=f"{MODEL} and {SETTINGS} as `pellucid train` writes them",
            fix=again,
        ) from error
    if not (folder / WEIGHTS).is_file():
        raise FileFormatError(
            f"The run folder {folder} has no {WEIGHTS}.",
            expected=f"a file {WEIGHTS} with the network's weights",
            fix=again,
        )
    load_weights(model, folder / WEIGHTS)
    history = {
        name: [math.nan if value is None else value for value in column]
        for name, column in log["history"].items()
    }
    return Run(folder, model, settings, history, results)


def _known_runs(folder: Path) -> str:
    """A fix that names the newest runs nearby, if there are any."""
    found: list[Path] = []
    with contextlib.suppress(OSError):
        for place in {folder.parent, Path("runs")}:
            found += [path.parent for path in place.glob(f"*/{SETTINGS}")]
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    if not found:
        return "train one first: pellucid train digits."
    return "pass one of " + ", ".join(str(path) for path in found[:3]) + "."
