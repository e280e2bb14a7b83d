"""Convolution layers: wrong use, in words; behaviour that neither contract nor parity covers."""

import numpy as np
import pytest

from pellucid import Input, Sequential, layers
from pellucid._core.errors import ConfigError, MaskLostWarning, ShapeError, UnknownNameError

image = np.ones((2, 8, 8, 3), "float32")

# what is written, the kind of error, and parts of the message
CONSTRUCTORS = {
    "no filters": (lambda: layers.Conv2D(0, 3), ConfigError, ["'filters'", "conv2d", "got: 0"]),
    "no kernel size": (lambda: layers.Conv2D(3), ConfigError, ["kernel_size"]),
    "kernel 0": (lambda: layers.Conv1D(3, 0), ConfigError, ["'kernel_size'", "conv1d", "got: 0"]),
    "kernel 3.0": (lambda: layers.Conv2D(3, 3.0), ConfigError, ["got: 3.0", "whole number"]),
    "kernel of 3 axes": (lambda: layers.Conv2D(3, (3, 3, 3)), ConfigError, ["(3, 3, 3)", "of 2"]),
    "strides 0": (lambda: layers.Conv2D(3, 3, strides=0), ConfigError, ["'strides'"]),
    "strides text": (lambda: layers.Conv2D(3, 3, strides="2"), ConfigError, ["'strides'", "'2'"]),
    "dilation 0": (lambda: layers.Conv2D(3, 3, dilation_rate=0), ConfigError, ["dilation_rate"]),
    "strides and dilation": (
        lambda: layers.Conv2D(3, 3, strides=2, dilation_rate=2),
        ConfigError,
        ["strides=2, dilation_rate=2", "1 for one of the two"],
    ),
    "strides and dilation, transposed": (
        lambda: layers.Conv2DTranspose(3, 3, strides=2, dilation_rate=2),
        ConfigError,
        ["conv2d_transpose", "strides=2, dilation_rate=2"],
    ),
    "padding": (lambda: layers.Conv2D(3, 3, padding="smae"), ConfigError, ["'smae'", "'same'"]),
    "padding 1": (lambda: layers.Conv2D(3, 3, padding=1), ConfigError, ["got: 1", "'same'"]),
    "causal": (lambda: layers.Conv2D(3, 3, padding="causal"), ConfigError, ["Conv1D", "over time"]),
    "groups and filters": (
        lambda: layers.Conv2D(3, 3, groups=2),
        ConfigError,
        ["filters=3, groups=2", "fix: filters=4"],
    ),
    "groups 0": (lambda: layers.Conv2D(3, 3, groups=0), ConfigError, ["'groups'"]),
    "output_padding": (
        lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2),
        ConfigError,
        ["output_padding=2, strides=2", "less than the stride"],
    ),
    "output_padding -1": (
        lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=-1),
        ConfigError,
        ["output_padding", "0 or more"],
    ),
    "data_format": (
        lambda: layers.Conv2D(3, 3, data_format="channel_last"),
        ConfigError,
        ["'channel_last'", "'channels_last'"],
    ),
    "multiplier": (
        lambda: layers.DepthwiseConv2D(3, depth_multiplier=0),
        ConfigError,
        ["'depth_multiplier'", "depthwise_conv2d"],
    ),
    "activation": (lambda: layers.Conv2D(3, 3, activation="rleu"), UnknownNameError, ["'relu'"]),
    "initialiser": (
        lambda: layers.SeparableConv2D(3, 3, pointwise_initializer="he_norml"),
        UnknownNameError,
        ["he_norml", "did you mean"],
    ),
    "regulariser": (
        lambda: layers.DepthwiseConv2D(3, depthwise_regularizer="l3"),
        UnknownNameError,
        ["'l3'"],
    ),
}

CALLS = {
    "pictures without channels": (
        lambda: layers.Conv2D(3, 3)(np.ones((2, 28, 28), "float32")),
        ["rank 3, shape (batch, 28, 28)", "x[..., None]"],
    ),
    "pictures without channels, drawn": (
        lambda: Sequential([Input((28, 28)), layers.Conv2D(3, 3, name="first")]),
        ["'first'", "rank 3, shape (batch, 28, 28)", "x[..., None]", "Input's shape"],
    ),
    "channels first": (
        lambda: layers.Conv2D(3, 3, data_format="channels_first")(image[..., 0]),
        ["x[:, None]"],
    ),
    "one picture": (lambda: layers.Conv2D(3, 3)(image[0]), ["x[None]", "batch of one picture"]),
    "one sequence": (lambda: layers.Conv1D(3, 3)(image[0, 0]), ["batch of one sequence"]),
    "large kernel": (
        lambda: layers.Conv2D(3, (9, 2))(image),
        ["larger than its input", "kernel_size=(9, 2), over an input of (8, 8)", "padding='same'"],
    ),
    "large kernel after dilation": (
        lambda: layers.SeparableConv2D(3, 3, dilation_rate=4)(image),
        ["(3, 3), (9, 9) with its dilation", "padding='same'"],
    ),
    "too many pools": (
        lambda: Sequential(
            [
                Input((28, 28, 1)),
                *[
                    layer
                    for _ in range(3)
                    for layer in (layers.Conv2D(8, 3), layers.MaxPooling2D())
                ],
                layers.Conv2D(8, 3, name="last"),
            ]
        ),
        ["'last'", "over an input of (1, 1)", "fewer pools"],
    ),
    "unknown channels": (
        lambda: Sequential([Input((8, 8, None)), layers.Conv2D(3, 3)]),
        ["how many channels", "Input(shape=(None, None, 3))"],
    ),
    "groups and channels": (
        lambda: layers.Conv2D(4, 3, groups=2)(image),
        ["3 channels, groups=2", "groups=1"],
    ),
    "no output": (
        lambda: layers.Conv1DTranspose(4, 2, 2, "same", 0)(np.ones((2, 1, 3), "float32")),
        ["output sizes (0,) from an input of (1,)"],
    ),
}


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_wrong_arguments(name):
    make, kind, parts = CONSTRUCTORS[name]
    with pytest.raises(kind) as caught:
        make()
    for part in [*parts, "fix:"]:
        assert part in str(caught.value)


@pytest.mark.parametrize("name", CALLS)
def test_wrong_inputs(name):
    call, parts = CALLS[name]
    with pytest.raises(ShapeError) as caught:
        call()
    for part in [*parts, "fix:"]:
        assert part in str(caught.value)


def test_a_single_picture_after_the_layer_was_built():
    layer = layers.Conv2D(3, 3)
    layer(image)
    with pytest.raises(ShapeError, match=r"x\[None\]"):
        layer(image[0])
    with pytest.raises(ShapeError, match="width 3 on axis -1, but got 1"):
        layer(image[..., :1])


def test_names_of_old_programs():
    for space in "123":
        assert getattr(layers, f"Convolution{space}D") is getattr(layers, f"Conv{space}D")
        old, new = f"Convolution{space}DTranspose", f"Conv{space}DTranspose"
        assert getattr(layers, old) is getattr(layers, new)
    assert layers.SeparableConvolution2D is layers.SeparableConv2D
    assert layers.SeparableConvolution1D is layers.SeparableConv1D


def test_padding_in_capitals():
    assert layers.Conv2D(2, 3, padding="SAME")(image).shape == (2, 8, 8, 2)


@pytest.mark.slow
def test_sizes_that_vary():
    model = Sequential(
        [
            Input((None, None, 3)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
        ]
    )
    assert model.output_shape == (None, None, None, 2)
    for size in (6, 8):
        assert model(np.ones((1, size, size, 3), "float32")).shape == (1, size, size, 2)


def test_the_two_data_formats_hold_the_same_weights():
    last = layers.Conv2D(4, 3, padding="same", activation="tanh")
    first = layers.Conv2D(4, 3, padding="same", activation="tanh", data_format="channels_first")
    x = np.random.default_rng(0).standard_normal((2, 5, 6, 3)).astype("float32")
    expected = last(x)
    assert first(x.transpose(0, 3, 1, 2)).shape == (2, 4, 5, 6)
    first.set_weights(last.get_weights())
    got = np.transpose(first(x.transpose(0, 3, 1, 2)), (0, 2, 3, 1))
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)


def test_pixels_of_whole_numbers():
    pixels = np.arange(192, dtype="uint8").reshape(1, 8, 8, 3)
    layer = layers.Conv2D(2, 3)
    np.testing.assert_allclose(layer(pixels), layer(pixels.astype("float32")), rtol=1e-6)


def test_kernels_start_with_numbers_of_the_right_size():
    """Glorot's limit counts the positions of the window at both ends."""
    layer = layers.Conv2D(32, 3)
    layer(np.ones((1, 4, 4, 16), "float32"))
    limit = np.sqrt(6 / (9 * 16 + 9 * 32))
    assert 0.95 * limit < np.abs(layer.kernel).max() <= limit


def test_a_mask_that_cannot_travel_on_is_reported():
    with pytest.warns(MaskLostWarning, match="conv1d"):
        Sequential([Input((6, 2)), layers.Masking(), layers.Conv1D(3, 2)])


@pytest.mark.slow
def test_an_edge_is_learnt():
    """A kernel of two numbers finds the difference that made the targets."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 8, 1)).astype("float32")
    model = Sequential([Input((8, 1)), layers.Conv1D(1, 2)])
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.learning_rate = 0.05
    model.fit(x, x[:, 1:] - x[:, :-1], epochs=30, batch_size=32, verbose=0)
    np.testing.assert_allclose(np.ravel(model.layers[-1].kernel), [-1, 1], atol=1e-3)
