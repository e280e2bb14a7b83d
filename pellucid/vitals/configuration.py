"""A record from a configuration alone: a network in a file is examined, none of its code is run."""

from __future__ import annotations

import math
from typing import Any

from .._core.errors import ConfigError, PellucidError
from .._core.registry import snake_case
from ..layers.traits import activation_of, class_named, written_traits
from ..losses.traits import written_traits as loss_traits
from ..record.schema import LayerRecord, OutputRecord, RunRecord, WeightRecord
from .configuration_graph import NETWORKS, Call, Key, Network, Shape, is_network, read
from .network import (
    effective_activation,
    note_loss,
    settings_of,
    with_count,
)

_OPERATIONS = {"Softmax": "Softmax", "Relu": "ReLU"}  # Keras's functions that are layers to us
_OFF = {"bias": "use_bias", "beta": "center", "gamma": "scale"}
_NEVER_TRAINED = ("moving_mean", "moving_variance")


def record_of_config(config: dict[str, Any]) -> RunRecord:
    """What can be said of a network from its configuration: nothing is built or run.

    Args:
        config: as in the ``config.json`` of a `.keras` file, or from `get_config()` or
            `to_json()`; with ``"compile_config"`` also loss and optimiser are known.

    Raises:
        ConfigError: no network in it.

    >>> settings = {"name": "dense", "units": 1, "activation": "softmax"}
    >>> network = {"name": "net", "layers": [{"class_name": "Dense", "config": settings}]}
    >>> config = {"class_name": "Sequential", "config": network, "compile_config": {"loss": "mse"}}
    >>> record = record_of_config(config)
    >>> record.outputs[0].activation, record.outputs[0].loss, record.outputs[0].shape
    ('softmax', 'mean_squared_error', [None, 1])
    """
    outer: dict[str, Any] = config
    if not is_network(config):
        outer = {"class_name": "Functional", "config": config}
    if not is_network(outer):
        keys = sorted(map(str, config))[:6] if isinstance(config, dict) else type(config).__name__
        raise ConfigError(
            "This configuration holds no network.",
            got=keys,
            expected='a network of layers: {"class_name": ..., "config": {"layers": [...]}}',
            fix="write it with json.dumps(model.get_config()), or pass a .keras file.",
        )
    inner = outer["config"]
    record = RunRecord(name=str(inner.get("name") or "model"))
    try:
        network = read(inner)
        sources = [f"input:{name}" for name in network.names]
        ends, shapes = _walk(network, sources, [None] * len(sources), "", record, {})
        for (name, _), end, shape in zip(network.outputs, ends, shapes, strict=True):
            output = OutputRecord(name, end, shape=shape)
            output.activation = effective_activation(record, end)
            record.outputs.append(output)
        settings = config.get("compile_config")
        if isinstance(settings, dict):
            _compiled(record, settings)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise ConfigError(
            "This configuration holds a network that cannot be read.",
            got=f"{type(error).__name__}: {error}"[:200],
            expected="a network as Keras or Pellucid writes it",
            fix="write it with json.dumps(model.get_config()), or pass a .keras file.",
        ) from error
    return record


def _walk(
    network: Network,
    sources: list[str],
    given: list[Shape],
    prefix: str,
    record: RunRecord,
    counts: dict[str, int],
) -> tuple[list[str], list[Shape]]:
    """Append a network's calls to the record; paths and shapes of what it gives."""
    origin: dict[Key, str] = dict(zip(network.inputs, sources, strict=True))
    shapes: dict[Key, Shape] = {}
    for key, shape in zip(network.inputs, given, strict=True):
        shapes[key] = shape or network.shapes.get(key)
    for call in network.calls:
        path = f"{prefix}{call.key[0]}"
        inputs = [origin[key] for key in call.inputs if key in origin]
        before = [shapes.get(key) for key in call.inputs if key in origin]
        if is_network(call.entry) and call.entry["class_name"] in NETWORKS:
            inside = read(call.entry["config"])
            if len(inside.inputs) == len(inputs):
                ends, gave = _walk(inside, inputs, before, f"{path}/", record, counts)
                origin[call.key], shapes[call.key] = ends[0], gave[0]
                continue
        given_here = call.given or (before[0] if before else None)
        layer = _layer(call, path, inputs, given_here, network.shapes.get(call.key))
        number = counts.get(path, 0)
        counts[path] = number + 1
        own = _weights(layer, given_here)
        layer.weights = [weight.path for weight in own]
        layer.path = with_count(path, number)
        if not number:
            record.weights += own
        record.layers.append(layer)
        origin[call.key], shapes[call.key] = layer.path, layer.output_shape
    return [origin[key] for key in network.outputs], [shapes[key] for key in network.outputs]


def _layer(call: Call, path: str, inputs: list[str], given: Shape, known: Shape) -> LayerRecord:
    entry, config = call.entry, dict(call.entry["config"])
    kind = str(entry["class_name"])
    if ".ops." in str(entry.get("module", "")):
        kind = _OPERATIONS.get(kind, "Operation")
        cls = class_named(kind)
    else:
        cls = class_named(kind, str(entry.get("module") or "keras"))
    layer = LayerRecord(path, kind, config, inputs, traits=written_traits(cls, config))
    shape = known or _output_shape(layer, given)
    if shape is not None:
        shape = [None, *shape[1:]]
    layer.output_shape = shape
    layer.activation = activation_of(cls, config)
    layer.trainable = config.get("trainable", True) is not False
    return layer


def _output_shape(layer: LayerRecord, given: Shape) -> Shape:
    """The shape that a layer gives, where it takes no more than a glance."""
    kind, config = layer.kind, layer.config
    units, filters = config.get("units"), config.get("filters")
    if kind == "Dense" and isinstance(units, int):
        return [*(given[:-1] if given else [None]), units]
    if layer.has("recurrent") and isinstance(units, int):
        steps = [given[1] if given and len(given) > 1 else None]
        return [None, *(steps if config.get("return_sequences") else []), units]
    if kind.startswith("Conv") and isinstance(filters, int) and kind[4:6] in ("1D", "2D", "3D"):
        return [None] * (int(kind[4]) + 1) + [filters]
    if kind == "Embedding" and given:
        return [*given, config.get("output_dim")]
    if layer.has("same_shape"):
        return given
    if kind == "Flatten" and given and all(size is not None for size in given[1:]):
        return [None, math.prod(size or 0 for size in given[1:])]
    if kind.startswith("Global") and given:
        return [None, given[-1]]
    return None


def _weights(layer: LayerRecord, given: Shape) -> list[WeightRecord]:
    """The weights whose initialisers are written down, here or in a layer inside; 0: unknown."""
    config, place = layer.config, layer.path
    inner = config.get("layer") or config.get("cell")
    if isinstance(inner, dict) and isinstance(inner.get("config"), dict):
        config = inner["config"]
        place = f"{layer.path}/{config.get('name', 'layer')}"
    found = []
    for name, initializer in config.items():
        role = name.removesuffix("_initializer")
        if role == name or initializer is None or config.get(_OFF.get(role, ""), True) is False:
            continue
        if isinstance(initializer, str):
            initializer = {"class_name": initializer, "config": {}}
        shape = _weight_shape(layer, config, role, given)
        trainable = layer.trainable and role not in _NEVER_TRAINED
        found.append(
            WeightRecord(f"{place}/{role}", layer.path, role, shape, trainable, initializer)
        )
    return found


def _weight_shape(layer: LayerRecord, config: dict[str, Any], role: str, given: Shape) -> list[int]:
    last = (given or [0])[-1] if layer.has("same_shape") else 0
    units = int(config.get("units") or config.get("filters") or last or 0)
    if "kernel" not in role and role != "embeddings":
        return [units]
    inputs = int((given or [0])[-1] or 0)
    if layer.kind == "Dense":
        return [inputs, units]
    size = config.get("kernel_size")
    if layer.kind.startswith("Conv") and isinstance(size, list):
        return [*map(int, size), inputs, units]
    return [inputs, 0]


def _compiled(record: RunRecord, settings: dict[str, Any]) -> None:
    """Losses, metrics and the optimiser."""
    for number, output in enumerate(record.outputs):
        loss = _of_output(settings.get("loss"), number, output.name)
        _note(output, loss)
        metrics = settings.get("metrics")
        if len(record.outputs) > 1:
            metrics = _of_output(metrics, number, output.name)
        listed = metrics if isinstance(metrics, list) else [metrics]
        output.metrics = [str(m if isinstance(m, str) else _name_of(m)) for m in listed if m]
    _optimizer(record, settings.get("optimizer"))


def _of_output(given: Any, number: int, name: str) -> Any:
    """What is said of one output, in a list, by name or for all of them."""
    if isinstance(given, list):
        return given[number] if number < len(given) else None
    if isinstance(given, dict) and "class_name" not in given:
        return given.get(name)
    return given


def _name_of(written: Any) -> str | None:
    """The snake-case name of a written loss or metric; a function's own name."""
    if not isinstance(written, dict):
        return None
    inner = written.get("config")
    if written.get("class_name") == "function" and isinstance(inner, str):
        return inner
    return snake_case(str(written.get("class_name")))


def _note(output: OutputRecord, written: Any) -> None:
    """Fill in an output's loss, from a name or a configuration."""
    from .. import losses

    if isinstance(written, str):
        if written.lower() in ("crossentropy", "ce"):
            return  # which one it is depends on the targets
        try:
            note_loss(output, losses.as_loss(written))
        except PellucidError:
            output.loss = written
        return
    output.loss = _name_of(written)
    config = written.get("config") if isinstance(written, dict) else None
    kept = dict(config) if isinstance(config, dict) else {}
    left = ("name", "dtype", "fn")
    output.loss_config = {key: value for key, value in kept.items() if key not in left}
    output.loss_traits = None if output.loss is None else loss_traits(output.loss)


def _optimizer(record: RunRecord, written: Any) -> None:
    from .. import optimizers

    config: dict[str, Any] = {}
    if isinstance(written, str):
        try:
            chosen = optimizers.get(written)
        except PellucidError:
            return None
        record.plan.optimizer, config = type(chosen).__name__, settings_of(chosen)
    elif isinstance(written, dict):
        config = dict(written.get("config") or {})
        if isinstance(config.get("inner_optimizer"), dict):  # scaled against underflow
            return _optimizer(record, config["inner_optimizer"])
        record.plan.optimizer = str(written.get("class_name"))
    record.plan.optimizer_config = config
    rate = config.get("learning_rate", config.get("lr"))
    if isinstance(rate, (int, float)) and not isinstance(rate, bool):
        record.plan.learning_rate = float(rate)
    return None
