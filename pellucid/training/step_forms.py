"""The two forms of a step that a user writes: Pellucid's, and Keras's on JAX.

Ours is ``train_step(state, batch) -> (state, logs)`` on a `TrainState`; Keras's is
``train_step(state, data) -> (logs, state)`` on lists of arrays. Which one a step is shows in what
it does with its arguments first: it is called once with stand-ins that tell.
"""

from __future__ import annotations

import inspect
from typing import Any

from .._core.errors import ConfigError
from ..layers.stateless import drawing_from
from . import step
from .keras_state import data_of, flat_logs, memory_after, pack, under_way, unpack
from .state import TrainState
from .step import Batch

FIELDS = frozenset({*Batch._fields, "rows"})


class _Told(BaseException):
    """What a stand-in has seen; no `except Exception` of a user's step may catch it."""

    def __init__(self, form: str):
        self.form = form


def told_apart(argument: Any) -> None:
    """Of the steps that a subclass hands its arguments on to: those say nothing of its form."""
    if isinstance(argument, StandIn):
        raise _Told("")


class StandIn:
    """An argument that tells the form of a step by what is done with it first."""

    def __init__(self, ours: frozenset[str] | None = None):
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__jax_array__":
            raise AttributeError(name)
        raise _Told("pellucid" if self._ours is None or name in self._ours else "keras")

    def __iter__(self) -> Any:
        raise _Told("keras")

    def __len__(self) -> int:
        raise _Told("keras")

    def __getitem__(self, key: Any) -> Any:
        raise _Told("pellucid" if isinstance(key, str) else "keras")


def form(model: Any, method: str) -> str:
    """``"pellucid"`` or ``"keras"``: the form in which the model's class wrote a step."""
    if not model.overrides(method):
        return "pellucid"
    function = getattr(type(model), method)
    known = model.__dict__.setdefault("_step_forms", {})
    if function not in known:
        known[function] = _form(model, method)
    return known[function]


def _form(model: Any, method: str) -> str:
    function = getattr(model, method)
    ours = 3 if method == "test_step" else 2
    if method == "test_step" and _takes(function, 3):
        return "pellucid"
    if not _takes(function, 2):
        names = list(inspect.signature(function).parameters)
        raise ConfigError(
            f"{method} of {type(model).__name__} cannot be called by the compiled loop.",
            got=f"{method}(self, {', '.join(names)})",
            expected=f"{method}(self, state, data), as for Keras on JAX, or Pellucid's own with "
            f"{ours} arguments",
            fix="a step in TensorFlow's manner, which changes the model as it runs, cannot be "
            "compiled: take the variables from `state` and return (logs, state); or write the "
            "loop yourself with optimizer.apply(gradients, model.trainable_variables).",
        )
    try:
        first = function(StandIn(), StandIn(FIELDS))[0]
    except _Told as told:
        if told.form:
            return told.form
        first = None
    except Exception:  # what it did with the stand-ins says nothing; the real call will tell
        first = None
    if isinstance(first, StandIn):
        return "pellucid"
    if isinstance(first, dict):
        return "keras"
    # It only hands its arguments on: what it calls them has to do.
    names = list(inspect.signature(function).parameters)
    return "pellucid" if names[1:2] == ["batch"] else "keras"


def _takes(function: Any, count: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return False
    return True


def train(model: Any, state: TrainState, batch: Batch) -> tuple[TrainState, dict[str, Any]]:
    """One step of training in whichever form the model has it."""
    if form(model, "train_step") == "pellucid":
        return _pair(model, "train_step", model.train_step(state, batch))
    with drawing_from(state.rng), under_way(state):
        returned = model.train_step(unpack(model, state), data_of(batch))
    logs, after = _pair(model, "train_step", returned)
    state = pack(model, state, after)
    return state.replace(step=state.step + 1), flat_logs(model, "train_step", logs)


def test(
    model: Any, variables: dict[str, Any], metrics: Any, batch: Batch
) -> tuple[Any, dict[str, Any]]:
    """One step of evaluation in whichever form the model has it."""
    if form(model, "test_step") == "pellucid":
        return _pair(model, "test_step", model.test_step(variables, metrics, batch))
    lists = unpack(model, step.evaluation_state(model, variables, metrics), ("weights", "metrics"))
    with under_way(lists.behind):
        logs, after = _pair(model, "test_step", model.test_step(lists, data_of(batch)))
    state = pack(model, lists.behind, after, ("weights", "metrics"))
    step.note_updates(memory_after(model, state))
    return state.metrics, flat_logs(model, "test_step", logs)


def predict(model: Any, variables: dict[str, Any], batch: Batch) -> Any:
    """The outputs for one batch in whichever form the model has the step."""
    if form(model, "predict_step") == "pellucid":
        return model.predict_step(variables, batch)
    lists = unpack(model, step.evaluation_state(model, variables, []), ("weights",))
    with under_way(lists.behind):
        outputs, others = _pair(model, "predict_step", model.predict_step(lists, data_of(batch)))
    if isinstance(others, (tuple, list)) and len(others) == len(lists[1]):
        state = pack(model, lists.behind, (lists[0], others), ("weights",))
        step.note_updates(memory_after(model, state))
    return outputs


def _pair(model: Any, method: str, returned: Any) -> Any:
    if isinstance(returned, (tuple, list)) and len(returned) == 2:
        return returned
    raise ConfigError(
        f"{method} of {type(model).__name__} must return two things.",
        got="None" if returned is None else type(returned).__name__,
        expected="(logs, state), or (state, logs) in Pellucid's own form",
        fix=f"end {method} with `return logs, state`.",
    )
