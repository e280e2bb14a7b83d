"""The usual settings of a network, as changes: what to try where single causes do not help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..activations.bounds import bounds_of
from ..doctor import Change
from ..doctor.network import from_logits, width
from ..doctor.remedies import less_dropout, sound_start
from ..doctor.symptoms.course import penalty_weights
from ..record.schema import ArrayRecord, LayerRecord, OutputRecord, RunRecord
from .candidates import Candidate

UNFIT_INSIDE = ("sigmoid", "hard_sigmoid", "softmax", "exponential")
RATES = 3e-4, 2e-2  # of Adam: left as it is
MOST_PENALTY, MOST_MOMENTUM = 1e-3, 0.99
LARGE, TINY, UNEVEN = 5.0, 0.05, 100.0  # scale of inputs; widest over narrowest column
LARGE_TARGETS = 10.0


def usual_settings(record: RunRecord) -> Candidate:
    """Changes that bring whatever is unusual about a network and its plan to what mostly works.

    Adam at its usual rate, He or Glorot weights, biases at zero, ReLU inside, the last activation
    and the loss that the targets ask for, scaled inputs, batches of 32, shuffled samples, no heavy
    dropout, no penalties. What is usual already stays.

    Args:
        record: of a run, or of a network and its data alone.

    >>> from pellucid.record.schema import Plan
    >>> plan = Plan(optimizer="SGD", learning_rate=3.0, batch_size=32, samples=1000)
    >>> print(*usual_settings(RunRecord(plan=plan)).changes)
    set_optimizer(optimizer="Adam", learning_rate=0.001)
    """
    found = [
        *(change for output in record.outputs for change in _output(record, output)),
        *(change for layer in record.layers for change in _layer(record, layer)),
        *sound_start(record),
        *less_dropout(record),
        *(change for name in record.data.inputs for change in _input(record, name)),
        *_plan(record),
    ]
    distinct = {str(change): change for change in found}
    return Candidate(("usual settings",), tuple(distinct.values()))


def _output(record: RunRecord, output: OutputRecord) -> Iterator[Change]:
    target, units = record.data.targets.get(output.name), width(output)
    if target is None or not output.loss or not units or from_logits(output):
        return
    array, kind = target.array, target.kind
    if kind in ("values", "distribution"):
        yield from _values(output, array)
        return
    single = array.shape in ([], [1])
    if kind == "binary":
        wanted = ("softmax", "sparse_categorical_crossentropy")
        if not (single and units == 2):
            wanted = ("sigmoid", "binary_crossentropy")
    elif kind == "one_hot":
        wanted = ("softmax", "categorical_crossentropy")
    else:
        wanted = ("softmax", "sparse_categorical_crossentropy")
    classes = 0 if array.maximum is None else int(array.maximum) + 1
    narrow = kind == "labels" and units < classes
    if (output.activation, output.loss) != wanted or narrow:
        yield Change("set_output", output.name, {"activation": wanted[0], "loss": wanted[1]})


def _values(output: OutputRecord, array: ArrayRecord) -> Iterator[Change]:
    if array.minimum is None or array.maximum is None:
        return
    low, high = bounds_of(output.activation) or (-np.inf, np.inf)
    if output.activation in ("relu", "softplus", "exponential"):
        low = 0.0
    beyond = array.minimum < low - 1e-6 or array.maximum > high + 1e-6
    probabilities = array.minimum >= 0 and array.maximum <= 1
    given: dict[str, Any] = {"activation": "linear"} if beyond else {}
    if not output.wants("distance") and not probabilities:
        given["loss"] = "mean_squared_error"
    if given:
        yield Change("set_output", output.name, given)
    scale = max(abs(array.mean or 0.0), array.std or 0.0)
    if scale > LARGE_TARGETS and (beyond or low == -np.inf):
        yield Change("scale_targets", output.name, {"how": "standardize"})


def _layer(record: RunRecord, layer: LayerRecord) -> Iterator[Change]:
    config, path = layer.config, layer.path
    last = path in {output.layer for output in record.outputs}
    bends = layer.has("product", "activation")
    if bends and not last and layer.activation in UNFIT_INSIDE:
        yield Change("set_activation", path, {"activation": "relu"})
    if layer.has("recurrent", "recurrent_cell") and layer.activation != "tanh":
        yield Change("set_activation", path, {"activation": "tanh"})
    strengths = [
        sum(penalty_weights(v)) for name, v in config.items() if "regularizer" in name and v
    ]
    if max(strengths, default=0.0) > MOST_PENALTY:
        yield Change("set_regularizer", path, {"regularizer": None})
    if layer.has("batch_statistics") and float(config.get("momentum") or 0) > MOST_MOMENTUM:
        yield Change("set_momentum", path, {"momentum": 0.9})


def _input(record: RunRecord, name: str) -> Iterator[Change]:
    array = record.data.inputs[name]
    if array.embedded or array.normalized or array.mean is None or array.std is None:
        return
    spread = np.asarray([] if array.column_std is None else array.column_std, np.float64)
    spread = spread[np.isfinite(spread) & (spread > 0)]
    uneven = len(spread) > 1 and spread.max() / spread.min() > UNEVEN
    scale = max(abs(array.mean), array.std)
    if scale > LARGE or array.std < TINY or uneven:
        yield Change("add_scaling", name, {"how": "standardize"})


def _plan(record: RunRecord) -> Iterator[Change]:
    plan = record.plan
    rate = plan.learning_rate
    usual = plan.optimizer in ("Adam", "AdamW", "Nadam") and rate is not None
    usual = usual and RATES[0] <= rate <= RATES[1]  # type: ignore[operator]
    settings = plan.optimizer_config
    clipped = any(settings.get(name) for name in ("clipnorm", "clipvalue", "global_clipnorm"))
    fine = float(settings.get("epsilon") or 1e-7) <= 1e-3
    if not usual or clipped or not fine:
        yield Change("set_optimizer", "", {"optimizer": "Adam", "learning_rate": 1e-3})
    size, samples = plan.batch_size, plan.samples
    if size and samples and samples > 64 and (size < 8 or size > samples / 8):
        yield Change("set_batch_size", "", {"batch_size": 32})
    if not plan.shuffle:
        yield Change("shuffle")
