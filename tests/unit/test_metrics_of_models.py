"""What a model's metrics hold after training, and metrics that a network keeps for itself."""

import json

import jax
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers, losses, metrics, ops, optimizers
from pellucid._core.errors import ConfigError, StateError

X = np.random.default_rng(0).random((40, 4)).astype("float32")
Y = X[:, :1] + 1
QUIET = {"verbose": 0, "doctor": None, "checkup": False}


class Net(Model):
    def __init__(self):
        super().__init__()
        self.d = layers.Dense(1)

    def call(self, x):
        return self.d(x)


def test_a_compiled_metric_holds_what_the_last_evaluation_and_epoch_found():
    held = metrics.MeanAbsoluteError(name="m")
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[held])
    assert model.metrics_names == ["loss", "compile_metrics"]
    found = model.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(float(held.result()), found[1], rtol=1e-6)
    history = model.fit(X, Y, **QUIET).history
    assert float(held.result()) == pytest.approx(history["m"][-1])
    result = model.get_metrics_result()
    assert result["loss"] == pytest.approx(history["loss"][-1], rel=1e-5)
    assert result["m"] == pytest.approx(history["m"][-1])
    assert [metric.name for metric in model.metrics] == ["loss", "compile_metrics"]
    model.reset_metrics()
    assert float(held.result()) == 0


def test_a_network_counts_its_own_metrics_in_call():
    class Counts(Net):
        def __init__(self):
            super().__init__()
            self.seen = metrics.Mean(name="seen")

        def call(self, x):
            self.seen.update_state(ops.mean(x, axis=1))
            return self.d(x)

    model = Counts()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, batch_size=16, epochs=2, **QUIET).history
    # A passing look, a prediction, adds nothing.
    model.predict(X, verbose=0)
    np.testing.assert_allclose(history["seen"], [X.mean()] * 2, rtol=1e-5)
    np.testing.assert_allclose(float(model.seen.result()), X.mean(), rtol=1e-5)


def test_a_loss_tracker_in_compute_loss_is_the_mean_over_the_batches():
    class Tracks(Net):
        def __init__(self):
            super().__init__()
            self.tracker = metrics.Mean(name="own")

        @property
        def metrics(self):
            return [self.tracker]

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            loss = ops.mean((y - y_pred) ** 2)
            self.tracker.update_state(loss)
            return loss

    model = Tracks()
    model.compile("sgd")
    history = model.fit(X, Y, batch_size=8, epochs=2, **QUIET).history
    np.testing.assert_allclose(history["own"], history["loss"], rtol=1e-5)


def test_compute_metrics_of_a_subclass_says_what_is_logged():
    class Logs(Net):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            return {**super().compute_metrics(x, y, y_pred, sample_weight), "two": 2.0}

    model = Logs()
    model.compile("sgd", "mse", metrics=["mae"])
    found = model.evaluate(X, Y, return_dict=True, verbose=0)
    expected = np.abs(model.predict(X, verbose=0) - Y).mean()
    assert found["two"] == 2.0
    np.testing.assert_allclose(found["mae"], expected, rtol=1e-5)


def test_a_metric_that_nobody_keeps_is_refused_in_a_sentence():
    stray = metrics.Mean(name="stray")

    def loss(y_true, y_pred):
        stray.update_state(y_pred)
        return ops.mean((y_true - y_pred) ** 2, axis=-1)

    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", loss)
    with pytest.raises(StateError, match="stray"):
        model.fit(X, Y, **QUIET)
    assert float(stray.result()) == 0
    assert float(jax.jit(lambda x: metrics.Mean()(x))(X)) == pytest.approx(X.mean())


def test_compile_settings_survive_as_a_configuration():
    model = Sequential([Input((4,)), layers.Dense(1)])
    assert model.get_compile_config() == {}
    model.compile(optimizers.SGD(0.25), losses.Huber(2.0), metrics=["mae", metrics.AUC(3)])
    other = Sequential([Input((4,)), layers.Dense(1)])
    other.compile_from_config(json.loads(json.dumps(model.get_compile_config())))
    assert other.get_compile_config() == model.get_compile_config()
    assert float(other.optimizer.learning_rate) == 0.25
    assert other.loss.delta == 2.0


def test_a_metric_is_no_loss():
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", metrics.MeanSquaredError())
    with pytest.raises(ConfigError, match="cannot be a loss"):
        model.fit(X, Y, **QUIET)


def test_reset_state_of_a_subclass_is_called_between_epochs():
    class Endless(metrics.Sum):
        def __init__(self):
            super().__init__(name="endless")

        def update_state(self, y_true, y_pred, sample_weight=None):
            super().update_state(ops.ones(1))

        def reset_state(self):
            pass

    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[Endless()])
    history = model.fit(X, Y, batch_size=10, epochs=2, **QUIET).history
    assert history["endless"] == [4.0, 8.0]


def test_the_weighted_form_of_a_metric_has_a_name_of_its_own():
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mae"])
    logs = model.evaluate(X, Y, sample_weight=2 * X[:, 0], return_dict=True, verbose=0)
    assert list(logs) == ["loss", "mae", "weighted_mae"]


@pytest.mark.parametrize("given", [None, [], "half"])
def test_a_model_that_returns_nothing_is_refused(given):
    class Forgets(Net):
        def call(self, x):
            return (self.d(x), None) if given == "half" else given

    model = Forgets()
    model.compile("sgd", "mse")
    with pytest.raises(ConfigError, match="call of Forgets returned"):
        model.fit(X, Y, **QUIET)


def test_a_step_of_ones_own_is_known_by_what_it_is_and_not_where_it_lives():
    class Zoo(Net):
        __module__ = "pellucid.zoo.x"

        def train_step(self, state, batch):
            def loss(trainable):
                y, updates = self.apply(state.fixed | trainable, batch.x, training=True)
                return ops.mean((y - batch.y) ** 2), updates

            (_, updates), slopes = jax.value_and_grad(loss, has_aux=True)(state.trainable)
            return self.apply_gradients(state, slopes, updates), {"d_loss": 3.0}

    model = Zoo()
    model.compile("sgd", "mse")
    assert model.overrides("train_step")
    assert not model.overrides("test_step")
    assert model.fit(X, Y, **QUIET).history["d_loss"] == [3.0]


@pytest.mark.parametrize(
    ("metric", "names"),
    [
        (metrics.Mean(), ["total", "count"]),
        (metrics.Precision(), ["true_positives", "false_positives"]),
        (metrics.MeanIoU(2), ["total_cm"]),
    ],
)
def test_built_in_metrics_have_variables(metric, names):
    assert [variable.name for variable in metric.variables] == names
    metric.update_state(*([[0.0, 1.0]] if names[0] == "total" else [[0, 1], [0, 1]]))
    assert float(np.sum(getattr(metric, names[0]).numpy())) > 0
    assert metric.dtype == "float32"
    held = [variable.numpy() for variable in metric.variables]
    metric.reset_state()
    np.testing.assert_array_equal(metric.variables[0].numpy(), 0 * held[0])
    assert float(metric.stateless_result(held)) > 0
    with pytest.raises(ConfigError, match="variables but was given"):
        metric.stateless_result(held[:-1] if len(held) > 1 else [])


def test_a_loss_in_bfloat16_gives_bfloat16():
    assert losses.MeanSquaredError(dtype="bfloat16")([[0.0]], [[2.0]]).dtype == "bfloat16"


def test_layers_tell_the_metrics_that_they_keep():
    class Counts(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen = metrics.Mean(name="seen")
            self.inner = Holds()

    class Holds(layers.Layer):
        def __init__(self):
            super().__init__()
            self.more = [metrics.Sum(name="more")]

    assert [metric.name for metric in Counts().metrics] == ["seen", "more"]
    assert layers.Dense(2).metrics == []
