"""Batches of a kind that a network has seen go a shorter way, with the same outcome."""

from concurrent.futures import ThreadPoolExecutor

import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import DataError

X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


def made(*more):
    return Sequential([Input((4,)), layers.Dense(3, activation="tanh"), *more, layers.Dense(2)])


def by_hand(model, x=X):
    return np.asarray(model.apply(model.variable_tree(), jnp.asarray(x))[0])


def ways(model, x=X):
    return [model.predict(x, verbose=0), model.predict_on_batch(x)]


def check(model, x=X):
    for found in [*ways(model, x), *ways(model, x)]:
        np.testing.assert_allclose(found, by_hand(model, x), rtol=1e-6, atol=1e-7)
    assert len(model.session.quick)


@pytest.fixture
def model():
    model = made(layers.Dropout(0.5), layers.BatchNormalization())
    ways(model)
    return model


def test_the_outputs_are_those_of_the_long_way(model):
    first = made()
    long = first.predict(X, verbose=0)
    np.testing.assert_array_equal(first.predict(X, verbose=0), long)
    for x in (X, X.astype("float64"), X[:1], np.round(X).astype("int64")):
        check(model, x)


def test_assigned_weights_are_used(model):
    for array in (model.layers[0].kernel, model.get_weights()[0] * 3):
        model.layers[0]._own_weights[0].assign(np.asarray(array) + 1)
        check(model)


def test_trained_weights_are_used(model):
    model.compile("sgd", "mse")
    before = ways(model)[0]
    model.train_on_batch(X, np.ones((3, 2)))
    check(model)
    model.fit(X, np.ones((3, 2)), verbose=0)
    check(model)
    assert not np.array_equal(before, ways(model)[0])


def test_added_and_removed_layers_are_seen(model):
    model.add(layers.Dense(5))
    check(model)
    assert ways(model)[1].shape == (3, 5)
    model.pop()
    check(model)
    assert ways(model)[1].shape == (3, 2)


def test_a_frozen_layer_and_another_policy_are_seen(model):
    model.layers[2].trainable = False
    check(model)
    before = ways(model)[0]
    model.layers[0].dtype_policy = "mixed_bfloat16"
    for found in [*ways(model), *ways(model)]:
        assert not np.array_equal(found, before)
        np.testing.assert_allclose(found, by_hand(model), rtol=0.01, atol=0.002)


def test_another_compile_is_no_obstacle(model):
    for optimizer in ("sgd", "adam"):
        model.compile(optimizer, "mse")
        check(model)


def test_a_layer_that_looks_at_data_still_does():
    model = Sequential([Input((2,), dtype="int32"), layers.Embedding(5, 3), layers.Flatten()])
    known = np.array([[1, 2]])
    model.predict(known, verbose=0), model.predict(known, verbose=0)
    with pytest.raises(DataError):
        model.predict(np.array([[1, 7]]), verbose=0)


def test_a_layer_with_a_memory_goes_on():
    model = Sequential(
        [Input((2, 4), batch_size=1), layers.LSTM(3, stateful=True), layers.Dense(1)]
    )
    x = X[:2][None]
    found = [model.predict(x, verbose=0) for _ in range(3)]
    assert not np.array_equal(found[1], found[2])
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x, verbose=0), found[0])


class Loud(Model):
    """A subclass with effects of its own, which happen where Python runs."""

    def __init__(self):
        super().__init__()
        self.dense, self.seen = layers.Dense(2), []

    def call(self, x):
        self.seen.append(x.shape)
        return {"a": self.dense(x), "b": x}


def test_run_eagerly_runs_the_code_every_time():
    model = Loud()
    model.compile("sgd", run_eagerly=True)
    for _ in range(3):
        found = model.predict(X, verbose=0)
    before = len(model.seen)
    model.predict_on_batch(X)
    assert len(model.seen) > before
    np.testing.assert_array_equal(found["b"], X)
    assert not model.session.quick


def test_several_threads_at_once(model):
    batches = [X + number for number in range(16)]
    expected = [by_hand(model, x) for x in batches]
    with ThreadPoolExecutor(4) as pool:
        for found, right in zip(pool.map(model.predict_on_batch, batches), expected, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-6, atol=1e-7)
