"""What the checkups say of layers and weights, as one number each. Missing numbers are NaN."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import LayerRecord, RunRecord, WeightRecord
from ..remembering import remembered
from . import series

NAN = float("nan")
ROLES = ("kernel", "recurrent_kernel", "depthwise_kernel", "pointwise_kernel", "embeddings")


def at(record: RunRecord, layer: str, name: str, checkup: int = -1) -> float:
    """One number of a layer at one checkup."""
    return _one(record.checkups.layers.get(layer, {}).get(name), checkup)


def weight_at(record: RunRecord, weight: str, name: str, checkup: int = -1) -> float:
    """One number of a weight at one checkup."""
    return _one(record.checkups.weights.get(weight, {}).get(name), checkup)


def _one(curve: np.ndarray | None, checkup: int) -> float:
    if curve is None or not -len(curve) <= checkup < len(curve):
        return NAN
    return float(curve[checkup])


def matrices(record: RunRecord, trained: bool = True) -> Iterator[WeightRecord]:
    """Kernels and embeddings, in the order of computation; without trained ones that are frozen."""
    for weight in record.weights:
        if weight.role in ROLES or (len(weight.shape) >= 2 and weight.role not in ("bias",)):
            if trained and not weight.trainable:
                continue
            yield weight


def moved(record: RunRecord) -> float:
    """How far the trained matrices are from where they began, relative to their size there.

    The largest over the matrices, so that one that learns is enough. A matrix that began at zero
    is left out.
    """
    found = [
        change
        for weight in matrices(record)
        if np.isfinite(change := weight_at(record, weight.path, "change"))
        and weight_at(record, weight.path, "norm", 0) > 0
    ]
    return max(found) if found else NAN


@remembered
def pace(record: RunRecord) -> np.ndarray:
    """(checkups,) median over trained matrices of the update-to-weight ratio."""
    rows = [
        np.asarray(ratios, np.float64)
        for weight in matrices(record)
        if (ratios := record.checkups.weights.get(weight.path, {}).get("update_ratio")) is not None
    ]
    if not rows:
        return np.zeros(0)
    kept = np.array(rows)
    finite = np.isfinite(kept)
    if finite.all():  # as nearly always; nanmedian is slow
        return np.median(kept, axis=0)
    known = finite.any(axis=0)
    result = np.full(kept.shape[1], NAN)
    if known.any():
        result[known] = np.nanmedian(kept[:, known], axis=0)
    return result


def dead_share(record: RunRecord, layer: str, checkup: int = -1) -> float:
    """Share of a layer's units that are zero on every probe sample."""
    zeros = record.checkups.layers.get(layer, {}).get("unit_zero")
    if zeros is None or not len(zeros):
        return NAN
    return float(np.mean(np.asarray(zeros)[checkup] >= 1.0))


def gradient_size(record: RunRecord, weight: WeightRecord, checkup: int) -> float:
    """Root mean square of a weight's gradient."""
    return weight_at(record, weight.path, "gradient_norm", checkup) / max(weight.size, 1) ** 0.5


def chain(record: RunRecord) -> list[WeightRecord]:
    """Trained matrices whose gradient was measured, in the order of computation."""
    return [
        weight
        for weight in matrices(record)
        if weight.path in record.checkups.weights and "embedding" not in weight.role
    ]


def backward_ratio(record: RunRecord) -> float:
    """The gradient of the first matrices over the last one's, typically; NaN if not known."""
    weights = chain(record)
    if len(weights) < 3:
        return NAN
    ratios = []
    for checkup in range(len(record.checkups)):
        sizes = [gradient_size(record, weight, checkup) for weight in weights]
        if np.isfinite(sizes).all() and sizes[-1] > 0:
            ratios.append(min(sizes[0], sizes[1]) / sizes[-1])
    return float(np.median(ratios)) if ratios else NAN


def rate(record: RunRecord) -> float:
    """The learning rate at the start."""
    if record.plan.learning_rate:
        return float(record.plan.learning_rate)
    return series.first(record.learning_rates)


# Learning rates at which most networks learn, by optimiser.
USUAL_RATE = {
    "SGD": 0.01,
    "RMSprop": 1e-3,
    "Adam": 1e-3,
    "AdamW": 1e-3,
    "Nadam": 1e-3,
    "Adamax": 1e-3,
    "Adagrad": 0.01,
    "Adadelta": 1.0,
    "Adafactor": 1e-3,
    "Lion": 1e-4,
    "Lamb": 1e-3,
    "Ftrl": 0.01,
    "Muon": 1e-3,
}


def unusual_rate(record: RunRecord) -> float:
    """The learning rate over the usual one of its optimiser."""
    usual = USUAL_RATE.get(record.plan.optimizer or "")
    given = rate(record)
    if usual is None or not np.isfinite(given):
        return NAN
    momentum = float(record.plan.optimizer_config.get("momentum") or 0.0)
    if record.plan.optimizer == "SGD" and 0 < momentum < 1:
        given /= 1.0 - momentum
        usual *= 3.0
    return given / usual


def hidden(record: RunRecord) -> list[LayerRecord]:
    """Layers whose output is no answer of the network."""
    answers = {output.layer for output in record.outputs}
    return [layer for layer in record.layers if layer.path not in answers]
