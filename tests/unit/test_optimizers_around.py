"""What is laid around optimisers: averages, accumulation, loss scales, several at once."""

from __future__ import annotations

import copy
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Sequential, layers, optimizers
from pellucid._core.errors import ConfigError, StateError
from pellucid._core.specs import deserialize, serialize
from pellucid.callbacks import Callback, ModelCheckpoint, SwapEMAWeights
from pellucid.optimizers import SGD, Adam, LossScaleOptimizer, MultiOptimizer, OptimizerMap
from pellucid.training.weights_file import load_weights

R = np.random.default_rng(0)
X = R.normal(size=(40, 2)).astype("float32")
Y = X @ np.float32([[1.0], [-2.0]])
W = {"dense/kernel": jnp.array([[1.0, -2.0]]), "dense/bias": jnp.array([0.5, 0.25])}


def make_model(optimizer, **settings):
    model = Sequential([layers.Input(shape=(2,)), layers.Dense(1, name="dense")])
    model.compile(optimizer, "mse", **settings)
    model.set_weights([np.float32([[0.3], [0.1]]), np.float32([0.2])])
    return model


def fit(model, **settings):
    settings = {"epochs": 2, "batch_size": 8, "shuffle": False, "verbose": 0, **settings}
    return model.fit(X, Y, **settings).history


def run(optimizer, gradients, weights=W):
    state = optimizer.init(weights)
    step = jax.jit(optimizer.update)
    for gradient in gradients:
        updates, state = step(gradient, state, weights, optimizer.hyper())
        weights = optimizer.apply_updates(weights, updates)
    return weights, state


def ones(value=1.0):
    return jax.tree.map(lambda w: jnp.full_like(w, value), W)


def close(a, b, **tolerance):
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, **tolerance), a, b)


# ------------------------------------------------------------------------------------ averages


def test_the_average_is_the_formula():
    optimizer = SGD(0.1, use_ema=True, ema_momentum=0.9)
    weights, state = run(optimizer, [ones()] * 3)
    w = np.array([0.5, 0.25]) - 0.1
    average = w
    for _ in range(2):
        w = w - 0.1
        average = 0.9 * average + 0.1 * w
    np.testing.assert_allclose(weights["dense/bias"], w, rtol=1e-6)
    np.testing.assert_allclose(optimizer.averages(state)["dense/bias"], average, rtol=1e-6)
    assert SGD(0.1).averages(SGD(0.1).init(W)) is None


def test_weights_become_their_average_every_so_often():
    weights, state = run(SGD(0.1, use_ema=True, ema_overwrite_frequency=2), [ones()] * 2)
    close(weights, state["slots"]["average"], rtol=1e-6)
    weights, state = run(SGD(0.1, use_ema=True, ema_overwrite_frequency=2), [ones()] * 3)
    assert not np.allclose(weights["dense/bias"], state["slots"]["average"]["dense/bias"])


def test_fit_ends_with_the_average_and_goes_on_from_it():
    model = make_model(SGD(0.05, use_ema=True, ema_momentum=0.9))
    fit(model)
    average = model.optimizer.averages(model.session.state.optimizer)
    for path, weight in model.session.layout.weights.items():
        np.testing.assert_array_equal(weight.numpy(), average[path])
    fit(model)  # nothing is given to the program twice
    assert model.train_on_batch(X, Y) >= 0


def test_an_average_costs_no_compilation_when_its_memory_changes():
    optimizer = Adam(0.01, use_ema=True)
    structure = optimizer.structure()
    assert optimizer.hyper()["ema_momentum"] == 0.99
    optimizer.ema_momentum = 0.5
    assert optimizer.structure() == structure
    assert "ema_momentum" not in Adam().hyper()
    assert Adam().structure() != structure


class Weights(Callback):
    """Notes the model's weights at some moments."""

    def __init__(self):
        super().__init__()
        self.seen = {"test": [], "epoch": []}

    def note(self, when):
        self.seen[when].append(np.concatenate([w.ravel() for w in self.model.get_weights()]))

    def on_test_batch_end(self, batch, logs=None):
        self.note("test")

    def on_epoch_end(self, epoch, logs=None):
        self.note("epoch")


def test_validation_and_checkpoints_see_the_averages(tmp_path):
    def trained(*callbacks):
        model = make_model(SGD(0.05, use_ema=True, ema_momentum=0.9))
        fit(model, validation_data=(X, Y), callbacks=list(callbacks))
        return model

    plain = trained()
    swapped = Weights()
    trained(SwapEMAWeights(), swapped)
    assert not np.allclose(swapped.seen["test"][0], swapped.seen["epoch"][0])
    path = str(tmp_path / "{epoch}.weights.safetensors")
    epochs = Weights()
    other = trained(SwapEMAWeights(swap_on_epoch=True), ModelCheckpoint(path), epochs)
    np.testing.assert_allclose(epochs.seen["epoch"][0], swapped.seen["test"][0], rtol=1e-6)
    close(other.get_weights(), plain.get_weights(), rtol=1e-6)  # training itself is not touched
    load_weights(other, path.format(epoch=1))
    saved = np.concatenate([w.ravel() for w in other.get_weights()])
    np.testing.assert_array_equal(saved, epochs.seen["epoch"][0])


def test_swapping_around_evaluate():
    model = make_model(SGD(0.05, use_ema=True))
    with pytest.raises(StateError, match="training has not started"):
        model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
    fit(model)
    model.train_on_batch(X, Y)
    before = model.get_weights()
    plain = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()]) != plain
    model.predict(X, verbose=0, callbacks=[SwapEMAWeights()])
    close(model.get_weights(), before, rtol=0)
    other = make_model("sgd")
    with pytest.raises(ConfigError, match="use_ema=True"):
        fit(other, validation_data=(X, Y), callbacks=[SwapEMAWeights()])


# -------------------------------------------------------------------------------- accumulation


def test_accumulated_batches_are_one_large_one():
    together, apart = make_model(Adam(0.05)), make_model(Adam(0.05, gradient_accumulation_steps=5))
    fit(together, batch_size=40)
    fit(apart, batch_size=8)
    close(apart.get_weights(), together.get_weights(), rtol=1e-5, atol=1e-6)


def test_nothing_moves_between_updates():
    optimizer = Adam(0.1, gradient_accumulation_steps=3, weight_decay=0.5)
    weights, state = run(optimizer, [ones()] * 2)
    close(weights, W, rtol=0)
    assert float(state["slots"]["accumulated"]["dense/bias"][0]) == 2.0
    weights, state = run(optimizer, [ones(1.0), ones(2.0), ones(6.0)])
    expected, _ = run(Adam(0.1, weight_decay=0.5), [ones(3.0)])
    close(weights, expected, rtol=1e-6)
    assert float(state["slots"]["accumulated"]["dense/bias"][0]) == 0.0


# --------------------------------------------------------------------------------- loss scales


@pytest.mark.parametrize(
    "wrap",
    [
        lambda: SGD(0.05, loss_scale_factor=512.0),
        lambda: LossScaleOptimizer(SGD(0.05), initial_scale=512.0),
        lambda: MultiOptimizer(OptimizerMap(SGD(0.05)), loss_scale_factor=512.0),
        lambda: LossScaleOptimizer(MultiOptimizer(OptimizerMap(SGD(0.05)))),
    ],
)
def test_a_scale_changes_no_number(wrap):
    plain, scaled = make_model(SGD(0.05)), make_model(wrap())
    logs = fit(plain), fit(scaled)
    np.testing.assert_allclose(*(history["loss"] for history in logs), rtol=1e-6)
    close(scaled.get_weights(), plain.get_weights(), rtol=1e-6)
    for model in (plain, scaled):
        model.backward(X, Y)
        model.update_parameters()
    close(scaled.get_weights(), plain.get_weights(), rtol=1e-5)


def test_a_scale_saves_gradients_that_float16_would_lose():
    def gradient(scale):
        optimizer = SGD(1.0, loss_scale_factor=scale)
        hyper = optimizer.hyper()

        def loss(w):
            tiny = w.astype(jnp.float16) * jnp.float16(1e-4)
            return optimizer.scale_loss(jnp.sum(tiny * jnp.float16(1e-4)), None, hyper)

        weights = {"w": jnp.ones(1)}
        grads = jax.grad(lambda w: loss(w["w"]).astype(jnp.float32))(weights)
        updates, _ = optimizer.update(grads, optimizer.init(weights), weights, hyper)
        return -float(updates["w"][0])

    assert gradient(None) == 0.0
    assert gradient(1024.0) == pytest.approx(1e-8, rel=0.01)


def test_a_broken_step_is_skipped_and_halves_the_scale():
    optimizer = LossScaleOptimizer(Adam(0.1), initial_scale=8.0, dynamic_growth_steps=2)
    bad = {**ones(), "dense/bias": jnp.array([1.0, jnp.nan])}
    weights, state = run(optimizer, [ones(), bad])
    expected, _ = run(Adam(0.1), [ones(1 / 8)])
    close(weights, expected, rtol=1e-6)
    slots = state["slots"]
    assert (float(slots["scale"]), int(slots["good_steps"]), int(state["step"])) == (4.0, 0, 2)
    assert int(slots["inner"]["step"]) == 1
    _, state = run(optimizer, [ones()] * 4)
    assert float(state["slots"]["scale"]) == 32.0


# ------------------------------------------------------------------------------------- several


def test_each_weight_by_its_optimizer():
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.1), {".*/bias": SGD(0.5, momentum=0.5)}))
    weights, _ = run(optimizer, [ones()] * 2)
    np.testing.assert_allclose(weights["dense/kernel"], [[0.8, -2.2]], rtol=1e-6)
    np.testing.assert_allclose(weights["dense/bias"], [0.5 - 1.25, 0.25 - 1.25], rtol=1e-6)
    optimizer.optimizers[1].learning_rate = 0.2
    assert optimizer.hyper()["1.learning_rate"] == 0.2


def test_a_function_chooses_and_is_asked_once_a_weight():
    asked = []

    def choose(weight):
        asked.append(weight)
        return Adam(0.01) if weight.name == "kernel" else SGD(0.1)

    model = make_model(MultiOptimizer(choose))
    fit(model)
    assert sorted((a.path, a.shape, a.dtype) for a in asked) == [
        ("sequential/dense/bias", (1,), "float32"),
        ("sequential/dense/kernel", (2, 1), "float32"),
    ]
    assert sorted(type(o).__name__ for o in model.optimizer.optimizers) == ["Adam", "SGD"]
    assert {o.iterations for o in model.optimizer.optimizers} == {10}
    with pytest.raises(ConfigError, match="register"):
        model.optimizer.get_config()


def test_paths_with_and_without_the_models_name():
    chosen = OptimizerMap(SGD(), {"dense/kernel": Adam(), "sequential/dense_1/.*": Adam(0.1)})
    assert isinstance(chosen["sequential/dense/kernel"], Adam)
    assert isinstance(chosen["sequential/dense_1/bias"], Adam)
    assert isinstance(chosen["sequential/dense/bias"], SGD)
    assert (len(chosen), sorted(chosen)) == (2, ["dense/kernel", "sequential/dense_1/.*"])
    del chosen["dense/kernel"]
    assert isinstance(chosen["sequential/dense/kernel"], SGD)


def test_several_have_no_single_learning_rate():
    optimizer = MultiOptimizer(OptimizerMap(SGD(0.1)))
    with pytest.raises(StateError, match=r"optimizers\[0\].learning_rate"):
        optimizer.learning_rate = 0.1
    with pytest.raises(AttributeError, match="several learning rates"):
        _ = optimizer.learning_rate


# ------------------------------------------------------------------- configurations, mistakes


@pytest.mark.parametrize(
    "optimizer",
    [
        Adam(0.1, use_ema=True, ema_overwrite_frequency=3, gradient_accumulation_steps=2),
        LossScaleOptimizer(Adam(0.02), initial_scale=4.0),
        MultiOptimizer(OptimizerMap(SGD(0.1), {"a.*": Adam(0.2)}), loss_scale_factor=2.0),
        LossScaleOptimizer(MultiOptimizer(OptimizerMap(SGD(0.1), {"a.*": Adam(0.2)}))),
        optimizers.Muon(0.1, exclude_layers=["out"]),
    ],
    ids=lambda o: type(o).__name__,
)
def test_configurations_travel(optimizer):
    config = json.loads(json.dumps(serialize(optimizer)))
    for again in (deserialize(config), optimizers.get(config), copy.deepcopy(optimizer)):
        assert type(again) is type(optimizer)
        assert again.get_config() == optimizer.get_config()
        assert again.hyper() == optimizer.hyper()
        assert repr(again) == repr(optimizer)
        assert hash(again.structure()) == hash(optimizer.structure())


def test_wrapped_settings_are_the_inner_ones():
    optimizer = LossScaleOptimizer(Adam(0.1, loss_scale_factor=8.0))
    optimizer.learning_rate = 0.2
    assert (optimizer.learning_rate, optimizer.inner_optimizer.learning_rate) == (0.2, 0.2)
    assert "loss_scale_factor" not in optimizer.hyper()
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    assert optimizer.inner_optimizer._undecayed[0] == ("bias",)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: LossScaleOptimizer("adam"), ConfigError, "wraps an optimiser"),
        (lambda: LossScaleOptimizer(LossScaleOptimizer(SGD())), ConfigError, "wraps an optimiser"),
        (lambda: LossScaleOptimizer(SGD(), initial_scale=0.0), ConfigError, "above 0"),
        (lambda: LossScaleOptimizer(SGD(), dynamic_growth_steps=0), ConfigError, "number of steps"),
        (lambda: MultiOptimizer(SGD()), ConfigError, "OptimizerMap"),
        (lambda: MultiOptimizer({"a": SGD()}), ConfigError, "OptimizerMap"),
        (lambda: OptimizerMap("sgd"), ConfigError, "the default"),
        (lambda: OptimizerMap(SGD(), [SGD()]), ConfigError, "dictionary"),
        (lambda: OptimizerMap(SGD(), {"(": SGD()}), ConfigError, "regular expression"),
        (
            lambda: OptimizerMap(SGD(), {"a": LossScaleOptimizer(SGD())}),
            ConfigError,
            "wrap the whole",
        ),
        (
            lambda: OptimizerMap(SGD(), {"a.*": SGD(), ".*b": SGD()})["ab"],
            ConfigError,
            "several optimisers for the weight 'ab'",
        ),
        (
            lambda: MultiOptimizer(lambda weight: None).init(W),
            ConfigError,
            "'dense/bias'|'dense/kernel'",
        ),
        (
            lambda: MultiOptimizer(OptimizerMap(SGD())).exclude_from_weight_decay(["a"]),
            StateError,
            "of each",
        ),
    ],
)
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "fix:" in str(caught.value)


@pytest.mark.parametrize("name", ["LossScaleOptimizer", "MultiOptimizer"])
def test_a_name_alone_does_not_make_a_wrapper(name):
    with pytest.raises(ConfigError, match=f"pass an object: {name}"):
        optimizers.get(name)


def test_a_key_is_given_one_optimizer():
    chosen = OptimizerMap(SGD(), {"a": SGD()})
    with pytest.raises(ConfigError, match="already"):
        chosen["a"] = Adam()
