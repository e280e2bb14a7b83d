"""A training state as Keras's steps take it: lists of arrays; and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError
from ..layers import tree
from ..layers.context import Context, bind
from . import step, trackers
from .state import TrainState
from .step import Batch

_behind: ContextVar[TrainState | None] = ContextVar("pellucid_step_under_way", default=None)
PARTS = ("weights", "optimizer", "metrics")


class KerasState(tuple):
    """Lists of arrays in Keras's order, and the state that they were taken from."""

    behind: TrainState


def data_of(batch: Batch) -> Any:
    """What Keras hands to a step: x alone, ``(x, y)`` or ``(x, y, sample_weight)``."""
    if batch.sample_weight is not None:
        return batch.x, batch.y, batch.sample_weight
    if batch.y is not None:
        return batch.x, batch.y
    return (batch.x,) if isinstance(batch.x, (tuple, list)) else batch.x


def batch_of_data(data: Any) -> Batch:
    """The inverse of `data_of`."""
    return Batch(*data) if isinstance(data, (tuple, list)) else Batch(data)


def _paths(model: Any) -> tuple[list[str], list[str]]:
    flags = model.trainable_flags()
    return [p for p, on in flags.items() if on], [p for p, on in flags.items() if not on]


def unpack(model: Any, state: TrainState, parts: Sequence[str] = PARTS) -> KerasState:
    """A state as lists: trainable, non-trainable, and as asked the optimiser's and metrics'."""
    variables = state.variables
    lists: list[Any] = [[variables[path] for path in paths] for paths in _paths(model)]
    if "optimizer" in parts:
        lists.append(_optimizer_list(model, state))
    if "metrics" in parts:
        with model.objective.bound(state.metrics, None):
            lists.append([variable.value for variable in model.metrics_variables])
    result = KerasState(lists)
    result.behind = state
    return result


def _optimizer_list(model: Any, state: TrainState) -> list[Any]:
    """The optimiser's state in the order of its variables: steps, learning rates, slots."""
    optimizer = model.optimizer
    steps, *slots = optimizer.packed(state.optimizer)
    rates = [state.hyper[name] for name, _ in optimizer._rate_variables()]
    return [steps, *rates, *slots]


def pack(model: Any, state: TrainState, lists: Any, parts: Sequence[str] = PARTS) -> TrainState:
    """`state` with what a step has returned.

    Raises:
        ConfigError: other lists than the step was handed.
    """
    before = unpack(model, state, parts)
    same = isinstance(lists, (tuple, list)) and len(lists) == len(before)
    if not same or any(len(a) != len(b) for a, b in zip(lists, before, strict=True)):
        raise ConfigError(
            f"The step of {type(model).__name__} returned another state than it was handed.",
            got=_sizes(lists),
            expected=_sizes(before),
            fix="return the lists of the state, in their order and each of its length.",
        )
    like = [
        [jnp.asarray(v).astype(jnp.asarray(w).dtype) for v, w in zip(a, b, strict=True)]
        for a, b in zip(lists, before, strict=True)
    ]
    trained, others = _paths(model)
    new = dict(zip([*trained, *others], [*like[0], *like[1]], strict=True))
    state = state.replace(
        trainable={path: new.get(path, value) for path, value in state.trainable.items()},
        fixed={path: new.get(path, value) for path, value in state.fixed.items()},
    )
    if "optimizer" in parts:
        state = state.replace(optimizer=model.optimizer.unpacked(like[2]))
    if "metrics" in parts:
        with model.objective.bound(state.metrics, None) as read:
            for variable, value in zip(model.metrics_variables, like[-1], strict=True):
                variable.assign(value)
            state = state.replace(metrics=read())
    return state


@contextmanager
def under_way(state: TrainState) -> Iterator[None]:
    """Let the steps that a subclass calls with its own lists find what no list holds."""
    token = _behind.set(state)
    try:
        yield
    finally:
        _behind.reset(token)


def memory_after(model: Any, state: TrainState) -> dict[str, Any]:
    """What seeds and stateful layers remember in a state: path -> array."""
    transient = (path for path, weight in tree.index(model).items() if weight.transient)
    return {path: state.variables[path] for path in transient if path in state.variables}


def _state_of(model: Any, lists: Any, parts: Sequence[str]) -> TrainState:
    behind = getattr(lists, "behind", None) or _behind.get()
    if behind is None:
        raise ConfigError(
            f"A step of {type(model).__name__} was called outside of fit, evaluate and predict.",
            fix="call train_on_batch, test_on_batch or predict_on_batch.",
        )
    return pack(model, behind, lists, parts)


def train_step(model: Any, lists: Any, data: Any) -> tuple[dict[str, Any], KerasState]:
    """The usual training step in Keras's form."""
    before = _state_of(model, lists, PARTS)
    state, logs = step.train_step(model, before, batch_of_data(data))
    return _with_results(model, logs, state.metrics), unpack(model, state)


def test_step(model: Any, lists: Any, data: Any) -> tuple[dict[str, Any], KerasState]:
    """The usual step of evaluation in Keras's form."""
    parts = ("weights", "metrics")
    before = _state_of(model, lists, parts)
    metrics, logs = step.test_step(model, before.variables, before.metrics, batch_of_data(data))
    return _with_results(model, logs, metrics), unpack(
        model, before.replace(metrics=metrics), parts
    )


def predict_step(model: Any, lists: Any, data: Any) -> tuple[Any, Any]:
    """The usual prediction in Keras's form."""
    before = _state_of(model, lists, ("weights",))
    result = step.forward(model, before.variables, batch_of_data(data), training=False)
    return result.outputs, lists[1]


def _with_results(model: Any, logs: dict[str, Any], metrics: Any) -> dict[str, Any]:
    objective = model.objective
    return {**logs, **objective.metric_results(metrics), **objective.tracker_results(metrics)}


@contextmanager
def holding(metrics: Any, values: Any) -> Iterator[Any]:
    """Let metrics hold the values of their variables; yields a function that reads them then."""
    variables = [variable for metric in metrics for variable in metric.variables]
    owners = list(dict.fromkeys(variable.owner for variable in variables))
    with trackers.bound(owners, [owner.current_state() for owner in owners]):
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        yield lambda: [variable.value for variable in variables]


@contextmanager
def bound(model: Any, trainable: Any, others: Any) -> Iterator[Any]:
    """Let the network's variables have these values; yields what reads the others' after it."""
    index, (trained, rest) = tree.index(model), _paths(model)
    values = [getattr(value, "value", value) for value in (*trainable, *others)]
    weights = [index[path] for path in (*trained, *rest)]
    context = Context(
        dict(zip(weights, values, strict=True)),
        paths={layer: path for path, layer in tree.walk(model)},
    )
    with bind(context):
        yield lambda: [context.lookup(index[path]) for path in rest]


def _sizes(lists: Any) -> str:
    if not isinstance(lists, (tuple, list)):
        return type(lists).__name__
    return "lists of " + ", ".join(str(len(part)) for part in lists if hasattr(part, "__len__"))


def flat_logs(model: Any, method: str, logs: Any) -> dict[str, Any]:
    """Logs without dictionaries in them.

    Raises:
        ConfigError: something else than a dictionary.
    """
    if not isinstance(logs, dict):
        raise ConfigError(
            f"{method} of {type(model).__name__} must return logs and state.",
            got=type(logs).__name__,
            expected="a dictionary of numbers, and the state",
            fix=f"end {method} with `return logs, state`.",
        )
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat |= flat_logs(model, method, value) if isinstance(value, dict) else {name: value}
    return jax.tree.map(jnp.asarray, flat)
