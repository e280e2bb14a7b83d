"""Activations against their formulas in NumPy, and finding them by name."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import activations
from pellucid._core.errors import UnknownNameError
from pellucid._core.specs import family

X = np.linspace(-5, 5, 21)
SIGMOID = 1 / (1 + np.exp(-X))
SOFTPLUS = np.log1p(np.exp(X))
PHI = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in X])

FORMULAS = {
    "linear": X,
    "relu": np.maximum(X, 0),
    "leaky_relu": np.where(X > 0, X, 0.2 * X),
    "relu6": np.clip(X, 0, 6),
    "elu": np.where(X > 0, X, np.expm1(X)),
    "selu": 1.0507009873554805 * np.where(X > 0, X, 1.6732632423543772 * np.expm1(X)),
    "softplus": SOFTPLUS,
    "softsign": X / (1 + np.abs(X)),
    "silu": X * SIGMOID,
    "gelu": X * PHI,
    "sigmoid": SIGMOID,
    "hard_sigmoid": np.clip(X / 6 + 0.5, 0, 1),
    "tanh": np.tanh(X),
    "softmax": np.exp(X) / np.exp(X).sum(),
    "log_softmax": X - np.log(np.exp(X).sum()),
    "exponential": np.exp(X),
    "mish": X * np.tanh(SOFTPLUS),
    "celu": np.where(X > 0, X, np.expm1(X)),
    "squareplus": (X + np.sqrt(X**2 + 4)) / 2,
    "log_sigmoid": np.log(SIGMOID),
    "tanh_shrink": X - np.tanh(X),
    "glu": X[:10] * SIGMOID[10:20],
    "hard_silu": X * np.clip(X / 6 + 0.5, 0, 1),
    "hard_tanh": np.clip(X, -1, 1),
    "hard_shrink": np.where(np.abs(X) > 0.5, X, 0),
    "soft_shrink": np.sign(X) * np.maximum(np.abs(X) - 0.5, 0),
    "sparse_plus": np.where(np.abs(X) < 1, (X + 1) ** 2 / 4, np.maximum(X, 0)),
    "sparse_sigmoid": np.clip((X + 1) / 2, 0, 1),
    "sparsemax": np.where(X == 5, 0.75, np.where(X == 4.5, 0.25, 0)),
    "threshold": np.where(X > 1, X, -2),
}
NEEDS = {"threshold": {"threshold": 1.0, "default_value": -2.0}}


def applied(name, x):
    x = x[:20] if name == "glu" else x
    return activations.get(name)(x, **NEEDS.get(name, {}))


def test_every_activation_has_a_formula_here():
    ours = {
        n
        for n, f in family("activation").entries().items()
        if f.__module__.startswith(activations.__name__)
    }
    assert ours == set(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_values(name):
    got = applied(name, jnp.asarray(X, jnp.float32))
    np.testing.assert_allclose(np.asarray(got), FORMULAS[name], rtol=1e-5, atol=1e-6)


def test_relu_with_everything():
    x = jnp.array([-1.0, 0.5, 1.0, 2.0, 9.0])
    got = activations.relu(x, negative_slope=0.1, max_value=4.0, threshold=1.0)
    np.testing.assert_allclose(got, [-0.2, -0.05, 0.0, 2.0, 4.0], atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMULAS)
def test_extreme_inputs_have_finite_gradients(name):
    x = jnp.array([-80.0, 0.0, 80.0, 1.0])
    gradient = jax.grad(lambda v: jnp.sum(applied(name, v)))(x)
    assert np.isfinite(np.asarray(gradient)).all()


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=8))
def test_sparsemax_is_the_nearest_point_of_the_simplex(scores):
    scores = np.asarray(scores, "float32")
    p = np.asarray(activations.sparsemax(scores), "float64")
    assert p.min() >= 0
    assert p.sum() == pytest.approx(1, abs=1e-4)
    kept = p > 1e-6  # the same amount was taken off every score that stayed, no more off the rest
    taken = (scores - p)[kept]
    np.testing.assert_allclose(taken, taken[0], atol=1e-4)
    assert (scores[~kept] <= taken[0] + 1e-4).all()


def test_names():
    assert activations.get(None) is activations.linear
    assert activations.get("swish") is activations.silu
    assert activations.get(jnp.sin) is jnp.sin
    assert activations.serialize(activations.swish) == "silu"
    for name in FORMULAS:
        function = activations.get(name)
        assert activations.deserialize(activations.serialize(function)) is function


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(UnknownNameError, match=r"(?s)no activation called 'rleu'.*mean 'relu'"):
        activations.get("rleu")
