"""Networks: stacks, graphs, subclasses; sharing, nesting, configuration, names, weights."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import ConfigError, ShapeError, StateError
from pellucid.config import set_dtype_policy

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 5)).astype("float32")


def test_deferred_and_immediate_stacks_are_the_same_network():
    immediate = Sequential([Input(shape=(5,)), layers.Dense(4), layers.Dense(2)])
    deferred = Sequential([layers.Dense(4), layers.Dense(2)])
    with pytest.raises(StateError):
        deferred.count_params()
    deferred(X)
    assert [w.shape for w in deferred.weights] == [w.shape for w in immediate.weights]
    assert deferred.count_params() == immediate.count_params() == 5 * 4 + 4 + 4 * 2 + 2
    assert deferred.output_shape == immediate.output_shape == (None, 2)


def test_input_shape_on_the_first_layer_builds_at_once():
    model = Sequential([layers.Dense(3, input_shape=(5,)), layers.Dense(1)])
    assert model.built
    assert Sequential([layers.Dense(3, input_dim=5)]).input_shape == (None, 5)


def test_layers_are_named_within_the_model():
    first = Sequential([Input(shape=(5,)), layers.Dense(4), layers.Dense(2), layers.ReLU()])
    second = Sequential([Input(shape=(5,)), layers.Dense(4), layers.Dense(2), layers.ReLU()])
    assert [layer.name for layer in first.layers] == ["dense", "dense_1", "re_lu"]
    assert [layer.name for layer in second.layers] == ["dense", "dense_1", "re_lu"]


def test_freezing_a_model_freezes_what_is_inside_as_in_keras():
    inner = Sequential([Input(shape=(5,)), layers.Dense(4), layers.Dense(3)])
    outer = Sequential([inner, layers.Dense(2)])
    inner.trainable = False
    assert [layer.trainable for layer in inner.layers] == [False, False]
    assert len(outer.trainable_weights) == 2
    inner.trainable = True
    inner.layers[0].trainable = False
    assert len(outer.trainable_weights) == 4
    clone = Sequential.from_config(outer.get_config())
    assert len(clone.trainable_weights) == 4
    a = Input(shape=(5,))
    frozen = layers.Dense(2, trainable=False)
    graph = Model(a, layers.Dense(1)(frozen(a)))
    assert len(Model.from_config(graph.get_config()).trainable_weights) == 2


def test_a_stack_can_be_popped():
    model = Sequential([Input(shape=(5,)), layers.Dense(4), layers.Dense(2)])
    assert model.pop().units == 2
    assert model.output_shape == (None, 4)


def test_a_shared_layer_has_one_set_of_weights():
    a, b = Input(shape=(5,)), Input(shape=(5,))
    shared = layers.Dense(3)
    model = Model([a, b], layers.Add()([shared(a), shared(b)]))
    assert len(model.weights) == 2
    expected = X @ np.array(shared.kernel) * 3 + 2 * np.array(shared.bias)
    np.testing.assert_allclose(model([X, 2 * X]), expected, rtol=1e-5, atol=1e-6)


def test_arithmetic_between_symbolic_tensors():
    a = Input(shape=(5,))
    out = (2 * a - 1) / (a**2 + 3) + (-a)[:, :1]
    model = Model(a, out)
    np.testing.assert_allclose(model(X), (2 * X - 1) / (X**2 + 3) - X[:, :1], rtol=1e-5, atol=1e-6)
    clone = Model.from_config(json.loads(json.dumps(model.get_config())))
    np.testing.assert_allclose(clone(X), model(X))


def test_nested_models_several_outputs_and_dictionaries():
    inner_in = Input(shape=(5,))
    inner = Model(inner_in, layers.Dense(3, activation="tanh")(inner_in), name="inner")
    a = Input(shape=(5,), name="a")
    hidden = inner(a)
    outer = Model({"a": a}, {"z": layers.Dense(1, name="z1")(hidden), "h": hidden})
    result = outer({"a": X})
    assert {name: value.shape for name, value in result.items()} == {"z": (12, 1), "h": (12, 3)}
    predicted = outer.predict({"a": X}, verbose=0)
    np.testing.assert_allclose(predicted["h"], result["h"], rtol=1e-5)
    assert any(weight.path.startswith("functional/inner/dense") for weight in outer.weights)


def test_functional_configuration_round_trip_with_sharing():
    a, b = Input(shape=(5,), name="a"), Input(shape=(5,), name="b")
    shared = layers.Dense(3, kernel_regularizer="l2")
    model = Model([a, b], [shared(a), layers.Concatenate()([shared(b), b])], name="twin")
    clone = Model.from_config(json.loads(json.dumps(model.get_config())))
    assert len(clone.weights) == len(model.weights)
    clone.set_weights(model.get_weights())
    for ours, theirs in zip(model([X, X]), clone([X, X]), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_stack_configuration_round_trip():
    model = Sequential(
        [
            Input(shape=(5,)),
            layers.Dense(4, activation="relu", kernel_initializer="he_normal"),
            layers.BatchNormalization(momentum=0.9),
            layers.Dropout(0.3),
            Sequential([layers.Dense(2)], name="head"),
        ],
        name="net",
    )
    config = json.loads(json.dumps(model.get_config()))
    clone = Sequential.from_config(config)
    assert clone.get_config() == model.get_config()
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(X), model(X))


def test_set_weights_refuses_a_wrong_list_and_changes_nothing():
    model = Sequential([Input(shape=(5,)), layers.Dense(4), layers.Dense(2)])
    before = model.get_weights()
    wrong = [np.zeros_like(w) for w in before]
    wrong[2] = np.zeros((7, 7))
    with pytest.raises(ShapeError, match="dense_1"):
        model.set_weights(wrong)
    with pytest.raises(ShapeError, match="4 weights"):
        model.set_weights(before[:1])
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


class Attentive(Model):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.blocks = [layers.Dense(width, activation="tanh") for _ in range(3)]
        self.heads = {"a": layers.Dense(1), "b": layers.Dense(2)}

    def call(self, x, training=False):
        for block in self.blocks:
            x = block(x)
        return {name: head(x) for name, head in self.heads.items()}


def test_a_subclass_tracks_layers_in_lists_and_dictionaries():
    model = Attentive(4)
    model(X)
    assert len(model.weights) == 10
    model.compile(optimizer="adam", loss={"a": "mse", "b": "mae"})
    run = model.fit(X, {"a": X[:, :1], "b": X[:, :2]}, epochs=2, verbose=0)
    assert set(run.history) == {"loss", "a_loss", "b_loss"}
    assert Attentive.from_config(model.get_config()).width == 4


def test_a_layer_with_a_list_of_weights():
    class Sum(layers.Layer):
        def build(self, input_shape):
            self.scales = [
                self.add_weight(shape=(input_shape[-1],), initializer="ones", name=f"s{i}")
                for i in range(2)
            ]

        def call(self, x):
            return x * jnp.square(self.scales[0]) + self.scales[1]

    layer = Sum()
    np.testing.assert_allclose(layer(X), X + 1, rtol=1e-6)
    gradient = jax.grad(lambda v: layer.apply(v, X)[0].sum())(layer.variable_tree())
    np.testing.assert_allclose(gradient["sum/s0"], 2 * X.sum(0), rtol=1e-5)


def test_state_updates_are_returned_by_apply_and_kept_by_a_call():
    class Counter(layers.Layer):
        def build(self, input_shape):
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="n")

        def call(self, x):
            self.count = self.count + 1
            return x

    layer = Counter()
    layer(X)
    layer(X)
    assert float(layer.count) == 2
    _, updates = jax.jit(lambda v, x: layer.apply(v, x))(layer.variable_tree(), X)
    assert float(updates["counter/n"]) == 3
    assert float(layer.count) == 2


def test_apply_is_pure_under_vmap_and_grad():
    model = Sequential([Input(shape=(5,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])
    variables = model.variable_tree()
    many = jax.tree.map(lambda w: jnp.stack([w, 2 * w]), variables)
    outputs = jax.vmap(lambda v: model.apply(v, X)[0])(many)
    np.testing.assert_allclose(outputs[0], model(X), rtol=1e-5, atol=1e-6)
    with pytest.raises(pellucid.PellucidError, match="missing"):
        model.apply({}, X)


def test_mixed_precision_computes_in_bfloat16_and_keeps_float32_weights():
    set_dtype_policy("mixed_bfloat16")
    model = Sequential([Input(shape=(5,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
    assert model.layers[0].kernel.dtype == "float32"
    assert model(X).dtype == jnp.bfloat16
    model.compile(optimizer=pellucid.optimizers.Adam(0.02), loss="mse")
    run = model.fit(X, X[:, :2], epochs=60, verbose=0)
    assert run.history["loss"][-1] < 0.5 * run.history["loss"][0]
    assert all(w.dtype == np.float32 for w in model.get_weights())


def test_dropout_differs_between_steps_and_layers_and_is_off_in_inference():
    model = Sequential([Input(shape=(5,)), layers.Dropout(0.5), layers.Dropout(0.5)])
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    variables = model.variable_tree()
    first, _ = model.apply(variables, X, rng=jax.random.key(1), training=True)
    again, _ = model.apply(variables, X, rng=jax.random.key(1), training=True)
    other, _ = model.apply(variables, X, rng=jax.random.key(2), training=True)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    # Two independent masks: a quarter of the entries survives, not half.
    big = np.ones((2000, 5), "float32")
    kept = np.mean(
        np.asarray(model.apply(variables, big, rng=jax.random.key(3), training=True)[0]) > 0
    )
    assert 0.22 < kept < 0.28


def test_weights_file_round_trip(tmp_path):
    model = Sequential([Input(shape=(5,)), layers.Dense(4), layers.BatchNormalization()])
    other = Sequential([Input(shape=(5,)), layers.Dense(4), layers.BatchNormalization()])
    model.save_weights(tmp_path / "net.weights.safetensors")
    other.load_weights(tmp_path / "net.weights.safetensors")
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    wrong = Sequential([Input(shape=(5,)), layers.Dense(3)])
    with pytest.raises(pellucid.PellucidError):
        wrong.load_weights(tmp_path / "net.weights.safetensors")


def test_a_functional_model_needs_both_ends():
    with pytest.raises(ConfigError, match="outputs"):
        Model(Input(shape=(2,)))


def test_get_layer_and_summary(capsys):
    model = Sequential([Input(shape=(5,)), layers.Dense(4, name="hidden"), layers.Dense(2)])
    assert model.get_layer("hidden") is model.get_layer(index=0)
    model.summary()
    printed = capsys.readouterr().out
    assert "hidden" in printed
    assert "34" in printed
    assert "flowchart" in model.diagram()


def test_a_model_without_inputs_has_no_shapes():
    names = ("input_shape", "output_shape", "inputs", "outputs", "operations")
    assert not any(hasattr(Sequential(), name) for name in names)
    model = Sequential([Input((4,)), layers.Dense(2)])
    assert all(hasattr(model, name) for name in names)
    assert [type(layer).__name__ for layer in model.operations] == ["InputLayer", "Dense"]
