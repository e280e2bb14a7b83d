"""Layers called inside a loop over steps: what they remember, penalise and draw gets out alive.

A loop's body is traced once, apart from the call around it. Here every call of a layer inside it
runs under a context of its own: random keys depend on the step's number, state updates are handed
from step to step and recorded when the loop ends, added losses are summed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import StateError
from ...kernels.recurrence import Result, scan_steps
from .. import checks
from ..base import Layer
from ..context import Context, bind, current
from ..symbolic import leaves


def layers_over_steps(
    owner: Layer, function: Callable[[Any, Any], tuple[Any, Any]], xs: Any, states: Any, **how: Any
) -> Result:
    """`scan_steps` for a function that calls layers, inside the call of `owner`.

    Args:
        owner: whose random stream the steps draw from.
        function: ``(x, states) -> (output, new states)``.
        xs: (time, batch, ...)
        states: pytree of (batch, ...) arrays.
        how: further arguments of `scan_steps`.
    """
    outer = current() or Context()
    # A key has to be made before the loop, not in it; evaluation is not known to need one.
    key = outer.key_for(owner) if outer.training or outer.rng is not None else None
    weights: list[Any] = []  # those that a step assigns
    penalties: list[Any] = []

    def inside(x: Any, states: Any, number: Any, kept: list[Any]) -> Any:
        context = Context(
            {**outer.values, **outer.updates, **dict(zip(weights, kept, strict=True))},
            training=outer.training,
            rng=None if key is None else jax.random.fold_in(key, number),
            valid=outer.valid,
            abstract=outer.abstract,
            paths=outer.paths,
        )
        context.guesses_batch = outer.guesses_batch
        context.callers = list(outer.callers)
        with bind(context):
            output, new = function(x, states)
        return output, new, context

    def look(x: Any, states: Any) -> Any:
        output, _, context = inside(x, states, jnp.int32(0), [])
        weights[:], penalties[:] = list(context.updates), context.losses
        return output

    first = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), xs)
    jax.eval_shape(look, first, states)

    def step(x: Any, states: Any, besides: Any) -> Any:
        number, kept, penalty = besides
        output, new, context = inside(x, states, number, kept)
        for loss in context.losses:
            penalty = penalty + jnp.sum(loss).astype(jnp.float32)
        kept = [context.updates.get(w, old) for w, old in zip(weights, kept, strict=True)]
        return output, new, (number + 1, kept, penalty)

    besides = (jnp.int32(0), [weight.value for weight in weights], jnp.float32(0))
    result = scan_steps(step, xs, states, besides=besides, **how)
    for weight, value in zip(weights, result.besides[1], strict=True):
        outer.record(weight, value)
    if penalties:
        outer.add_loss(outer.callers[-1], result.besides[2])
    return result


def run_cell(cell: Any, xs: Any, states: list[Any], owner: Layer, **how: Any) -> Result:
    """A cell over a sequence: by its own form for whole sequences, else step by step.

    Args:
        cell: with ``call(inputs, states) -> (output, new states)``.
        xs: (time, batch, ...)
        states: list of (batch, ...) arrays, or of lists of them, as the cell takes them.
        owner: the layer that runs it.
        how: `mask`, `reverse`, `unroll`, `every` of `scan_steps`.
    """
    if _takes_sequences(cell):
        return cell.over_steps(xs, states, owner, **how)
    function = cell if callable(cell) else cell.call

    def step(x: Any, states: Any) -> Any:
        output, new = function(x, states)
        return output, regrouped(cell, new, states)

    # Where the first steps are masked, the output so far is taken to be the first state, that of
    # the last cell where there are several.
    nested = bool(states) and isinstance(states[0], (list, tuple))
    before = leaves(states[-1] if nested else states)[0] if leaves(states) else None
    return layers_over_steps(owner, step, xs, states, before=before, **how)


def _takes_sequences(cell: Any) -> bool:
    """Whether the cell has a form for whole sequences that says the same as its `call`."""
    if not hasattr(cell, "over_steps") or getattr(cell, "activity_regularizer", None) is not None:
        return False
    return checks.still_true(cell, "over_steps")


def regrouped(cell: Any, new: Any, like: Any) -> Any:
    """The states that a cell returned, in the structure of those it was given."""
    given, structure = jax.tree.flatten(like)
    found = leaves(new)
    if [a.shape for a in found] != [a.shape for a in given]:
        raise StateError(
            f"The cell {name_of(cell)} returned states other than those it was given.",
            got=f"shapes {[tuple(a.shape) for a in found]}",
            expected=f"shapes {[tuple(a.shape) for a in given]}, as its state_size says",
            fix="end its call with `return output, [new_state]`, one entry per state.",
        )
    return jax.tree.unflatten(structure, found)


def name_of(cell: Any) -> str:
    """A cell as messages show it."""
    name = getattr(cell, "name", None)
    return f"{type(cell).__name__} {name!r}" if name else type(cell).__name__
