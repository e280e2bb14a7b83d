"""Wrong arguments and wrong inputs: each says what, where, and what to write instead."""

import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import (
    ConfigError,
    DataError,
    MaskLostWarning,
    PellucidError,
    ShapeError,
    UnknownNameError,
)

x2 = np.ones((2, 4), "float32")
x3 = np.ones((2, 3, 4), "float32")

# what is written, the kind of error, and parts of the message
CONSTRUCTORS = {
    "units 0": (lambda: layers.Dense(0), ConfigError, ["'units'", "dense", "got: 0"]),
    "units 2.5": (lambda: layers.Dense(2.5), ConfigError, ["2.5 (float)", "whole number"]),
    "units True": (lambda: layers.Dense(True), ConfigError, ["True (bool)"]),
    "units text": (lambda: layers.Dense("10"), ConfigError, ["'10' (str)"]),
    "no units": (lambda: layers.Dense(), ConfigError, ["Dense", "units"]),
    "named": (lambda: layers.Dense(-1, name="hidden"), ConfigError, ["'hidden'"]),
    "activation": (lambda: layers.Dense(3, "rleu"), UnknownNameError, ["mean 'relu'"]),
    "initialiser": (
        lambda: layers.Dense(3, kernel_initializer="he_norml"),
        UnknownNameError,
        ["he_norml", "did you mean"],
    ),
    "regulariser": (
        lambda: layers.Dense(3, kernel_regularizer="l3"),
        UnknownNameError,
        ["regularizer called 'l3'"],
    ),
    "constraint": (
        lambda: layers.Dense(3, bias_constraint="nonneg1"),
        UnknownNameError,
        ["constraint"],
    ),
    "a number for an activation": (lambda: layers.Dense(3, 64), ConfigError, ["64", "activation"]),
    "argument": (lambda: layers.Dense(3, actvation="relu"), UnknownNameError, ["'activation'"]),
    "Activation": (lambda: layers.Activation("sofmax"), UnknownNameError, ["'softmax'"]),
    "rate above 1": (lambda: layers.Dropout(1.5), ConfigError, ["from 0 to 1", "rate=0.015"]),
    "rate in percent": (lambda: layers.Dropout(20), ConfigError, ["not a percentage", "rate=0.2"]),
    "negative rate": (lambda: layers.Dropout(-0.1), ConfigError, ["dropout", "-0.1"]),
    "rate text": (lambda: layers.Dropout("a"), ConfigError, ["'a'"]),
    "noise shape": (lambda: layers.Dropout(0.5, noise_shape="2"), ConfigError, ["noise_shape"]),
    "noise shape 0": (lambda: layers.Dropout(0.5, noise_shape=(0, 1)), ConfigError, ["positive"]),
    "seed": (lambda: layers.Dropout(0.5, seed=1.5), ConfigError, ["seed=42"]),
    "stddev": (lambda: layers.GaussianNoise(2), ConfigError, ["stddev"]),
    "gaussian rate 1": (lambda: layers.GaussianDropout(1), ConfigError, ["infinite"]),
    "momentum": (lambda: layers.BatchNormalization(momentum=2), ConfigError, ["momentum"]),
    "epsilon": (lambda: layers.LayerNormalization(epsilon=-1), ConfigError, ["epsilon"]),
    "BN axis": (lambda: layers.BatchNormalization(axis=1.5), ConfigError, ["axis"]),
    "LN axis": (lambda: layers.LayerNormalization(axis="last"), ConfigError, ["'last'"]),
    "input_dim": (lambda: layers.Embedding(0, 4), ConfigError, ["input_dim", "10000"]),
    "output_dim": (lambda: layers.Embedding(4, None), ConfigError, ["output_dim", "None"]),
    "target shape": (lambda: layers.Reshape((-1, -1)), ConfigError, ["(-1, -1)"]),
    "target shape 5": (lambda: layers.Reshape(5), ConfigError, ["target_shape=(28, 28)"]),
    "dims": (lambda: layers.Permute((0, 1)), ConfigError, ["batch"]),
    "n": (lambda: layers.RepeatVector(0), ConfigError, ["'n'"]),
    "slope": (lambda: layers.LeakyReLU(-1), ConfigError, ["negative_slope"]),
    "ceiling": (lambda: layers.ReLU(max_value=-1), ConfigError, ["max_value", "0 or more"]),
    "alpha": (lambda: layers.ELU(alpha=None), ConfigError, ["alpha"]),
    "shared axes": (lambda: layers.PReLU(shared_axes=[0]), ConfigError, ["shared_axes"]),
    "data format": (lambda: layers.Flatten("NCHW"), ConfigError, ["channels_last"]),
    "lambda": (lambda: layers.Lambda(5), ConfigError, ["lambda x: x / 255"]),
    "lambda name": (lambda: layers.Lambda("no_such"), UnknownNameError, ["function", "no_such"]),
    "scale": (lambda: layers.Rescaling("big"), ConfigError, ["scale=1 / 255"]),
    "mean alone": (lambda: layers.Normalization(mean=1.0), ConfigError, ["together"]),
    "mean too deep": (
        lambda: layers.Normalization(mean=[[1.0]], variance=[[1.0]]),
        ConfigError,
        ["more axes"],
    ),
    "concat axis": (lambda: layers.Concatenate(axis=None), ConfigError, ["axis"]),
    "operation": (lambda: layers.Operation("ad"), UnknownNameError, ["'add'"]),
    "name": (lambda: layers.Dense(3, name=5), ConfigError, ["must be text"]),
}

CALLS = {
    "other width": (
        lambda: _called(layers.Dense(3, name="out"), x2)(np.ones((2, 5))),
        ShapeError,
        ["'out'", "width 4", "got 5", "new layer"],
    ),
    "rank 1": (lambda: layers.Dense(3)(np.ones(4)), ShapeError, ["rank 2 or more", "reshape"]),
    "reshape": (
        lambda: layers.Reshape((5, 5), name="grid")(x2),
        ShapeError,
        ["'grid'", "4 values", "(5, 5)", "25 values"],
    ),
    "reshape with -1": (lambda: layers.Reshape((3, -1))(x2), ShapeError, ["a multiple of 3"]),
    "permute": (lambda: layers.Permute((2, 1))(x2), ShapeError, ["rank 3", "got: rank 2"]),
    "repeat": (lambda: layers.RepeatVector(2)(x3), ShapeError, ["rank 2"]),
    "add": (
        lambda: layers.Add()([x2, np.ones((2, 5))]),
        ShapeError,
        ["(2, 4), (2, 5)", "Dense or Reshape"],
    ),
    "add batches": (lambda: layers.Add()([x2, np.ones((1, 4))]), ShapeError, ["same batch"]),
    "add one": (lambda: layers.Add()(x2), ShapeError, ["Add()([a, b])", "list"]),
    "add nothing": (lambda: layers.Add()([]), PellucidError, ["add"]),
    "subtract three": (lambda: layers.Subtract()([x2, x2, x2]), ShapeError, ["a list of 2", "3 t"]),
    "concatenate": (
        lambda: layers.Concatenate()([x3, np.ones((2, 5, 4))]),
        ShapeError,
        ["every axis but 2", "(2, 3, 4), (2, 5, 4)"],
    ),
    "concatenate ranks": (lambda: layers.Concatenate()([x2, x3]), ShapeError, ["2 axes"]),
    "concatenate axis": (
        lambda: layers.Concatenate(axis=3)([x2, x2]),
        ShapeError,
        ["axis 3", "from -2 to 1"],
    ),
    "BN axis": (lambda: layers.BatchNormalization(axis=2)(x2), ShapeError, ["axis 2"]),
    "LN axis": (lambda: layers.LayerNormalization(axis=[1, 5])(x2), ShapeError, ["axis 5"]),
    "LN batch": (lambda: layers.LayerNormalization(axis=0)(x2), ConfigError, ["batch"]),
    "BN mask": (
        lambda: layers.BatchNormalization()(x3, mask=np.ones((2, 7), bool), training=True),
        ShapeError,
        ["mask (2, 7)", "(2, 3)"],
    ),
    "softmax mask": (
        lambda: layers.Softmax()(x2, mask=np.ones((7,), bool)),
        ShapeError,
        ["mask (7,)"],
    ),
    "noise shape": (
        lambda: layers.Dropout(0.5, noise_shape=(None, 3))(x2, training=True),
        ShapeError,
        ["noise_shape=(None, 3)", "(2, 4)"],
    ),
    "prelu axes": (lambda: layers.PReLU(shared_axes=[3])(x2), ShapeError, ["axis 3"]),
    "words": (lambda: layers.Dense(3)(np.array([["a", "b"]])), DataError, ["encode"]),
    "embedding fractions": (
        lambda: layers.Embedding(10, 4)(np.array([[0.5, 1.0]])),
        DataError,
        ["got: 0.5", "0 to 9"],
    ),
    "embedding above": (
        lambda: layers.Embedding(10, 4, name="words")(np.array([[3, 10, 12]])),
        DataError,
        ["'words'", "got: 10", "input_dim=10", "input_dim=13"],
    ),
    "embedding below": (
        lambda: layers.Embedding(10, 4)(np.array([[-11]])),
        DataError,
        ["got: -11", "from 0"],
    ),
    "embedding weights": (
        lambda: layers.Embedding(10, 4, weights=np.ones((10, 3))),
        ShapeError,
        ["(10, 3)", "(10, 4)"],
    ),
    "adapt nothing": (lambda: layers.Normalization().adapt([]), DataError, ["no data"]),
    "adapt text": (lambda: layers.Normalization().adapt(np.array([["a"]])), DataError, ["text"]),
    "adapt NaN": (lambda: layers.Normalization().adapt([[np.nan]]), DataError, ["NaN"]),
    "adapt a number": (lambda: layers.Normalization().adapt(5), DataError, ["int"]),
    "adapt given": (
        lambda: layers.Normalization(mean=0.0, variance=1.0).adapt(x2),
        ConfigError,
        ["of its own"],
    ),
    "adapt other width": (
        lambda: _called(layers.Normalization(), x2).adapt(np.ones((2, 5))),
        ShapeError,
        ["another width", "(None, 5)"],
    ),
    "adapt batches": (
        lambda: layers.Normalization().adapt([x2, np.ones((2, 5))]),
        ShapeError,
        ["(2, 4) and (2, 5)"],
    ),
    "lambda from JSON": (
        lambda: layers.Lambda.from_config(layers.Lambda(lambda x: x).get_config()),
        ConfigError,
        ["safe_mode=False"],
    ),
    "function from JSON": (
        lambda: layers.Lambda.from_config(layers.Lambda(np.square).get_config()),
        ConfigError,
        ["custom_objects={'square': square}"],
    ),
    "weight name first": (lambda: layers.Layer().add_weight("w"), ConfigError, ["name='w'"]),
    "trainable": (lambda: layers.Dense(2, trainable="yes"), ConfigError, ["True or False"]),
    "lambda fails": (
        lambda: layers.Lambda(lambda x: x @ x, name="square")(x2),
        ShapeError,
        ["'square'", "(2, 4)"],
    ),
}

INPUTS = {
    "a number": (lambda: Input(784), ShapeError, ["shape=(784,)"]),
    "nothing": (lambda: Input(), ShapeError, ["neither"]),
    "two": (lambda: Input((4,), batch_shape=(None, 4)), ShapeError, ["batch_shape"]),
    "batch twice": (lambda: Input(batch_shape=(2, 4), batch_size=2), ShapeError, ["twice"]),
    "text": (lambda: Input("784"), ShapeError, ["'784'"]),
    "negative": (lambda: Input((-1, 4)), ShapeError, ["(-1, 4)", "x.shape[1:]"]),
    "fraction": (lambda: Input((2.5,)), ShapeError, ["2.5"]),
    "odd data": (lambda: Input((4,), dtype="datetime"), ConfigError, ["'datetime'"]),
    "argument": (lambda: Input(shap=(4,)), UnknownNameError, ["'shape'"]),
    "truth": (lambda: bool(Input((4,)) > 0), PellucidError, ["truth value"]),
    "index": (lambda: Input((4,))[:, [0, 1]], ConfigError, ["Lambda"]),
    "numpy": (lambda: np.sin(Input((4,))), (PellucidError, TypeError), [""]),
    "broken arithmetic": (lambda: Input((4,)) + Input((3,)), ShapeError, ["add"]),
    "model of arrays": (lambda: Model(x2, x2), ConfigError, ["Input"]),
}


def _called(layer, x):
    layer(x)
    return layer


@pytest.mark.parametrize(
    ("function", "kind", "parts"),
    [*CONSTRUCTORS.values(), *CALLS.values(), *INPUTS.values()],
    ids=[*CONSTRUCTORS, *(f"call: {name}" for name in CALLS), *(f"Input: {n}" for n in INPUTS)],
)
def test_message(function, kind, parts):
    with pytest.raises(kind) as caught:
        function()
    message = str(caught.value)
    for part in parts:
        assert part in message
    if isinstance(caught.value, PellucidError):
        assert "fix:" in message, message


def test_a_shared_layer_with_another_width_is_refused_while_the_graph_is_drawn():
    shared = layers.Dense(3, name="shared")
    shared(Input((4,)))
    with pytest.raises(ShapeError, match="'shared' was built for inputs of width 4"):
        shared(Input((5,)))


def test_a_stack_whose_widths_do_not_fit_says_where():
    with pytest.raises(ShapeError, match="'grid'"):
        Sequential([Input((7,)), layers.Dense(5), layers.Reshape((2, 3), name="grid")])


def test_a_function_that_drops_the_mask_says_so_while_the_network_is_written():
    stack = [Input((3, 2)), layers.Masking(), layers.Lambda(lambda x: x * 2)]
    with pytest.warns(MaskLostWarning, match="Lambda 'lambda' drops the mask"):
        Sequential(stack)
    with pytest.warns(MaskLostWarning, match="'flatten' cannot use the mask"):
        Sequential([Input((3, 2)), layers.Masking(), layers.Flatten()])


class WeightInCall(layers.Layer):
    def call(self, inputs):
        self.w = self.add_weight(shape=(), initializer="ones")
        return inputs * self.w


def test_a_weight_made_in_call_is_refused():
    layer = WeightInCall()
    with pytest.raises(ConfigError, match="each call would make another"):
        layer(np.ones((3, 2)))
    assert layer.weights == []


def test_a_weight_made_in_build_within_a_call_is_not():
    class InBuild(layers.Layer):
        def build(self, input_shape):
            super().build(input_shape)
            self.w = self.add_weight((), "ones", "float32")

        def call(self, inputs):
            return inputs * self.w

    layer = InBuild()
    layer(np.ones((3, 2)))
    assert len(layer.weights) == 1


def test_an_argument_of_add_weight_given_twice():
    with pytest.raises(ConfigError, match="'shape' twice"):
        layers.Layer().add_weight((3, 4), shape=(3, 4))
