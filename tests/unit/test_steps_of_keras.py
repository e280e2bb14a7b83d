"""Steps written in Keras's form on JAX: lists of variables in, logs and lists out."""

import jax
import numpy as np
import pytest

from pellucid import Input, Model, layers, metrics, ops
from pellucid._core.errors import ConfigError, PellucidError

X = np.random.default_rng(0).random((32, 4)).astype("float32")
Y = X[:, :1] + 1
QUIET = {"verbose": 0, "doctor": None, "checkup": False}


def made(kind, **settings):
    x = Input((4,))
    model = kind(x, layers.Dense(1, kernel_initializer="ones")(x))
    model.compile(**{"optimizer": "sgd", "loss": "mse", "metrics": ["mae"], **settings})
    return model


def test_a_step_that_hands_on_in_keras_form_trains_as_ever():
    class Adds(Model):
        def train_step(self, state, data):
            logs, state = super().train_step(state, data)
            return {**logs, "more": {"two": 2.0}}, state

        def test_step(self, state, data):
            x, y = data
            assert x.shape[1:] == (4,)
            logs, state = super().test_step(state, (x, y))
            return {**logs, "three": 3.0}, state

    plain, adds = made(Model), made(Adds)
    for model in (plain, adds):
        model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, **QUIET)
    np.testing.assert_allclose(adds.get_weights()[0], plain.get_weights()[0], rtol=1e-6)
    # Keras shows what the last batch's step returned; metrics have gathered the epoch by then.
    assert adds.history.history["two"] == [2.0, 2.0]
    np.testing.assert_allclose(adds.history.history["mae"], plain.history.history["mae"], rtol=1e-5)
    found = adds.evaluate(X, Y, return_dict=True, verbose=0)
    assert found["three"] == 3.0
    np.testing.assert_allclose(found["mae"], plain.evaluate(X, Y, verbose=0)[1], rtol=1e-6)


def test_lists_come_in_the_order_of_the_models_variables_and_metrics_go_round():
    class Own(Model):
        def train_step(self, state, data):
            trainable, others, optimizer, held = state
            x, y = data

            def loss_of(trainable):
                y_pred, after = self.stateless_call(trainable, others, x, training=True)
                return self.compute_loss(x, y, y_pred), (y_pred, after)

            (loss, (y_pred, after)), slopes = jax.value_and_grad(loss_of, has_aux=True)(trainable)
            trainable = [v - 0.01 * slope for v, slope in zip(trainable, slopes, strict=True)]
            logs, new = {}, []
            for metric in self.metrics:
                own = held[len(new) : len(new) + len(metric.variables)]
                batch = (loss,) if metric.name == "loss" else (y, y_pred)
                own = metric.stateless_update_state(own, *batch)
                value = metric.stateless_result(own)
                logs |= value if isinstance(value, dict) else {metric.name: value}
                new += own
            return logs, (trainable, after, optimizer, new)

    own, plain = made(Own), made(Model)
    for model in (own, plain):
        history = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, **QUIET).history
    np.testing.assert_allclose(own.get_weights()[0], plain.get_weights()[0], rtol=1e-5)
    for name in ("loss", "mae"):
        np.testing.assert_allclose(own.history.history[name], history[name], rtol=1e-5)
    assert float(own.metrics[0].result()) == pytest.approx(history["loss"][-1], rel=1e-5)


def test_a_model_with_trackers_of_its_own_for_all_it_logs():
    class Tracked(Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.tracker = metrics.Mean(name="loss")

        @property
        def metrics(self):
            return [self.tracker]

        def train_step(self, state, data):
            trainable, others, optimizer, held = state
            x, y = data
            y_pred, others = self.stateless_call(trainable, others, x)
            held = self.tracker.stateless_update_state(held, ops.mean((y - y_pred) ** 2))
            logs = {"loss": self.tracker.stateless_result(held)}
            return logs, (trainable, others, optimizer, held)

    model = made(Tracked, loss=None, metrics=None)
    logged = model.fit(X, Y, batch_size=8, epochs=2, **QUIET).history["loss"]
    expected = np.mean((model.predict(X, verbose=0) - Y) ** 2)
    np.testing.assert_allclose(logged, [expected] * 2, rtol=1e-5)


def test_predict_step_in_keras_form():
    class Doubles(Model):
        def predict_step(self, state, data):
            outputs, others = super().predict_step(state, data)
            return 2 * outputs, others

    model = made(Doubles)
    np.testing.assert_allclose(model.predict(X, verbose=0), 2 * np.asarray(model(X)), rtol=1e-6)


class Eager(Model):
    def train_step(self, data):
        return {"loss": 0.0}


class Nothing(Model):
    def train_step(self, state, data):
        _trainable, _, _, _ = state


class Short(Model):
    def train_step(self, state, data):
        trainable, others, optimizer, held = state
        return {"loss": 0.0}, (trainable[:1], others, optimizer, held)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Eager, "cannot be called"), (Nothing, "must return two"), (Short, "returned another state")],
)
def test_what_no_loop_can_run_is_refused_in_a_sentence(kind, said):
    with pytest.raises(ConfigError, match=said):
        made(kind).fit(X, Y, **QUIET)


def test_a_stateless_call_changes_nothing_and_returns_what_would_change():
    x = Input((4,))
    model = Model(x, layers.BatchNormalization()(layers.Dense(2, kernel_regularizer="l2")(x)))
    trainable = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]
    outputs, after, penalties = model.stateless_call(
        trainable, others, X, training=True, return_losses=True
    )
    assert outputs.shape == (32, 2)
    assert len(after) == len(others) == 2
    assert not np.allclose(after[0], others[0])
    np.testing.assert_array_equal(model.non_trainable_variables[0].numpy(), others[0])
    np.testing.assert_allclose(penalties[0], 0.01 * np.sum(np.square(trainable[0])), rtol=1e-5)
    with pytest.raises(PellucidError, match="trainable variables"):
        model.stateless_call(trainable[:1], others, X)


def test_dropout_of_a_stateless_call_changes_with_the_weights():
    x = Input((4,))
    model = Model(x, layers.Dropout(0.5)(layers.Dense(64)(x)))

    @jax.jit
    def run(trainable):
        return model.stateless_call(trainable, [], X, training=True)[0]

    kernel, bias = (variable.value for variable in model.trainable_variables)
    first, second = run([kernel, bias]), run([kernel + 0.01, bias])
    assert ((np.asarray(first) == 0) != (np.asarray(second) == 0)).any()
