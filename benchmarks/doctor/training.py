"""Run one program of the benchmark and keep what the doctor needs: its record and its score."""

from __future__ import annotations

import gc
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import data as datasets
from . import networks
from .data import Data

CACHE = Path(__file__).resolve().parents[2] / "runs" / "doctor-benchmark"
LOSSES = {
    "labels": "sparse_categorical_crossentropy",
    "steps": "sparse_categorical_crossentropy",
    "binary": "binary_crossentropy",
    "several": "binary_crossentropy",
    "values": "mean_squared_error",
    "inputs": "mean_squared_error",
}


@dataclass(frozen=True)
class Program:
    """One training run.

    Attributes:
        data, network: names of functions in `data.py` and `networks.py`.
        options: arguments of the network.
        optimizer, settings: class name and arguments.
        loss: None takes the one that suits the data.
        spoil: change of the data, seeded faults that lie in it.
        fit: more arguments of `fit`.
        callbacks: made anew for every run.
        dtype: policy of the whole network.
        causes: rules of which one should be named; empty for a healthy run.
        twin: name of the healthy program it was made from.
        certain: a fault by its configuration, whether this run's score shows it or not.
        seed: of weights, order and dropout.
    """

    name: str
    data: str
    network: str = "mlp"
    options: dict[str, Any] = field(default_factory=dict)
    optimizer: str = "Adam"
    settings: dict[str, Any] = field(default_factory=dict)
    loss: Any = None
    epochs: int = 10
    batch: int = 32
    spoil: Callable[[Data], Data] | None = None
    fit: dict[str, Any] = field(default_factory=dict)
    callbacks: Callable[[], list[Any]] | None = None
    dtype: str | None = None
    causes: tuple[str, ...] = ()
    twin: str | None = None
    certain: bool = False
    quick: bool = False
    seed: int = 0

    @property
    def held_out(self) -> bool:
        """Half of the programs, by a checksum of the name: rules are not tuned on them."""
        return zlib.crc32(self.name.encode()) % 2 == 1

    def but(self, name: str, *causes: str, **changes: Any) -> Program:
        """A faulty variant; `options`, `settings` and `fit` are added to the twin's."""
        for key in ("options", "settings", "fit"):
            if key in changes:
                changes[key] = {**getattr(self, key), **changes[key]}
        changes.setdefault("quick", False)
        return replace(self, name=f"{self.name}:{name}", causes=causes, twin=self.name, **changes)


@dataclass
class Outcome:
    """What came of a program: a record or the error that stopped it, and a score of 0 to 100."""

    record: Any
    score: float
    seconds: float
    error: str | None = None


def compile_options(program: Program, data: Data) -> dict[str, Any]:
    """Loss, optimiser and metrics of a program."""
    from pellucid import optimizers

    loss = program.loss() if callable(program.loss) else program.loss or LOSSES[data.kind]
    metrics = [] if data.kind in ("values", "inputs") else ["accuracy"]
    return {
        "optimizer": getattr(optimizers, program.optimizer)(**program.settings),
        "loss": loss,
        "metrics": metrics,
    }


def train(program: Program) -> Outcome:
    """Build, train and score it."""
    from pellucid import config, utils
    from pellucid._core.errors import PellucidError

    data = datasets.load(program.data)
    if program.spoil:
        data = program.spoil(data)
    before = config.dtype_policy()
    started = time.perf_counter()
    utils.set_random_seed(program.seed)
    if program.dtype:
        config.set_dtype_policy(program.dtype)
    try:
        model = getattr(networks, program.network)(data, **program.options)
        if program.network == "two_answers":
            record, answers = _train_two(model, data, program)
        else:
            model.compile(**compile_options(program, data))
            history = _fit(model, data, program, data.y, data.y_val)
            record, answers = getattr(history, "vitals", None), model.predict(data.x_val, verbose=0)
        score = rate(data, answers)
        return Outcome(record, score, time.perf_counter() - started)
    except Exception as error:  # a refusal with an explanation is an answer too
        if isinstance(error, PellucidError):
            text = f"{type(error).__name__}: {error}"
            return Outcome(None, 0.0, time.perf_counter() - started, text)
        raise
    finally:
        config.set_dtype_policy(before)
        gc.collect()


def _fit(model: Any, data: Data, program: Program, y: Any, y_val: Any) -> Any:
    options: dict[str, Any] = {"validation_data": (data.x_val, y_val), **program.fit}
    if program.callbacks:
        options["callbacks"] = program.callbacks()
    return model.fit(
        data.x, y, batch_size=program.batch, epochs=program.epochs, verbose=0, **options
    )


def _train_two(model: Any, data: Data, program: Program) -> tuple[Any, Any]:
    from pellucid import optimizers

    def both(y: Any) -> dict[str, Any]:
        return {"digit": y, "even": (y % 2 == 0).astype("float32")[:, None]}

    model.compile(
        getattr(optimizers, program.optimizer)(**program.settings),
        {"digit": "sparse_categorical_crossentropy", "even": "binary_crossentropy"},
        metrics={"digit": ["accuracy"], "even": ["accuracy"]},
    )
    history = _fit(model, data, program, both(data.y), both(data.y_val))
    return getattr(history, "vitals", None), model.predict(data.x_val, verbose=0)["digit"]


def rate(data: Data, answers: Any) -> float:
    """How good the answers are on the validation samples, 0 to 100.

    Shares of right answers (mean over classes where `data.rare`); for values the share of the
    variance that is explained, no less than 0.
    """
    truth = np.asarray(data.y_val)
    answers = np.nan_to_num(np.asarray(answers, "float64"), nan=0.0, posinf=1e30, neginf=-1e30)
    if data.kind in ("values", "inputs"):
        truth = truth.reshape(len(truth), -1).astype("float64")
        answers = answers.reshape(len(answers), -1)
        if answers.shape != truth.shape:
            answers = np.broadcast_to(answers.mean(1, keepdims=True), truth.shape)
        left = ((truth - np.clip(answers, -1e9, 1e9)) ** 2).sum()
        return float(100 * max(0.0, 1 - left / ((truth - truth.mean(0)) ** 2).sum()))
    if data.kind in ("labels", "steps"):
        if truth.ndim > 1 and data.kind == "labels" and truth.shape[-1] > 1:
            truth = truth.argmax(-1)
        wide = answers.shape[-1] > 1
        chosen = answers.argmax(-1) if wide else np.rint(answers[..., 0])
        truth, chosen = truth.reshape(-1), chosen.reshape(-1)
    else:
        if data.kind == "binary" and answers.shape[-1] == 2:
            answers = answers[:, 1:] - answers[:, :1] + 0.5
        truth, chosen = truth.reshape(-1), (answers > 0.5).reshape(-1)
    right = truth == chosen
    if data.rare:
        return float(100 * np.mean([right[truth == c].mean() for c in np.unique(truth)]))
    return float(100 * right.mean())


def folder_of(program: Program) -> Path:
    """Where its record is kept."""
    return CACHE / program.name.replace(":", "--").replace("/", "-")


def kept(folder: Path) -> Outcome | None:
    """What an earlier training left in a folder; None where there is nothing whole."""
    from pellucid.record.files import load_record

    facts = folder / "outcome.json"
    if not facts.exists():
        return None
    found = json.loads(facts.read_text(encoding="utf-8"))
    record = None if found["error"] else load_record(folder / "vitals")
    return Outcome(record, found["score"], found["seconds"], found["error"])


def keep(folder: Path, outcome: Outcome) -> None:
    """Write a run down; `outcome.json` comes last, so that a stop leaves nothing half."""
    from pellucid.record.files import save_record

    folder.mkdir(parents=True, exist_ok=True)
    if outcome.record is not None:
        save_record(folder / "vitals", outcome.record)
    facts = {"score": outcome.score, "seconds": outcome.seconds, "error": outcome.error}
    (folder / "outcome.json").write_text(json.dumps(facts), encoding="utf-8")


def run(program: Program, again: bool = False) -> Outcome:
    """Train, or read what an earlier training left."""
    import jax

    folder = folder_of(program)
    outcome = None if again else kept(folder)
    if outcome is None:
        outcome = train(program)
        keep(folder, outcome)
        jax.clear_caches()
    return outcome
