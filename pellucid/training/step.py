"""One step on one batch, as pure functions of the state: forward, loss, gradients, update."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError, ShapeError
from ..layers import tree
from ..layers.context import Context, bind
from ..layers.symbolic import leaves
from . import cores, trackers
from .per_output import by_output
from .state import TrainState

_noted: ContextVar[dict[str, Any] | None] = ContextVar("pellucid_noted_updates", default=None)
_norms: ContextVar[list[Any] | None] = ContextVar("pellucid_noted_norms", default=None)


@contextmanager
def noted_updates() -> Iterator[dict[str, Any]]:
    """Collect the state updates of the forward passes in a block: path -> value.

    A step for evaluation returns none, and for most layers there are none; but stateful ones
    remember the batch that they saw last.
    """
    updates: dict[str, Any] = {}
    token = _noted.set(updates)
    try:
        yield updates
    finally:
        _noted.reset(token)


def note_updates(updates: dict[str, Any]) -> None:
    """Hand state updates to the block that collects them, where there is one."""
    noted = _noted.get()
    if noted is not None:
        noted.update(updates)


@contextmanager
def noted_norms() -> Iterator[list[Any]]:
    """Collect the global gradient norms of the training steps traced in a block."""
    norms: list[Any] = []
    token = _norms.set(norms)
    try:
        yield norms
    finally:
        _norms.reset(token)


def global_norm(gradients: Any) -> Any:
    """The Euclidean norm of all gradients together, float32."""
    # Products with themselves: on CPU a reduction to one number runs on a fraction of the lanes.
    # The minus signs keep XLA from seeing the squares that Adam wants, too, and from storing them
    # for both.
    wide = [g.astype(jnp.float32) for g in jax.tree.leaves(gradients)]
    squares = (-jnp.tensordot(-g, g, g.ndim) for g in wide)
    return jnp.sqrt(sum(squares, jnp.zeros((), jnp.float32)))


class Batch(NamedTuple):
    """One batch on the device.

    Attributes:
        x, y: arrays, or lists and dictionaries of them; `(batch, ...)`.
        sample_weight: None, an array, or one per output.
        valid: (batch,) bool, the real rows of a padded last batch; None when all are real.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    valid: Any = None

    def rows(self) -> Any:
        """How many real rows, float32."""
        if self.valid is not None:
            return jnp.sum(self.valid.astype(jnp.float32))
        return jnp.float32(jax.tree.leaves(self.x)[0].shape[0])


class Forward(NamedTuple):
    """What one forward pass gives: outputs, their masks, state updates, added losses."""

    outputs: Any
    masks: list[Any]
    updates: dict[str, Any]
    losses: list[Any]
    rng: Any = None
    losers: Sequence[Any] = ()  # the layer that each of the losses is of


def forward(
    model: Any,
    variables: dict[str, Any],
    batch: Batch,
    *,
    training: bool,
    rng: Any = None,
    tap: Any = None,
) -> Forward:
    """Run the network on a batch, with `variables` in place of its own weights."""
    with trackers.set_aside(model):
        outputs, context = model.bound_call(
            variables, (batch.x,), training=training, rng=rng, valid=batch.valid, tap=tap
        )
    check_outputs(model, outputs)
    paths = {weight: path for path, weight in tree.index(model).items()}
    updates = {paths[weight]: value for weight, value in context.updates.items()}
    note_updates(updates)
    masks = [context.mask_of(output) for output in leaves(outputs)]
    return Forward(outputs, masks, updates, context.losses, rng, context.losers)


def check_outputs(model: Any, outputs: Any) -> None:
    """Refuse a `call` that returns nothing, or nothing in one of its places.

    Raises:
        ConfigError: names the model and the fix.
    """
    missing = any(leaf is None for leaf in jax.tree.leaves(outputs, is_leaf=lambda x: x is None))
    if missing or not leaves(outputs):
        kind = type(model).__name__
        raise ConfigError(
            f"call of {kind} returned {'None' if missing else 'no output'}"
            f"{'' if outputs is None or not missing else ' in a place of its outputs'}.",
            got=repr(jax.tree.map(lambda leaf: jnp.shape(leaf), outputs)),
            expected="an array, or a list or dictionary of arrays",
            fix=f"end {kind}.call, and each of its branches, with `return outputs`.",
        )


def _forward_by_rows(model: Any, variables: dict[str, Any], batch: Batch, rng: Any) -> Forward:
    """`forward` in training; by parts of the batch where the program is compiled for that."""
    # Of parts there is nothing beside outputs and masks: `cores.parts` splits no network that
    # gathers from its batches or adds losses.
    beside: dict[str, Any] = {}

    def part(variables: Any, rows: Any, rng: Any) -> Any:
        x, valid = rows
        result = forward(model, variables, Batch(x, valid=valid), training=True, rng=rng)
        beside.update(updates=result.updates, losses=result.losses, losers=result.losers)
        return result.outputs, result.masks

    outputs, masks = cores.by_rows(part, variables, (batch.x, batch.valid), rng)
    return Forward(outputs, masks, rng=rng, **beside)


def weight_penalty(model: Any, variables: dict[str, Any]) -> Any:
    """The regularisers' sum over trainable weights."""
    flags = model.trainable_flags()
    total: Any = jnp.zeros((), jnp.float32)
    for path, weight in tree.index(model).items():
        if weight.regularizer is not None and flags[path]:
            total = total + weight.regularizer(variables[path].astype(jnp.float32))
    return total


def flat_outputs(outputs: Any) -> list[Any]:
    """The model's outputs in the order of their names."""
    return leaves(outputs)


def default_loss(
    model: Any, variables: dict[str, Any], batch: Batch, result: Forward
) -> tuple[Any, dict[str, Any]]:
    """Data loss, weight penalties and added losses; and the parts by log name."""
    objective = model.objective
    total, parts = objective.loss(
        objective.targets(batch.y),
        flat_outputs(result.outputs),
        result.masks,
        by_output(batch.sample_weight, objective.names),
        batch.valid,
    )
    total = total + weight_penalty(model, variables)
    for extra in result.losses:
        total = total + jnp.sum(extra).astype(jnp.float32)
    return total, parts


def takes(function: Any, argument: str) -> bool:
    """Whether a method that a subclass wrote has that argument."""
    parameters = inspect.signature(function).parameters
    return argument in parameters or any(
        p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()
    )


def loss_of(
    model: Any, variables: dict[str, Any], batch: Batch, result: Forward, training: bool = True
) -> tuple[Any, dict[str, Any]]:
    """`default_loss`, or what the `compute_loss` that a subclass wrote returns.

    As in Keras, penalties and added losses are part of that only where it calls `super()` or adds
    `self.losses`.
    """
    if not model.overrides("compute_loss"):
        return default_loss(model, variables, batch, result)
    more = {"training": training} if takes(model.compute_loss, "training") else {}
    index = tree.index(model)
    # Layers may be called in it as well: their weights are those of the step.
    context = Context(
        {weight: result.updates.get(path, variables[path]) for path, weight in index.items()},
        training=training,
        rng=None if result.rng is None else jax.random.fold_in(result.rng, 1),
        valid=batch.valid,
        paths={layer: path for path, layer in tree.walk(model)},
    )
    context.losses, context.losers = list(result.losses), list(result.losers)
    with trackers.set_aside(model), model.objective.with_masks(result.masks), bind(context):
        loss = model.compute_loss(
            x=batch.x,
            y=batch.y,
            y_pred=result.outputs,
            sample_weight=batch.sample_weight,
            **more,
        )
    if jnp.shape(loss) != ():
        raise ShapeError(
            f"compute_loss of {type(model).__name__} must return one number.",
            got=f"shape {jnp.shape(loss)}",
            expected="shape ()",
            fix="end it with jnp.mean(...).",
        )
    result.updates.update((p, context.updates[w]) for p, w in index.items() if w in context.updates)
    return loss, {}


def update_metrics(model: Any, states: Any, batch: Batch, result: Forward) -> Any:
    """The metrics' sums with this batch added."""
    objective = model.objective
    return objective.update_metrics(
        states,
        objective.targets(batch.y),
        flat_outputs(result.outputs),
        result.masks,
        by_output(batch.sample_weight, objective.names),
        batch.valid,
    )


def measured(model: Any, states: Any, batch: Batch, result: Forward) -> tuple[Any, dict[str, Any]]:
    """`update_metrics`, or the `compute_metrics` that a subclass wrote: states, and its logs."""
    if not model.overrides("compute_metrics"):
        return update_metrics(model, states, batch, result), {}
    more = {"sample_weight": batch.sample_weight} if batch.sample_weight is not None else {}
    with model.objective.bound(states, result.masks) as read:
        logs = model.compute_metrics(batch.x, batch.y, result.outputs, **more)
        states = read()
    if not isinstance(logs, dict):
        raise ConfigError(
            f"compute_metrics of {type(model).__name__} must return a dictionary of numbers.",
            got=type(logs).__name__,
            expected="name -> number",
            fix="end it with `return self.get_metrics_result()`, or a dictionary of your own.",
        )
    return states, logs


def train_step(model: Any, state: TrainState, batch: Batch) -> tuple[TrainState, dict[str, Any]]:
    """Forward, loss, gradients, update: the step that `fit` takes unless a subclass has its own."""

    own, kept = model.objective.split(state.metrics)

    def objective(trainable: dict[str, Any]) -> tuple[Any, Any]:
        variables = {**state.fixed, **trainable}
        with trackers.bound(model.objective.trackers, kept) as read:
            result = _forward_by_rows(model, variables, batch, state.rng)
            loss, parts = loss_of(model, variables, batch, result)
            after = read()
        scaled = model.optimizer.scale_loss(loss, state.optimizer, state.hyper)
        return scaled, (loss, result, parts, after)

    (_, (loss, result, parts, kept)), gradients = jax.value_and_grad(objective, has_aux=True)(
        state.trainable
    )
    if (norms := _norms.get()) is not None:
        one = jnp.ones((), jnp.float32)
        scale = model.optimizer.scale_loss(one, state.optimizer, state.hyper)
        norms.append(global_norm(gradients) / scale)
    state = apply_gradients(model, state, gradients, result.updates)
    metrics, own_logs = measured(model, [*own, *kept], batch, result)
    return state.replace(metrics=metrics), {"loss": loss, **parts, **own_logs}


def apply_gradients(
    model: Any,
    state: TrainState,
    gradients: dict[str, Any],
    updates: dict[str, Any] | None = None,
) -> TrainState:
    """Move the weights by the optimiser's rule, project them, and take over layer state."""
    optimizer, updates = model.optimizer, updates or {}
    # What the forward pass gave a trained weight (spectral normalisation) is where the step starts.
    trainable = {
        path: updates[path].astype(value.dtype) if path in updates else value
        for path, value in state.trainable.items()
    }
    changes, optimizer_state = optimizer.update(gradients, state.optimizer, trainable, state.hyper)
    trainable = optimizer.apply_updates(trainable, changes)
    for path, weight in tree.index(model).items():
        if weight.constraint is not None and path in trainable:
            trainable[path] = weight.constraint(trainable[path])
    return state.replace(
        trainable=trainable,
        fixed={
            path: updates[path].astype(value.dtype) if path in updates else value
            for path, value in state.fixed.items()
        },
        optimizer=optimizer_state,
        step=state.step + 1,
    )


def evaluation_state(model: Any, variables: dict[str, Any], metrics: Any) -> TrainState:
    """What a step of evaluation knows, as a state: there is no optimiser in it."""
    seed = jnp.uint32(model.root_seed)
    return TrainState({}, variables, None, metrics, jnp.int32(0), seed, {})


def test_step(
    model: Any, variables: dict[str, Any], metrics: Any, batch: Batch
) -> tuple[Any, dict[str, Any]]:
    """Loss and metrics of a batch in inference mode."""
    own, kept = model.objective.split(metrics)
    with trackers.bound(model.objective.trackers, kept) as read:
        result = forward(model, variables, batch, training=False)
        loss, parts = loss_of(model, variables, batch, result, training=False)
        kept = read()
    metrics, own_logs = measured(model, [*own, *kept], batch, result)
    return metrics, {"loss": loss, **parts, **own_logs}
