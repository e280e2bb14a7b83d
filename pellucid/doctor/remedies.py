"""Changes that more than one rule suggests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .._core.registry import snake_case
from ..record.schema import LayerRecord, RunRecord
from .change import Change
from .network import config_rate

# Beginnings of the names of initialisers that fit a weight's size to the width of its layer.
SCALED = ("glorot", "he_", "lecun", "variance_scaling", "orthogonal", "identity")
MOST_DROPPED = 0.5


def initializer_name(initializer: Any) -> str:
    """Snake-case name of an initialiser in a configuration.

    >>> initializer_name({"class_name": "RandomNormal", "config": {}}), initializer_name("zeros")
    ('random_normal', 'zeros')
    """
    name = initializer.get("class_name", "") if isinstance(initializer, dict) else str(initializer)
    return name if name.islower() else snake_case(name)


def sound_start(record: RunRecord) -> tuple[Change, ...]:
    """Usual initialisers in place of all that are not: no change where all are usual.

    Kernels that are not scaled by the layer's width, recurrent ones likewise, and biases of hidden
    layers that do not begin at zero. The last layer's bias may begin at the classes' shares, and
    is left alone where it is the only one.
    """
    ends = {output.layer for output in record.outputs}
    hidden = [layer for layer in record.layers if layer.path not in ends]
    if any(_shifted(layer) for layer in hidden):
        ends = set()
    return tuple(change for layer in record.layers for change in _start(layer, layer.path in ends))


def _start(layer: LayerRecord, last: bool) -> Iterator[Change]:
    kernel = layer.config.get("kernel_initializer")
    unscaled = kernel is not None and not initializer_name(kernel).startswith(SCALED)
    if unscaled:
        better = "he_normal" if layer.activation == "relu" else "glorot_uniform"
        yield Change("set_initializer", layer.path, {"initializer": better})
    if _shifted(layer) and (unscaled or not last):
        arguments = {"initializer": "zeros", "weight": "bias"}
        yield Change("set_initializer", layer.path, arguments)
    recurrent = layer.config.get("recurrent_initializer")
    if recurrent is not None and not initializer_name(recurrent).startswith(SCALED):
        arguments = {"initializer": "orthogonal", "weight": "recurrent"}
        yield Change("set_initializer", layer.path, arguments)


def _shifted(layer: LayerRecord) -> bool:
    """Whether a layer's bias begins elsewhere than at zero."""
    bias = layer.config.get("bias_initializer")
    return bias is not None and initializer_name(bias) != "zeros"


def less_dropout(record: RunRecord) -> tuple[Change, ...]:
    """A rate of 0.3 for every dropout layer that leaves out more than half."""
    return tuple(
        Change("set_dropout", layer.path, {"rate": 0.3})
        for layer in record.layers
        if layer.has("dropout") and config_rate(layer) > MOST_DROPPED
    )


def thawed(record: RunRecord) -> tuple[Change, ...]:
    """Every layer with frozen weights learns."""
    return tuple(
        Change("set_trainable", layer.path, {"trainable": True})
        for layer in record.layers
        if layer.weights and not layer.trainable and "#" not in layer.path
    )


def other_rate(rate: float | None, factor: float) -> tuple[Change, ...]:
    """A learning rate so many times as high; no change where the rate is not known.

    >>> print(*other_rate(0.02, 0.1))
    set_learning_rate(learning_rate=0.002)
    """
    if rate is None or not np.isfinite(rate) or rate <= 0:
        return ()
    wanted = float(f"{rate * factor:.1g}")
    return (Change("set_learning_rate", arguments={"learning_rate": wanted}),)
