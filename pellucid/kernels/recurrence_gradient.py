"""LSTM, GRU and simple recurrence with a gradient written by hand, for the tanh and sigmoid cells.

Measured inside the training loop on CPU. Differentiating the plain loop makes one weight-gradient
product a step and adds it up; here the loop backwards only collects the gradients at the gates, and
one product over all steps and rows follows it. What it needs from the way forwards is saved as
separate contiguous arrays (slices of one array of gates are slow), the transposed recurrent weights
are made once, before the loop, and a barrier keeps the compiler from computing each gate's gradient
again for every place that reads it.

The activations of an LSTM's gates are one operation over whole rows, which XLA computes many
numbers at a time; an activation of one gate's columns, cut out of a step's inputs, it computes one
by one. A sigmoid is a tanh of half the size: ``sigmoid(z) = (tanh(z / 2) + 1) / 2``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .dense import column_sums


class Rule(NamedTuple):
    """One kind of cell, forwards and backwards.

    Attributes:
        forward: ``(x, states, weights) -> (new states, saved)``; the first state is the output.
        turned: ``weights -> `` what `backward` multiplies with, made once.
        weights: ``(saved, d, weights) -> gradient of weights``, over all steps at once.
        backward: ``(saved, gradient of new states, turned) -> (d, gradient of states)``, where `d`
            is a tuple of gradients at the gates whose first entry is that of `x`.
    """

    forward: Callable[..., Any]
    turned: Callable[..., Any]
    weights: Callable[..., Any]
    backward: Callable[..., Any]


def _product_gradient(left: jax.Array, right: jax.Array) -> jax.Array:
    """(time, batch, a), (time, batch, b) -> (a, b), summed over steps and rows."""
    left, right = (m.reshape(-1, m.shape[-1]) for m in (left, right))
    return lax.dot_general(left, right, (((0,), (0,)), ((), ())))


def _joined(*parts: jax.Array) -> jax.Array:
    return jnp.concatenate(lax.optimization_barrier(parts), axis=-1)


def _transposed(matrix: jax.Array) -> jax.Array:
    return lax.optimization_barrier(matrix.T)


def _simple_forward(x: Any, states: Any, weights: Any) -> Any:
    h = jnp.tanh(x + states[0] @ weights[0])
    return (h,), (h, states[0])


def _simple_backward(saved: Any, d_states: Any, turned: Any) -> Any:
    d = d_states[0] * (1 - saved[0] * saved[0])
    return (d,), (d @ turned[0],)


SIMPLE = Rule(
    _simple_forward,
    lambda weights: (_transposed(weights[0]),),
    lambda saved, d, weights: (_product_gradient(saved[-1], d[0]),),
    _simple_backward,
)


def _lstm_forward(x: Any, states: Any, weights: Any) -> Any:
    h, c = states
    halves = np.repeat(np.asarray([0.5, 0.5, 1, 0.5], x.dtype), h.shape[-1])
    i, f, g, o = jnp.split(jnp.tanh((x + h @ weights[0]) * halves), 4, axis=-1)  # (batch, units)
    i, f, o = 0.5 * i + 0.5, 0.5 * f + 0.5, 0.5 * o + 0.5
    new_c = f * c + i * g
    return (o * jnp.tanh(new_c), new_c), (i, f, g, o, c, h)


def _lstm_backward(saved: Any, d_states: Any, turned: Any) -> Any:
    i, f, g, o, c, _ = saved
    dh, dc = d_states
    t = jnp.tanh(f * c + i * g)  # sooner computed again than kept
    dc = dc + dh * o * (1 - t * t)
    d = _joined(
        dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * t * o * (1 - o)
    )
    return (d,), (d @ turned[0], dc * f)


LSTM = Rule(
    _lstm_forward,
    lambda weights: (_transposed(weights[0]),),
    lambda saved, d, weights: (_product_gradient(saved[-1], d[0]),),
    _lstm_backward,
)


def _gru_forward(x: Any, states: Any, weights: Any) -> Any:
    (h,), (recurrent, bias) = states, weights
    a = h @ recurrent
    a = a if bias is None else a + bias
    x_z, x_r, x_h = jnp.split(x, 3, axis=-1)
    a_z, a_r, a_h = jnp.split(a, 3, axis=-1)
    z, r = jax.nn.sigmoid(x_z + a_z), jax.nn.sigmoid(x_r + a_r)
    g = jnp.tanh(x_h + r * a_h)
    return (z * h + (1 - z) * g,), (z, r, g, a_h, h)


def _gru_backward(saved: Any, d_states: Any, turned: Any) -> Any:
    z, r, g, a_h, h = saved
    (dh,) = d_states
    d_g = dh * (1 - z) * (1 - g * g)
    d_z, d_r = dh * (h - g) * z * (1 - z), d_g * a_h * r * (1 - r)
    d_z, d_r, d_g, d_a = lax.optimization_barrier((d_z, d_r, d_g, d_g * r))
    at_inputs = jnp.concatenate([d_z, d_r, d_g], axis=-1)
    at_product = jnp.concatenate([d_z, d_r, d_a], axis=-1)
    return (at_inputs, at_product), (dh * z + at_product @ turned[0],)


def _gru_weights(saved: Any, d: Any, weights: Any) -> Any:
    at_product = d[1]
    bias = weights[1]
    if bias is not None:
        bias = column_sums(at_product.reshape(-1, at_product.shape[-1])).astype(bias.dtype)
    return _product_gradient(saved[-1], at_product), bias


GRU = Rule(_gru_forward, lambda weights: (_transposed(weights[0]),), _gru_weights, _gru_backward)


def _gru_before_forward(x: Any, states: Any, weights: Any) -> Any:
    (h,), recurrent = states, weights[0]
    units = h.shape[-1]
    x_z, x_r, x_h = jnp.split(x, 3, axis=-1)
    a_z, a_r = jnp.split(h @ recurrent[:, : 2 * units], 2, axis=-1)
    z, r = jax.nn.sigmoid(x_z + a_z), jax.nn.sigmoid(x_r + a_r)
    reset = r * h
    g = jnp.tanh(x_h + reset @ recurrent[:, 2 * units :])
    return (z * h + (1 - z) * g,), (z, r, g, reset, h)


def _gru_before_turned(weights: Any) -> Any:
    units = weights[0].shape[0]
    return _transposed(weights[0][:, : 2 * units]), _transposed(weights[0][:, 2 * units :])


def _gru_before_backward(saved: Any, d_states: Any, turned: Any) -> Any:
    z, r, g, _, h = saved
    (dh,) = d_states
    d_g = dh * (1 - z) * (1 - g * g)
    d_reset = d_g @ turned[1]
    d_zr = _joined(dh * (h - g) * z * (1 - z), d_reset * h * r * (1 - r))
    return (jnp.concatenate([d_zr, d_g], axis=-1),), (dh * z + d_reset * r + d_zr @ turned[0],)


def _gru_before_weights(saved: Any, d: Any, weights: Any) -> Any:
    units = weights[0].shape[0]
    gates = _product_gradient(saved[-1], d[0][..., : 2 * units])
    candidate = _product_gradient(saved[-2], d[0][..., 2 * units :])
    return jnp.concatenate([gates, candidate], axis=1), None


GRU_RESET_BEFORE = Rule(
    _gru_before_forward, _gru_before_turned, _gru_before_weights, _gru_before_backward
)


def _where(real: Any, new: Any, old: Any) -> Any:
    """`new` in the rows where `real`, else `old`, over tuples of (batch, ...) arrays."""
    if real is None:
        return new
    return jax.tree.map(lambda a, b: jnp.where(real[:, None], a, b), new, old)


def _forward_steps(
    rule: Rule, settings: tuple[bool, bool, bool], xs: Any, states: Any, weights: Any, mask: Any,
    save: bool,
) -> Any:  # fmt: skip
    reverse, unroll, every = settings

    def body(states: Any, item: Any) -> Any:
        x, real = item
        new, saved = rule.forward(x, states, weights)
        new = _where(real, new, states)
        return new, (new[0] if every else None, saved if save else None)

    states, (hs, saved) = lax.scan(body, states, (xs, mask), reverse=reverse, unroll=unroll)
    return (hs, states), saved


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _recur(
    rule: Rule, settings: tuple[bool, bool, bool], xs: Any, states: Any, weights: Any, mask: Any
) -> Any:
    return _forward_steps(rule, settings, xs, states, weights, mask, save=False)[0]


def _recur_forward(rule: Any, settings: Any, xs: Any, states: Any, weights: Any, mask: Any) -> Any:
    given, saved = _forward_steps(rule, settings, xs, states, weights, mask, save=True)
    return given, (saved, weights, mask)


def _recur_backward(rule: Any, settings: Any, kept: Any, gradient: Any) -> Any:
    reverse, unroll, _ = settings
    saved, weights, mask = kept
    d_hs, d_states = gradient
    turned = rule.turned(weights)

    def body(d_states: Any, item: Any) -> Any:
        saved, real, dh = item
        if dh is not None:
            d_states = (d_states[0] + dh, *d_states[1:])
        d, d_before = rule.backward(saved, d_states, turned)
        d = _where(real, d, jax.tree.map(jnp.zeros_like, d))
        return _where(real, d_before, d_states), d

    items = (saved, mask, d_hs)
    d_states, d = lax.scan(body, d_states, items, reverse=not reverse, unroll=unroll)
    return d[0], d_states, rule.weights(saved, d, weights), None


_recur.defvjp(_recur_forward, _recur_backward)


def recur(
    rule: Rule,
    xs: jax.Array,
    states: tuple[jax.Array, ...],
    weights: tuple[Any, ...],
    *,
    mask: Any = None,
    reverse: bool = False,
    unroll: bool = False,
    every: bool = True,
) -> tuple[Any, tuple[jax.Array, ...]]:
    """The states of a cell over a sequence; at a masked step they stay as they are.

    Args:
        rule: `SIMPLE`, `LSTM`, `GRU` or `GRU_RESET_BEFORE`.
        xs: (time, batch, gates * units), the inputs times their weights, plus the bias.
        states: at the start; the first is the output of the step before, (batch, units).
        weights: as for `recurrence.lstm_step` and its like.
        mask: (time, batch) bool, True where a step is real; None when all are.
        reverse: start with the last step; outputs stay at their steps' places.
        unroll: write the steps out one by one instead of looping.
        every: whether the outputs of all steps are wanted.

    Returns:
        The outputs, (time, batch, units), or None; and the states after the last step.

    >>> xs, h = jnp.ones((3, 1, 1)), jnp.zeros((1, 1))
    >>> hs, _ = recur(SIMPLE, xs, (h,), (jnp.zeros((1, 1)),))
    >>> bool(jnp.allclose(hs, jnp.tanh(1.0)))
    True
    """
    return _recur(rule, (reverse, bool(unroll), every), xs, tuple(states), tuple(weights), mask)
