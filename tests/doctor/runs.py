"""Records of runs made by hand: a sound one, and every part of it replaceable."""

from __future__ import annotations

from typing import Any

import numpy as np
from doctor.records import classifier

from pellucid.record.schema import Checkups, RunRecord

EPOCHS, STEPS = 20, 20


def fall(start: float, end: float, count: int, noise: float = 0.02, speed: float = 4.0) -> Any:
    """A curve that falls fast, then slowly: (count,), with a little noise."""
    time = np.linspace(0, 1, count)
    way = (np.exp(-speed * time) - np.exp(-speed)) / (1 - np.exp(-speed))
    random = np.random.default_rng(0).normal(size=count)
    return end + (start - end) * way + noise * (start - end) * random * (way + 0.1)


def flat(level: float, count: int, noise: float = 0.01) -> Any:
    """No trend at all."""
    return level * (1 + noise * np.random.default_rng(1).normal(size=count))


def trained(
    record: RunRecord | None = None,
    *,
    losses: Any = None,
    loss: Any = None,
    validation: Any = None,
    accuracy: Any = None,
    validation_accuracy: Any = None,
    baseline: float | None = 1.1,
    usual: float | None = 0.36,
    norms: Any = None,
    change: float = 0.8,
    pace: float = 0.02,
    gradients: Any = None,
    mode: float | None = None,
    layers: dict[str, dict[str, Any]] | None = None,
    weights: dict[str, dict[str, Any]] | None = None,
    class_share: Any = (0.36, 0.32, 0.32),
    epochs: int = EPOCHS,
    end: float | None = None,
    **plan: Any,
) -> RunRecord:
    """A run of `record` (a classifier of three classes) that went well, but for what is given.

    Args:
        losses: (steps,); the rest are by epoch.
        change, pace: of all weight matrices.
        gradients: rms of the gradient of each matrix, in the order of computation.
        mode: loss on the probe in training mode.
        layers, weights: path -> measure -> (before, after).
        end: loss on the probe at the end.
    """
    record = record or classifier(("Dense", 16, "relu"))
    steps = STEPS * epochs
    losses = fall(1.15, 0.15, steps) if losses is None else np.asarray(losses, float)
    loss = losses.reshape(epochs, -1).mean(1) if loss is None else np.asarray(loss, float)
    record.losses = np.asarray(losses, np.float32)
    record.gradient_norms = np.asarray(fall(1.0, 0.3, len(losses)) if norms is None else norms)
    record.plan.epochs, record.plan.steps_per_epoch = epochs, len(losses) // epochs
    for name, value in plan.items():
        setattr(record.plan, name, value)
    record.history = {"loss": loss, "val_loss": loss + 0.03 if validation is None else validation}
    record.epochs, record.learning_rates = np.arange(epochs), np.full(epochs, 1e-3)
    if usual is not None:
        right = fall(0.35, 0.97, epochs) if accuracy is None else np.asarray(accuracy, float)
        held = right - 0.01 if validation_accuracy is None else validation_accuracy
        record.history |= {"accuracy": right, "val_accuracy": np.asarray(held, float)}
        record.outputs[0].metrics = ["accuracy"]
    for target in record.data.targets.values():
        target.baseline_loss, target.baseline_accuracy = baseline, usual
    record.checkups = checkups(record, change, pace, gradients, layers or {}, weights or {})
    last = float(loss[-1]) if end is None else end
    record.checkups.train = {"loss": np.array([losses[0], last])}
    if usual is not None:
        record.checkups.train["accuracy"] = record.history["accuracy"][[0, -1]]
    record.checkups.training_mode = {"loss": np.array([losses[0], last if mode is None else mode])}
    shares = np.asarray(class_share, float)
    record.checkups.outputs = {
        "y": {"class_share": np.stack([shares, shares]), "spread": np.array([0.1, 0.3]),
              "std": np.array([0.1, 0.3])}
    }  # fmt: skip
    return record


def checkups(
    record: RunRecord, change: float, pace: float, gradients: Any, layers: Any, weights: Any
) -> Checkups:
    """Before the first step and after the last."""
    found = Checkups(step=np.array([0, len(record.losses)]), epoch=np.array([0, EPOCHS]))
    for layer in record.layers:
        units = (layer.output_shape or [1])[-1] or 1
        zeros = 0.5 if layer.activation == "relu" else 0.0
        sound: dict[str, Any] = {
            "output_rms": [1.0, 1.0], "output_spread": [0.7, 0.7], "gradient_rms": [0.1, 0.05],
            "unit_zero": np.full((2, units), zeros), "saturated": [0.05, 0.2],
        }  # fmt: skip
        sound |= layers.get(layer.path, {})
        found.layers[layer.path] = {name: np.asarray(value) for name, value in sound.items()}
    matrices = [weight.path for weight in record.weights if weight.role == "kernel"]
    for weight in record.weights:
        size = weight.size**0.5
        rms = 0.05
        if gradients is not None and weight.path in matrices:
            rms = gradients[matrices.index(weight.path)]
        sound = {
            "norm": [1.0, 1.5], "rms": [0.3, 0.4], "gradient_norm": [rms * size, rms * size],
            "change": [0.0, change], "update_ratio": [np.nan, pace],
        }  # fmt: skip
        sound |= weights.get(weight.path, {})
        found.weights[weight.path] = {name: np.asarray(value) for name, value in sound.items()}
    return found


def dead(record: RunRecord, layer: str, before: float, after: float) -> RunRecord:
    """Shares of units of a layer that are zero on every sample."""
    zeros = record.checkups.layers[layer]["unit_zero"]
    units = zeros.shape[1]
    for row, share in enumerate((before, after)):
        zeros[row] = np.where(np.arange(units) < round(share * units), 1.0, 0.4)
    return record
