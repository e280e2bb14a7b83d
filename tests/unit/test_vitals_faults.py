"""The first number that is not finite: at which step, in which layer, and where it came from."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Sequential, layers
from pellucid.training import data_checks

R = np.random.default_rng(3)
X = R.normal(size=(32, 3)).astype(np.float32)
Y = R.normal(size=(32, 1)).astype(np.float32)


def run(model, x=X, y=Y, optimizer="sgd", loss="mse", **more):
    model.compile(optimizer, loss)
    settings = {"batch_size": 8, "epochs": 2, "shuffle": False, "verbose": 0, "doctor": None}
    return model.fit(x, y, **{**settings, **more}).vitals


def network(*inside):
    pellucid.utils.set_random_seed(0)
    return Sequential(
        [Input(shape=(3,)), layers.Dense(4, name="a"), *inside, layers.Dense(1, name="b")]
    )


class Logarithm(layers.Layer):
    """Finite for the first samples, and not for a later one whose sum is zero."""

    def call(self, x):
        return jnp.log(jnp.abs(x))


def found(record):
    return record.bad_step, record.bad_place, record.bad_cause


def batches(x, y=Y):
    """A stream, for the faults that only some steps have."""
    while True:
        for start in range(0, len(x), 8):
            yield x[start : start + 8], y[start : start + 8]


def streamed(model, x, **more):
    return run(model, batches(x), None, batch_size=None, steps_per_epoch=len(x) // 8, **more)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_inputs(value, monkeypatch):
    """Such data are refused unless the network seems to take care of them."""
    monkeypatch.setattr(data_checks, "stays_finite", lambda *_: True)
    monkeypatch.setattr(data_checks, "warn_of_values", lambda *_: None)
    x = X.copy()
    x[20, 1] = value
    record = streamed(network(), x, checkup=False)
    assert found(record) == (2, "input:input_layer", "inputs")
    assert np.isfinite(record.losses[:2]).all()
    assert not np.isfinite(record.losses[2:]).any()
    assert len(record.losses) == 8


def test_a_layer_of_the_users_own():
    pellucid.utils.set_random_seed(0)
    model = Sequential(
        [Input(shape=(3,)), Logarithm(name="log"), layers.Dense(1, name="b")], name="net"
    )
    x = X.copy()
    x[13, 2] = 0
    record = run(model, x)
    assert found(record) == (1, "log", "forward")
    # The network before training is already unsound on that sample, and its record says where.
    assert record.checkups.layers["log"]["output_nonfinite"][0] == pytest.approx(1 / 96)
    assert not np.isfinite(record.checkups.layers["b"]["output_mean"][0])


def test_weights_that_explode():
    record = run(network(), 1e3 * X, optimizer=pellucid.optimizers.SGD(1.0), epochs=40)
    step, place, cause = found(record)
    assert step > 0
    assert np.isfinite(record.losses[:step]).all()
    # The gradients are the first to grow out of range: the squares of their norm.
    assert cause == "gradient"
    assert place in ("a", "b")
    assert record.losses[step] > 1e30
    assert not np.isfinite(record.gradient_norms[step])


def test_a_loss_that_divides_by_zero():
    def relative(y_true, y_pred):
        return jnp.mean(jnp.square(y_pred - y_true) / y_true, axis=-1)

    y = np.abs(Y) + 1
    y[9] = 0
    record = run(network(), X, y, loss=relative)
    assert found(record) == (1, "b", "loss")


def test_a_gradient_alone():
    class Root(layers.Layer):
        """Its slope at zero is infinite."""

        def call(self, x):
            return jnp.sqrt(jnp.abs(x))

    pellucid.utils.set_random_seed(0)
    model = Sequential(
        [Input(shape=(3,)), layers.Dense(3, name="a"), Root(name="root"), layers.Dense(1, name="b")]
    )
    x = X.copy()
    x[29] = 0  # and no bias yet: the root's input is exactly zero
    model.layers[0].bias = np.zeros(3, np.float32)
    model.layers[0].trainable = True
    record = run(model, x, optimizer=pellucid.optimizers.SGD(0.0), epochs=1)
    assert found(record) == (3, "root", "gradient")
    assert np.isfinite(record.losses).all()
    assert not np.isfinite(record.gradient_norms[3])


def test_the_place_is_found_behind_many_steps():
    """The steps before are gone over again, with the same draws."""
    x, y = np.tile(X, (64, 1)), np.tile(Y, (64, 1))
    y[2000] = 3e38
    record = run(network(layers.Dropout(0.5)), x, y, epochs=1, checkup=False)
    assert found(record) == (250, "b", "loss")


def test_a_sound_run_says_so():
    record = run(network())
    assert found(record) == (-1, None, None)
