"""Operations: what they accept, what they record in a functional model, and what they say."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, activations, layers, ops
from pellucid._core.errors import (
    ConfigError,
    DataError,
    MaskLostWarning,
    PellucidError,
    PellucidWarning,
    ShapeError,
    StateError,
    UnknownNameError,
)

R = np.random.default_rng(0)
X = R.normal(size=(3, 4)).astype("float32")


# ------------------------------------------------------------------------------ what goes in


def test_lists_numbers_numpy_weights_and_tracers():
    assert ops.add([1, 2], 3).tolist() == [4, 5]
    assert ops.relu(-2.0).tolist() == 0.0
    assert ops.concatenate([[1], np.array([2]), jnp.array([3])]).tolist() == [1, 2, 3]
    assert isinstance(ops.exp(X), jax.Array)
    layer = layers.Dense(2)
    layer.build((None, 4))
    assert ops.matmul(X, layer.weights[0]).shape == (3, 2)
    assert ops.convert_to_tensor(layer.weights[0]).shape == (4, 2)
    np.testing.assert_allclose(jax.jit(lambda x: ops.mean(x, axis=-1))(X), X.mean(-1), rtol=1e-6)
    np.testing.assert_allclose(jax.vmap(ops.sum)(X), X.sum(-1), rtol=1e-6)
    np.testing.assert_allclose(jax.grad(lambda x: ops.sum(ops.square(x)))(X), 2 * X, rtol=1e-6)


def test_python_numbers_do_not_widen():
    half = jnp.ones(2, jnp.bfloat16)
    assert ops.multiply(half, 2.5).dtype == jnp.bfloat16
    assert ops.clip(half, 0.0, 0.5).dtype == jnp.bfloat16
    assert ops.where(half > 0, half, 0.0).dtype == jnp.bfloat16


def test_arguments_by_name():
    assert ops.subtract(x2=[1], x1=[3]).tolist() == [2]
    assert ops.take(x=[5, 6], indices=1).tolist() == 6


def test_64_bits_become_32_without_a_warning():
    assert ops.zeros(2, dtype="int64").dtype == jnp.int32
    assert ops.cast(X, "float64").dtype == jnp.float32
    assert ops.convert_to_tensor(np.arange(3)).dtype == jnp.int32
    assert ops.arange(3, dtype="int").dtype == jnp.int32


def test_results_of_conversion():
    assert isinstance(ops.convert_to_numpy([1.0]), np.ndarray)
    assert ops.shape([[1, 2]]) == (1, 2)
    assert ops.dtype(np.zeros(1)) == "float64"
    assert ops.convert_to_tensor(np.zeros(1), dtype="bfloat16").dtype == jnp.bfloat16
    assert ops.saturate_cast(np.array([-3, 3], "int32"), "float32").tolist() == [-3.0, 3.0]


def test_help_tells_name_arguments_and_purpose():
    assert ops.mean.__name__ == "mean"
    assert ops.sin.__name__ == "sin"
    assert ops.sin.__module__ == "pellucid.ops.numpy.elementwise"
    assert "radians" in ops.sin.__doc__
    assert ops.nn.relu is ops.relu
    assert ops.numpy.mean is ops.mean
    assert ops.linalg.norm is ops.norm


# ------------------------------------------------------------------------- functional models


def reloaded(model):
    config = json.loads(json.dumps(model.get_config()))
    twin = Model.from_config(config)
    twin.set_weights(model.get_weights())
    return twin


def both(function, *inputs):
    """The function on arrays, and as a functional model, saved and loaded."""
    expected = function(*inputs)
    symbols = [Input(x.shape[1:], dtype=x.dtype.name) for x in inputs]
    model = Model(symbols if len(symbols) > 1 else symbols[0], function(*symbols))
    given = list(inputs) if len(inputs) > 1 else inputs[0]
    for network in (model, reloaded(model)):
        results = network(given)
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-6),
            results,
            expected,
        )
        for a, b in zip(jax.tree.leaves(results), jax.tree.leaves(expected), strict=True):
            assert a.dtype == b.dtype
    return model


A, B = (R.normal(size=(3, 4)).astype("float32") for _ in range(2))
STEPS = R.normal(size=(2, 5, 3)).astype("float32")
PICTURES = R.normal(size=(2, 6, 6, 3)).astype("float32")
NUMBERS = R.integers(0, 5, (3, 2)).astype("int32")
FUNCTIONS = {
    "unary": (ops.relu, A),
    "settings": (lambda x: ops.mean(x, axis=1, keepdims=True), A),
    "several axes": (lambda x: ops.sum(x, axis=(1, 2)), STEPS),
    "binary": (ops.maximum, A, B),
    "constant left": (lambda x: ops.subtract(1.0, x), A),
    "constant list": (lambda x: ops.add(x, [1.0, 2.0, 3.0, 4.0]), A),
    "constant matrix": (lambda x: ops.matmul(x, B.T), A),
    "list": (lambda a, b: ops.concatenate([a, b, a], axis=-1), A, B),
    "list with a constant": (lambda a: ops.concatenate([a[:1], B]), A),
    "einsum": (lambda a, b: ops.einsum("bi,bj->bij", a, b), A, B),
    "einsum of one": (lambda a: ops.einsum("bi->b", a), A),
    "optional arrays": (lambda a: ops.where(a > 0, a, 0.0), A),
    "by name": (lambda a, b: ops.where(condition=a > b, x1=a, x2=b), A, B),
    "left out in the middle": (lambda x: ops.layer_normalization(x, beta=B[0]), A),
    "tuple of results": (lambda x: ops.moments(x, axes=-1), A),
    "list of results": (lambda x: ops.split(x, 2, axis=1), A),
    "top k": (lambda x: ops.top_k(x, k=2), A),
    "format": (lambda x: ops.cast(x, jnp.bfloat16), A),
    "whole numbers": (lambda x: ops.one_hot(x, 5), NUMBERS),
    "unknown batch": (lambda x: ops.reshape(x, (ops.shape(x)[0], 2, 2)), A),
    "minus one": (lambda x: ops.reshape(x, (-1, 15)), STEPS),
    "get item": (lambda x: ops.get_item(x, np.s_[:, -1]), STEPS),
    "slices": (lambda x: ops.expand_dims(x[:, 0], axis=-1), STEPS),
    "meshgrid": (lambda x: ops.meshgrid(x[0], x[1]), A),
    "rearrange": (lambda x: ops.rearrange(x, "b (h w) -> b h w", h=2), A),
    "padding": (lambda x: ops.pad(x, ((0, 0), (1, 2))), A),
    "convolution": (lambda x: ops.conv(x, np.ones((2, 2, 3, 4), "f"), padding="same"), PICTURES),
    "picture": (lambda x: ops.image.resize(x, (3, 3)), PICTURES),
    "norm": (lambda x: ops.norm(x, ord=2, axis=-1), A),
    "attention": (lambda x: ops.dot_product_attention(*[ops.expand_dims(x, 2)] * 3), STEPS),
    "operators": (lambda a, b: (a - b) ** 2 / (1 + abs(a)) @ B.T, A, B),
    "size": (lambda x: x * ops.cast(ops.size(x), "float32"), A),
    "batch normalisation": (
        lambda x: ops.batch_normalization(x, B[0], np.abs(B[1]), axis=-1, scale=B[2]),
        A,
    ),
    "picture's pairs": (lambda a, b: ops.fft((a, b)), A, B),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", FUNCTIONS)
def test_symbolic_tensors_record_what_numbers_give(case):
    function, *inputs = FUNCTIONS[case]
    both(function, *inputs)


def test_the_graph_shows_operations_by_name():
    x = Input((4,))
    model = Model(x, ops.concatenate([ops.relu(x), x * 2.0], axis=-1))
    names = [layer.name for layer in model.operations[1:]]
    assert names == ["relu", "multiply", "concatenate"]
    assert model.output_shape == (None, 8)
    assert (
        repr(model.operations[-1]) == "Operation(operation='concatenate', arguments={'axis': -1})"
    )


def test_what_can_be_known_without_numbers_is_no_layer():
    x = Input((4, 5))
    assert ops.shape(x) == (None, 4, 5)
    assert ops.ndim(x) == 3
    assert ops.dtype(x) == "float32"
    assert ops.convert_to_tensor(x) is x
    assert not ops.is_tensor(x)
    with pytest.raises(StateError, match="symbolic tensor"):
        ops.convert_to_numpy(x)


@pytest.mark.parametrize(
    ("function", "safe"),
    [
        (lambda x, y: ops.relu(x), True),
        (lambda x, y: ops.add(x, y), True),
        (lambda x, y: ops.add(x, np.ones(3, "f")), True),
        (lambda x, y: ops.add(x[:, :1], y[:, 0]), False),  # lays the batch along another axis
        (lambda x, y: ops.mean(x, axis=-1), True),
        (lambda x, y: ops.mean(x, axis=(1, -1)), True),
        (lambda x, y: ops.mean(x, axis=0), False),
        (lambda x, y: ops.mean(x, axis=-3), False),
        (lambda x, y: ops.mean(x), False),
        (lambda x, y: ops.softmax(x), True),
        (lambda x, y: ops.concatenate([x, y], axis=1), True),
        (lambda x, y: ops.concatenate([x, y]), False),
        (lambda x, y: ops.stack([x, y], axis=-1), True),
        (lambda x, y: ops.stack([x, y]), False),
        (lambda x, y: ops.expand_dims(x, 0), False),
        (lambda x, y: ops.expand_dims(x, -1), True),
        (lambda x, y: ops.matmul(x, np.ones((3, 2), "f")), True),
        (lambda x, y: ops.matmul(x, ops.transpose(y, (0, 2, 1))), True),
        (lambda x, y: ops.matmul(np.ones((2, 5), "f"), x), False),
        (lambda x, y: ops.transpose(x, (1, 0, 2)), False),
        (lambda x, y: ops.cumsum(x), False),
        (lambda x, y: ops.cast(x, "int32"), True),
    ],
)
def test_what_is_known_about_rows(function, safe):
    result = function(Input((5, 3)), Input((5, 3)))
    assert result.node.layer.batch_safe is safe


@pytest.mark.slow
def test_the_last_smaller_batch_counts_only_its_own_rows():
    """Whether rows are added to fill a batch or not, training sees the same."""
    x, y = R.normal(size=(10, 4)).astype("f"), R.normal(size=(10, 1)).astype("f")

    def trained(mix):
        inputs = Input((4,))
        hidden = layers.Dense(3, kernel_initializer="ones")(inputs)
        hidden = hidden - ops.mean(hidden, axis=0) if mix else ops.softmax(hidden, axis=-1)
        model = Model(inputs, layers.Dense(1, kernel_initializer="ones")(hidden))
        model.compile("sgd", "mse")
        history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
        return history.history["loss"], model

    for mix in (False, True):
        loss, model = trained(mix)
        assert np.isfinite(loss).all()
        rows = np.concatenate([np.asarray(model(x[i : i + 4])) for i in (0, 4, 8)])
        np.testing.assert_allclose(model.predict(x, batch_size=4, verbose=0), rows, rtol=1e-5)


# ------------------------------------------------------------------------------------- masks


def masked():
    numbers = Input((4,), dtype="int32")
    return numbers, layers.Embedding(6, 3, mask_zero=True)(numbers)


def test_masks_pass_where_steps_stay_apart():
    _, x = masked()
    for result in (
        ops.relu(x),
        x + 1.0,
        ops.add(x, x),
        ops.softmax(x, axis=-1),
        ops.mean(x, axis=-1),
        ops.stack([x, x], axis=-1),
        ops.matmul(x, np.ones((3, 2), "f")),
    ):
        assert result.mask is not None
        assert result.mask.shape == (None, 4)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.mean(x, axis=1),
        lambda x: ops.reshape(x, (-1, 12)),
        lambda x: ops.concatenate([x, x], axis=1),
        lambda x: ops.flip(x, axis=1),
    ],
)
def test_operations_across_the_steps_say_that_the_mask_is_lost(function):
    _, x = masked()
    with pytest.warns(MaskLostWarning, match="works across the steps"):
        assert function(x).mask is None


# ------------------------------------------------------------------------------------ errors

ERRORS = {
    "shapes": (
        lambda: ops.add(np.ones((2, 3)), np.ones((2, 4))),
        ShapeError,
        ["ops.add", "(2, 3)", "(2, 4)"],
    ),
    "joining": (
        lambda: ops.concatenate([np.ones((2, 3)), np.ones((4, 3))], axis=1),
        ShapeError,
        ["ops.concatenate", "[(2, 3), (4, 3)]", "axis=1"],
    ),
    "product": (lambda: ops.matmul(X, X), ShapeError, ["ops.matmul", "(3, 4)"]),
    "axis": (lambda: ops.mean(X, axis=2), ShapeError, ["ops.mean", "axis=2", "(3, 4)", "-2 to 1"]),
    "axes": (lambda: ops.sum(X, axis=(0, 5)), ShapeError, ["ops.sum", "(0, 5)"]),
    "axis of several": (lambda: ops.concatenate([X, X], axis=3), ShapeError, ["from -2 to 1"]),
    "reshape": (lambda: ops.reshape(X, (5, 5)), ShapeError, ["ops.reshape", "(3, 4)", "(5, 5)"]),
    "argument": (
        lambda: ops.mean(X, axes=1),
        UnknownNameError,
        ["ops.mean has no argument called 'axes'", "'axis'"],
    ),
    "too few": (lambda: ops.add(X), ConfigError, ["ops.add", "missing", "x2"]),
    "too many": (lambda: ops.relu(X, 1), ConfigError, ["ops.relu", "too many"]),
    "numbers needed": (
        lambda: jax.jit(ops.nonzero)(X),
        StateError,
        ["ops.nonzero needs the numbers themselves"],
    ),
    "unequal rows": (lambda: ops.sum([[1, 2], [3]]), ShapeError, ["ops.sum"]),
    "text": (lambda: ops.exp("a"), ShapeError, ["ops.exp"]),
    "truth values": (lambda: ops.negative([True]), ConfigError, ["ops.negative", "ops.cast"]),
    "sparse": (lambda: ops.one_hot([1], 3, sparse=True), ConfigError, ["dense"]),
    "ragged": (lambda: ops.convert_to_tensor([1], ragged=True), ConfigError, ["dense"]),
    "segments": (lambda: ops.segment_sum(X, [0, 1, 0]), ConfigError, ["num_segments=10"]),
    "segment ids": (lambda: ops.segment_sum(X, [0, 1], 2), ShapeError, ["one group number"]),
    "not square": (lambda: ops.inv(X), ShapeError, ["ops.inv takes square matrices", "(3, 4)"]),
    "not definite": (lambda: ops.cholesky([[1.0, 2.0], [2.0, 1.0]]), DataError, ["diagonal"]),
    "exponents": (lambda: ops.ldexp(X, 0.5), ConfigError, ["whole numbers"]),
    "pair": (lambda: ops.fft(X), ShapeError, ["pair of arrays", "zeros_like"]),
    "window name": (lambda: ops.stft(X, 2, 1, 2, window="bell"), ConfigError, ["'bell'"]),
    "fft length": (lambda: ops.stft(X, 4, 1, 2), ConfigError, ["fft_length=2"]),
    "whole signal": (lambda: ops.stft([1, 2, 3], 2, 1, 2), ConfigError, ["int32"]),
    "kernel": (
        lambda: ops.conv(np.ones((1, 5, 3)), np.ones((2, 2, 4))),
        ShapeError,
        ["ops.conv", "3 channels", "(2, 2, 4)"],
    ),
    "kernel's rank": (
        lambda: ops.conv(np.ones((1, 5, 5, 3)), np.ones((2, 3, 4))),
        ShapeError,
        ["over 1 axes", "the input has 2"],
    ),
    "large kernel": (
        lambda: ops.conv(np.ones((1, 2, 3)), np.ones((4, 3, 1))),
        ShapeError,
        ["larger than its input"],
    ),
    "large pool": (lambda: ops.max_pool(np.ones((1, 2, 3)), 4), ShapeError, ["larger than"]),
    "data format": (
        lambda: ops.max_pool(np.ones((1, 2, 3)), 2, data_format="first"),
        ConfigError,
        ["'first'", "channels_first"],
    ),
    "padding": (lambda: ops.max_pool(np.ones((1, 2, 3)), 2, padding="full"), ConfigError, ["full"]),
    "block": (lambda: ops.space_to_depth(np.ones((1, 3, 4, 1)), 2), ShapeError, ["blocks of 2"]),
    "columns": (lambda: ops.fold(np.ones((1, 4, 5)), 4, 2), ShapeError, ["(batch, channels * 4"]),
    "pattern": (lambda: ops.rearrange(X, "a b -> a c"), ConfigError, ["'a b -> a c'"]),
    "pattern's rank": (lambda: ops.rearrange(X, "a b c -> a b c"), ShapeError, ["3 axes"]),
    "pattern's lengths": (lambda: ops.rearrange(X, "a (b c) -> a b c"), ConfigError, ["b=2"]),
    "pattern's sizes": (
        lambda: ops.rearrange(X, "a (b c) -> a b c", b=3),
        ShapeError,
        ["length 4"],
    ),
    "strategy": (lambda: ops.ctc_decode(X[None], [3], "best"), ConfigError, ["'best'"]),
    "reduction": (
        lambda: ops.scatter_update(X, [[0, 0]], [1.0], reduction="sum"),
        ConfigError,
        ["'sum'"],
    ),
    "order": (lambda: ops.normalize(X, order=0.5), ConfigError, ["order=0.5"]),
    "more": (lambda: ops.layer_normalization(X, center=True), ConfigError, ["center=True"]),
    "picture": (lambda: ops.image.resize(X, (2, 2)), ShapeError, ["one picture or a batch"]),
    "interpolation": (
        lambda: ops.image.resize(PICTURES, (2, 2), "sharp"),
        ConfigError,
        ["'sharp'", "'bilinear'"],
    ),
    "crop": (lambda: ops.image.crop_images(PICTURES, 1, 1), ConfigError, ["exactly one"]),
    "crop's size": (
        lambda: ops.image.crop_images(PICTURES, 4, 0, 4, 0),
        ShapeError,
        ["-2 in all, of 6"],
    ),
    "transform": (
        lambda: ops.image.affine_transform(PICTURES, np.ones(6)),
        ShapeError,
        ["eight numbers"],
    ),
    "colours": (lambda: ops.image.rgb_to_hsv(PICTURES[..., :2]), ShapeError, ["2 channels"]),
    "symbolic setting": (
        lambda: ops.one_hot(Input((2,), dtype="int32"), Input((1,))),
        ConfigError,
        ["'num_classes'", "not a symbolic tensor"],
    ),
    "symbolic shapes": (
        lambda: ops.add(Input((3,)), Input((4,))),
        ShapeError,
        ["incompatible shapes"],
    ),
    "symbolic argument": (
        lambda: ops.mean(Input((3,)), axes=1),
        UnknownNameError,
        ["no argument called 'axes'"],
    ),
    "unknown layer": (lambda: layers.Operation("conat"), UnknownNameError, ["'conat'"]),
}


@pytest.mark.parametrize("case", ERRORS)
def test_mistakes_are_explained(case):
    call, error, phrases = ERRORS[case]
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, PellucidError)
    for phrase in phrases:
        assert phrase in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("conat", "concatenate"),
        ("reduce_mean", "mean"),
        ("sigmod", "sigmoid"),
        ("unsqueeze", "exp"),
    ],
)
def test_unknown_names_get_a_suggestion(name, meant):
    with pytest.raises(AttributeError, match=rf"no operation '{name}'(.|\n)*did you mean.*{meant}"):
        getattr(ops, name)
    assert not hasattr(ops, name)


def test_errors_of_functions_given_by_the_user_stay_their_own():
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ops.map(broken, X)


# ------------------------------------------------------------------------- where Keras differs


def test_pools_move_by_their_own_size_by_default():
    x = np.arange(6.0, dtype="f").reshape(1, 6, 1)
    assert ops.max_pool(x, 2).ravel().tolist() == [1.0, 3.0, 5.0]
    assert ops.average_pool(x, (3,)).ravel().tolist() == [1.0, 4.0]


@pytest.mark.slow
def test_istft_gives_back_what_stft_took():
    x = R.normal(size=(2, 32)).astype("f")
    for window in ("hann", "hamming", None, np.hanning(10)[1:-1]):
        there = ops.stft(x, 8, 2, 8, window=window)
        np.testing.assert_allclose(ops.istft(there, 8, 2, 8, window=window), x, atol=1e-5)


def test_sparsemax_is_that_of_the_activations():
    np.testing.assert_array_equal(ops.sparsemax(X), activations.sparsemax(X))
    assert ops.sum(ops.sparsemax(X), axis=-1).tolist() == pytest.approx([1.0] * 3)


@pytest.mark.slow
def test_elastic_transform_distorts_a_little_and_repeats_with_a_seed():
    images = np.zeros((2, 16, 16, 1), "f")
    images[:, 4:12, 4:12] = 1.0
    a, b = (ops.image.elastic_transform(images, alpha=5.0, sigma=2.0, seed=3) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert a.shape == images.shape
    assert 0 < np.abs(a - images).mean() < 0.3
    assert np.abs(a[0] - a[1]).max() > 0
    c = ops.image.elastic_transform(images, alpha=5.0, sigma=2.0)
    assert np.abs(a - c).max() > 0
    first = ops.image.elastic_transform(
        images.transpose(0, 3, 1, 2), 5.0, 2.0, seed=3, data_format="channels_first"
    )
    np.testing.assert_allclose(first.transpose(0, 2, 3, 1), a, atol=1e-6)


def test_gaussian_blur_takes_channels_last_by_default():
    image = np.zeros((5, 5, 2), "f")
    image[2, 2] = 1.0
    blurred = ops.image.gaussian_blur(image)
    np.testing.assert_allclose(blurred.sum(axis=(0, 1)), [1.0, 1.0], rtol=1e-5)
    np.testing.assert_allclose(blurred[1, 2], blurred[2, 1], rtol=1e-6)


def test_beam_search_adds_up_the_ways():
    """By hand over two steps and two classes: all sequences and their probabilities."""
    p = np.array([[0.6, 0.4], [0.3, 0.7]], "f")  # blank, one label
    labels, scores = ops.ctc_decode(
        np.log(p)[None], [2], strategy="beam_search", beam_width=4, top_paths=2
    )
    one = 0.4 * 0.3 + 0.6 * 0.7 + 0.4 * 0.7
    assert labels[:, 0].tolist() == [[1, -1], [-1, -1]]
    np.testing.assert_allclose(np.exp(scores[0]), [one, 0.6 * 0.3], rtol=1e-5)


def test_what_keras_warns_of():
    with pytest.warns(PellucidWarning, match="rms_normalization"):
        got = ops.layer_normalization(X, beta=np.ones(4, "f"), rms_scaling=True)
    np.testing.assert_allclose(got, X / np.sqrt(X.var(-1, keepdims=True) + 1e-7), rtol=1e-4)
    with pytest.warns(PellucidWarning, match="sigmoid"):
        assert ops.softmax(X[:, :1]).tolist() == [[1.0]] * 3


def test_padding_in_capitals_and_sizes_in_an_array():
    x, kernel = np.ones((1, 4, 3), "f"), np.ones((2, 3, 5), "f")
    assert ops.conv(x, kernel, padding="SAME").shape == (1, 4, 5)
    assert ops.conv_transpose(x, np.ones((2, 5, 3), "f"), padding="VALID").shape == (1, 5, 5)
    assert ops.depthwise_conv(x, np.ones((2, 3, 1), "f"), padding="Same").shape == (1, 4, 3)
    assert ops.max_pool(x, 2, 1, padding="SAME").shape == (1, 4, 3)
    assert ops.average_pool(x, 2, 1, padding="VALID").shape == (1, 3, 3)
    assert ops.reshape(X, np.array([4, 3])).shape == (4, 3)
    assert ops.reshape(X, jnp.array([2, -1])).shape == (2, 6)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: ops.conv_transpose(X[None], np.ones((2, 5, 7), "f")), ShapeError, "4 channels"),
        (lambda: ops.image.extract_patches(X[..., None], "5"), TypeError, "whole numbers for size"),
        (lambda: ops.image.extract_patches(X[..., None], 0), ConfigError, "positive"),
        (lambda: ops.eye(3.0), TypeError, "eye"),
        (lambda: ops.layer_normalization(X, np.ones((2, 4), "f")), ShapeError, "scale and offset"),
        (lambda: ops.rms_normalization(X, np.ones((2, 3, 4), "f")), ShapeError, "scale and offset"),
        (lambda: ops.sum(X, axes=1), TypeError, "axes"),
        (lambda: ops.stft(X, 2, -5, 4), ConfigError, "sequence_stride"),
        (lambda: ops.istft((X, X), 2, 0, 4), ConfigError, "sequence_stride"),
        (lambda: ops.stft(np.arange(9), 2, 1, 4), TypeError, "floating"),
        (lambda: ops.histogram(X[0], range=(5, 1)), ConfigError, "range=\\(1, 5\\)"),
        (lambda: ops.conv(X[None], np.ones((1, 4, 2), "f"), padding="full"), ConfigError, "'full'"),
    ],
)
def test_settings_that_cannot_be_meant(call, error, says):
    with pytest.raises(error, match=says):
        call()


# -------------------------------------------------------------------------------------- lazy


@pytest.mark.slow
def test_operations_load_when_they_are_first_used():
    import subprocess
    import sys

    code = (
        "import sys, pellucid.models, pellucid.layers; x = pellucid.Input((3,)); "
        "print('pellucid.ops' in sys.modules); y = 1 - x; print('pellucid.ops' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "True"]
    assert pellucid.ops is ops
