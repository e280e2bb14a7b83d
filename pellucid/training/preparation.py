"""What the user passed -> checked sources, and a model that is built and has its objective."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from .. import losses as _losses
from .._core.errors import ConfigError, DataError, ShapeError
from ..data import (
    ArraySource,
    StreamSource,
    as_source,
    class_weight_to_sample_weight,
)
from ..layers import checks, tree
from ..layers.base import Layer
from ..layers.context import Context, bind
from ..layers.prepared import Prepared
from .objective import Objective
from .reading import reader
from .step import by_output, flat_outputs


def counts(model: Any) -> tuple[int | None, int | None]:
    """How many inputs and outputs the model has, where that is known."""
    if model.graph is None:
        stack = model.overrides("call") is False
        return (1, 1) if stack else (None, None)
    return len(model.inputs), len(model.outputs)


def make_source(
    model: Any,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    where: str = "",
) -> ArraySource | StreamSource:
    """Arrays or a stream, checked for lengths, types and NaN."""
    inputs, outputs = counts(model)
    source = as_source(
        x,
        y,
        sample_weight,
        inputs=inputs,
        outputs=outputs,
        where=where,
        read_x=reader(model),
    )
    if isinstance(source, ArraySource):
        source.check_finite()
    return source


def validation_source(model: Any, data: Any) -> ArraySource | StreamSource:
    """`validation_data` as a source: `(x, y)`, `(x, y, sample_weight)` or a stream."""
    if not isinstance(data, (tuple, list)):
        return make_source(model, data, where="validation_data")
    if len(data) not in (2, 3):
        raise ConfigError(
            "validation_data must be (x, y) or (x, y, sample_weight).",
            got=f"{len(data)} parts",
            fix="validation_data=(x_val, y_val).",
        )
    return make_source(model, *data, where="validation_data")


def weigh_classes(source: Any, class_weight: Any, where: str) -> Any:
    """`source` with class weights as sample weights, where there are any."""
    from dataclasses import replace

    if class_weight is None:
        return source
    if not isinstance(source, ArraySource):
        raise ConfigError(
            "class_weight needs the targets as an array, and got a stream of batches.",
            fix="yield (x, y, sample_weight) batches with the weights applied.",
        )
    if source.y is None:
        raise DataError(f"class_weight needs targets, and {where} got none.", fix="pass y.")
    if not hasattr(source.y, "shape"):
        raise ConfigError(
            "class_weight works for models with one output.",
            got=f"{len(source.y)} outputs",
            fix="pass sample_weight={output: weights} instead.",
        )
    weights = class_weight_to_sample_weight(source.y, class_weight)
    if source.sample_weight is not None:
        weights = weights * np.asarray(source.sample_weight)
    return replace(source, sample_weight=weights)


def first_batch(source: Any) -> Any:
    """Shapes and formats of one batch of two rows: `(x, y, sample_weight)`."""
    if isinstance(source, ArraySource):
        trees = (source.x, source.y, source.sample_weight)
    else:
        trees = tuple(source.peek())
    return jax.tree.map(
        lambda a: jax.ShapeDtypeStruct((2, *np.shape(a)[1:]), _device_dtype(a.dtype)), trees
    )


def _device_dtype(dtype: Any) -> Any:
    return jax.dtypes.canonicalize_dtype(dtype)


def output_shapes(model: Any, x: Any) -> Any:
    """Builds the model if needed; the structure of its outputs with shapes, for a batch `x`."""

    def run(inputs: Any) -> Any:
        context = Context(abstract=True, training=False, rng=jax.random.key(0), notes_shapes=True)
        context.guesses_batch = True
        with bind(context):
            return Layer.__call__(model, inputs)

    return jax.eval_shape(run, x)


def name_outputs(model: Any, outputs: Any) -> list[str]:
    """A name for each output: dictionary keys, layer names, or output_0, output_1, ..."""
    if isinstance(outputs, dict):
        return sorted(outputs)
    count = len(flat_outputs(outputs))
    if model.graph is not None and len(model.graph.output_leaves) == count:
        return model.output_names
    return ["output"] if count == 1 else [f"output_{number}" for number in range(count)]


def ensure_objective(model: Any, source: Any, where: str) -> None:
    """Build the model and resolve its losses and metrics, or check that they fit the new data.

    Raises:
        StateError: the model was not compiled.
    """
    model.must_be_compiled(where)
    x, y, _ = first_batch(source)
    # The same kind of batch as last time needs no tracing: one batch after another comes here.
    leaves, structure = jax.tree.flatten((x, y))
    kind = (structure, *((leaf.shape, leaf.dtype) for leaf in leaves))
    if model.objective is not None and model.built and model.objective_kind == kind:
        check_targets(model, source, model.objective_shapes[1])
        check_inputs(model, source)
        return
    model.objective_kind = kind
    outputs = output_shapes(model, x)
    names = name_outputs(model, outputs)
    predictions = [tuple(leaf.shape) for leaf in flat_outputs(outputs)]
    if isinstance(y, dict):
        extra = [name for name in y if name not in names]
        if extra:
            from .._core.errors import UnknownNameError
            from .._core.registry import did_you_mean

            raise UnknownNameError(
                f"y names an output {extra[0]!r} that {model.name!r} does not have.",
                got=f"keys {sorted(y)}",
                expected=f"keys {names}",
                fix=did_you_mean(str(extra[0]), names),
            )
    targets = by_output(y, names)
    if len(targets) != len(names):
        raise ShapeError(
            f"{model.name!r} has {len(names)} outputs but y has {len(targets)} parts.",
            got=[tuple(t.shape) for t in targets],
            expected=names,
            fix="pass a list with one array per output, or a dictionary by output name.",
        )
    shapes = [None if target is None else tuple(target.shape) for target in targets]
    if model.objective is None or model.objective_shapes != (names, predictions, shapes):
        settings = model.compile_settings
        model.objective = Objective(
            settings["loss"],
            settings["metrics"],
            settings["weighted_metrics"],
            settings["loss_weights"],
            names,
            predictions,
            shapes,
        )
        model.objective_shapes = (names, predictions, shapes)
        model.drop_programs()
    check_targets(model, source, predictions)
    check_inputs(model, source)


def check_inputs(model: Any, source: Any) -> None:
    """Let layers that the data reaches as it is refuse what they cannot take."""
    if not isinstance(source, ArraySource) or model.graph is None:
        return
    graph = model.graph
    if isinstance(source.x, Prepared):
        for layer, array in graph.host.looked_up(source.x):
            layer.check_data(np.asarray(array))
        return
    position = {id(tensor): number for number, tensor in enumerate(graph.input_leaves)}
    arrays = model.in_order(source.x)
    for node in graph.nodes:
        checks_data = type(node.layer).check_data is not Layer.check_data
        for tensor in node.inputs() if checks_data else ():
            if id(tensor) in position:
                node.layer.check_data(np.asarray(arrays[position[id(tensor)]]))


def check_targets(model: Any, source: Any, predictions: list[tuple[int, ...]]) -> None:
    """Hold the targets against the losses before the first step."""
    objective = model.objective
    if not isinstance(source, ArraySource):
        source = source.peek()
    targets = by_output(source.y, objective.names)
    for loss, target, shape, name in zip(
        objective.losses, targets, predictions, objective.names, strict=True
    ):
        if loss is None:
            continue
        if target is None:
            raise DataError(
                f"{model.name!r} has a loss for output {name!r} but no targets for it.",
                got="y=None",
                expected=f"targets for {objective.names}",
                fix="pass y, or compile with loss=None and add_loss in the model.",
            )
        _losses.check_targets(loss, np.asarray(target), shape, name)


def check_batches(model: Any, source: Any, batch_size: int, where: str) -> None:
    """Refuse batches that a stateful layer cannot take: it keeps one state for each of its rows."""
    for _, layer in tree.walk(model):
        rows = getattr(layer, "fixed_batch", None)
        if rows is None or not isinstance(source, ArraySource):
            continue
        last = source.n % batch_size
        if batch_size != rows and source.n != rows:
            raise ConfigError(
                f"Layer {layer.name!r} is stateful and made for batches of {rows}.",
                got=f"{where} with batch_size={batch_size}",
                expected=f"batch_size={rows}",
                fix=f"pass batch_size={rows} to {where}.",
            )
        if last and source.n > batch_size:
            raise DataError(
                f"Layer {layer.name!r} is stateful and made for batches of {rows}, but the last "
                "batch would be smaller.",
                got=f"{source.n} samples, so a last batch of {last}",
                expected=f"a number of samples that {rows} divides",
                fix=f"leave {last} out: x[:{source.n - last}].",
            )


def pads_rows(model: Any) -> bool:
    """Whether a last batch may be filled up with rows that are then masked.

    True when every layer is known to treat rows independently (or to honour the mask), and the
    step, losses and metrics are Pellucid's own.
    """
    if any(model.overrides(name) for name in ("train_step", "test_step", "compute_loss")):
        return False
    if model.objective is not None and not model.objective.row_wise():
        return False
    return all(checks.treats_rows_alone(layer) for _, layer in tree.walk(model))
