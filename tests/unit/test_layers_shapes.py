"""Pooling, reshaping, merging and the small core layers: behaviour beyond the contract, errors."""

from __future__ import annotations

import json
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import ConfigError, MaskLostWarning, ShapeError
from pellucid._core.specs import deserialize, serialize
from pellucid.kernels.resize import repeat, resize
from pellucid.layers.context import Context, bind


def image(*shape):
    return np.arange(np.prod(shape), dtype="float32").reshape(1, *shape)


# --- errors: one sentence, the layer's name, a fix

WRONG_ARGUMENTS = [
    (lambda: layers.MaxPooling2D(0), "'pool_size' of MaxPooling2D", "pool_size=(2, 2)"),
    (lambda: layers.MaxPooling2D((2, 2, 2)), "'pool_size'", "a tuple of 2"),
    (lambda: layers.MaxPooling1D(2, strides=-1), "'strides' of MaxPooling1D", "1 or more"),
    (lambda: layers.AveragePooling2D(2, padding="full"), "'padding'", "'valid', 'same'"),
    (lambda: layers.AveragePooling3D(2.5), "'pool_size'", "2.5"),
    (lambda: layers.MaxPool2D(2, data_format="NHWC"), "'data_format'", "channels_last"),
    (lambda: layers.GlobalMaxPooling2D("last"), "'data_format'", "channels_last"),
    (lambda: layers.AdaptiveMaxPooling1D((2, 2)), "'output_size'", "(2, 2)"),
    (lambda: layers.ZeroPadding2D(-1), "'padding' of ZeroPadding2D", "0 or more"),
    (lambda: layers.ZeroPadding2D(((1, 1), (1, 1), (1, 1))), "'padding'", "two pairs"),
    (lambda: layers.ZeroPadding1D((1, 2, 3)), "got: (1, 2, 3)", "both ends"),
    (lambda: layers.Cropping3D((1, 2)), "'cropping' of Cropping3D", "three pairs"),
    (lambda: layers.UpSampling1D((2,)), "'size' of UpSampling1D", "positive whole number"),
    (lambda: layers.UpSampling2D(0), "'size' of UpSampling2D", "1 or more"),
    (lambda: layers.UpSampling2D(interpolation="cubic"), "'interpolation'", "'bicubic'"),
    (lambda: layers.Dot(axes=(1, 2, 3)), "'axes' of Dot", "axes=-1"),
    (lambda: layers.Dot(axes=1.5), "'axes' of Dot", "1.5"),
    (lambda: layers.Wrapper(3), "Wrapper 'wrapper' is put around a layer", "Dense(10)"),
    (lambda: layers.EinsumDense("ab,bc", 3), "cannot be read", "...x,xy->...y"),
    (lambda: layers.EinsumDense("ab,bc->...ac", 3), "cannot be read", "one letter an axis"),
    (lambda: layers.EinsumDense("ab,bc->ad", 3), "'d' of the output comes from nowhere", "fix"),
    (lambda: layers.EinsumDense("ab,cd->ad", 3), "'c' of the kernel has no size", "fix"),
    (lambda: layers.EinsumDense("ab,bc->ca", 3), "The batch, 'a', must come first", "fix"),
    (lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="b"), "'b' of the bias", "letters"),
    (lambda: layers.EinsumDense("ab,bc->ac", 0), "'output_shape' of EinsumDense", "without"),
    (lambda: layers.ReversibleEmbedding(5, 2, logit_soft_cap=0), "must be above 0", "=30"),
    (lambda: layers.ReversibleEmbedding(5, 2, reverse_dtype="f99"), "no number format", "float32"),
    (lambda: layers.JaxLayer(3), "'call_fn' of JaxLayer 'jax_layer' must be a function", "fix"),
    (lambda: layers.JaxLayer(lambda p, x: x), "must name its arguments", "always inputs"),
    (lambda: layers.JaxLayer(lambda params, inputs: inputs), "no way to get its params", "init_fn"),
    (lambda: layers.SpatialDropout2D(1.5), "'rate' of SpatialDropout2D", "from 0 to 1"),
    (lambda: layers.SpatialDropout2D(0.5, data_format="x"), "'data_format'", "channels_last"),
    (lambda: layers.AlphaDropout(1), "keep the variance", "rate=0.1"),
    (lambda: layers.AlphaDropout(0.5, noise_shape="x"), "'noise_shape' of AlphaDropout", "tuple"),
    (lambda: layers.ActivityRegularization(l1=-1), "'l1' of ActivityRegularization", "0 or more"),
    (lambda: layers.ActivityRegularization(activity_regularizer="l2"), "from l1 and l2", "fix"),
]


@pytest.mark.parametrize(("make", "what", "hint"), WRONG_ARGUMENTS)
def test_wrong_arguments(make, what, hint):
    with pytest.raises(ConfigError) as caught:
        make()
    assert what in str(caught.value)
    assert hint in str(caught.value)


WRONG_INPUTS = [
    (layers.MaxPooling2D(3), (2, 5, 1), "windows of MaxPooling2D 'max_pooling2d' are larger"),
    (layers.AveragePooling1D(5), (4, 2), "are larger than its input"),
    (layers.MaxPooling2D(3, data_format="channels_first"), (5, 5, 2), "(5, 2) to pool over"),
    (layers.MaxPooling2D(), (4, 2), "takes inputs of rank 4"),
    (layers.GlobalAveragePooling2D(), (4,), "takes inputs of rank 4"),
    (layers.AdaptiveAveragePooling1D(2), (4, 4, 1), "takes inputs of rank 3"),
    (layers.ZeroPadding1D(), (4, 4, 1), "takes inputs of rank 3"),
    (layers.Cropping2D(2), (4, 9, 1), "'cropping2d' would leave nothing"),
    (layers.Cropping1D((0, 3)), (3, 1), "'cropping1d' would leave nothing"),
    (layers.UpSampling3D(), (4, 4, 1), "takes inputs of rank 5"),
    (layers.EinsumDense("abc,cd->abd", (None, 3)), (4,), "another rank than its equation"),
    (layers.EinsumDense("abc,cd->abd", (7, 3)), (4, 2), "'b' is 4 in the input"),
    (layers.EinsumDense("abc,cd->abd", 3), (4, 2), "2 sizes, for b, d"),
    (layers.EinsumDense("abc,cd->abd", (4, None)), (4, 2), "kernel of unknown size"),
]


@pytest.mark.parametrize(("layer", "shape", "what"), WRONG_INPUTS)
def test_inputs_that_do_not_fit(layer, shape, what):
    for call in (lambda: layer(Input(shape)), lambda: layer(np.zeros((2, *shape), "float32"))):
        with pytest.raises((ShapeError, ConfigError)) as caught:
            call()
        assert what in str(caught.value)
        assert "fix:" in str(caught.value)


def test_dot_says_what_does_not_agree():
    a, b = np.zeros((2, 4, 3), "float32"), np.zeros((2, 5), "float32")
    with pytest.raises(ShapeError, match=r"3 values on axis 2 of \(2, 4, 3\), 5 on axis 1"):
        layers.Dot(axes=-1)([a, b])
    with pytest.raises(ShapeError, match="does not have"):
        layers.Dot(axes=2)([a, b])
    with pytest.raises(ConfigError, match="cannot sum over the batch"):
        layers.Dot(axes=0)([a, a])
    with pytest.raises(ShapeError, match="called on a list of 2 tensors"):
        layers.Dot(axes=1)([a])


# --- pooling

ALIASES = {
    "MaxPool": "MaxPooling",
    "AvgPool": "AveragePooling",
    "GlobalMaxPool": "GlobalMaxPooling",
    "GlobalAvgPool": "GlobalAveragePooling",
}


@pytest.mark.parametrize("alias", ALIASES)
def test_the_short_names_of_pooling(alias):
    for axes in (1, 2, 3):
        short, long = f"{alias}{axes}D", f"{ALIASES[alias]}{axes}D"
        assert getattr(layers, short) is getattr(layers, long)
        config = {} if "Global" in alias else {"pool_size": 2}
        assert type(deserialize({"class_name": short, "config": config})).__name__ == long


@pytest.mark.slow
def test_pooling_of_images_whose_size_varies():
    x = Input((None, None, 3))
    assert layers.MaxPooling2D(2)(x).shape == (None, None, None, 3)
    model = Model(x, layers.GlobalAveragePooling2D()(layers.MaxPooling2D(2)(x)))
    for size in (4, 7):
        assert model(np.ones((2, size, size, 3), "float32")).shape == (2, 3)


def test_a_small_network_of_images_trains():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 8, 8, 1)).astype("float32")
    y = (x[:, :4].mean((1, 2, 3)) > x[:, 4:].mean((1, 2, 3))).astype("int32")
    pellucid.utils.set_random_seed(0)
    model = Sequential(
        [
            Input((8, 8, 1)),
            layers.AveragePooling2D(2),
            layers.ZeroPadding2D(1),
            layers.MaxPooling2D(2, strides=1, padding="same"),
            layers.Cropping2D(1),
            layers.UpSampling2D(2),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    loss = pellucid.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    history = model.fit(x, y, epochs=4, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]


# --- reshaping


def test_resize_equals_its_definition():
    x = jnp.asarray(image(4, 6, 2))
    assert resize(x, (2, 3)).shape == (1, 2, 3, 2)
    np.testing.assert_array_equal(
        resize(x, (8, 12), "nearest"), np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)
    )
    whole = resize(jnp.asarray(image(2, 2, 1)).astype("uint8"), (4, 4), "bicubic")
    assert whole.dtype == jnp.uint8


def test_repeating_and_its_gradient():
    x = jnp.arange(6.0).reshape(2, 3)
    weights = jnp.arange(12.0).reshape(2, 6)
    assert repeat(x, 2, 1).tolist() == np.repeat(x, 2, axis=1).tolist()
    gradient = jax.grad(lambda x: (repeat(x, 2, 1) * weights).sum())(x)
    assert gradient.tolist() == weights.reshape(2, 3, 2).sum(-1).tolist()


# --- merging and core


def test_dot_is_the_cosine_where_it_normalises():
    a, b = np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]])
    assert layers.dot([a, b], axes=1, normalize=True)[0, 0] == pytest.approx(24 / 25, abs=1e-6)


def test_einsum_dense_where_dots_stand_for_axes():
    x = np.random.default_rng(0).normal(size=(2, 5, 3, 4)).astype("float32")
    for equation, output_shape in (("ab...,bc->ac...", 6), ("...xy,yz->...xz", (None, 6))):
        layer = layers.EinsumDense(equation, output_shape)
        expected = np.einsum(equation, x, layer(x) is not None and layer.kernel)
        np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)
    biased = layers.EinsumDense("ab...,bc->ac...", 6, bias_axes="c")
    biased(x)
    assert biased.bias.shape == (6, 1, 1)


def test_einsum_dense_counts_its_fans_by_the_equation():
    layer = layers.EinsumDense("abc,cde->abde", (None, 50, 40))
    layer(np.zeros((1, 2, 500), "float32"))
    limit = np.sqrt(6 / (500 + 2000))
    assert np.abs(layer.kernel).max() == pytest.approx(limit, rel=0.01)


def test_einsum_dense_tells_shapes_and_arguments_apart():
    layer = layers.EinsumDense("ab,bc->ac", 3)
    assert layer.get_config()["output_shape"] == 3
    assert "output_shape=3" in repr(layer)
    layer(Input((4,)))
    assert layer.output_shape == (None, 3)
    assert layer.get_config()["output_shape"] == 3


def test_reversible_embedding_ties_masks_and_formats():
    layer = layers.ReversibleEmbedding(6, 4, mask_zero=True, reverse_dtype="float32")
    numbers = jnp.array([[1, 2, 0]])
    context = Context()
    with bind(context):
        vectors = layer(numbers)
        assert context.mask_of(vectors).tolist() == [[True, True, False]]
        scores = layer(vectors, reverse=True)
        assert context.mask_of(scores).tolist() == [[True, True, False]]
    table = np.asarray(layer.embeddings)
    np.testing.assert_allclose(scores[0], table[[1, 2, 0]] @ table.T, rtol=1e-5)
    half = layers.ReversibleEmbedding(6, 4, reverse_dtype="float32", dtype="bfloat16")
    assert half(half(numbers), reverse=True).dtype == jnp.float32
    with pytest.raises(ShapeError, match="its own length in reverse"):
        layer(np.zeros((1, 3, 5), "float32"), reverse=True)


def test_reversible_embedding_as_a_language_model():
    numbers = Input((5,), dtype="int32")
    table = layers.ReversibleEmbedding(10, 8)
    model = Model(numbers, table(table(numbers), reverse=True))
    loss = pellucid.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(pellucid.optimizers.Adam(0.05), loss)
    x = np.random.default_rng(0).integers(0, 10, (32, 5)).astype("int32")
    history = model.fit(x, x, epochs=5, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert [w.name for w in model.weights] == ["embeddings"]


def test_a_mask_that_the_reverse_cannot_use_is_announced():
    layer = layers.ReversibleEmbedding(6, 4)
    with pytest.warns(MaskLostWarning, match="in reverse"):
        layer(np.ones((1, 2, 4), "float32"), reverse=True, mask=np.ones((1, 2), bool))


def test_wrapper_builds_what_it_holds():
    wrapper = layers.Wrapper(Sequential([layers.Dense(3), layers.Dense(2)]))
    wrapper.build((None, 4))
    assert [w.shape for w in wrapper.weights] == [(4, 3), (3,), (3, 2), (2,)]
    again = deserialize(json.loads(json.dumps(serialize(wrapper))))
    again.build((None, 4))
    assert [w.shape for w in again.weights] == [w.shape for w in wrapper.weights]


# --- functions of the user's as layers


def init(rng, inputs):
    return {"w": jax.random.normal(rng, (inputs.shape[-1], 2)), "b": jnp.zeros(2)}


def affine(params, inputs):
    return inputs @ params["w"] + params["b"]


def counting(params, state, rng, inputs, training):
    noise = jax.random.normal(rng, inputs.shape) if training else 0.0
    return affine(params, inputs + noise), {"calls": state["calls"] + 1}


def counting_init(rng, inputs, training):
    assert training
    return init(rng, inputs), {"calls": jnp.zeros((), "int32")}


def test_jax_layer_trains_its_parameters():
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    y = x @ np.array([[1.0, 0.0], [0.0, 2.0], [0.5, 0.5]], "float32")
    layer = layers.JaxLayer(affine, init)
    model = Sequential([Input((3,)), layer])
    model.compile(pellucid.optimizers.Adam(0.1), "mse")
    model.fit(x, y, epochs=40, verbose=0)
    assert model.evaluate(x, y, verbose=0) < 0.05
    assert {w.name: w.shape for w in layer.weights} == {"b": (2,), "w": (3, 2)}


def test_jax_layer_keeps_state_and_draws_numbers():
    layer = layers.JaxLayer(counting, counting_init, seed=3)
    x = np.ones((2, 3), "float32")
    first, second = layer(x, training=True), layer(x, training=True)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(layer(x), layer(x))
    weight = layer.non_trainable_weights[0]
    assert (weight.name, weight.dtype, int(weight.value)) == ("calls", "int32", 4)


def test_jax_layer_starts_from_its_seed():
    x = np.ones((2, 3), "float32")
    values = []
    for seed in (1, 1, 2):
        layer = layers.JaxLayer(affine, init, seed=seed)
        layer(x)
        values.append(layer.get_weights()[1])
    np.testing.assert_array_equal(values[0], values[1])
    assert not np.array_equal(values[0], values[2])


def test_jax_layer_takes_several_inputs_and_finds_wrong_states():
    def pair(inputs):
        return inputs[0] + inputs[1]["b"]

    a, b = np.ones((2, 3), "float32"), np.ones((2, 3), "float32")
    np.testing.assert_array_equal(layers.JaxLayer(pair)((a, {"b": b})), a + b)

    def forgets(state, inputs):
        return inputs, []

    with pytest.raises(ShapeError, match="state of another structure"):
        layers.JaxLayer(forgets, state={"calls": np.zeros(())})(a)
    with pytest.raises(ConfigError, match="must return the new one"):
        layers.JaxLayer(lambda state, inputs: inputs, state={"n": np.zeros(())})(a)
    with pytest.raises(ConfigError, match="cannot be written down"):
        layers.JaxLayer(affine, init).get_config()


# --- regularisation


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.default_rng(0).normal(size=(4, 20000)).astype("float32")
    for rate in (0.1, 0.5):
        y = np.asarray(layers.AlphaDropout(rate, seed=0)(x, training=True))
        assert y.mean() == pytest.approx(0, abs=0.02)
        assert y.std() == pytest.approx(1, abs=0.02)
        values, counts = np.unique(y, return_counts=True)
        assert counts.max() / y.size == pytest.approx(rate, abs=0.01)
        assert values[counts.argmax()] < 0


@pytest.mark.parametrize("axes", [2, 3])
def test_spatial_dropout_drops_whole_channels(axes):
    space = (3,) * axes
    make = getattr(layers, f"SpatialDropout{axes}D")
    y = np.asarray(make(0.5, seed=0)(np.ones((8, *space, 16), "float32"), training=True))
    spread = y.reshape(8, -1, 16)
    assert (spread == spread[:, :1]).all()
    assert set(np.unique(y)) == {0.0, 2.0}
    first = make(0.5, "channels_first", 0)(np.ones((8, 16, *space), "float32"), training=True)
    spread = np.asarray(first).reshape(8, 16, -1)
    assert (spread == spread[:, :, :1]).all()


def test_activity_regularization_joins_the_loss():
    layer = layers.ActivityRegularization(l1=0.1, l2=0.01)
    x = np.array([[1.0, -2.0], [3.0, 0.0]], "float32")
    context = Context(training=True)
    with bind(context):
        layer(jnp.asarray(x))
    expected = (0.1 * np.abs(x).sum() + 0.01 * (x**2).sum()) / 2
    assert float(sum(context.losses)) == pytest.approx(expected, rel=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "activity_regularizer" not in layer.get_config()
