"""Penalties and constraints: formulas, gradients, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import constraints, regularizers
from pellucid._core.errors import ConfigError, ShapeError, UnknownNameError

W = np.array([[1.0, -2.0], [0.5, 3.0]], "float32")


@pytest.mark.parametrize(
    ("penalty", "value"),
    [
        (regularizers.L1(0.5), 3.25),
        (regularizers.L2(0.5), 7.125),
        (regularizers.L1L2(0.5, 0.5), 10.375),
        (regularizers.L1(None), 0.065),
        (regularizers.L2(None), 0.1425),
        (regularizers.L1L2(), 0.0),
        (regularizers.OrthogonalRegularizer(1.0), abs(0.5 - 6) / np.sqrt(5 * 9.25)),
    ],
    ids=repr,
)
def test_penalties(penalty, value):
    assert float(penalty(jnp.asarray(W))) == pytest.approx(value, rel=1e-6)
    assert float(jax.jit(penalty)(jnp.asarray(W))) == pytest.approx(value, rel=1e-6)


def test_a_bfloat16_sum_does_not_stand_still():
    assert float(regularizers.L2(1.0)(jnp.ones(1000, jnp.bfloat16))) == 1000.0


def test_l2_gradient_is_twice_the_weight():
    gradient = jax.grad(regularizers.L2(0.5))(jnp.asarray(W))
    np.testing.assert_allclose(gradient, W)


@pytest.mark.parametrize("factor", [-0.1, float("nan"), float("inf"), "0.1"])
def test_factors_are_checked(factor):
    for make in (regularizers.L1, regularizers.L2, regularizers.OrthogonalRegularizer):
        with pytest.raises(ConfigError, match="finite number"):
            make(factor)


def test_orthogonal_penalty_needs_a_matrix():
    with pytest.raises(ShapeError, match="needs a matrix"):
        regularizers.OrthogonalRegularizer()(jnp.ones(3))
    with pytest.raises(ConfigError, match="rows or columns"):
        regularizers.OrthogonalRegularizer(mode="both")


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.floats(0.1, 5.0), st.sampled_from([0, 1, [0, 1]]))
def test_constraints_keep_their_promise(seed, limit, axis):
    w = np.random.default_rng(seed).normal(size=(4, 3)).astype("float32") * 3
    lengths = lambda x: np.sqrt((np.asarray(x) ** 2).sum(axis=tuple(np.atleast_1d(axis))))  # noqa: E731
    assert (lengths(constraints.MaxNorm(limit, axis)(w)) <= limit * (1 + 1e-5)).all()
    np.testing.assert_allclose(lengths(constraints.UnitNorm(axis)(w)), 1.0, rtol=1e-5)
    inside = lengths(constraints.MinMaxNorm(limit / 2, limit, axis=axis)(w))
    assert ((inside >= limit / 2 * (1 - 1e-5)) & (inside <= limit * (1 + 1e-5))).all()
    assert (np.asarray(constraints.NonNeg()(w)) >= 0).all()


def test_a_zero_vector_stays_zero():
    zero = jnp.zeros((2, 2))
    for constraint in (constraints.MaxNorm(), constraints.UnitNorm(), constraints.MinMaxNorm()):
        np.testing.assert_array_equal(constraint(zero), zero)


def test_names():
    assert isinstance(regularizers.get("l1_l2"), regularizers.L1L2)
    assert isinstance(constraints.get("max_norm"), constraints.MaxNorm)
    assert regularizers.get(None) is None
    assert constraints.get(None) is None
    assert regularizers.l2 is regularizers.L2
    with pytest.raises(UnknownNameError, match="'l3'"):
        regularizers.get("l3")
