"""The engine: tails, streams, chunks, resumption, interruption give the same numbers."""

from __future__ import annotations

import os
import signal
import threading
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Model, Sequential, layers, optimizers
from pellucid._core.errors import OutOfDataWarning
from pellucid.callbacks import Callback, LambdaCallback
from pellucid.config import data_budget, set_data_budget
from pellucid.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 5)).astype("float32")
Y = (X[:, 0] * X[:, 1] > 0).astype("int32")


def network(batch_norm: bool = True, dropout: float = 0.0) -> Sequential:
    set_random_seed(3)
    stack = [layers.Input(shape=(5,)), layers.Dense(16, activation="tanh")]
    if batch_norm:
        stack.append(layers.BatchNormalization())
    if dropout:
        stack.append(layers.Dropout(dropout))
    model = Sequential([*stack, layers.Dense(2, activation="softmax")])
    model.compile(
        optimizer=optimizers.Adam(0.01),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def weights_after(fit, **options) -> list[np.ndarray]:
    model = network(**options)
    fit(model)
    return model.get_weights()


def assert_same(first, second, tolerance=1e-6):
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def by_hand(epochs, batch_size):
    """Training as a loop of train_on_batch over exact, unpadded batches."""

    def fit(model):
        for _ in range(epochs):
            for start in range(0, len(X), batch_size):
                model.train_on_batch(X[start : start + batch_size], Y[start : start + batch_size])

    return fit


def test_the_last_smaller_batch_counts_every_sample_exactly_once():
    fitted = weights_after(lambda m: m.fit(X, Y, batch_size=32, epochs=3, shuffle=False, verbose=0))
    assert_same(fitted, weights_after(by_hand(3, 32)))


def test_a_layer_that_mixes_rows_sees_the_exact_last_batch():
    class CentreOverBatch(layers.Layer):
        def call(self, x):
            return x - jnp.mean(x, axis=0)

    def make():
        set_random_seed(3)
        model = Sequential([layers.Input(shape=(5,)), CentreOverBatch(), layers.Dense(2)])
        model.compile("sgd", "mse")
        return model

    targets = RNG.normal(size=(70, 2)).astype("float32")
    fitted, exact = make(), make()
    assert not fitted.pads_rows()
    fitted.fit(X, targets, batch_size=32, epochs=2, shuffle=False, verbose=0)
    for _ in range(2):
        for start in (0, 32, 64):
            exact.train_on_batch(X[start : start + 32], targets[start : start + 32])
    assert_same(fitted.get_weights(), exact.get_weights())


def test_streamed_training_gives_the_resident_numbers():
    def resident(model):
        model.fit(X, Y, batch_size=16, epochs=3, verbose=0)

    def streamed(model):
        before = data_budget()
        set_data_budget(0)
        try:
            model.fit(X, Y, batch_size=16, epochs=3, verbose=0)
        finally:
            set_data_budget(None)
        assert data_budget() == before

    assert_same(weights_after(resident, dropout=0.3), weights_after(streamed, dropout=0.3))


def test_a_generator_of_uneven_batches_is_trained_on_exactly():
    sizes = [16, 16, 7, 16, 15]
    starts = np.cumsum([0, *sizes])

    class Batches:
        def __iter__(self):
            for start, size in zip(starts, sizes, strict=False):
                yield X[start : start + size], Y[start : start + size]

    def by_batches(model):
        for x, y in Batches():
            model.train_on_batch(x, y)

    assert_same(weights_after(lambda m: m.fit(Batches(), verbose=0)), weights_after(by_batches))


def test_the_length_of_a_chunk_changes_nothing():
    every_step = LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    one = weights_after(
        lambda m: m.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[every_step]),
        dropout=0.2,
    )
    many = weights_after(lambda m: m.fit(X, Y, batch_size=8, epochs=2, verbose=0), dropout=0.2)
    assert_same(one, many)


def test_initial_epoch_goes_on_with_the_same_batches_and_random_numbers():
    def in_two_parts(model):
        model.fit(X, Y, batch_size=16, epochs=2, verbose=0)
        model.fit(X, Y, batch_size=16, epochs=4, initial_epoch=2, verbose=0)

    whole = weights_after(lambda m: m.fit(X, Y, batch_size=16, epochs=4, verbose=0), dropout=0.2)
    assert_same(whole, weights_after(in_two_parts, dropout=0.2))


def test_adding_a_layer_does_not_shift_another_layers_random_numbers():
    set_random_seed(5)
    small = Sequential([layers.Input(shape=(5,)), layers.Dense(4, name="a")])
    set_random_seed(5)
    large = Sequential(
        [layers.Input(shape=(5,)), layers.Dense(5, name="new"), layers.Dense(4, name="a")]
    )
    np.testing.assert_array_equal(small.get_layer("a").kernel, large.get_layer("a").kernel)


def test_a_learning_rate_set_by_a_callback_takes_effect_without_recompilation():
    seen = []

    class Halve(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.1 / 2**epoch

        def on_compile(self, phase, seconds):
            if seconds is not None:
                seen.append(phase)

    model = network()
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[Halve()], batch_size=70)
    assert seen == ["train"]


def test_steps_per_epoch_walks_on_through_the_data():
    whole = weights_after(lambda m: m.fit(X[:64], Y[:64], batch_size=16, epochs=1, verbose=0))
    halves = weights_after(
        lambda m: m.fit(X[:64], Y[:64], batch_size=16, epochs=2, steps_per_epoch=2, verbose=0)
    )
    assert_same(whole, halves)


def test_ctrl_c_keeps_the_work():
    model = network()
    before = model.get_weights()

    class Interrupt(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)

    run = model.fit(X, Y, epochs=500, verbose=0, callbacks=[Interrupt()])
    assert run.interrupted
    assert 3 <= len(run.epoch) < 500
    assert not np.allclose(before[0], model.get_weights()[0])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_fit_works_in_another_thread():
    model = network()
    worker = threading.Thread(target=lambda: model.fit(X, Y, epochs=2, verbose=0))
    worker.start()
    worker.join()
    assert len(model.history.epoch) == 2


def test_an_array_that_the_user_holds_survives_training():
    model = network()
    kernel = model.layers[0].kernel.value
    value = np.array(kernel)

    class Keep(Callback):
        kept = []

        def on_epoch_end(self, epoch, logs=None):
            self.kept.append(self.model.layers[0].kernel.value)

    model.fit(X, Y, epochs=3, verbose=0, callbacks=[Keep()])
    np.testing.assert_array_equal(kernel, value)
    assert not np.allclose(Keep.kept[0], Keep.kept[2])


def test_weights_set_by_a_callback_reach_the_next_step():
    model = network(batch_norm=False)
    zeros = [np.zeros_like(w) for w in model.get_weights()]

    class Reset(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.set_weights(zeros)

    model.compile(optimizer=optimizers.SGD(0.0), loss="sparse_categorical_crossentropy")
    run = model.fit(X, Y, epochs=2, verbose=0, callbacks=[Reset()])
    np.testing.assert_allclose(run.history["loss"], np.log(2), rtol=1e-6)


def test_weights_set_after_the_last_epoch_stay():
    model = network(batch_norm=False)
    zeros = [np.zeros_like(w) for w in model.get_weights()]

    class Clear(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.set_weights(zeros)

    model.fit(X, Y, epochs=2, verbose=0, callbacks=[Clear()])
    assert all(not weight.any() for weight in model.get_weights())


def test_an_error_in_a_callback_leaves_a_model_that_can_go_on():
    model = network()

    class Fail(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        model.fit(X, Y, epochs=5, verbose=0, callbacks=[Fail()])
    assert np.isfinite(model.predict(X, verbose=0)).all()
    model.fit(X, Y, verbose=0)


def test_class_weights_and_sample_weights_agree():
    weight = {0: 1.0, 1: 3.0}
    by_class = weights_after(lambda m: m.fit(X, Y, verbose=0, class_weight=weight, shuffle=False))
    by_sample = weights_after(
        lambda m: m.fit(X, Y, verbose=0, sample_weight=np.where(Y == 1, 3.0, 1.0), shuffle=False)
    )
    assert_same(by_class, by_sample)


def test_frozen_layers_stay():
    model = network()
    model.layers[0].trainable = False
    before = np.array(model.layers[0].kernel)
    model.fit(X, Y, epochs=2, verbose=0)
    np.testing.assert_array_equal(before, model.layers[0].kernel)
    model.layers[0].trainable = True
    model.fit(X, Y, epochs=2, verbose=0)
    assert not np.allclose(before, model.layers[0].kernel)


def test_run_eagerly_gives_the_compiled_numbers():
    def eager(model):
        model.run_eagerly = True
        model.fit(X[:32], Y[:32], batch_size=16, verbose=0, shuffle=False)

    compiled = weights_after(
        lambda m: m.fit(X[:32], Y[:32], batch_size=16, verbose=0, shuffle=False)
    )
    assert_same(compiled, weights_after(eager), 1e-5)


def test_a_second_model_of_a_kind_shares_the_compiled_program():
    from pellucid.training import sharing

    first = network()
    first.fit(X, Y, verbose=0)
    known = len(sharing._programs)
    second = network()
    second.fit(X, Y, verbose=0)
    assert len(sharing._programs) == known
    assert_same(first.get_weights(), second.get_weights(), 0)


def test_predictions_do_not_depend_on_the_batch_size():
    model = network()
    model.fit(X, Y, verbose=0)
    reference = np.asarray(model(X))
    for size in (1, 7, 32, 1000):
        np.testing.assert_allclose(
            model.predict(X, batch_size=size, verbose=0), reference, rtol=2e-6
        )


def test_evaluate_equals_the_formula_on_odd_lengths():
    model = network()
    probability = model.predict(X, verbose=0)
    loss, accuracy = model.evaluate(X, Y, batch_size=32, verbose=0)
    np.testing.assert_allclose(loss, -np.log(probability[np.arange(70), Y]).mean(), rtol=1e-5)
    np.testing.assert_allclose(accuracy, (probability.argmax(1) == Y).mean(), rtol=1e-6)


def test_a_custom_training_step_is_compiled_into_the_chunk():
    traces = []

    class Doubling(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, state, batch):
            traces.append(1)

            def loss_of(weights):
                y_pred, updates = self.apply(state.fixed | weights, batch.x, training=True)
                return 2 * jnp.mean((y_pred - batch.y) ** 2), updates

            (loss, updates), gradients = jax.value_and_grad(loss_of, has_aux=True)(state.trainable)
            return self.apply_gradients(state, gradients, updates), {
                "loss": loss,
                "twice": 2 * loss,
            }

    target = X @ np.arange(5.0, dtype="float32")[:, None]
    model = Doubling()
    model.compile(optimizer=optimizers.SGD(0.05), loss="mse")
    run = model.fit(X, target, epochs=30, batch_size=35, verbose=0)
    assert len(traces) < 5
    assert run.history["loss"][-1] < 1e-2 * run.history["loss"][0]
    np.testing.assert_allclose(run.history["twice"], 2 * np.array(run.history["loss"]), rtol=1e-5)


def test_a_custom_loss_method_is_used_for_training_and_evaluation():
    class Quartic(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return jnp.mean((y - y_pred) ** 4)

    target = X[:, :1]
    model = Quartic()
    model.compile(optimizer="adam", loss="mse")
    model.fit(X, target, verbose=0)
    expected = np.mean((target - model.predict(X, verbose=0)) ** 4)
    np.testing.assert_allclose(
        model.evaluate(X, target, verbose=0, batch_size=70), expected, rtol=1e-5
    )


def test_limits_for_trying_a_program():
    from pellucid import Sequential, config, layers
    from pellucid._core.errors import PellucidWarning

    x, y = np.ones((12, 2), "float32"), np.ones((12, 1), "float32")
    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(1)
    try:
        with pytest.warns(PellucidWarning, match="limited to"):
            history = model.fit(x, y, batch_size=4, epochs=5, verbose=0, checkup=False, doctor=None)
        assert history.epoch == [0, 1]
        with pytest.warns(PellucidWarning, match="steps are limited to 1"):
            assert len(model.predict(x, batch_size=4, verbose=0)) == 4
    finally:
        config.set_max_epochs(None)
        config.set_max_steps_per_epoch(None)
    assert len(model.predict(x, batch_size=4, verbose=0)) == 12


def test_a_validation_generator_that_runs_out_does_not_end_training():
    def batches():
        yield X[:8], Y[:8]
        yield X[:8], Y[:8]

    model = network()
    more = {"validation_data": batches(), "validation_steps": 2, "epochs": 3, "verbose": 0}
    with pytest.warns(OutOfDataWarning, match="has run out"):
        run = model.fit(X[:16], Y[:16], checkup=False, doctor=None, **more)
    assert len(run.history["loss"]) == 3
    assert len(run.history["val_loss"]) == 1
    # Without a number of steps its batches are kept: the same rows after every epoch.
    more = {"validation_data": batches(), "epochs": 3, "verbose": 0}
    run = model.fit(X[:16], Y[:16], checkup=False, doctor=None, **more)
    assert len(run.history["val_loss"]) == 3
