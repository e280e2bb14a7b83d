"""Questions about the network and its losses that several rules ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..record.schema import ArrayRecord, LayerRecord, OutputRecord, RunRecord

# Zero, with no gradient, for everything below zero.
RECTIFIERS = frozenset({"relu", "relu6"})
SATURATING = frozenset({"sigmoid", "hard_sigmoid"})


def judged(record: RunRecord) -> list[OutputRecord]:
    """The outputs whose loss is known and is what trains them."""
    if record.plan.custom_step:
        return []
    return [output for output in record.outputs if output.loss]


def is_known(output: OutputRecord) -> bool:
    """Whether it is known what the loss of an output asks for."""
    return output.wants("crossentropy", "distance", "margin")


def same_for_all(record: RunRecord, array: ArrayRecord) -> bool:
    """Whether every sample of an input is the same, by its columns or by what comes of it."""
    if array.samples < 2 or array.nonfinite or array.minimum is None:
        return False
    if array.minimum == array.maximum:
        return True
    if array.column_std is not None:
        return bool(np.all(np.asarray(array.column_std) == 0))
    checkups = record.checkups
    if not len(checkups) or int(checkups.step[0]) != 0:
        return False
    first = consumers(record, f"input:{array.name}")
    return bool(first) and all(_passes_one_number_on(record, layer) for layer in first)


def _passes_one_number_on(record: RunRecord, layer: LayerRecord) -> bool:
    """Whether a layer that is alive gives the same for every sample at the first checkup."""
    seen = record.checkups.layers.get(layer.path, {})
    kernels = [w.path for w in record.weights if w.path in layer.weights and len(w.shape) > 1]
    norms = [record.checkups.weights.get(path, {}).get("rms") for path in kernels]
    blind = any(norm is None or not len(norm) or not norm[0] > 0 for norm in norms)
    spread, rms, stuck = (
        float(row[0]) if (row := seen.get(name)) is not None and len(row) else None
        for name in ("output_spread", "output_rms", "saturated")
    )
    return not blind and spread == 0 and bool(rms) and not stuck


def width(output: OutputRecord) -> int | None:
    """Units of an output; None if unknown."""
    return output.shape[-1] if output.shape else None


def from_logits(output: OutputRecord) -> bool:
    return bool(output.loss_config.get("from_logits"))


def consumers(record: RunRecord, path: str) -> list[LayerRecord]:
    """The layers that read what `path` gives."""
    return [layer for layer in record.layers if path in layer.inputs]


def behind(
    record: RunRecord, path: str, through: Callable[[LayerRecord], bool]
) -> Iterator[LayerRecord]:
    """The layers that what `path` gives reaches, each once: at once, or `through` others."""
    pending, seen = [path], set()
    while pending:
        for layer in consumers(record, pending.pop()):
            if layer.path not in seen:
                seen.add(layer.path)
                yield layer
                if through(layer):
                    pending.append(layer.path)


def linear_successors(record: RunRecord, path: str) -> list[LayerRecord]:
    """The first layers behind `path` that are more than a linear re-arrangement of it.

    Empty where what `path` gives reaches the model's output so, or several inputs meet.
    """
    ends = {output.layer for output in record.outputs}
    found = []
    for layer in behind(record, path, _rearranges):
        if len(layer.inputs) > 1 or (layer.path in ends and _rearranges(layer)):
            return []
        if not _rearranges(layer):
            found.append(layer)
    return [] if path in ends else found


def _rearranges(layer: LayerRecord) -> bool:
    """Whether a layer is a linear re-arrangement without an activation."""
    return layer.activation in ("linear", None) and layer.has("linear", "activation")


def next_products(record: RunRecord, path: str) -> list[LayerRecord] | None:
    """The products that what `path` gives enters first; None where other weights come before."""
    weighted = {weight.layer for weight in record.weights if len(weight.shape) > 1}
    found = []
    for layer in behind(record, path, lambda layer: not layer.has("product")):
        if layer.has("product"):
            found.append(layer)
        elif layer.path.split("#")[0] in weighted:
            return None
    return found


def bends_to_zero(record: RunRecord, layer: LayerRecord) -> bool:
    """Whether a ReLU follows a product, at once or behind layers that do not bend."""
    if layer.activation != "linear":
        return layer.activation in RECTIFIERS
    next_ones = linear_successors(record, layer.path)
    return bool(next_ones) and all(other.activation in RECTIFIERS for other in next_ones)


def is_hidden(record: RunRecord, path: str) -> bool:
    """Whether another product stands somewhere behind `path`, on every record with a graph."""
    return any(layer.has("product") for layer in behind(record, path, lambda _: True))


def merges(record: RunRecord) -> bool:
    """Whether paths meet anywhere, as in a residual network."""
    return any(len(layer.inputs) > 1 for layer in record.layers)


def config_rate(layer: LayerRecord) -> float:
    """The share that a dropout layer leaves out."""
    rate = layer.config.get("rate", 0.0)
    return float(rate) if isinstance(rate, (int, float)) else 0.0


def raw_scores(record: RunRecord, output: OutputRecord) -> bool:
    """Whether an output without activation is certainly a product: an average of softmaxes is not.

    Looks back through layers that change no values.
    """
    if output.activation != "linear":
        return False
    path, seen = output.layer, set()
    while path is not None and path not in seen:
        seen.add(path)
        layer = record.layer(path)
        if layer is None:
            return not path.startswith("input:")
        if layer.has("product", "einsum", "wraps product", "wraps einsum"):
            return True
        plain = layer.has("keeps_values", "activation")
        if not plain or len(layer.inputs) != 1:
            return False
        path = layer.inputs[0]
    return True
