"""The policy "mixed_float16": arithmetic in float16, weights in float32, a loss that is scaled."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid
from pellucid import layers, optimizers

X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
Y = X.sum(axis=1, keepdims=True)
QUIET = {"verbose": 0, "doctor": None, "checkup": False}


def stack(dtype="mixed_float16"):
    dense = layers.Dense(1, dtype=dtype, kernel_initializer="ones", name="dense")
    return pellucid.Sequential([layers.Input((2,)), dense])


def test_formats_and_the_scale():
    model = stack()
    model.compile(optimizers.SGD(0.1), "mse")
    assert isinstance(model.optimizer, optimizers.LossScaleOptimizer)
    assert model(X).dtype == "float16"
    assert {str(weight.dtype) for weight in model.weights} == {"float32"}
    wrapped = model.optimizer
    model.compile(wrapped.inner_optimizer, "mse")
    assert model.optimizer is wrapped


@pytest.mark.parametrize(("dtype", "scale"), [("float32", True), ("mixed_float16", False)])
def test_not_scaled(dtype, scale):
    model = stack(dtype)
    model.compile("sgd", "mse", auto_scale_loss=scale)
    assert isinstance(model.optimizer, optimizers.SGD)


def test_a_step_is_that_of_float32():
    models = [stack(), stack("float32")]
    for model in models:
        model.compile(optimizers.SGD(0.1), "mse")
        model.fit(X, 2 * Y, epochs=2, batch_size=4, **QUIET)
    half, single = (model.get_layer("dense").kernel.numpy() for model in models)
    np.testing.assert_allclose(half, single, rtol=2e-3)
    assert not np.array_equal(half, single)


def test_gradients_too_small_for_float16_arrive():
    model = stack()
    model.compile(optimizers.SGD(1.0), lambda y, p: 1e-9 * p)
    before = model.get_layer("dense").bias.numpy().copy()
    model.fit(X, Y, batch_size=4, **QUIET)
    np.testing.assert_allclose(before - model.get_layer("dense").bias, 1e-9, rtol=0.05)


def test_a_step_that_overflows_is_left_out():
    model = stack()
    model.compile(optimizers.SGD(1.0), lambda y, p: 1e4 * p)
    before = model.get_layer("dense").kernel.numpy().copy()
    model.fit(X, Y, batch_size=4, **QUIET)
    np.testing.assert_array_equal(model.get_layer("dense").kernel, before)
    assert float(model.optimizer.scale_loss(1.0)) == 2.0**14
