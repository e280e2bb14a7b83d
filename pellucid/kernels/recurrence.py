"""Recurrence over the steps of a sequence: one loop for every cell, with the masks inside it.

Everything here is time-major, ``(time, batch, ...)``, so that a step is one contiguous block. The
products of the inputs with their weights do not depend on the recurrence: a caller makes them for
all steps at once and hands the result over as ``gates``. What remains inside the loop is one small
product of the state with the recurrent weights, and arithmetic on single elements.

`scan_steps` is the plain form, for any step function. `recurrence_gradient` has the form with a
hand-written gradient, which is the faster one on CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax


class Result(NamedTuple):
    """What a recurrence gives.

    Attributes:
        last: (batch, ...), the output of the last real step.
        outputs: (time, batch, ...), the output of each step; None where they were not asked for.
        states: after the last step, in the structure of the states at the start.
        besides: what else went from step to step.
    """

    last: Any
    outputs: Any
    states: Any
    besides: Any = None


def scan_steps(
    step: Callable[[Any, Any, Any], tuple[Any, Any, Any]],
    xs: Any,
    states: Any,
    *,
    besides: Any = None,
    mask: Any = None,
    before: Any = None,
    reverse: bool = False,
    unroll: bool = False,
    every: bool = True,
) -> Result:
    """Apply `step` to one step of `xs` after another, each time with the states it left.

    At a masked step the states stay as they are and the output is that of the step before.

    Args:
        step: ``(x, states, besides) -> (output, new states, besides)`` for one step; the new
            states have the structure and shapes of the old ones.
        xs: array or pytree of arrays, (time, batch, ...).
        states: pytree of arrays, (batch, ...).
        besides: what else goes from step to step, masked or not: arrays of any shape.
        mask: (time, batch) bool, True where a step is real; None when all are.
        before: the output to repeat where the very first steps are masked; zeros when missing.
        reverse: start with the last step; outputs stay at their steps' places.
        unroll: write the steps out one by one instead of looping.
        every: whether the outputs of all steps are wanted.

    >>> running = lambda x, total, _: (x + total, x + total, None)
    >>> result = scan_steps(running, jnp.array([[1.0], [2.0], [3.0]]), jnp.zeros(1))
    >>> result.outputs.ravel().tolist(), result.last.tolist()
    ([1.0, 3.0, 6.0], [6.0])
    """
    first = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape[1:], a.dtype), xs)
    shape = jax.eval_shape(step, first, states, besides)[0]
    if jax.tree.map(jnp.shape, before) != jax.tree.map(jnp.shape, shape):
        before = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shape)
    before = jax.tree.map(lambda a, s: a.astype(s.dtype), before, shape)

    def body(carry: Any, item: Any) -> Any:
        states, last, besides = carry
        x, real = item
        output, new, besides = step(x, states, besides)
        new = jax.tree.map(lambda a, old: a.astype(old.dtype), new, states)
        if real is not None:
            output = jax.tree.map(lambda a, old: _where(real, a, old), output, last)
            new = jax.tree.map(lambda a, old: _where(real, a, old), new, states)
        return (new, output, besides), (output if every else None)

    start = (states, before, besides)
    (states, last, besides), outputs = lax.scan(
        body, start, (xs, mask), reverse=reverse, unroll=unroll
    )
    return Result(last, outputs, states, besides)


def _where(real: jax.Array, new: jax.Array, old: jax.Array) -> jax.Array:
    """`new` in the rows where `real`, `old` in the others."""
    return jnp.where(real.reshape(-1, *(1,) * (new.ndim - 1)), new, old)


def recurrent_product(h: jax.Array, recurrent: jax.Array, drops: Any = None) -> jax.Array:
    """The state times the recurrent weights, each gate with a dropout mask of its own.

    Args:
        h: (batch, units)
        recurrent: (units, gates * units)
        drops: one (batch, units) factor per gate, or None.

    Returns:
        (batch, gates * units)
    """
    if drops is None:
        return h @ recurrent
    parts = jnp.split(recurrent, len(drops), axis=1)
    pairs = zip(drops, parts, strict=True)
    return jnp.concatenate([(h * drop) @ part for drop, part in pairs], axis=-1)


def simple_step(
    gates: Any, states: Any, weights: Any, *, activation: Any, drops: Any = None
) -> tuple[Any, Any]:
    """``h = activation(gates + h @ recurrent)``.

    Args:
        gates: (batch, units), the inputs times their weights, plus the bias.
        states: (h,), (batch, units).
        weights: (recurrent,), (units, units).
        activation: function.
        drops: dropout factors of the state, one per gate, or None.

    Elman, "Finding structure in time", 1990.
    """
    h = activation(gates + recurrent_product(states[0], weights[0], drops))
    return h, (h,)


def lstm_step(
    gates: Any,
    states: Any,
    weights: Any,
    *,
    activation: Any,
    recurrent_activation: Any,
    drops: Any = None,
    product: Any = recurrent_product,
) -> tuple[Any, Any]:
    """One step of long short-term memory; the gates are input, forget, candidate, output.

    Args:
        gates: (batch, 4 * units), the inputs times their weights, plus the bias.
        states: (h, c), (batch, units) each.
        weights: (recurrent,), (units, 4 * units).
        activation, recurrent_activation: functions.
        drops: dropout factors of h, one per gate, or None.
        product: what meets h with the recurrent weights.

    Hochreiter and Schmidhuber, "Long short-term memory", 1997.
    """
    h, c = states
    z = gates + product(h, weights[0], drops)
    i, f, g, o = jnp.split(z, 4, axis=-1)  # (batch, units) each
    c = recurrent_activation(f) * c + recurrent_activation(i) * activation(g)
    h = recurrent_activation(o) * activation(c)
    return h, (h, c)


def gru_step(
    gates: Any,
    states: Any,
    weights: Any,
    *,
    activation: Any,
    recurrent_activation: Any,
    reset_after: bool = True,
    drops: Any = None,
) -> tuple[Any, Any]:
    """One step of a gated recurrent unit; the gates are update, reset, candidate.

    Args:
        gates: (batch, 3 * units), the inputs times their weights, plus the bias.
        states: (h,), (batch, units).
        weights: (recurrent, bias): (units, 3 * units); (3 * units,) or None, for the product.
        activation, recurrent_activation: functions.
        reset_after: whether the reset gate acts on the product with the state, or on the state.
        drops: dropout factors of h, one per gate, or None.

    Cho et al., arXiv:1406.1078; with `reset_after`, the first version of it.
    """
    (h,), (recurrent, bias) = states, weights
    units = h.shape[-1]
    x_z, x_r, x_h = jnp.split(gates, 3, axis=-1)
    if reset_after:
        a = recurrent_product(h, recurrent, drops)
        a_z, a_r, a_h = jnp.split(a if bias is None else a + bias, 3, axis=-1)
    else:
        a = recurrent_product(h, recurrent[:, : 2 * units], None if drops is None else drops[:2])
        a_z, a_r = jnp.split(a, 2, axis=-1)
    z = recurrent_activation(x_z + a_z)
    r = recurrent_activation(x_r + a_r)
    if reset_after:
        a_h = r * a_h
    else:
        a_h = (r * (h if drops is None else h * drops[2])) @ recurrent[:, 2 * units :]
    h = z * h + (1 - z) * activation(x_h + a_h)
    return h, (h,)
