"""What holds a network back: penalties, dropout, narrow layers, weights that may not move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...record.schema import LayerRecord, RunRecord
from ..remembering import remembered
from . import vitals
from .course import penalty_weights
from .series import between


class Restraint(NamedTuple):
    """One of them: `how_much` it is, and how likely it is to be felt."""

    kind: str
    layer: str | None
    how_much: float
    sure: float


@remembered
def restraints(record: RunRecord) -> list[Restraint]:
    """All that there are, the heaviest of each kind."""
    heaviest: dict[str, Restraint] = {}
    for found in (*penalties(record), *dropouts(record), *narrow(record), *frozen(record)):
        if found.sure > 0 and (
            found.kind not in heaviest or found.sure > heaviest[found.kind].sure
        ):
            heaviest[found.kind] = found
    return sorted(heaviest.values(), key=lambda one: -one.sure)


def penalties(record: RunRecord) -> Iterator[Restraint]:
    """Regularizers and weight decay that can shrink weights faster than the data moves them."""
    for layer in record.layers:
        strength = max(
            (_strength(layer.config.get(f"{role}_regularizer")) for role in _ROLES), default=0.0
        )
        if strength > 0:
            sure = 0.9 * between(strength, 3e-3, 5e-2)
            shrunk = [
                vitals.weight_at(record, path, "norm") / vitals.weight_at(record, path, "norm", 0)
                for path in layer.weights
                if vitals.weight_at(record, path, "norm", 0) > 0
            ]
            known = [ratio for ratio in shrunk if np.isfinite(ratio)]
            if known and strength >= 1e-3 and min(known) < 0.2:
                sure = max(sure, 0.95)
            yield Restraint("penalty", layer.path, strength, sure)
    decay = record.plan.optimizer_config.get("weight_decay")
    rate = vitals.rate(record)
    if isinstance(decay, (int, float)) and decay > 0 and np.isfinite(rate):
        yield Restraint("decay", None, float(decay), 0.9 * between(float(decay), 0.3, 3.0))


_ROLES = ("kernel", "recurrent", "embeddings", "depthwise", "pointwise")


def _strength(given: Any) -> float:
    """The weight of a squared penalty; an absolute one counts ten times."""
    absolute, squared = penalty_weights(given)
    return squared + 10.0 * absolute


def dropouts(record: RunRecord) -> Iterator[Restraint]:
    """Dropout that leaves too little."""
    for layer in record.layers:
        rate = layer.config.get("rate")
        if layer.has("dropout") and isinstance(rate, (int, float)) and 0 < rate < 1:
            units = (layer.output_shape or [None])[-1] or 32
            left = (1.0 - float(rate)) * units  # units that speak at a time
            sure = max(0.9 * between(float(rate), 0.72, 0.9), 0.5 * between(1 / left, 0.2, 1.0))
            yield Restraint("dropout", layer.path, float(rate), sure if rate > 0.5 else 0.0)


def narrow(record: RunRecord) -> Iterator[Restraint]:
    """A layer through which hardly anything fits."""
    answers = max((_units(output.shape) for output in record.outputs), default=0)
    for layer in vitals.hidden(record):
        units = _units(layer.output_shape)
        if not layer.weights or not units or layer.has("looks_up"):
            continue
        if layer.output_shape and len(layer.output_shape) > 2:
            continue
        if units <= 2 and units < answers:
            yield Restraint("narrow", layer.path, units, 0.9 if units == 1 else 0.7)
        elif units < answers / 4:
            yield Restraint("narrow", layer.path, units, 0.6)


def _units(shape: Any) -> int:
    return int(shape[-1] or 0) if shape else 0


def frozen(record: RunRecord) -> Iterator[Restraint]:
    """Weights that are not trained, as a share of all that could be."""
    matrices = list(vitals.matrices(record, trained=False))
    still = [weight for weight in matrices if not weight.trainable and "Norm" not in weight.layer]
    total = sum(weight.size for weight in matrices)
    if still and total:
        share = sum(weight.size for weight in still) / total
        yield Restraint("frozen", still[0].layer, share, 0.85 * between(share, 0.3, 0.9))


def batch_norms(record: RunRecord) -> list[LayerRecord]:
    """Layers that keep statistics of batches."""
    return [layer for layer in record.layers if layer.has("batch_statistics")]
