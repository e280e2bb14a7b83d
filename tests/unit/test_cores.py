"""Batches of recurrent networks over two cores: the same training, and only where it suits."""

from __future__ import annotations

import os
import subprocess
import sys

import jax
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, config, layers
from pellucid._core.errors import ConfigError, StateError
from pellucid.training import cores

R = np.random.default_rng(0)
N, STEPS = 40, 6


@pytest.fixture(autouse=True)
def split_everything(monkeypatch):
    for recurrent in (layers.LSTM, layers.GRU, layers.SimpleRNN):
        monkeypatch.setattr(recurrent, "two_cores_from", 1)
    monkeypatch.setattr(cores, "PER_WEIGHT", 0)
    if cores.mesh(2) is None:
        pytest.skip("one core, or a jax that gives no client of one's own")
    yield
    config.set_recurrent_cores(2)


def plain(layer=None):
    return Sequential([Input((STEPS, 3)), layer or layers.LSTM(5), layers.Dense(2)])


def every_step():
    hidden = [layers.GRU(4, return_sequences=True), layers.SimpleRNN(5, return_sequences=True)]
    return Sequential([Input((STEPS, 3)), *hidden, layers.Dense(2)])


def convolved():
    convolution = layers.Conv1D(6, 3, padding="same", activation="tanh")
    return Sequential([Input((STEPS, 3)), convolution, layers.LSTM(5), layers.Dense(2)])


def masked():
    words = layers.Embedding(9, 4, mask_zero=True)
    return Sequential(
        [Input((STEPS,)), words, layers.Bidirectional(layers.GRU(3)), layers.Dense(2)]
    )


def branches():
    x = Input((STEPS, 3))
    h, *states = layers.LSTM(4, return_state=True, name="lstm")(x)
    joined = layers.Concatenate()([h, *states])
    return Model(x, {"a": layers.Dense(2, name="a")(joined), "b": layers.Dense(1, name="b")(h)})


NUMBERS = R.normal(size=(N, STEPS, 3)).astype(np.float32)
WORDS = R.integers(0, 9, (N, STEPS)) * (np.arange(STEPS) < R.integers(1, STEPS, (N, 1)))
CLASSES = R.integers(0, 2, N)
CASES = {
    "lstm": (plain, NUMBERS, CLASSES, {}),
    "sample weights": (plain, NUMBERS, CLASSES, {"sample_weight": R.uniform(0, 2, N)}),
    "a short last batch": (plain, NUMBERS[:37], CLASSES[:37], {}),
    "every step": (every_step, NUMBERS, R.integers(0, 2, (N, STEPS)), {}),
    "after a convolution": (convolved, NUMBERS, CLASSES, {}),
    "masks": (masked, WORDS, CLASSES, {}),
    "branches": (branches, NUMBERS, {"a": CLASSES, "b": R.normal(size=(N, 1))}, {}),
}


def loss_of(model):
    sparse = pellucid.losses.SparseCategoricalCrossentropy(from_logits=True)
    return {"a": sparse, "b": "mse"} if len(model.outputs) == 2 else sparse


def trained(build, x, y, settings, count, monkeypatch, **more):
    """Weights, history and what was spread over devices, after a few epochs on `count` cores."""
    config.set_recurrent_cores(count)
    spread = []
    whole = cores.spread

    def noted(arrays, parts):
        spread.append(parts)
        return whole(arrays, parts)

    monkeypatch.setattr(cores, "spread", noted)
    pellucid.utils.set_random_seed(3)
    model = build()
    model.compile(optimizer="adam", loss=loss_of(model))
    more = {"batch_size": 8, "epochs": 3, "verbose": 0, **settings, **more}
    history = model.fit(x, y, **more)
    monkeypatch.setattr(cores, "spread", whole)
    return model, history, spread


@pytest.mark.parametrize("case", CASES)
def test_training_is_the_same_on_two_cores_as_on_one(case, monkeypatch):
    (one, before, none), (two, after, spread) = (
        trained(*CASES[case], count, monkeypatch) for count in (1, 2)
    )
    assert not none
    assert set(spread) == {2}
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
    assert before.history.keys() == after.history.keys()
    for name, values in before.history.items():
        np.testing.assert_allclose(values, after.history[name], rtol=2e-4, atol=2e-5)
    norms = (found.vitals.gradient_norms for found in (before, after))
    np.testing.assert_allclose(*norms, rtol=2e-3, atol=1e-5)


def test_everything_goes_on_after_it(monkeypatch, tmp_path):
    model, history, spread = trained(plain, NUMBERS, CLASSES, {}, 2, monkeypatch)
    assert spread
    loss = model.evaluate(NUMBERS, CLASSES, verbose=0)
    config.set_recurrent_cores(1)  # the same state, in a program for one core
    again = model.fit(NUMBERS, CLASSES, batch_size=8, epochs=1, verbose=0)
    config.set_recurrent_cores(2)
    last = model.fit(NUMBERS, CLASSES, batch_size=8, epochs=1, verbose=0)
    assert last.history["loss"][0] < again.history["loss"][0] < history.history["loss"][0]
    assert model.evaluate(NUMBERS, CLASSES, verbose=0) < loss
    assert int(model.optimizer.iterations) == 25
    model.save_weights(tmp_path / "model.safetensors")
    twin = plain()
    twin.load_weights(tmp_path / "model.safetensors")
    answers = twin.predict(NUMBERS, verbose=0)
    np.testing.assert_allclose(answers, model.predict(NUMBERS, verbose=0), rtol=1e-5, atol=1e-6)


def test_each_half_draws_dropout_of_its_own():
    def drawn(variables, rows, rng):
        return jax.random.uniform(rng, rows.shape) * variables

    def program(rows, seed):
        with cores.using(2):
            return cores.by_rows(drawn, np.float32(1), rows, jax.random.key(seed))

    arguments = cores.spread((np.zeros((6, 2), np.float32), np.uint32(1)), 2)
    found = jax.jit(program, out_shardings=cores.everywhere(2))(*arguments)
    assert len(np.unique(cores.gathered(found))) == 12


def test_a_network_with_dropout_learns_and_repeats_itself(monkeypatch):
    def build():
        return Sequential(
            [Input((STEPS, 3)), layers.LSTM(5, dropout=0.3), layers.Dropout(0.3), layers.Dense(2)]
        )

    runs = [trained(build, NUMBERS, CLASSES, {}, 2, monkeypatch) for _ in range(2)]
    assert runs[0][2]
    assert runs[0][1].history == runs[1][1].history
    assert runs[0][1].history["loss"][-1] < runs[0][1].history["loss"][0]


def test_where_it_is_not_finite_is_found(monkeypatch):
    def growing():
        return plain(layers.SimpleRNN(5, activation="relu"))

    x = NUMBERS.copy()
    x[13] = 3e38
    (_, before, _), (_, after, spread) = (
        trained(growing, x, CLASSES, {}, count, monkeypatch, doctor=None) for count in (1, 2)
    )
    assert spread
    one, two = before.vitals, after.vitals
    assert one.bad_place is not None
    assert (one.bad_step, one.bad_place, one.bad_cause) == (
        two.bad_step,
        two.bad_place,
        two.bad_cause,
    )


def test_what_stops_a_training_leaves_the_new_weights():
    model = plain()
    model.compile(optimizer="sgd", loss=loss_of(model))
    before = model.get_weights()

    class Stops(pellucid.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(NUMBERS, CLASSES, batch_size=8, verbose=0, callbacks=[Stops()])
    after = model.get_weights()
    assert all((a != b).any() for a, b in zip(before, after, strict=True))
    model.fit(NUMBERS, CLASSES, batch_size=8, verbose=0)


class Own(layers.Layer):
    def call(self, inputs):
        return inputs - inputs.mean(axis=0)


def stack(*hidden, shape=(STEPS, 3), batch=None):
    model = Sequential([Input(shape, batch_size=batch), *hidden, layers.Dense(1)])
    model.compile(loss="mse")
    return model


def test_what_mixes_rows_or_gathers_from_batches_is_not_split():
    lstm = layers.LSTM
    assert cores.parts(stack(lstm(4)), 8) == 2
    assert cores.parts(stack(lstm(4)), 7) == 1
    assert cores.parts(stack(layers.Flatten()), 8) == 1
    assert cores.parts(stack(lstm(4), layers.BatchNormalization()), 8) == 1
    assert cores.parts(stack(lstm(4), Own()), 8) == 1
    assert cores.parts(stack(lstm(4, stateful=True), batch=8), 8) == 1
    assert cores.parts(stack(lstm(4, activity_regularizer="l2")), 8) == 1
    config.set_recurrent_cores(1)
    assert cores.parts(stack(lstm(4)), 8) == 1


def test_only_much_recurrence_is_split(monkeypatch):
    monkeypatch.undo()
    assert cores.parts(stack(layers.LSTM(128), shape=(50, 32)), 64) == 2
    assert cores.parts(stack(layers.Bidirectional(layers.GRU(64)), shape=(None, 32)), 64) == 2
    assert cores.parts(stack(layers.LSTM(16), shape=(20, 8)), 32) == 1
    assert cores.parts(stack(layers.SimpleRNN(64), shape=(100, 16)), 32) == 1
    wide = [layers.LSTM(32), layers.Dense(1024), layers.Dense(1024)]
    assert cores.parts(stack(*wide, shape=(60, 16)), 64) == 1


def test_one_core_or_no_client_means_no_split(monkeypatch):
    model = stack(layers.LSTM(4))
    monkeypatch.setattr(cores, "mesh", lambda count: None)
    assert cores.parts(model, 8) == 1
    with pytest.raises(StateError, match="set_recurrent_cores"):
        cores.everywhere(2)
    monkeypatch.undo()
    monkeypatch.setattr(cores, "_cores", lambda: 1)
    assert cores.mesh.__wrapped__(2) is None


def test_a_process_with_devices_of_its_own_is_left_alone():
    code = "from pellucid.training import cores; print(cores.mesh(2))"
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    found = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **flags}, capture_output=True, text=True
    )
    assert found.stdout.strip() == "None", found.stderr


@pytest.mark.parametrize("count", [0, 3, True, "two", None])
def test_other_numbers_of_cores_are_refused(count):
    with pytest.raises(ConfigError, match="1 or 2"):
        config.set_recurrent_cores(count)
    assert config.recurrent_cores() == 2
