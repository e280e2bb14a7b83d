"""Units that give nothing on: always zero, or always at a bound."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import LayerRecord, RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..remedies import sound_start
from ..rule import rule
from ..symptoms import vitals
from ..symptoms.series import between

DEAD = 0.9
SATURATED = 0.7
CAN_DIE = ("relu", "relu6", "thresholded_relu")
BOUNDED = ("sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh")


def _worst(record: RunRecord, kinds: tuple[str, ...], measure: str) -> list[tuple]:
    """(layer, share at the start, share at the end), the worst first."""
    found: list[tuple[LayerRecord, float, float]] = []
    for layer in vitals.hidden(record):
        if layer.activation not in kinds or layer.has("keeps_values"):
            continue
        if measure == "dead":
            ends = vitals.dead_share(record, layer.path)
            begun = vitals.dead_share(record, layer.path, 0)
        else:
            ends = vitals.at(record, layer.path, "saturated")
            begun = vitals.at(record, layer.path, "saturated", 0)
        if np.isfinite(ends):
            found.append((layer, begun, ends))
    return sorted(found, key=lambda entry: -entry[2])


@rule(
    "dead-units",
    "training",
    needs=("checkups",),
    alone=False,
    explains={
        "not-learning": 1.0, "slow": 0.8, "underfitting": 1.0, "class-prior-only": 0.8,
        "diverging": 0.4, "unstable": 0.4, "generalising-badly": 0.4,
    },
)  # fmt: skip
def dead_units(record: RunRecord) -> Iterator[Finding]:
    """Units that are zero on every sample, by layer, at the start and now."""
    worst = _worst(record, CAN_DIE, "dead")
    if not worst or worst[0][2] < 0.5:
        return
    layer, begun, ends = worst[0]
    born = begun >= DEAD
    grown = "They were so before the first step." if born else f"Before training: {begun:.0%}."
    # units that died on the way are the work of something else, mostly of steps too long
    confidence = between(ends, 0.5, 0.97) * (0.95 if born else 0.75)
    if vitals.at(record, layer.path, "output_spread", 0) < 1e-5:
        confidence *= 0.5  # hardly any signal came in from the start
    yield Finding(
        "dead-units",
        f"{ends:.0%} of the units of {layer.path!r} are dead: zero on every sample. {grown}",
        "warning",
        where=Where(layer=layer.path),
        evidence=(
            Evidence("share of dead units now", ends, DEAD),
            Evidence("share of dead units before training", begun),
            Evidence("layers with dead units", sum(entry[2] > 0 for entry in worst)),
        ),
        why="A ReLU that is zero on every sample has no gradient: it stays so, and its layer "
        "passes nothing on.",
        fix="Lower the learning rate, start biases at zero with He weights, or use an activation "
        'with a slope below zero:\n\n    Dense(64, activation="leaky_relu")',
        confidence=confidence,
        changes=sound_start(record)
        or tuple(
            Change("set_activation", one.path, {"activation": "leaky_relu"})
            for one, _, share in worst
            if share >= 0.5
        ),
    )


@rule(
    "saturated-units",
    "training",
    needs=("checkups",),
    alone=False,
    explains={
        "not-learning": 0.9, "slow": 0.8, "underfitting": 0.8, "unstable": 0.6,
        "class-prior-only": 0.6, "diverging": 0.5, "generalising-badly": 0.6, "overfitting": 0.3,
    },
)  # fmt: skip
def saturated_units(record: RunRecord) -> Iterator[Finding]:
    """Sigmoid or tanh units that lie at a bound on most samples."""
    worst = _worst(record, BOUNDED, "saturated")
    if not worst or worst[0][2] < SATURATED:
        return
    layer, begun, ends = worst[0]
    born = begun >= SATURATED
    yield Finding(
        "saturated-units",
        f"{ends:.0%} of the answers of {layer.path!r} ({layer.activation}) lie at a bound"
        f"{', and did so before the first step' if born else ''}.",
        "warning",
        where=Where(layer=layer.path),
        evidence=(
            Evidence("share at a bound now", ends, SATURATED),
            Evidence("share at a bound before training", begun),
        ),
        why="There the slope is nearly zero: the weights before the layer get no gradient.",
        fix="Scale the inputs, take smaller initial weights or a lower learning rate, or put "
        "BatchNormalization before the activation.",
        confidence=(0.9 if born else 0.65) * between(ends, 0.5, 0.9),
        changes=sound_start(record)
        or tuple(
            Change("set_activation", one.path, {"activation": "relu"})
            for one, _, share in worst
            if share >= SATURATED
        ),
    )
