"""The compiled programs: many steps as one device loop with a trip count known only at run time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from . import cores, step_forms
from .shared_rows import take
from .state import TrainState
from .step import Batch, noted_norms, noted_updates

STEPS = 4096
"""The most steps of one chunk: its losses and gradient norms lie in arrays of this length."""


def _slice(data: Any, order: Any, start: Any, size: int) -> Any:
    """`size` rows of every array in `data`: by index where there is an order, else in place."""
    if order is None:
        return jax.tree.map(lambda a: lax.dynamic_slice_in_dim(a, start, size), data)
    rows = lax.dynamic_slice_in_dim(order, start, size)
    return take(data, rows)


def batch_of(data: Any, order: Any, number: Any, size: int, rows: Any, padded: bool) -> Batch:
    """Batch `number` of the data; `rows` real rows in all, `padded` if the last batch is short."""
    start = number * size
    x, y, sample_weight = _slice(data, order, start, size)
    valid = start + jnp.arange(size) < rows if padded else None
    return Batch(x, y, sample_weight, valid)


def _accumulate(totals: dict[str, Any], logs: dict[str, Any], count: Any) -> dict[str, Any]:
    sums = {
        name: total + jnp.asarray(logs[name], jnp.float32) * count
        for name, total in totals["sums"].items()
    }
    last = {name: jnp.asarray(logs[name], jnp.float32) for name in totals["last"]}
    return {**totals, "sums": sums, "last": last, "rows": totals["rows"] + count}


def empty_totals(names: list[str], last: Sequence[str] = ()) -> dict[str, Any]:
    """Zero sums for the logs of an epoch; `bad_step` is the first step whose loss is not finite.

    Args:
        names: logs whose mean over the samples is shown.
        last: logs of which the last batch's is shown: they stand for the whole epoch already.
    """
    return {
        "sums": {name: np.float32(0) for name in names},
        "last": {name: np.float32(0) for name in last},
        "rows": np.float32(0),
        "bad_step": np.int32(-1),
    }


def _means(totals: dict[str, Any]) -> dict[str, Any]:
    count = jnp.maximum(totals["rows"], 1)
    return {name: value / count for name, value in totals["sums"].items()} | totals["last"]


def _logs(model: Any, totals: dict[str, Any], metrics: Any, method: str) -> dict[str, Any]:
    """What an epoch or an evaluation shows so far."""
    logs = _means(totals)
    objective = model.objective
    if step_forms.form(model, method) == "keras":
        return logs
    if model.overrides(method):  # which tells what it wants to be shown
        return {**objective.tracker_results(metrics), **objective.metric_results(metrics), **logs}
    if model.overrides("compute_metrics"):
        return logs
    return {**logs, **objective.metric_results(metrics), **objective.tracker_results(metrics)}


def train_chunk(
    model: Any,
    state: TrainState,
    totals: dict[str, Any],
    data: Any,
    order: Any,
    first: Any,
    last: Any,
    rows: Any,
    *,
    batch_size: int,
    padded: bool,
    parts: int = 1,
) -> tuple[TrainState, dict[str, Any], dict[str, Any]]:
    """Steps `first` to `last - 1` over `data`, at most `STEPS`; each by `parts` of its batch.

    Returns state, totals, and what the host looks at: the logs so far, and each step's loss and
    gradient norm, ``(2, STEPS)``.
    """
    # A step that a user wrote may take gradients in loops of its own, out of this trace's reach.
    noting: Any = nullcontext if model.overrides("train_step") else noted_norms

    def body(number: Any, carry: Any) -> Any:
        state, totals, signs = carry
        batch = batch_of(data, order, number, batch_size, rows, padded)
        before = state.step
        with noting() as norms, cores.using(parts):
            state, logs = step_forms.train(model, state, batch)
        signs = _note(signs, number - first, logs.get("loss", jnp.nan), *(norms or ()))
        finite = jnp.isfinite(logs["loss"]) if "loss" in logs else jnp.bool_(True)
        bad = jnp.where((totals["bad_step"] < 0) & ~finite, before, totals["bad_step"])
        totals = _accumulate({**totals, "bad_step": bad}, logs, batch.rows())
        return state, totals, signs

    signs = jnp.full((2, STEPS), jnp.nan, jnp.float32)
    state, totals, signs = lax.fori_loop(first, last, body, (state, totals, signs))
    logs = _logs(model, totals, state.metrics, "train_step")
    return state, totals, {"logs": logs, "bad_step": totals["bad_step"], "signs": signs}


def _note(signs: Any, column: Any, *values: Any) -> Any:
    """`signs` with the values of one step in a column; what is missing stays NaN."""
    known = jnp.stack([jnp.asarray(value, jnp.float32) for value in values])[:, None]
    return lax.dynamic_update_slice(signs, known, (0, column))


def _remembering(run: Callable[[Any], Any], variables: Any, memory: dict[str, Any]) -> Any:
    """``run(variables)``, and what stateful layers remember after it."""
    with noted_updates() as updates:
        result = run({**variables, **memory})
    return result, {path: updates.get(path, old) for path, old in memory.items()}


def eval_chunk(
    model: Any,
    variables: dict[str, Any],
    carry: Any,
    data: Any,
    order: Any,
    first: Any,
    last: Any,
    rows: Any,
    *,
    batch_size: int,
    padded: bool,
) -> tuple[Any, dict[str, Any]]:
    """Like `train_chunk`, measuring only. `carry` is (metric sums, totals, stateful memory)."""

    def body(number: Any, carry: Any) -> Any:
        metrics, totals, memory = carry
        batch = batch_of(data, order, number, batch_size, rows, padded)
        (metrics, logs), memory = _remembering(
            lambda variables: step_forms.test(model, variables, metrics, batch), variables, memory
        )
        return metrics, _accumulate(totals, logs, batch.rows()), memory

    metrics, totals, memory = lax.fori_loop(first, last, body, carry)
    logs = _logs(model, totals, metrics, "test_step")
    return (metrics, totals, memory), logs


def predict_chunk(
    model: Any,
    variables: dict[str, Any],
    memory: dict[str, Any],
    x: Any,
    count: Any,
    *,
    batch_size: int,
) -> Any:
    """Outputs for the first `count` batches of `x`, in arrays of `x`'s length; and the memory."""

    def one(number: Any, memory: Any) -> Any:
        batch = jax.tree.map(
            lambda a: lax.dynamic_slice_in_dim(a, number * batch_size, batch_size), x
        )
        return _remembering(
            lambda variables: step_forms.predict(model, variables, Batch(batch)), variables, memory
        )

    length = jax.tree.leaves(x)[0].shape[0]
    if length == batch_size:  # its outputs may have any shape
        return one(0, memory)
    shapes = jax.eval_shape(one, jnp.int32(0), memory)[0]
    empty = jax.tree.map(lambda s: jnp.zeros((length, *s.shape[1:]), s.dtype), shapes)

    def body(number: Any, carry: Any) -> Any:
        out, memory = carry
        parts, memory = one(number, memory)
        out = jax.tree.map(
            lambda buffer, part: lax.dynamic_update_slice_in_dim(
                buffer, part, number * batch_size, 0
            ),
            out,
            parts,
        )
        return out, memory

    return lax.fori_loop(0, count, body, (empty, memory))
