"""The recurrence kernels: the gradient by hand against the plain form, masks, oracles."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.kernels import recurrence, recurrence_gradient
from pellucid.kernels.recurrence import scan_steps

TIME, BATCH, UNITS = 5, 3, 4
GATED = {"activation": jnp.tanh, "recurrent_activation": jax.nn.sigmoid}
# name -> (gates, states, rule, plain step, whether the product has a bias)
CELLS = {
    "simple": (1, 1, "SIMPLE", partial(recurrence.simple_step, activation=jnp.tanh), False),
    "lstm": (4, 2, "LSTM", partial(recurrence.lstm_step, **GATED), False),
    "gru": (3, 1, "GRU", partial(recurrence.gru_step, **GATED), True),
    "gru without bias": (3, 1, "GRU", partial(recurrence.gru_step, **GATED), False),
    "gru, reset before": (
        3, 1, "GRU_RESET_BEFORE", partial(recurrence.gru_step, reset_after=False, **GATED), False,
    ),
}  # fmt: skip


def arguments(name, seed=0):
    gates, states, _, _, biased = CELLS[name]
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return jnp.asarray(rng.normal(0, 0.7, shape), jnp.float32)

    weights = (normal(UNITS, gates * UNITS),)
    if name.startswith("gru"):
        weights += (normal(gates * UNITS) if biased else None,)
    start = tuple(normal(BATCH, UNITS) for _ in range(states))
    return normal(TIME, BATCH, gates * UNITS), start, weights


def plain(name, xs, states, weights, **how):
    step = CELLS[name][3]
    result = scan_steps(
        lambda x, s, _: (*step(x, s, weights), None), xs, states, before=states[0], **how
    )
    return result.outputs, result.states


def by_hand(name, xs, states, weights, **how):
    rule = getattr(recurrence_gradient, CELLS[name][2])
    return recurrence_gradient.recur(rule, xs, states, weights, **how)


def value(form, name, mask, how, xs, states, weights):
    outputs, last = form(name, xs, states, weights, mask=mask, **how)
    total = sum((k + 1) * jnp.sum(jnp.sin(s)) for k, s in enumerate(last))
    return total if outputs is None else total + jnp.sum(jnp.cos(outputs) * jnp.arange(UNITS))


@pytest.mark.slow
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(
    "how",
    [{}, {"reverse": True}, {"every": False}, {"unroll": True, "reverse": True}],
    ids=["forwards", "backwards", "last", "unrolled"],
)
@pytest.mark.parametrize("name", CELLS)
def test_by_hand_equals_plain(name, how, masked):
    given = arguments(name)
    mask = jnp.asarray(np.random.default_rng(1).random((TIME, BATCH)) < 0.6) if masked else None
    wanted = jax.jit(jax.value_and_grad(partial(value, plain, name, mask, how), (0, 1, 2)))(*given)
    found = jax.jit(jax.value_and_grad(partial(value, by_hand, name, mask, how), (0, 1, 2)))(*given)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def test_lstm_against_a_float64_formula():
    xs, (h, c), (recurrent,) = arguments("lstm")
    found, (last_h, last_c) = by_hand("lstm", xs, (h, c), (recurrent,))
    x, h, c, recurrent = (np.asarray(a, "float64") for a in (xs, h, c, recurrent))
    for step in range(TIME):
        i, f, g, o = np.split(x[step] + h @ recurrent, 4, axis=-1)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        np.testing.assert_allclose(found[step], h, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(last_h, h, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(last_c, c, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_under_vmap_and_in_half_precision(name):
    many = [arguments(name, seed) for seed in range(3)]
    stacked = jax.tree.map(lambda *a: jnp.stack(a), *many)
    gradient = jax.jit(jax.grad(partial(value, by_hand, name, None, {}), (0, 2)))
    mapped = jax.jit(jax.vmap(gradient))(*stacked)
    for number, given in enumerate(many):
        for a, b in zip(jax.tree.leaves(mapped), jax.tree.leaves(gradient(*given)), strict=True):
            np.testing.assert_allclose(a[number], b, rtol=2e-5, atol=2e-5)
    half = jax.tree.map(lambda a: a.astype(jnp.bfloat16), many[0])
    outputs, states = by_hand(name, *half)
    assert {a.dtype.name for a in (outputs, *states)} == {"bfloat16"}
    for a, b in zip(
        jax.tree.leaves(gradient(*half)), jax.tree.leaves(gradient(*many[0])), strict=True
    ):
        assert a.dtype == jnp.bfloat16
        np.testing.assert_allclose(np.asarray(a, "float32"), b, rtol=0.15, atol=0.15)


def test_a_masked_step_repeats_the_output_and_keeps_the_states():
    xs = jnp.arange(1.0, 5.0).reshape(4, 1, 1)
    mask = jnp.array([[False], [True], [False], [True]])
    result = scan_steps(
        lambda x, total, steps: (10 * (x + total), x + total, steps + 1),
        xs, jnp.full((1, 1), 100.0), mask=mask, besides=0,
    )  # fmt: skip
    assert result.outputs.ravel().tolist() == [0.0, 1020.0, 1020.0, 1060.0]
    assert result.last.item() == 1060.0
    assert result.states.item() == 106.0
    assert result.besides == 4  # what goes beside the states knows no mask


def test_a_sequence_without_steps_gives_what_it_began_with():
    result = scan_steps(lambda x, s, _: (s, s, None), jnp.zeros((0, 2, 3)), jnp.ones((2, 3)))
    assert result.outputs.shape == (0, 2, 3)
    assert result.states.tolist() == jnp.ones((2, 3)).tolist()
