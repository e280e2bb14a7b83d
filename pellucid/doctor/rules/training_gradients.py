"""Gradients on their way back through the layers: gone, grown, or not used."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..remedies import sound_start, thawed
from ..rule import rule
from ..symptoms import course, series, vitals
from ..symptoms.restraint import frozen
from ..symptoms.series import between

STUCK = ("not-learning", "slow", "class-prior-only", "underfitting")
GROWING = ("exponential", "exp")
BOUNDED = ("sigmoid", "tanh", "softsign", "hard_sigmoid", "hard_tanh", "softmax")


@rule(
    "vanishing-gradients",
    "training",
    needs=("checkups",),
    alone=False,
    explains={"not-learning": 1.0, "slow": 0.9, "class-prior-only": 0.8, "underfitting": 0.8},
)
def vanishing_gradients(record: RunRecord) -> Iterator[Finding]:
    """Hardly anything of the gradient arrives at the first layers."""
    chain = vitals.chain(record)
    if len(chain) < 3:
        return
    ratio = vitals.backward_ratio(record)
    if not np.isfinite(ratio):
        return
    dead = max((vitals.dead_share(record, layer.path) for layer in record.layers), default=0.0)
    if ratio > 1e-2 or ratio == 0.0:
        return
    if dead >= 0.99 and vitals_start_alive(record):
        return  # the units died: that is what cuts the gradient off
    inside = [layer.activation for layer in vitals.hidden(record) if layer.activation]
    bounded = [name for name in inside if name in BOUNDED]
    confidence = 0.95 * between(1 / ratio, 1e2, 1e4)
    confidence = max(confidence, 0.5) if bounded else confidence
    culprit = bounded[0] if bounded else None
    layers = [layer.path for layer in vitals.hidden(record) if layer.activation in BOUNDED]
    fix = (
        f'Use "relu" instead of "{culprit}" inside, or batch normalization, or shortcuts:\n\n'
        '    Dense(64, activation="relu")'
        if culprit
        else "Use He or Glorot initial weights, batch normalization, or shortcuts:\n\n"
        '    Dense(64, activation="relu", kernel_initializer="he_normal")'
    )
    changes = tuple(Change("set_activation", path, {"activation": "relu"}) for path in layers)
    changes = (*sound_start(record), *changes)
    yield Finding(
        "vanishing-gradients",
        f"The gradient vanishes on its way back: in {chain[0].layer!r} it is {ratio:.1e} times "
        f"what it is in {chain[-1].layer!r}.",
        "warning",
        where=Where(layer=chain[0].layer, weight=chain[0].path),
        evidence=(
            Evidence("first layer's gradient over the last layer's", ratio, 1e-2),
            Evidence("layers with weights between", len(chain)),
        ),
        why="Every layer multiplies the gradient by its slope; "
        + (f'"{culprit}" has a slope of at most {0.25 if culprit == "sigmoid" else 1}. '
           if culprit else "small weights make it smaller each time. ")
        + "The first layers do not learn, and the others get noise from them.",
        fix=fix,
        confidence=confidence,
        changes=changes,
    )  # fmt: skip


def vitals_start_alive(record: RunRecord) -> bool:
    """Whether no layer was dead before training."""
    shares = [vitals.dead_share(record, layer.path, 0) for layer in record.layers]
    return max((share for share in shares if np.isfinite(share)), default=0.0) < 0.9


@rule(
    "exploding-gradients",
    "training",
    needs=("losses",),
    alone=False,
    explains={
        "not-learning": 0.9, "diverging": 0.9, "loss-not-finite": 0.9, "unstable": 0.9,
        "underfitting": 0.8, "class-prior-only": 0.5, "generalising-badly": 0.4,
    },
)  # fmt: skip
def exploding_gradients(record: RunRecord) -> Iterator[Finding]:
    """Gradients that grow from layer to layer, or from step to step of a recurrent layer."""
    norms = series.clean(record.gradient_norms)
    growing = [one.path for one in vitals.hidden(record) if one.activation in GROWING]
    if not len(norms) and not growing and not np.isinf(forward_growth(record)):
        return
    begun = float(np.median(norms[:5])) if len(norms) else float("nan")
    top = float(norms.max()) if len(norms) else float("inf")
    recurrent = list(record.walk("recurrent"))
    chain = vitals.chain(record)
    growth = float("nan")
    if len(chain) >= 3 and len(record.checkups):
        sizes = [vitals.gradient_size(record, weight, 0) for weight in chain]
        if np.isfinite(sizes).all() and sizes[-1] > 0:
            growth = max(sizes[0], sizes[1]) / sizes[-1]
    signal = forward_growth(record)
    from_start = between(begun, 30.0, 3e3)
    spikes = between(top / max(float(np.median(norms)), 1e-30), 100.0, 1e4) if len(norms) else 0.0
    deep = max(between(growth, 30.0, 3e3) if np.isfinite(growth) else 0.0, 0.0)
    grown = between(signal, 30.0, 1e3)
    confidence = 0.5 * from_start + 0.25 * deep + 0.25 * grown
    if recurrent:
        confidence = max(confidence, 0.9 * max(from_start, spikes, grown))
    how = course(record)
    if how.ended_badly and recurrent:
        confidence = max(confidence, 0.6)
    if np.isinf(signal):
        confidence = max(confidence, 0.7)  # before any update, so no update is to blame
    if growing and (how.ended_badly or confidence >= 0.2):
        confidence = max(confidence, 0.85)
    if confidence < 0.2:
        return
    said = f"Gradients explode: their norm was {begun:.3g} at the start and reached {top:.3g}."
    if np.isinf(signal) or not len(norms):
        said = "The signal explodes on its way through the layers, before the first step."
    fix = "Clip the gradients" + (
        ", use LSTM or GRU instead of a plain recurrence" if recurrent else ""
    )
    changes = (*sound_start(record), Change("clip_gradients", arguments={"norm": 1.0}))
    if growing:
        said += f" The activation of {len(growing)} hidden layers grows exponentially."
        fix = 'Use "relu" inside instead of "exponential"'
        relu = [Change("set_activation", path, {"activation": "relu"}) for path in growing]
        changes = (*relu, *changes)
    place = growing[0] if growing else recurrent[0].path if recurrent else None
    yield Finding(
        "exploding-gradients",
        said,
        "warning",
        where=Where(layer=place),
        evidence=(
            Evidence("gradient norm at the start", begun, 30.0),
            Evidence("largest gradient norm", top),
            Evidence("first layer's gradient over the last layer's", growth, 30.0),
            Evidence("growth of the signal from input to output", signal, 30.0),
        ),
        why="One such step throws all weights far away from where learning had brought them.",
        fix=f"{fix}, and start from He or Glorot weights:\n\n"
        "    optimizer = Adam(learning_rate=1e-3, clipnorm=1.0)",
        confidence=confidence,
        changes=changes,
    )


def forward_growth(record: RunRecord) -> float:
    """Largest root mean square of a hidden output over the first layer's, before training.

    Infinite where a layer gives numbers that are not finite though the one before does not.
    """
    sizes = [vitals.at(record, layer.path, "output_rms", 0) for layer in vitals.hidden(record)]
    known = [size for size in sizes if np.isfinite(size) and size > 0]
    if not known and not np.isinf(sizes).any():
        return 1.0
    measured = [vitals.at(record, one.path, "output_nonfinite", 0) for one in vitals.hidden(record)]
    if np.isinf(sizes).any() or (np.isfinite(sizes[0]) and any(share > 0 for share in measured)):
        return float("inf")
    return max(known) / known[0]


@rule(
    "frozen-weights",
    "training",
    needs=("checkups", "weights"),
    alone=False,
    explains={**dict.fromkeys(STUCK, 1.0), "slow": 0.6, "generalising-badly": 0.2},
)
def frozen_weights(record: RunRecord) -> Iterator[Finding]:
    """Weights that do not move: frozen by hand, or never reached by a gradient."""
    still = [
        weight
        for weight in vitals.matrices(record)
        if vitals.weight_at(record, weight.path, "change") == 0.0
        and vitals.weight_at(record, weight.path, "norm", 0) > 0
    ]
    held = max(frozen(record), key=lambda one: one.sure, default=None)
    total = sum(weight.size for weight in vitals.matrices(record, trained=False)) or 1
    if still:
        share = sum(weight.size for weight in still) / total
        yield Finding(
            "frozen-weights",
            f"{len(still)} weight matrices have not moved at all, though they are to be trained.",
            "warning",
            where=Where(layer=still[0].layer, weight=still[0].path),
            evidence=(Evidence("share of the weights", share),),
            why="No gradient reaches them: units after them are dead, or the loss does not depend "
            "on them.",
            fix="See which layer after them gives nothing on, and give it other initial weights "
            "or another activation.",
            confidence=0.2 + 0.15 * share,
            changes=sound_start(record),
        )
    if held is not None and held.sure > 0.2:
        yield Finding(
            "frozen-weights",
            f"{held.how_much:.0%} of the weights are frozen: they keep the values they have.",
            "warning",
            where=Where(layer=held.layer),
            evidence=(Evidence("share of the weights that are frozen", held.how_much, 0.3),),
            why="Frozen layers only help where they were trained before; random ones do not.",
            fix="Let them learn, and compile again:\n\n    layer.trainable = True",
            confidence=held.sure,
            changes=thawed(record),
        )
