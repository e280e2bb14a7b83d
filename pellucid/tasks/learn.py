"""One training from settings to results: read, split, build, fit, measure. No output of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from .._core.rng import set_random_seed
from .._core.specs import deserialize
from ..training.callbacks import EarlyStopping, TerminateOnNaN
from ..training.checkpoints import BackupAndRestore
from . import description
from .network import build_network
from .results import baseline, measure
from .samples import Samples, read_samples
from .settings import TrainSettings, default_loss, fill_in
from .split import Parts, make_parts
from .targets import Targets, find_targets, learn_from


@dataclass(frozen=True)
class Preparation:
    """Everything that is known before training.

    Attributes:
        settings: with no None left, except where it means "the optimiser's own".
        samples, targets, parts: the data.
        model: the network to train, compiled.
    """

    settings: TrainSettings
    samples: Samples
    targets: Targets
    parts: Parts
    model: Any


@dataclass(frozen=True)
class Outcome:
    """What training gave: the model as it is saved, its history and results, and the settings."""

    model: Any
    history: Any
    results: dict[str, Any]
    settings: dict[str, Any]


def prepare(settings: TrainSettings) -> Preparation:
    """Read and split the data, decide what is open, and build the network.

    Raises:
        ConfigError, DataError, FileFormatError, DownloadError: with a fix each.
    """
    settings.check()
    samples = read_samples(settings.source, target=settings.target, data_dir=settings.data_dir)
    targets = find_targets(samples, settings.task, settings.loss)
    parts = make_parts(
        samples, targets, settings.test_split, settings.validation_split, settings.seed
    )
    x, y = parts.train
    targets = learn_from(targets, y)
    settings = fill_in(settings, x)
    set_random_seed(settings.seed)
    model = build_network(settings.network, x, targets, samples.value_range)
    model.compile(
        optimizer=settings.optimizer_spec(),
        loss=settings.loss or default_loss(targets),
        metrics=["accuracy"] if targets.task == "classification" else ["r2_score"],
    )
    settings = replace(settings, loss=settings.loss or default_loss(targets))
    return Preparation(settings, samples, targets, parts, model)


def train(prepared: Preparation, verbose: Any = "auto", command: str = "") -> Outcome:
    """Fit the prepared network, and measure it on the held-out part.

    Ctrl-C ends training early and keeps what was reached.

    Args:
        prepared: from `prepare`.
        verbose: of `fit`.
        command: the command line, for the record.
    """
    settings, targets, parts = prepared.settings, prepared.targets, prepared.parts
    loss = settings.loss or default_loss(targets)

    def ready(part: Any) -> Any:
        return None if part is None else (part[0], targets.for_training(part[1], loss))

    callbacks: list[Any] = [TerminateOnNaN()]
    if settings.patience:
        monitor = "loss" if parts.validation is None else "val_loss"
        callbacks.append(
            EarlyStopping(monitor, patience=settings.patience, restore_best_weights=True)
        )
    if settings.checkpoint is not None:
        callbacks.append(BackupAndRestore(settings.checkpoint))
    start = time.perf_counter()
    history = prepared.model.fit(
        *ready(parts.train),
        batch_size=settings.batch_size,
        epochs=settings.epochs or 1,
        validation_data=ready(parts.validation),
        callbacks=callbacks,
        verbose=verbose,
    )
    seconds = time.perf_counter() - start
    model = _finished(prepared, loss)
    stopper = callbacks[1] if settings.patience else None
    best = None if stopper is None or stopper.weights_epoch is None else stopper.weights_epoch + 1
    results: dict[str, Any] = {
        "task": targets.task,
        "epochs": len(history.epoch),
        "weights_from_epoch": best or len(history.epoch),
        "seconds": round(seconds, 3),
        "interrupted": history.interrupted,
        "first_bad_step": callbacks[0].bad_step,
    }
    for name, part in (("validation", parts.validation), ("test", parts.test)):
        results[name] = None if part is None else measure(model, part, targets, loss)
    held = parts.test or parts.validation
    results["baseline"] = None if held is None else baseline(held[1], targets)
    written = description.describe(
        settings,
        prepared.samples,
        targets,
        parts.description,
        description.compile_arguments(prepared.model, targets, loss),
        command,
    )
    return Outcome(model, history, results, written)


def _finished(prepared: Preparation, loss: str) -> Any:
    """The trained model as it is saved: in the data's own units, compiled."""
    model = prepared.model
    if prepared.targets.task == "regression":
        x, _ = prepared.parts.train
        model = build_network(
            prepared.settings.network,
            x,
            prepared.targets,
            prepared.samples.value_range,
            original_units=True,
        )
        model.set_weights(prepared.model.get_weights())
        arguments = description.compile_arguments(prepared.model, prepared.targets, loss)
        model.compile(**{name: deserialize(value) for name, value in arguments.items()})
    return model
