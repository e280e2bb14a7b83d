"""How each layer is: what the doctor found in it, and what the last checkup measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..doctor.diagnosis import Diagnosis
from ..doctor.finding import SEVERITIES, Finding
from ..record.schema import LayerRecord, RunRecord, WeightRecord
from .words import percent, short


@dataclass
class Health:
    """Of one layer, at the end.

    Attributes:
        state: severity of the worst finding in it; ``"good"`` where it was looked at and nothing
            was found; "" where nobody looked.
        findings: in it.
        dead: share of its units, or None.
        saturated: share of its answers at a bound of its activation, or None; as the doctor has it.
        broken: share of its numbers that are not finite.
        zeros: share of its numbers that are zero.
        update: median over its trained weights of the update ratio.
        change: largest change of its weights since the start, by their norm.
        parameters: numbers in its weights.
    """

    state: str = ""
    findings: list[Finding] = field(default_factory=list)
    dead: float | None = None
    saturated: float | None = None
    broken: float = 0.0
    zeros: float | None = None
    update: float | None = None
    change: float | None = None
    parameters: int = 0

    def facts(self) -> list[str]:
        """What is worth a word, the most important first."""
        found = []
        if self.broken > 0:
            found.append(f"{percent(self.broken)} not finite")
        if self.dead:
            found.append(f"{percent(self.dead)} dead")
        if self.saturated:
            found.append(f"{percent(self.saturated)} at a bound")
        if self.update is not None:
            found.append(f"update/weight {short(self.update, 2)}")
        if self.change is not None:
            found.append(f"moved {short(self.change, 2)}")
        return found


def health_of(record: RunRecord, diagnosis: Diagnosis) -> dict[str, Health]:
    """Layer path -> how it is."""
    found: dict[str, list[Finding]] = {}
    for item in _walk(diagnosis):
        place = item.where.layer or (item.where.weight or "").rpartition("/")[0]
        if place:
            found.setdefault(place, []).append(item)
    return {layer.path: _layer(record, layer, found.get(layer.path, [])) for layer in record.layers}


def _walk(diagnosis: Iterable[Finding]) -> Iterable[Finding]:
    for finding in diagnosis:
        yield from finding.walk()


def _layer(record: RunRecord, layer: LayerRecord, findings: list[Finding]) -> Health:
    signs = record.checkups.layers.get(layer.path, {})
    own = weights_of(record, layer)
    weights = [record.checkups.weights.get(weight.path, {}) for weight in own]
    health = Health(findings=findings)
    if can_die(layer.activation):
        health.dead = share_at(signs.get("unit_zero"), -1)
    health.saturated = None if is_output(record, layer) else at_bound(signs)
    health.broken = float(last(signs.get("output_nonfinite")) or 0.0)
    health.zeros = last(signs.get("zero_share"))
    health.update = _middle(last(signs.get("update_ratio")) for signs in _matrices(record, own))
    moved = [value for sign in weights if (value := last(sign.get("change"))) is not None]
    health.change = max(moved) if moved else None
    health.parameters = sum(weight.size for weight in own)
    severities = [finding.severity for finding in findings]
    health.state = next((s for s in SEVERITIES if s in severities), "good" if signs else "")
    if health.broken or record.bad_place == layer.path:
        health.state = "problem"
    return health


def last(values: Any) -> float | None:
    """The number of the last checkup, where it is finite."""
    if values is None or not len(values) or not np.isfinite(values[-1]):
        return None
    return float(values[-1])


def can_die(activation: str | None) -> bool:
    """Whether a unit that is zero on every sample has no gradient to come back by."""
    return activation in ("relu", "relu6", "hard_tanh")


def is_output(record: RunRecord, layer: LayerRecord) -> bool:
    """Whether a layer gives the answers: sure answers lie at a bound, and are no fault."""
    return any(output.layer == layer.path for output in record.outputs)


def at_bound(signs: Mapping[str, Any]) -> float | None:
    """The share of a layer's numbers that lie at a bound, at the last checkup."""
    known = last(signs.get("saturated"))
    units = signs.get("unit_saturated")
    if known is None and units is not None and len(units) and np.size(units[-1]):
        known = float(np.mean(units[-1]))
    return known


def share_at(values: Any, row: int, limit: float = 0.999) -> float | None:
    """The share of units that are (nearly) always so at checkup `row`."""
    if values is None or not len(values):
        return None
    units = np.asarray(values[row])
    return float(np.mean(units >= limit)) if units.size else None


def weights_of(record: RunRecord, layer: LayerRecord) -> list[WeightRecord]:
    """Of a layer, and of what it is made of: the cell of a recurrent layer, say."""
    names, inside = set(layer.weights), layer.path.split("#")[0] + "/"
    return [w for w in record.weights if w.path in names or w.layer.startswith(inside)]


def _matrices(record: RunRecord, own: list[WeightRecord]) -> list[dict[str, Any]]:
    """The signs of the trained matrices; of all trained weights where there are none."""
    trained = [weight for weight in own if weight.trainable]
    matrices = [weight for weight in trained if len(weight.shape) > 1] or trained
    return [record.checkups.weights.get(weight.path, {}) for weight in matrices]


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
