"""The weights before the first step, and what signal and gradient make of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...record.schema import LayerRecord, RunRecord, WeightRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import (
    RECTIFIERS,
    bends_to_zero,
    is_hidden,
    merges,
    next_products,
    same_for_all,
)
from ..remedies import sound_start
from ..rule import rule

SCALE = 0.02, 8.0  # of a kernel's rms, in units of 1 / sqrt(fan-in)
SIGNAL = 1e-4, 1e4  # spread over samples, last hidden layer over first
GRADIENT = 1e-5, 1e5  # rms at the first hidden layer over that at the last

CONSTANTS = {"zeros", "ones", "constant"}


def _kernels(record: RunRecord) -> Iterator[tuple[LayerRecord, WeightRecord]]:
    """Each trainable kernel of a plain product, once."""
    kernels = {
        weight.layer: weight
        for weight in record.weights
        if weight.role == "kernel" and weight.trainable and len(weight.shape) > 1
    }
    for layer in record.layers:
        kernel = kernels.pop(layer.path.split("#")[0], None)
        if kernel is not None and layer.has("product"):
            yield layer, kernel


def _first(record: RunRecord, weight: WeightRecord, name: str) -> float | None:
    """A measure of a weight at the checkup before training."""
    if not len(record.checkups) or int(record.checkups.step[0]) != 0:
        return None
    row = record.checkups.weights.get(weight.path, {}).get(name)
    if row is None or not len(row) or not np.isfinite(row[0]):
        return None
    return float(row[0])


def _initializer_name(initializer: Any) -> str:
    name = initializer.get("class_name", "") if isinstance(initializer, dict) else initializer
    return str(name or "").lower().replace("_", "")


@rule("constant-initial-weights", "static", ("weights", "layers"), explains=explains(1.0, 0.95))
def constant_initial_weights(record: RunRecord) -> Iterator[Finding]:
    """All weights of a hidden layer begin equal, so that its units stay equal."""
    begun = {layer.path: value for layer, weight in _kernels(record)
             if (value := _constant(record, weight)) is not None}  # fmt: skip
    found = [
        (layer, weight, *_what_follows(record, layer, begun))
        for layer, weight in _kernels(record)
        if layer.path in begun and weight.shape[-1] > 1 and is_hidden(record, layer.path)
    ]
    if not found:
        return
    layer, weight, certain, why = max(found, key=lambda item: item[2])
    value, others = begun[layer.path], len(found) - 1
    start = "at zero" if value == 0 else "with one value" if np.isnan(value) else f"at {value:.4g}"
    yield Finding(
        "constant-initial-weights",
        f"All {weight.size:,} weights of {weight.path!r} begin {start}"
        + (
            f", and so do those of {others} more hidden layer{'s' * (others > 1)}."
            if others
            else "."
        ),
        "problem" if certain else "warning",
        where=Where(layer=layer.path, weight=weight.path),
        evidence=(
            Evidence("initialiser", _initializer_name(weight.initializer), "glorot_uniform"),
            Evidence("units that begin equal", weight.shape[-1], 1),
        ),
        why=why,
        fix=f'    layers.{layer.kind}(..., kernel_initializer="{_fitting_initializer(layer)}")',
        confidence=0.97 if certain else 0.6,
        changes=tuple(
            Change("set_initializer", one.path, {"initializer": _fitting_initializer(one)})
            for one, *_ in found
        ),
    )


def _what_follows(
    record: RunRecord, layer: LayerRecord, begun: dict[str, float]
) -> tuple[bool, str]:
    """Whether a layer that begins with equal weights certainly cannot learn, and why.

    Args:
        begun: layer path -> the value, of all layers that begin so.
    """
    behind = next_products(record, layer.path) or []
    alike = bool(behind) and all(other.path in begun for other in behind)
    zero, units = begun[layer.path] == 0, (layer.output_shape or [None])[-1]
    around = merges(record)
    if zero and bends_to_zero(record, layer) and _no_bias(record, layer):
        return not around, (
            "A ReLU that gets nothing but zero gives zero and has no gradient: the layer passes "
            "nothing on and cannot learn."
        )
    if zero and alike and all(begun[other.path] == 0 for other in behind):
        return not around, (
            "The weights behind are zero too: no gradient comes back to this layer, and nothing "
            "passes through it."
        )
    if alike:
        shaken = any(other.has("dropout") for other in record.layers)
        return not around and not shaken, (
            f"{units or 'Its'} units that begin equal, and whose outputs are weighed alike, get "
            "equal gradients and stay equal: the layer works as if it had one unit."
        )
    return False, (
        f"{units or 'Its'} units begin equal. Only the weights behind can drive them apart, and "
        "that takes time."
    )


def _constant(record: RunRecord, weight: WeightRecord) -> float | None:
    """The value that all numbers of a weight begin with; NaN if it is not known; None if none."""
    name = _initializer_name(weight.initializer)
    if name not in CONSTANTS:
        return None
    rms, largest = _first(record, weight, "rms"), _first(record, weight, "maximum")
    if rms is not None and largest is not None:
        # Measured: the initialiser says nothing where weights were loaded.
        return None if rms < largest * (1 - 1e-5) else largest
    if name != "constant":
        return 0.0 if name == "zeros" else 1.0
    given = (weight.initializer or {}).get("config", {}).get("value")
    return float(given) if isinstance(given, (int, float)) else float("nan")


def _no_bias(record: RunRecord, layer: LayerRecord) -> bool:
    """Whether a layer adds nothing to its product at first."""
    path = layer.path.split("#")[0]
    biases = [w for w in record.weights if w.layer == path and w.role == "bias"]
    return all(_constant(record, bias) == 0 for bias in biases)


def _fitting_initializer(layer: LayerRecord) -> str:
    return "he_normal" if layer.activation in RECTIFIERS else "glorot_uniform"


def _drawn(initializer: dict[str, Any] | None) -> float | None:
    """The root mean square of what an initialiser draws; None where it looks at the shape."""
    name, config = _initializer_name(initializer), (initializer or {}).get("config") or {}

    def given(key: str, usual: float) -> float:
        value = config.get(key, usual)
        return float(value) if isinstance(value, (int, float)) else usual

    if name in ("normal", "randomnormal"):
        return float(np.hypot(given("mean", 0.0), given("stddev", 0.05)))
    if name == "truncatednormal":  # cut off at two deviations
        return float(np.hypot(given("mean", 0.0), 0.88 * given("stddev", 0.05)))
    if name in ("uniform", "randomuniform"):
        low, high = given("minval", -0.05), given("maxval", 0.05)
        return float(np.sqrt((low * low + low * high + high * high) / 3))
    return None


@rule("initial-weights-scale", "static", ("weights", "layers"),
      explains=explains(0.6, 0.6, 0.75, 0.5))  # fmt: skip
def initial_weights_scale(record: RunRecord) -> Iterator[Finding]:
    """Initial weights far larger or smaller than the layer's width asks for."""
    found: list[tuple[float, LayerRecord, WeightRecord, float]] = []
    for layer, weight in _kernels(record):
        rms = _first(record, weight, "rms")
        rms = _drawn(weight.initializer) if rms is None else rms
        if not rms or (layer.kind.startswith(("Separable", "Conv")) and "Transpose" in layer.kind):
            continue
        inputs = int(np.prod(weight.shape[:-1]))
        if not inputs:
            continue  # not known yet
        right = inputs**-0.5
        ratio = float(rms / right)
        # An output layer may begin next to zero.
        if ratio > SCALE[1] or (ratio < SCALE[0] and is_hidden(record, layer.path)):
            found.append((abs(np.log(ratio)), layer, weight, ratio))
    if not found:
        return
    _, layer, weight, ratio = max(found, key=lambda item: item[0])
    large = ratio > 1
    yield Finding(
        "initial-weights-scale",
        f"The initial weights of {weight.path!r} are {ratio:.3g} times as large as fits its "
        f"{int(np.prod(weight.shape[:-1])):,} inputs.",
        "warning" if not large or ratio > 2 * SCALE[1] else "remark",
        where=Where(layer=layer.path, weight=weight.path),
        evidence=(
            Evidence("rms of the weights, times sqrt(inputs)", ratio, SCALE[1 if large else 0]),
            Evidence("kernels like this", len(found)),
        ),
        why="A sum over many inputs grows with their number: too large weights saturate or blow up "
        "what follows."
        if large
        else "What passes through weights so small is next to nothing, and so is the gradient "
        "that comes back.",
        fix=f'    layers.{layer.kind}(..., kernel_initializer="{_fitting_initializer(layer)}")',
        confidence=0.75,
        changes=tuple(
            Change("set_initializer", item[1].path, {"initializer": _fitting_initializer(item[1])})
            for item in found
        ),
    )


def _profile(record: RunRecord, name: str) -> list[tuple[LayerRecord, float]]:
    """A measure before training at each hidden product's activation, in order."""
    ends = {output.layer for output in record.outputs}
    found = []
    for layer in record.layers:
        bends = layer.has("product") or layer.activation not in ("linear", "softmax", None)
        row = record.checkups.layers.get(layer.path, {}).get(name)
        if layer.path in ends or not bends or row is None or not len(row):
            continue
        if np.isfinite(row[0]):
            found.append((layer, float(row[0])))
    return found


@rule("dead-at-initialisation", "initial", ("initial", "layers"), explains=explains(0.95, 0.8))
def dead_at_initialisation(record: RunRecord) -> Iterator[Finding]:
    """Before the first step a layer already gives the same for every sample."""
    if any(same_for_all(record, array) for array in record.data.inputs.values()):
        return  # a rule of its own
    if merges(record) or int(record.checkups.step[0]) != 0:
        return  # around a layer that begins at zero there may be another way
    for layer, spread in _profile(record, "output_spread"):
        if spread != 0:
            continue
        zero = record.checkups.layers[layer.path].get("unit_zero")
        dead = layer.activation in RECTIFIERS
        dead = dead and zero is not None and bool(np.all(np.asarray(zero[0]) == 1))
        yield Finding(
            "dead-at-initialisation",
            f"Before training {layer.path!r} gives "
            + ("zero for every sample." if dead else "the same for every sample."),
            "problem" if dead else "warning",
            where=Where(layer=layer.path, step=0),
            evidence=(Evidence("spread of its output over the samples", spread, 0.0),),
            why="The layers behind it cannot tell samples apart"
            + (", and no gradient comes back through units that are all zero." if dead else "."),
            fix="Start from other weights, and let some of the signal through below zero:\n"
            f'    layers.{layer.kind}(..., activation="leaky_relu", '
            'kernel_initializer="he_normal")',
            confidence=0.95 if dead else 0.8,
            changes=sound_start(record)
            or (Change("set_activation", layer.path, {"activation": "leaky_relu"}),),
        )
        return


@rule("signal-lost-at-initialisation", "initial", ("initial", "layers"),
      explains=explains(0.7, 0.6, 0.6, 0.4))  # fmt: skip
def signal_lost_at_initialisation(record: RunRecord) -> Iterator[Finding]:
    """What tells samples apart fades, or explodes, from layer to layer before training."""
    profile = _profile(record, "output_spread")
    if len(profile) < 3 or merges(record):
        return
    (first, start), (last, end) = profile[0], profile[-1]
    if start <= 0 or end <= 0 or SIGNAL[0] < end / start < SIGNAL[1]:
        return
    fades = end < start
    yield Finding(
        "signal-lost-at-initialisation",
        f"Before training the differences between samples {'fade' if fades else 'grow'} from "
        f"{start:.3g} at {first.path!r} to {end:.3g} at {last.path!r}.",
        "warning",
        where=Where(layer=last.path, step=0),
        evidence=(
            Evidence(
                "spread at the last hidden layer, over the first",
                end / start,
                SIGNAL[0 if fades else 1],
            ),
            Evidence("hidden layers", len(profile)),
        ),
        why="The last layer sees the same for every sample, and has nothing to learn from."
        if fades
        else "Numbers and gradients of that size make the first steps jumps.",
        fix="Match the initialiser to the activation, or normalise between the layers:\n"
        '    layers.Dense(..., activation="relu", kernel_initializer="he_normal")\n'
        "    layers.BatchNormalization()",
        confidence=0.8,
        changes=sound_start(record)
        or tuple(Change("add_batch_norm", layer.path) for layer, _ in profile),
    )


@rule("gradient-lost-at-initialisation", "initial", ("initial", "layers"),
      explains=explains(0.75, 0.65, 0.6, 0.4),
      same_as=("vanishing-gradients", "exploding-gradients"))  # fmt: skip
def gradient_lost_at_initialisation(record: RunRecord) -> Iterator[Finding]:
    """The gradient fades, or explodes, on its way to the first layer before training."""
    profile = _profile(record, "gradient_rms")
    if len(profile) < 3 or merges(record):
        return
    (first, start), (last, end) = profile[0], profile[-1]
    if start <= 0 or end <= 0 or GRADIENT[0] < start / end < GRADIENT[1]:
        return
    fades = start < end
    yield Finding(
        "gradient-lost-at-initialisation",
        f"Before training the gradient {'fades' if fades else 'grows'} from {end:.3g} at "
        f"{last.path!r} to {start:.3g} at {first.path!r}.",
        "warning",
        where=Where(layer=first.path, step=0),
        evidence=(
            Evidence(
                "gradient at the first hidden layer, over the last",
                start / end,
                GRADIENT[0 if fades else 1],
            ),
            Evidence("hidden layers", len(profile)),
        ),
        why="The first layers learn next to nothing, while the last ones learn from noise."
        if fades
        else "The first layers jump at every step while the last ones hardly move.",
        fix="Match the initialiser to the activation, or normalise between the layers:\n"
        '    layers.Dense(..., activation="relu", kernel_initializer="he_normal")\n'
        "    layers.BatchNormalization()",
        confidence=0.85,
        changes=sound_start(record)
        or tuple(Change("add_batch_norm", layer.path) for layer, _ in profile),
    )
