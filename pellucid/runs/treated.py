"""A network that the doctor's treatment made better, kept as a run like any other."""

from __future__ import annotations

import copy
import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._core.errors import PellucidError
from .._core.specs import deserialize
from ..tasks import description, results
from ..treatment.build import in_original_units
from .folder import Run
from .saving import save_run
from .use import own_test_part

OF_THE_DATA = ("drop_column", "shift_labels", "drop_rows")
"""Changes of the samples: a network trained so does not take the run's own data as it comes."""


@dataclass(frozen=True)
class TreatedHistory:
    """What a run folder holds of the training that came out best."""

    epoch: list[int]
    history: dict[str, list[float]]
    vitals: Any
    interrupted: bool = False


def can_keep(found: Any) -> bool:
    """Whether a treatment left a better network that takes the run's data as it is."""
    changed = any(change.kind in OF_THE_DATA for change in found.changes)
    return bool(found.helped and found.model is not None and not changed)


def free_folder(folder: Path) -> Path:
    """`RUN-treated` beside the run, with a number where that is taken."""
    base, number = folder.resolve().with_name(f"{folder.resolve().name}-treated"), 2
    place = base
    while place.exists():
        place, number = base.with_name(f"{base.name}-{number}"), number + 1
    return place


def keep(
    run: Run, found: Any, original: Any, x: Any, out: Path, command: str, data_dir: str | None
) -> Path:
    """Write the best network of a treatment as a run folder, in the data's own units.

    Args:
        run: that was treated.
        found: the `Treatment`.
        original: the network that was handed to it.
        x: its training inputs, for the shapes.
        out: folder for the run; must not exist, or be empty.
        command: the command line, for the record.
        data_dir: folder of a data set that would be downloaded otherwise.

    Raises:
        ConfigError: something lies in `out`. FileWriteError: it cannot be written.
    """
    targets, recipe = run.targets, found.after.recipe
    model, loss = found.model, recipe.loss_name(recipe.names[0])
    compiled = description.compile_arguments(model, targets, loss)
    if targets.task == "regression":
        mean, scale = np.asarray(targets.mean), np.asarray(targets.scale)
        inner, spread = recipe.target_scale.get(recipe.names[0], (0.0, 1.0))
        whole = (mean + scale * np.asarray(inner), scale * np.asarray(spread))
        model = in_original_units(
            recipe.but(target_scale={recipe.names[0]: whole}), model, original, x
        )
    model.compile(**{name: deserialize(value) for name, value in compiled.items()})
    settings = {**copy.deepcopy(run.settings), "command": command, "compile": compiled}
    settings["created"] = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    settings["treated"] = {
        "run": str(run.folder),
        "changes": [change.to_dict() for change in found.changes],
    }
    # The options of `train` describe another network now.
    settings["arguments"] = {"data_dir": run.settings["arguments"].get("data_dir")}
    history = _history(found.after)
    return save_run(
        out, model, settings, history, _results(run, model, loss, history, found, data_dir)
    )


def _history(attempt: Any) -> TreatedHistory:
    kept = attempt.record
    logs = {name: np.asarray(values, float).tolist() for name, values in kept.history.items()}
    return TreatedHistory(np.asarray(kept.epochs).tolist(), logs, kept)


def _results(
    run: Run, model: Any, loss: str, history: TreatedHistory, found: Any, data_dir: str | None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "task": run.task,
        "epochs": len(history.epoch),
        "weights_from_epoch": len(history.epoch),
        "seconds": round(found.after.seconds, 3),
        "interrupted": False,
        "first_bad_step": None,
        "validation": None,
        "test": None,
        "baseline": None,
    }
    try:
        held = own_test_part(run, data_dir)
    except PellucidError:  # nothing was held out, or it is gone
        return told
    told["test"] = results.measure(model, held, run.targets, loss)
    told["baseline"] = results.baseline(held[1], run.targets)
    return told
