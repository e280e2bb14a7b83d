"""What goes into a run's `settings.json`."""

from __future__ import annotations

import datetime
import platform
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from .._core.specs import serialize
from .samples import Samples
from .settings import TrainSettings
from .targets import Targets


def compile_arguments(model: Any, targets: Targets, loss: str) -> dict[str, Any]:
    """JSON-ready arguments with which the saved model is compiled."""
    metrics = ["accuracy"]
    if targets.task == "regression":
        metrics = ["mae", "rmse", "r2_score"]
    return {"optimizer": serialize(model.optimizer), "loss": loss, "metrics": metrics}


def describe(
    settings: TrainSettings,
    samples: Samples,
    targets: Targets,
    split: dict[str, Any],
    compiled: dict[str, Any],
    command: str,
) -> dict[str, Any]:
    """The record of a run: enough to know what was done, and to make its parts again."""
    import jax

    arguments = {f.name: getattr(settings, f.name) for f in fields(settings)}
    arguments["network"] = asdict(settings.network)
    if settings.data_dir is not None:  # found again from any folder
        arguments["data_dir"] = str(Path(settings.data_dir).expanduser().absolute())
    regression = targets.task == "regression"
    return {
        "created": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": command,
        "versions": {
            "pellucid": __version__,
            "python": platform.python_version(),
            "jax": jax.__version__,
            "numpy": np.__version__,
        },
        "device": jax.devices()[0].platform,
        "seed": settings.seed,
        "task": targets.task,
        "arguments": arguments,
        "data": {
            "source": samples.source,
            "kind": samples.kind,
            "path": None if samples.kind == "built-in" else str(Path(samples.source).absolute()),
            "target": samples.target,
            "feature_names": list(samples.feature_names),
            "sample_shape": list(samples.x.shape[1:]),
            "value_range": None if samples.value_range is None else list(samples.value_range),
        },
        "targets": targets.to_dict(),
        "split": split,
        "compile": compiled,
        "history_units": "standard deviations of the answers" if regression else "as they are",
    }
