"""Records made by hand: a healthy classifier and a healthy regression, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.layers.traits import class_named, written_traits
from pellucid.losses.traits import written_traits as loss_traits
from pellucid.record.schema import (
    ArrayRecord,
    Checkups,
    DataRecord,
    LayerRecord,
    OutputRecord,
    Plan,
    RunRecord,
    TargetRecord,
    WeightRecord,
)

Make = Callable[[], RunRecord]


def layer_record(
    path: str, kind: str, config: Any = None, *more: Any, **fields: Any
) -> LayerRecord:
    """A layer with what its class says of itself; the arguments are those of `LayerRecord`."""
    made = LayerRecord(path, kind, config or {}, *more, **fields)
    made.traits = written_traits(class_named(kind), made.config)
    return made


WEIGHTED = {"Dense", "Conv2D", "BatchNormalization"}


def network(*layers: Any, inputs: int = 8) -> tuple[list[LayerRecord], list[WeightRecord]]:
    """A chain of layers: ``("Dense", 16, "relu")``, ``("Dropout", None, None, {"rate": 0.5})``.

    Each layer is called `kind` in lower case with its number behind: ``"dense_0"``.
    """
    made: list[LayerRecord] = []
    weights: list[WeightRecord] = []
    before, width = "input:x", inputs
    for number, (kind, units, activation, *rest) in enumerate(layers):
        config = dict(rest[0]) if rest else {}
        path = f"{kind.lower()}_{number}"
        after = units or width
        names = []
        if kind in WEIGHTED:
            roles = {"kernel": [width, after], "bias": [after]}
            if kind == "Conv2D":
                roles["kernel"] = [3, 3, width, after]
            if kind == "BatchNormalization":
                roles = {"gamma": [after], "beta": [after]}
            for role, shape in roles.items():
                chosen = config.get(f"{role}_initializer", "glorot_uniform")
                chosen = "zeros" if role == "bias" else chosen
                initializer = {"class_name": chosen, "config": {}}
                weight = WeightRecord(f"{path}/{role}", path, role, shape, initializer=initializer)
                weights.append(weight)
                names.append(weight.path)
        made.append(
            layer_record(path, kind, config, [before], [None, after], activation or "linear", names)
        )
        before, width = path, after
    return made, weights


def array(name: str = "x", shape: Any = (8,), **fields: Any) -> ArrayRecord:
    """Standardised numbers, unless `fields` say otherwise."""
    fields = {
        "samples": 500, "minimum": -3.0, "maximum": 3.0, "mean": 0.0, "std": 1.0, **fields
    }  # fmt: skip
    return ArrayRecord(name, list(shape), "float32", **fields)


def labels(counts: Any = (180, 160, 160), **fields: Any) -> TargetRecord:
    """Class numbers; `counts` samples of each."""
    counts = np.asarray(counts)
    fields = {
        "minimum": 0.0, "maximum": float(len(counts) - 1), "mean": 1.0, "std": 0.8,
        "samples": int(counts.sum()), "integers": True, **fields
    }  # fmt: skip
    return TargetRecord(array("y", (), **fields), "labels", counts)


def one_hot(counts: Any = (180, 160, 160)) -> TargetRecord:
    counts = np.asarray(counts)
    numbers = array(
        "y", (len(counts),), minimum=0.0, maximum=1.0, mean=1 / len(counts), std=0.47,
        samples=int(counts.sum()), integers=True,
    )  # fmt: skip
    return TargetRecord(numbers, "one_hot", counts)


def binary(zeros: int = 250, ones: int = 250) -> TargetRecord:
    mean = ones / (zeros + ones)
    numbers = array("y", (), minimum=0.0, maximum=1.0, mean=mean, std=0.5, samples=zeros + ones)
    return TargetRecord(numbers, "binary", np.asarray([zeros, ones]))


def values(**fields: Any) -> TargetRecord:
    return TargetRecord(array("y", (1,), **fields), "values")


def chain(
    *layers: Any,
    loss: str | None = None,
    target: TargetRecord | None = None,
    x: ArrayRecord | None = None,
    inputs: int = 8,
    loss_config: dict[str, Any] | None = None,
    metrics: Any = (),
    **plan: Any,
) -> RunRecord:
    """The record of a chain of layers before training; the output is called "y"."""
    made, weights = network(*layers, inputs=inputs)
    last = made[-1]
    activation = last.activation
    for layer in reversed(made):  # dropout and the like change no values
        if layer.kind not in ("Dropout", "Flatten", "Reshape"):
            activation = layer.activation
            break
    output = OutputRecord(
        "y", last.path, activation, last.output_shape, loss, dict(loss_config or {}), list(metrics)
    )
    output.loss_traits = loss_traits(loss) if loss else None
    plan = {"optimizer": "Adam", "learning_rate": 1e-3, "batch_size": 32, "samples": 500, **plan}
    data = DataRecord(inputs={"x": x or array(shape=(inputs,))}, looked_at=500)
    if target is not None:
        data.targets["y"] = target
    return RunRecord("made", made, weights, [output], Plan(**plan), data)


def classifier(
    *hidden: Any, units: int = 3, activation: str = "softmax",
    loss: str = "sparse_categorical_crossentropy", target: TargetRecord | None = None, **rest: Any,
) -> RunRecord:  # fmt: skip
    """A sound classifier of three classes."""
    hidden = hidden or (("Dense", 16, "relu"),)
    target = labels() if target is None else target
    return chain(*hidden, ("Dense", units, activation), loss=loss, target=target, **rest)


def regression(
    *hidden: Any, activation: str = "linear", loss: str = "mean_squared_error",
    target: TargetRecord | None = None, **rest: Any,
) -> RunRecord:  # fmt: skip
    """A sound regression of one quantity."""
    hidden = hidden or (("Dense", 16, "relu"),)
    target = values() if target is None else target
    return chain(*hidden, ("Dense", 1, activation), loss=loss, target=target, **rest)


def deep(count: int = 6, kind: str = "relu", **rest: Any) -> RunRecord:
    """A classifier with many hidden layers."""
    return classifier(*[("Dense", 16, kind)] * count, **rest)


def begun(record: RunRecord, layers: Any = None, weights: Any = None) -> RunRecord:
    """The same with a checkup before training.

    Args:
        layers: layer path -> {measure: value}, added to sound numbers.
        weights: the same for weights.
    """
    checkups = Checkups(step=np.zeros(1, np.int64), epoch=np.zeros(1, np.int64))
    for layer in record.layers:
        units = layer.output_shape[-1] if layer.output_shape else 1
        sound = {
            "output_spread": 0.7, "output_rms": 1.0, "gradient_rms": 0.1,
            "unit_zero": np.full(units, 0.5 if layer.activation == "relu" else 0.0),
        }  # fmt: skip
        sound |= (layers or {}).get(layer.path, {})
        checkups.layers[layer.path] = {name: np.asarray([value]) for name, value in sound.items()}
    for weight in record.weights:
        fan_in = float(np.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 1.0
        rms = 0.0 if weight.role == "bias" else fan_in**-0.5
        sound = {"rms": rms, "maximum": 2 * rms} | (weights or {}).get(weight.path, {})
        checkups.weights[weight.path] = {name: np.asarray([value]) for name, value in sound.items()}
    record.checkups = checkups
    return record


def but(record: RunRecord, change: Callable[[RunRecord], Any]) -> RunRecord:
    """The same record, changed."""
    change(record)
    return record
