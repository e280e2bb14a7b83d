"""What the user passed -> checked sources, and a model that is built and has its objective."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import numpy as np

from .._core.errors import ConfigError, DataError, PellucidError
from ..data import (
    ArraySource,
    StreamSource,
    as_source,
    class_weight_to_sample_weight,
)
from ..data.loaders import LABEL_COLUMNS
from ..layers import checks, tree
from ..layers.base import Layer
from ..layers.context import Context, bind
from ..layers.symbolic import is_nested
from . import step_forms, trackers
from .data_checks import check_data, has_own_loss, targets_of
from .objective import Objective
from .per_output import by_output, targets_by_losses
from .reading import reader
from .step import check_outputs, flat_outputs


def computes_in_half(model: Any) -> bool:
    """Whether gradients go through float16 on their way to weights in float32."""
    policies = (layer.dtype_policy for _, layer in tree.walk(model))
    return any((p.compute_dtype, p.variable_dtype) == ("float16", "float32") for p in policies)


def counts(model: Any) -> tuple[int | None, int | None]:
    """How many inputs and outputs the model has, where that is known."""
    if model.graph is None:
        return (1, 1) if model.is_stack else (None, None)
    return len(model.inputs), len(model.outputs)


def make_source(
    model: Any,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    where: str = "",
) -> ArraySource | StreamSource:
    """Arrays or a stream, checked for lengths and types."""
    inputs, outputs = counts(model)
    return as_source(
        x,
        y,
        sample_weight,
        inputs=inputs,
        outputs=outputs,
        where=where,
        read_x=reader(model),
        labels_apart=not _takes_labels(model),
    )


def _takes_labels(model: Any) -> bool:
    """Whether a column `label` of a dictionary is an input of the model: the network, or code of
    the model's own that computes the loss, asks for it."""
    named = model.graph is not None and any(name in LABEL_COLUMNS for name in model.input_names)
    no_loss = model.compiled and model.compile_settings["loss"] is None
    return named or no_loss or has_own_loss(model)


def validation_source(
    model: Any, data: Any, steps: int | None = None
) -> ArraySource | StreamSource:
    """`validation_data` as a source: `(x, y)`, `(x, y, sample_weight)` or a stream.

    Raises:
        DataError, ShapeError: data that `evaluate` would refuse, saying that it is this.
    """
    parts = data if isinstance(data, (tuple, list)) else (data,)
    if isinstance(data, (tuple, list)) and len(data) not in (2, 3):
        raise ConfigError(
            "validation_data must be (x, y) or (x, y, sample_weight).",
            got=f"{len(data)} parts",
            fix="validation_data=(x_val, y_val).",
        )
    try:
        source = make_source(model, *parts)
        if isinstance(source, StreamSource):
            source.require(steps, "validation_steps")
    except PellucidError as error:
        raise error.within("validation_data") from None
    if isinstance(source, StreamSource) and not source.reiterable and steps is None:
        source.remember()
    return source


def must_end(source: Any, steps: int | None, what: str, callbacks: Any) -> None:
    """Refuse an endless stream without a number of steps, unless a callback may end it."""
    if isinstance(source, StreamSource) and not callbacks:
        source.require(steps, what)


def weigh_classes(source: Any, class_weight: Any, where: str) -> Any:
    """`source` with class weights as sample weights, where there are any."""
    if class_weight is None:
        return source

    def weighed(part: Any, known: bool) -> np.ndarray:
        if part.y is None:
            raise DataError(f"class_weight needs targets, and {where} got none.", fix="pass y.")
        if not hasattr(part.y, "shape"):
            raise ConfigError(
                "class_weight works for models with one output.",
                got=f"{len(part.y)} outputs",
                fix="pass sample_weight={output: weights} instead.",
            )
        weights = class_weight_to_sample_weight(part.y, class_weight, whole=known)
        given = part.sample_weight
        return weights if given is None else weights * np.asarray(given)

    if isinstance(source, ArraySource):
        return replace(source, sample_weight=weighed(source, True))
    source.then.append(lambda batch: batch._replace(sample_weight=weighed(batch, False)))
    return source


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

    def checked(_: Any) -> Any:
        with trackers.set_aside(model):
            outputs = jax.eval_shape(run, x)
        check_outputs(model, outputs)
        return outputs

    # Building changes the structure; from then on nothing is traced for batches seen before.
    return tree.structure(model).derived(("outputs", kind_of_batch(x)), checked)


def kind_of_batch(batch: Any) -> tuple[Any, ...]:
    """Structure, shapes and formats of a tree of arrays, hashable."""
    leaves, structure = jax.tree.flatten(batch)
    return (structure, *((leaf.shape, leaf.dtype) for leaf in leaves))


def name_outputs(model: Any, outputs: Any) -> list[str]:
    """A name for each output: dictionary keys, layer names, or output_0, output_1, ...

    In nested structures also the way there: ``"1/box"``.
    """
    if is_nested(outputs):
        ways = [way for way, _ in jax.tree_util.tree_flatten_with_path(outputs)[0]]
        own = model.output_names if model.graph is not None else [None] * len(ways)
        return [_path_name(way, name) for way, name in zip(ways, own, strict=True)]
    if isinstance(outputs, dict):
        return sorted(outputs)
    count = len(flat_outputs(outputs))
    if model.graph is not None and len(model.graph.output_leaves) == count:
        return model.output_names
    return ["output"] if count == 1 else [f"output_{number}" for number in range(count)]


def _path_name(way: Any, name: str | None) -> str:
    keys = [getattr(step, "key", getattr(step, "idx", None)) for step in way]
    if name is not None and isinstance(keys[-1], int):
        keys[-1] = name
    return "/".join(map(str, keys))


def ensure_objective(model: Any, source: Any, where: str) -> None:
    """Build the model and resolve its losses and metrics, or check that they fit the new data.

    Raises:
        StateError: the model was not compiled.
    """
    model.must_be_compiled(where)
    x, y, _ = first_batch(source)
    # The same kind of batch as last time needs no tracing: one batch after another comes here.
    kind = (kind_of_batch(y), kind_of_batch(x))
    if model.objective is not None and model.built and model.objective_kind == kind:
        check_data(model, source, model.objective_shapes[1])
        return
    model.objective_kind = kind
    names, predictions, targets, positions = _outputs_and_targets(model, x, y)
    settings = model.compile_settings
    shapes = [None if target is None else tuple(target.shape) for target in targets]
    if model.objective is None or model.objective_shapes != (names, predictions, shapes):
        model.objective = Objective(
            settings["loss"],
            settings["metrics"],
            settings["weighted_metrics"],
            settings["loss_weights"],
            names,
            predictions,
            shapes,
            own_step=has_own_loss(model),
            outputs=positions,
        )
        model.objective.trackers, model.objective.unlogged = _trackers(model)
        model.objective_shapes = (names, predictions, shapes)
        model.drop_programs()
    check_data(model, source, predictions)


def _outputs_and_targets(model: Any, x: Any, y: Any) -> tuple[list[str], list[Any], list[Any], Any]:
    """Names and shapes of the outputs, the targets of each, for batches `x`, `y` of shapes, and
    the outputs' positions in their structure."""
    try:
        outputs = output_shapes(model, x)
    except Exception:
        # A step of one's own may take batches that the network by itself does not.
        if not (model.built and model.overrides("train_step")):
            raise
        return ["output"], [None], [None], 0
    names = name_outputs(model, outputs)
    predictions = [tuple(leaf.shape) for leaf in flat_outputs(outputs)]
    positions = jax.tree.unflatten(jax.tree.structure(outputs), range(len(names)))
    if not has_own_loss(model):
        given = targets_by_losses(y, model.compile_settings["loss"], positions, names)
        return names, predictions, targets_of(model, y, names, given), positions
    targets = by_output(y, names)
    fits = len(targets) == len(names) and all(t is None or hasattr(t, "shape") for t in targets)
    return names, predictions, targets if fits else [None] * len(names), positions


def check_held_out(model: Any, held_out: Any) -> None:
    """Refuse validation data that `evaluate` would refuse, before training and not after an epoch.

    Args:
        model: with its objective.
        held_out: its source.
    """
    try:
        x, _, _ = first_batch(held_out)
        predictions = model.objective_shapes[1]
        if kind_of_batch(x) != model.objective_kind[1]:
            predictions = [tuple(leaf.shape) for leaf in flat_outputs(output_shapes(model, x))]
        check_data(model, held_out, predictions)
    except PellucidError as error:
        raise error.within("validation_data") from None


def gives_rows(outputs: Any) -> bool:
    """Whether the outputs (shapes) for `first_batch`, which has two rows, have one for each."""
    return all(leaf.shape[:1] == (2,) for leaf in jax.tree.leaves(outputs))


def _trackers(model: Any) -> tuple[list[Any], Any]:
    """The network's own metrics, and the loss's mean where a step counts it."""
    found, loss = model.kept_metrics(), None
    if any(step_forms.form(model, name) == "keras" for name in ("train_step", "test_step")):
        loss = next((m for m in model.metrics if m is model._loss_tracker), None)
    return [*found, *([loss] if loss is not None else [])], loss


OWN_STEPS = ("train_step", "test_step", "compute_loss", "compute_metrics")


def pads_rows(model: Any) -> bool:
    """Whether a last batch may be filled up with rows that are then masked.

    True when every layer is known to treat rows independently (or to honour the mask), and the
    step, losses and metrics are Pellucid's own.
    """
    if any(model.overrides(name) for name in OWN_STEPS):
        return False
    objective = model.objective
    # What the network's own metrics are shown, only it knows.
    if objective is not None and (objective.trackers or not objective.row_wise()):
        return False
    if any(shape[:1] != (2,) for shape in (model.objective_shapes or ([], []))[1]):
        return False  # outputs of another number of rows
    return all(checks.treats_rows_alone(layer) for _, layer in tree.walk(model))
