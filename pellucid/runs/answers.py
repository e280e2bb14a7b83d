"""What a finished run answers on its own held-out samples, and its record: for the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import PellucidError
from ..record.files import load_record
from ..record.schema import Examples, RunRecord
from ..vitals.answers import batch_of, examples_of
from ..vitals.network import record_of
from .folder import VITALS, Run
from .use import own_test_part


def record_of_run(run: Run) -> RunRecord:
    """What the run measured while it trained; else its network and its history alone."""
    if (run.folder / VITALS).is_file():
        return load_record(run.folder / VITALS)
    record = record_of(run.model)
    record.history = {name: np.asarray(values, float) for name, values in run.history.items()}
    record.epochs = np.arange(max((len(v) for v in run.history.values()), default=0))
    record.plan.epochs = len(record.epochs)
    return record


def answers_of_run(run: Run, data_dir: str | None = None) -> dict[str, Examples]:
    """The answers on the samples that the run held out; empty where these are gone."""
    try:
        x, y = own_test_part(run, data_dir)
        return examples_of(run.model, batch_of(run.model, x, y), "held-out")
    except PellucidError:
        return {}


def facts_of_run(run: Run) -> dict[str, Any]:
    """Versions, device, command and data of a run, as its settings hold them."""
    settings = run.settings
    versions = settings.get("versions", {})
    names = {"pellucid": "Pellucid", "python": "Python", "jax": "JAX", "numpy": "NumPy"}
    return {
        "created": settings.get("created"),
        "command": settings.get("command"),
        "data": settings["data"]["source"],
        **{names.get(name, name): version for name, version in versions.items()},
        "device": settings.get("device"),
        "seed": settings.get("seed"),
    }
