"""Layers that users write and call by themselves: masks, losses, names, code not to compile."""

import json
import pickle

import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import (
    Input,
    Layer,
    Model,
    PellucidError,
    Sequential,
    activations,
    constraints,
    initializers,
    layers,
    ops,
    regularizers,
)
from pellucid._core.errors import (
    ConfigError,
    MaskLostWarning,
    ShapeError,
    StateError,
    TracedCodeError,
)


def test_masks_travel_between_layers_called_one_by_one():
    x = np.array([[[1.0], [3.0], [0.0], [0.0]]])
    masked = layers.Masking()(x)
    assert masked._keras_mask.tolist() == [[True, True, False, False]]
    assert layers.GlobalAveragePooling1D()(masked).tolist() == [[2.0]]
    words, lstm = layers.Embedding(5, 3, mask_zero=True), layers.LSTM(2)
    short, padded = np.array([[1, 2]]), np.array([[1, 2, 0, 0]])
    np.testing.assert_allclose(lstm(words(padded)), lstm(words(short)), atol=1e-6)
    assert layers.Embedding(5, 3)(padded)[0].shape == (4, 3)


def test_a_symbolic_tensor_shows_its_mask():
    x = layers.Embedding(5, 3, mask_zero=True)(Input((None,), dtype="int32"))
    assert x._keras_mask.shape == (None, None)
    assert layers.Dense(2)(Input((4,)))._keras_mask is None


class Words(Layer):
    """Takes the mean over words, with something done to them in between."""

    def __init__(self, between):
        super().__init__()
        self.words = layers.Embedding(5, 3, mask_zero=True)
        self.mean = layers.GlobalAveragePooling1D()
        self.numbers = layers.Dense(3)
        self.between = between

    def call(self, x):
        return self.mean(self.between(self, self.words(x)))


def test_a_mask_lost_in_bare_operations_is_told():
    with pytest.warns(MaskLostWarning, match="global_average_pooling1d"):
        Words(lambda layer, x: x * 2.0)(np.array([[1, 0]]))


def test_what_never_had_a_mask_is_not_taken_for_lost():
    Words(lambda layer, x: layer.numbers(jnp.ones((1, 2, 3))))(np.array([[1, 0]]))


class Penalised(Layer):
    def call(self, x):
        self.add_loss(ops.sum(x))
        return x


def test_losses_hold_what_the_last_call_added():
    layer = Penalised()
    assert layer.losses == []
    for _ in range(2):
        layer(np.ones((2, 3)))
        assert [float(loss) for loss in layer.losses] == [6.0]
    model = Sequential([Input((3,)), Penalised(), layers.Dense(1, activity_regularizer="l2")])
    model(np.ones((2, 3)))
    assert float(model.losses[0]) == 6.0
    assert len(model.losses) == 2


@pytest.mark.parametrize("loss", [5.0, lambda: 5.0, Input((3,)), jnp.ones(())])
def test_add_loss_outside_of_call_is_refused(loss):
    for owner in (layers.Dense(2), Sequential([Input((3,)), layers.Dense(2)])):
        with pytest.raises(StateError, match="outside of `call`"):
            owner.add_loss(loss)


def test_add_loss_in_build_is_refused():
    class Early(Layer):
        def build(self, input_shape):
            self.add_loss(1.0)

        def call(self, x):
            return x

    with pytest.raises(StateError, match="outside of `call`"):
        Sequential([Input((3,)), Early()])


class Numbers(Layer):
    """Computes with NumPy, and counts how often."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.times = 0

    def build(self, input_shape):
        self.w = self.add_weight(shape=(1,), initializer="ones")

    def call(self, x):
        self.times += 1
        return jnp.asarray(np.asarray(x) * float(self.w[0]))


def test_a_call_of_its_own_runs_once_and_on_numbers():
    layer = Numbers()
    assert layer(np.ones((1, 2))).tolist() == [[1.0, 1.0]]
    assert layer.times == 1


def test_a_layer_that_tells_its_shape_joins_a_graph_untraced():
    class Told(Numbers):
        def compute_output_shape(self, input_shape):
            return input_shape

    x = Input((2,))
    y = Told()(x)
    assert y.shape == (None, 2)
    assert Model(x, y)(np.ones((1, 2))).tolist() == [[1.0, 1.0]]
    with pytest.raises(
        TracedCodeError, match=r"Numbers.call \(test_layers_by_users.py, line \d+\)"
    ):
        Numbers()(x)


def branch(y, p):
    return ops.mean((y - p) ** 2) if ops.mean(y) > 0.5 else ops.mean(abs(y - p))


def indexed(y, p):
    return ops.mean(p[y > 0])


def in_numpy(y, p):
    return np.mean(np.square(y - p))


@pytest.mark.parametrize(
    ("how", "fix"),
    [
        ({"loss": branch}, "ops.where"),
        ({"loss": indexed}, "sample_weight"),
        ({"loss": in_numpy}, "pellucid.ops in place of NumPy"),
        ({"loss": "mse", "metrics": [in_numpy]}, "pellucid.ops in place of NumPy"),
        ({"loss": lambda y, p: y * p.mean().item()}, "arrays of one number"),
    ],
)
def test_what_cannot_be_compiled_is_told_in_a_sentence(how, fix):
    model = Sequential([Input((3,)), layers.Dense(1)])
    model.compile("sgd", **how)
    with pytest.raises(PellucidError) as caught:
        model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0, doctor=None, checkup=False)
    assert fix in str(caught.value)
    assert "test_layers_by_users.py, line" in str(caught.value)
    assert "jax" not in str(caught.value).replace("jax.numpy", "")


def test_layers_made_in_call_are_refused():
    class InCall(Model):
        def call(self, x):
            return layers.Dense(1)(x)

    class Parts:
        def __init__(self):
            self.dense = layers.Dense(1)

    class InObject(Model):
        def __init__(self):
            super().__init__()
            self.parts = Parts()

        def call(self, x):
            return self.parts.dense(x)

    for model in (InCall(), InObject()):
        with pytest.raises(StateError, match="no part of it"):
            model.build((None, 3))


def test_a_layer_from_elsewhere_that_has_its_weights_may_be_used():
    frozen = layers.Dense(2)
    frozen.build((None, 3))

    class Uses(Model):
        def call(self, x):
            return layers.Dropout(0.5)(frozen(x))

    assert Uses()(np.ones((1, 3))).shape == (1, 2)


def test_what_has_nothing_to_build_is_built():
    assert layers.Dropout(0.5).built
    assert layers.Flatten().built
    assert not layers.Dense(2).built
    assert not Words(None).built


def test_shapes_go_by_name():
    attention = layers.MultiHeadAttention(2, 4)
    shapes = {"query_shape": (2, 3, 8), "value_shape": (2, 5, 8)}
    assert attention.compute_output_shape(**shapes) == (2, 3, 8)
    assert layers.Dense(4).compute_output_shape(input_shape=(None, 3)) == (None, 4)
    with pytest.raises(PellucidError, match="qery_shape"):
        attention.compute_output_shape(qery_shape=(2, 3, 8))
    mask = jnp.ones((1, 2), bool)
    assert layers.Masking().compute_mask(jnp.zeros((1, 2, 1)), mask=mask).tolist() == [[False] * 2]


def test_names_of_keras_layers():
    layer = layers.Dense(2, name="out", dtype="mixed_bfloat16")
    assert (layer.variable_dtype, layer.input_dtype, layer.path) == ("float32", "bfloat16", "out")
    layer.dtype_policy = "float32"
    assert layer.compute_dtype == "float32"
    layer.build((None, 3))
    twin = layers.Dense(2)
    twin.build_from_config(layer.get_build_config())
    assert twin.kernel.shape == (3, 2)
    with pytest.raises(NotImplementedError):
        Layer()(np.ones((1, 2)))
    with pytest.raises(NotImplementedError):
        layer.add_metric("accuracy")
    with pytest.raises(PellucidError, match="trainable"):
        layers.Dense(2, trainable="yes")
    assert not hasattr(layer, "output_shape")


def test_free_keywords_reach_another_layer():
    class Block(Layer):
        def __init__(self, **kwargs):
            super().__init__()
            self.conv = layers.Conv2D(kernel_size=1, **kwargs)

        def call(self, x):
            return self.conv(x)

    assert Block(filters=3)(np.ones((1, 2, 2, 1))).shape == (1, 2, 2, 3)
    with pytest.raises(PellucidError, match="filtrs"):
        Block(filtrs=3)


def test_masks_of_merged_layers_are_checked():
    x, mask = jnp.ones((1, 2, 3)), jnp.ones((1, 2), bool)
    for layer in (layers.Add(), layers.Concatenate()):
        assert layer.compute_mask([x, x], [mask, mask]).tolist() == [[True, True]]
        for inputs, wrong in (([x, x], mask), (x, [None, None]), ([x, x], [None])):
            with pytest.raises(PellucidError, match="one mask per input"):
                layer.compute_mask(inputs, wrong)


def test_arguments_that_are_not_kept_are_noted():
    class Wide(Layer):
        def __init__(self, units, scale=2.0, **kwargs):
            super().__init__(**kwargs)
            self.dense = layers.Dense(units)

        def call(self, x):
            return self.dense(x)

    config = Wide(3, name="wide").get_config()
    assert (config["units"], config["scale"], config["name"]) == (3, 2.0, "wide")
    assert Wide.from_config(config).dense.units == 3


def test_a_wrong_type_is_a_type_error_too():
    with pytest.raises(TypeError):
        layers.RepeatVector("3")
    with pytest.raises(ValueError, match="positive whole number"):
        layers.RepeatVector(0)


def test_layers_hold_what_their_arguments_name():
    layer = layers.Dense(
        2, activation="relu", kernel_constraint="non_neg", activity_regularizer="l2"
    )
    assert layer.activation is activations.relu
    assert isinstance(layer.kernel_initializer, initializers.GlorotUniform)
    assert isinstance(layer.kernel_constraint, constraints.NonNeg)
    assert isinstance(layer.activity_regularizer, regularizers.L2)
    assert layers.Dense(2).activation is activations.linear
    written = "Dense(units=2, activation='relu', activity_regularizer='l2', "
    assert repr(layer) == written + "kernel_constraint='non_neg')"
    assert layer.get_config()["activation"] == "relu"
    assert repr(pickle.loads(pickle.dumps(layer))) == repr(layer)
    assert layers.LSTM(2).activation is activations.tanh
    assert repr(layers.LSTM(2, implementation=2)) == "LSTM(units=2)"
    layer.activation = activations.tanh  # what is assigned later is what is written
    assert layer.get_config()["activation"] == "tanh"


def _square(x):
    return x**2


def test_functions_of_lambda_layers_are_written_by_name_or_as_code():
    x, by = np.array([[3.0]], "float32"), 2.0
    config = json.loads(json.dumps(layers.Lambda(_square).get_config()))
    assert config["function"]["config"] == "_square"  # Keras's form
    twin = layers.Lambda.from_config(config, custom_objects={"_square": _square})
    assert float(twin(x)[0, 0]) == 9.0
    config = json.loads(json.dumps(layers.Lambda(lambda x: x * by).get_config()))
    assert config["function"]["class_name"] == "__lambda__"
    assert float(layers.Lambda.from_config(config, safe_mode=False)(x)[0, 0]) == 6.0
    config["function"]["config"]["code"] = "bm90IGNvZGU="
    with pytest.raises(ConfigError, match="cannot be read"):
        layers.Lambda.from_config(config, safe_mode=False)


def test_normalizers_take_inputs_of_another_rank():
    for cls in (layers.LayerNormalization, layers.RMSNormalization):
        layer = cls()
        rows = np.arange(6.0, dtype="float32").reshape(2, 3)
        once = layer(rows)
        np.testing.assert_allclose(layer(rows[:, None])[:, 0], once, rtol=1e-6)
        with pytest.raises(ShapeError):
            layer(np.ones((2, 1, 4)))
    with pytest.warns(UserWarning, match="root mean square"):
        layer = layers.LayerNormalization(rms_scaling=True, epsilon=0.0)
    assert layer(np.array([[1.0, 3.0]])).tolist() == [[1.0, 3.0]]  # the deviation is 1
    assert [weight.name for weight in layer.weights] == ["gamma"]


def test_a_mask_of_batch_normalization_is_spread_over_positions():
    x = np.array([[[[1.0], [3.0]], [[100.0], [100.0]]]], "float32")  # (1, 2, 2, 1)
    layer = layers.BatchNormalization(momentum=0.0)
    layer(x, training=True, mask=np.array([[[True], [False]]]))
    assert np.asarray(layer.moving_mean).tolist() == [2.0]


def test_a_jax_function_may_have_a_state_alone():
    layer = layers.JaxLayer(
        lambda state, params, inputs: (inputs, {"n": state["n"] + 1, "none": None}),
        state={"n": 0.0, "none": None},
    )
    layer(np.ones(1))
    assert float(layer.state["n"].value) == 1.0
    assert layer.state["none"] is None
    assert layer.params is None


def test_small_things_that_keras_allows_or_refuses():
    w = np.array([-1.0])
    assert constraints.Constraint()(w) is w
    assert layers.Dropout(0.5, noise_shape=[None, 1]).noise_shape == (None, 1)
    layer = layers.Identity(activity_regularizer="l2")
    layer(np.ones((0, 5)))
    assert float(layer.losses[0]) == 0.0
    for make in (lambda: layers.UpSampling1D(2.5), lambda: layers.LayerNormalization(axis={})):
        with pytest.raises(TypeError):
            make()

    class Strange(layers.Layer):
        def build(self, foo_shape, bar):
            pass

        def call(self, foo, bar):
            return foo

    with pytest.raises(ValueError, match="go with no argument"):
        Strange()(np.ones((2, 1)), np.ones((2, 1)))

    class Counts(layers.Layer):
        def build(self, shape):
            self.flag = self.add_weight(dtype="bool", trainable=False)

    layer = Counts()
    layer.build((2,))
    assert not bool(layer.flag)


def test_trained_weights_come_first_in_lists():
    """As in Keras, whatever order a layer makes them in."""

    class Scale(Layer):
        def __init__(self):
            super().__init__()
            self.fixed = self.add_weight(shape=(1,), initializer="zeros", trainable=False)
            self.scale = self.add_weight(shape=(2,), initializer="ones")
            self.state = self.add_weight(shape=(3,), initializer="zeros", trainable=False)

        def call(self, inputs):
            return inputs * self.scale + self.fixed

    layer = Scale()
    assert [array.shape for array in layer.get_weights()] == [(2,), (1,), (3,)]
    layer.set_weights([np.full(n, float(n)) for n in (2, 1, 3)])
    assert layer(np.ones((1, 2), "float32")).tolist() == [[3.0, 3.0]]
    layer.trainable = False
    assert [weight.shape for weight in layer.weights] == [(2,), (1,), (3,)]


def test_masks_beside_placeholders_of_unknown_length():
    wide, mask = layers.Input((None, 5)), jnp.array([[True, False]])
    for masks, right in (
        ([mask, mask], [True, False, True, False]),
        ([mask, None], [True, False, True, True]),
    ):
        got = layers.Concatenate(axis=1).compute_mask([wide, wide], masks)
        assert got.tolist() == [right]
