"""The network in a record: layers in the order of computation, weights, outputs with losses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._core.errors import PellucidError
from .._core.registry import snake_case
from .._core.specs import serialize
from ..layers import tree
from ..layers.symbolic import leaves
from ..layers.traits import activation_of, written_traits
from ..losses.base import LossFunctionWrapper
from ..losses.traits import written_traits as loss_traits
from ..record.schema import LayerRecord, OutputRecord, Plan, RunRecord, WeightRecord


def record_of(model: Any) -> RunRecord:
    """What can be said of a model before any data is seen.

    Args:
        model: built or not, compiled or not; what is not known yet is left out.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(4,)), layers.Dense(3, activation="softmax")])
    >>> record = record_of(model)
    >>> [(layer.path, layer.activation, layer.inputs) for layer in record.layers]
    [('dense', 'softmax', ['input:input_layer'])]
    """
    record = RunRecord(name=model.name)
    paths = short_paths(model)
    ends: list[str | None] = []
    if getattr(model, "graph", None) is not None:
        ends = list(_walk(model, _input_paths(model), paths, {}, record.layers))
    else:
        for layer, path in paths.items():
            if layer is not model:
                record.layers.append(describe(layer, path))
    record.weights = weights_of(model)
    record.outputs = outputs_of(model, ends, record)
    record.plan = Plan(dtype=_dtype(model), custom_step=_has_own_step(model))
    if getattr(model, "compiled", False):
        describe_optimizer(model.optimizer, record.plan)
    return record


def short_paths(model: Any) -> dict[Any, str]:
    """Every layer under `model` with its path, the model's own name left out."""
    start = len(model.name) + 1
    return {layer: path[start:] for path, layer in tree.walk(model)}


def with_count(path: str, count: int) -> str:
    """The path of a layer's call number `count`, from 0."""
    return f"{path}#{count + 1}" if count else path


def settings_of(thing: Any) -> dict[str, Any]:
    """`get_config()` where it works; a class of the user's own may not write one."""
    try:
        return thing.get_config()
    except (PellucidError, TypeError, AttributeError, ValueError):
        return {}


def describe(layer: Any, path: str, inputs: Iterable[str] = (), shape: Any = None) -> LayerRecord:
    """One entry of the record for one call of `layer`."""
    config = settings_of(layer)
    if not config and hasattr(layer, "activation"):
        config = {"activation": getattr(layer.activation, "__name__", layer.activation)}
    kind = type(layer).__name__
    gave = layer.__dict__.get("_gave") if shape is None else shape
    own = path.split("#")[0]
    return LayerRecord(
        path=path,
        kind=kind,
        config=config,
        inputs=list(inputs),
        output_shape=_first_shape(gave),
        activation=activation_of(type(layer), config),
        weights=[f"{own}/{name}" for name in _own_names(layer)],
        trainable=bool(layer.trainable),
        adds_loss=_adds_loss(layer),
        traits=written_traits(type(layer), config),
    )


def _adds_loss(layer: Any) -> bool:
    """Whether a layer adds a term of its own to the loss, as its code or its arguments say."""
    if getattr(layer, "activity_regularizer", None) is not None:
        return True
    code = getattr(type(layer).call, "__code__", None)
    return code is not None and "add_loss" in code.co_names


def _own_names(layer: Any) -> list[str]:
    taken: list[str] = []
    for weight in layer._own_weights:
        name = tree.unique(weight.name, set(taken))
        taken.append(name)
        if weight.transient:
            taken[-1] = name
    return [n for n, w in zip(taken, layer._own_weights, strict=True) if not w.transient]


def _first_shape(shape: Any) -> list[int | None] | None:
    """The shape of a layer's first output, with None for the batch."""
    while isinstance(shape, (list, tuple)) and shape and isinstance(shape[0], (list, tuple)):
        shape = shape[0]
    if isinstance(shape, dict):
        return _first_shape(next(iter(shape.values()), None))
    if not isinstance(shape, (list, tuple)):
        return None
    return [None, *(None if size is None else int(size) for size in shape[1:])]


def _input_paths(model: Any) -> list[str]:
    return [f"input:{tensor.node.layer.name}" for tensor in model.graph.input_leaves]


def _walk(
    model: Any,
    sources: list[str],
    paths: dict[Any, str],
    counts: dict[Any, int],
    found: list[LayerRecord],
) -> list[str]:
    """Append the calls of a graph, and of those inside it; the paths that its outputs come from."""
    graph = model.graph
    origin = {id(t): source for t, source in zip(graph.input_leaves, sources, strict=True)}
    starts = {tensor.node for tensor in graph.input_leaves}
    for node in graph.nodes:
        if node in starts:
            continue
        layer = node.layer
        inputs = [origin[id(tensor)] for tensor in node.inputs()]
        given = leaves(node.outputs)
        inner = getattr(layer, "graph", None)
        if inner is not None and len(inner.input_leaves) == len(inputs):
            ends = _walk(layer, inputs, paths, counts, found)
            origin |= {id(tensor): end for tensor, end in zip(given, ends, strict=False)}
            continue
        number = counts.get(layer, 0)
        counts[layer] = number + 1
        if not number:  # what a layer is made of comes before the layer itself
            for part in list(tree.walk(layer))[1:]:
                found.append(describe(part[1], paths[part[1]]))
        path = with_count(paths[layer], number)
        shape = [tensor.shape for tensor in given]
        found.append(describe(layer, path, inputs, shape[0] if shape else None))
        origin |= {id(tensor): path for tensor in given}
    return [origin[id(tensor)] for tensor in graph.output_leaves]


def weights_of(model: Any) -> list[WeightRecord]:
    """Every weight but what stateful layers remember of the last batch."""
    start = len(model.name) + 1
    flags = model.trainable_flags()
    found = []
    for full, weight in tree.index(model).items():
        if weight.transient:
            continue
        path = full[start:]
        layer, _, role = path.rpartition("/")
        found.append(
            WeightRecord(
                path=path,
                layer=layer,
                role=role,
                shape=[int(size) for size in weight.shape],
                trainable=bool(flags[full]),
                initializer=_initializer(weight.initializer),
            )
        )
    return found


def _initializer(initializer: Any) -> dict[str, Any] | None:
    try:
        written = serialize(initializer)
    except PellucidError:
        return None
    return written if isinstance(written, dict) else {"class_name": str(written), "config": {}}


def outputs_of(model: Any, ends: list[str | None], record: RunRecord) -> list[OutputRecord]:
    """The model's outputs, with losses and metrics as far as they are known."""
    objective = getattr(model, "objective", None)
    if objective is not None:
        names = list(objective.names)
    elif getattr(model, "graph", None) is not None:
        names = model.output_names
    else:
        return []
    found = []
    shapes = _output_shapes(model, len(names))
    if not ends and record.layers and len(names) == 1 and getattr(model, "graph", None) is None:
        ends = [None]  # a `call` of the user's own may end anywhere
    for number, name in enumerate(names):
        end = ends[number] if number < len(ends) else None
        output = OutputRecord(name=name, layer=end, shape=shapes[number])
        output.activation = effective_activation(record, end)
        found.append(output)
    if objective is not None:
        for output, loss, weight in zip(
            found, objective.losses, objective.loss_weights, strict=True
        ):
            output.weight = float(weight)
            if loss is not None:
                note_loss(output, loss)
        for (position, _, _), name in zip(objective.metrics, objective.metric_names, strict=True):
            found[position].metrics.append(name)
    elif getattr(model, "compiled", False):
        _from_settings(found, model.compile_settings)
    return found


def _from_settings(outputs: list[OutputRecord], settings: dict[str, Any]) -> None:
    """The losses as `compile` was told them, before any target is seen."""
    from .. import losses

    given = settings["loss"]
    for number, output in enumerate(outputs):
        item = given
        if isinstance(given, dict) and "class_name" not in given:
            item = given.get(output.name)
        elif isinstance(given, (list, tuple)):
            item = given[number] if number < len(given) else None
        if isinstance(item, str) and item.lower() in ("crossentropy", "ce"):
            continue  # which one it is depends on the targets
        loss = losses.as_loss(item)
        if loss is not None:
            note_loss(output, loss)


def _output_shapes(model: Any, count: int) -> list[Any]:
    if getattr(model, "objective_shapes", None) is not None:
        given = [[None, *shape[1:]] for shape in model.objective_shapes[1]]
    elif getattr(model, "graph", None) is not None:
        given = [[None, *tensor.shape[1:]] for tensor in model.outputs]
    else:
        given = []
    return given if len(given) == count else [None] * count


def effective_activation(record: RunRecord, path: str | None) -> str | None:
    """The activation behind `path`, looking through layers that change no values."""
    seen: set[str] = set()
    while path is not None and path not in seen:
        seen.add(path)
        layer = record.layer(path)
        if layer is None:
            return "linear" if path.startswith("input:") else None
        keeps = layer.has("keeps_values")
        keeps |= layer.has("activation") and layer.activation == "linear"
        if not keeps or len(layer.inputs) != 1:
            return layer.activation
        path = layer.inputs[0]
    return None


def note_loss(output: OutputRecord, loss: Any) -> None:
    """Fill in what is known of an output's loss."""
    output.loss, output.loss_config = describe_loss(loss)
    output.loss_traits = traits_of_loss(loss)


def traits_of_loss(loss: Any) -> list[str] | None:
    """What a loss asks for: a function is known by its name, a class by itself."""
    return loss_traits(describe_loss(loss)[0] if isinstance(loss, LossFunctionWrapper) else loss)


def describe_loss(loss: Any) -> tuple[str, dict[str, Any]]:
    """A loss's snake-case name, and its arguments."""
    config = settings_of(loss)
    fn = config.pop("fn", getattr(loss, "fn", None))
    for name in ("name", "dtype"):
        config.pop(name, None)
    if isinstance(loss, LossFunctionWrapper):
        return str(fn if isinstance(fn, str) else loss.name), config
    return snake_case(type(loss).__name__), config


def describe_optimizer(optimizer: Any, plan: Plan) -> None:
    """Fill in what a plan says of the optimiser."""
    plan.optimizer = type(optimizer).__name__
    plan.optimizer_config = settings_of(optimizer)
    if plan.optimizer == "OptaxOptimizer" or not hasattr(optimizer, "current_learning_rate"):
        plan.optimizer = None
        return
    plan.learning_rate = learning_rate(optimizer, int(optimizer.iterations))


def learning_rate(optimizer: Any, step: int = 0) -> float | None:
    """The learning rate of update number `step`; None where there is none, or several."""
    try:
        rate = optimizer.current_learning_rate(step)
        return None if rate is None else float(rate)
    except (PellucidError, TypeError, ValueError, KeyError, AttributeError):
        return None


def _dtype(model: Any) -> str:
    """The number format of the computations: the policy of most layers that have weights."""
    names = [layer.dtype_policy.name for _, layer in tree.walk(model) if layer._own_weights]
    return max(set(names), key=names.count) if names else model.dtype_policy.name


def _has_own_step(model: Any) -> bool:
    if not hasattr(model, "overrides"):
        return False
    return bool(model.overrides("train_step") or model.overrides("compute_loss"))
