"""Sequences of different lengths: one mask from Masking or Embedding to the end, against Keras."""

from __future__ import annotations

import warnings

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import MaskLostWarning

RNG = np.random.default_rng(0)
LENGTHS = (6, 3, 1, 5)


def padded(side: str) -> np.ndarray:
    """Four sequences of up to six steps, filled up with zeros on one side or in the middle."""
    x = RNG.normal(size=(4, 6, 3)).astype("float32")
    for row, length in enumerate(LENGTHS):
        if side == "right":
            x[row, length:] = 0
        elif side == "left":
            x[row, : 6 - length] = 0
        else:
            x[row, 1 : 7 - length] = 0
    return x


def words(side: str) -> np.ndarray:
    numbers = RNG.integers(1, 9, (4, 6))
    return np.where(padded(side).any(-1), numbers, 0).astype("int32")


def recurrent(library, kind, **options):
    return getattr(library.layers, kind)(4, **options)


STACKS = {
    "lstm": lambda k: [k.layers.Masking(), recurrent(k, "LSTM")],
    "gru": lambda k: [k.layers.Masking(), recurrent(k, "GRU")],
    "gru, reset before": lambda k: [k.layers.Masking(), recurrent(k, "GRU", reset_after=False)],
    "simple": lambda k: [k.layers.Masking(), recurrent(k, "SimpleRNN", activation="elu")],
    "backwards": lambda k: [k.layers.Masking(), recurrent(k, "LSTM", go_backwards=True)],
    "unrolled": lambda k: [k.layers.Masking(), recurrent(k, "GRU", unroll=True)],
    "every step": lambda k: [k.layers.Masking(), recurrent(k, "LSTM", return_sequences=True)],
    "zeros where masked": lambda k: [
        k.layers.Masking(),
        recurrent(k, "LSTM", return_sequences=True, zero_output_for_mask=True),
    ],
    "stacked, with layers between": lambda k: [
        k.layers.Masking(),
        recurrent(k, "GRU", return_sequences=True),
        k.layers.Dropout(0.5),
        k.layers.LayerNormalization(),
        k.layers.TimeDistributed(k.layers.Dense(5, activation="tanh")),
        k.layers.Activation("tanh"),
        recurrent(k, "LSTM", return_sequences=True),
        k.layers.Bidirectional(recurrent(k, "GRU", return_sequences=True)),
        recurrent(k, "LSTM"),
        k.layers.Dense(2),
    ],
    "cells": lambda k: [
        k.layers.Masking(),
        k.layers.RNN([k.layers.LSTMCell(4), k.layers.GRUCell(3)], return_sequences=True),
        k.layers.RNN(k.layers.SimpleRNNCell(2)),
    ],
    "pooled": lambda k: [
        k.layers.Masking(),
        recurrent(k, "LSTM", return_sequences=True),
        k.layers.GlobalAveragePooling1D(),
    ],
    **{
        f"bidirectional, {mode}, {'every step' if every else 'last'}": lambda k, m=mode, e=every: [
            k.layers.Masking(),
            k.layers.Bidirectional(recurrent(k, "LSTM", return_sequences=e), merge_mode=m),
        ]
        for mode in ("concat", "sum", "mul", "ave")
        for every in (True, False)
    },
}


def pair(build, inputs):
    theirs = keras.Sequential([keras.Input(inputs.shape[1:], dtype=inputs.dtype), *build(keras)])
    ours = Sequential([Input(inputs.shape[1:], dtype=inputs.dtype.name), *build(pellucid)])
    values = [RNG.normal(0, 0.5, w.shape).astype("float32") for w in ours.get_weights()]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


def close(a, b, rtol=1e-5):
    scale = float(np.max(np.abs(np.asarray(b)), initial=1e-3))
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=rtol * scale)


def assert_same(ours, theirs, x):
    """Outputs and gradients of weights and inputs, compiled."""
    variables = ours.variable_tree()
    paths = [w.path for w in ours.weights]
    fixed = [v.value for v in theirs.non_trainable_variables]

    def value_of_ours(weights, x):
        y, _ = ours.apply(dict(zip(paths, weights, strict=True)), x)
        return jnp.sum(jnp.sin(y)), y

    def value_of_theirs(weights, x):
        y, _ = theirs.stateless_call(weights, fixed, x)
        return jnp.sum(jnp.sin(y)), y

    over = (0, 1) if x.dtype == np.float32 else (0,)
    ours_at = jax.jit(jax.value_and_grad(value_of_ours, over, has_aux=True))
    theirs_at = jax.jit(jax.value_and_grad(value_of_theirs, over, has_aux=True))
    (_, y), gradients = ours_at([variables[p] for p in paths], x)
    (_, expected), wanted = theirs_at([v.value for v in theirs.trainable_variables], x)
    close(y, expected)
    close(ours.predict(x, verbose=0), expected)
    for a, b in zip(jax.tree.leaves(gradients), jax.tree.leaves(wanted), strict=True):
        close(a, b, 2e-5)


EVERY_SIDE = ("lstm", "gru", "backwards", "unrolled", "stacked, with layers between")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "side"),
    [(name, "right") for name in STACKS]
    + [(name, side) for name in EVERY_SIDE for side in ("left", "middle")],
)
def test_stacks_against_keras(name, side):
    x = padded(side)
    ours, theirs = pair(STACKS[name], x)
    with warnings.catch_warnings():
        warnings.simplefilter("error", MaskLostWarning)
        assert_same(ours, theirs, x)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["right", "left"])
def test_words_through_a_functional_model(side):
    x = words(side)

    def build(library):
        inputs = library.Input((None,), dtype="int32")
        y = library.layers.Embedding(9, 5, mask_zero=True)(inputs)
        y = library.layers.LayerNormalization()(y)
        y = library.layers.Bidirectional(library.layers.LSTM(4, return_sequences=True))(y)
        last = library.layers.GRU(3)(y)
        mean = library.layers.GlobalAveragePooling1D()(y)
        return library.Model(inputs, library.layers.Concatenate()([last, mean]))

    ours, theirs = build(pellucid), build(keras)
    values = [RNG.normal(0, 0.5, w.shape).astype("float32") for w in ours.get_weights()]
    ours.set_weights(values)
    theirs.set_weights(values)
    assert_same(ours, theirs, x)


def test_what_stands_in_padding_changes_nothing():
    """More masked steps, on either side, leave the output as it is."""
    model = Sequential(
        [
            Input((None, 3)),
            layers.Masking(9.0),
            layers.LSTM(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(3)),
            layers.Bidirectional(layers.GRU(4, return_sequences=True)),
            layers.SimpleRNN(3),
        ]
    )
    x = RNG.normal(size=(2, 4, 3)).astype("float32")
    expected = model.predict(x, verbose=0)
    padding = np.full((2, 3, 3), 9.0, "float32")
    for longer in (np.concatenate([x, padding], 1), np.concatenate([padding, x], 1)):
        np.testing.assert_allclose(model.predict(longer, verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_a_mask_that_a_layer_cannot_carry_is_reported():
    with pytest.warns(MaskLostWarning, match="flatten"):
        model = Sequential([Input((6, 3)), layers.Masking(), layers.Flatten(), layers.Dense(2)])
    with pytest.warns(MaskLostWarning, match="flatten"):
        jax.jit(lambda x: model.apply(model.variable_tree(), x)[0])(padded("right"))


def test_the_mask_reaches_the_loss():
    """Padded steps weigh nothing in the loss of a model that labels every step."""
    x, y = padded("right"), RNG.normal(size=(4, 6, 4)).astype("float32")
    model = Sequential([Input((6, 3)), layers.Masking(), layers.LSTM(4, return_sequences=True)])
    model.compile("sgd", "mse")
    other = y.copy()
    other[~x.any(-1)] = 100.0
    before = model.evaluate(x, y, verbose=0)
    assert model.evaluate(x, other, verbose=0) == pytest.approx(before)
    theirs = keras.Sequential(
        [keras.Input((6, 3)), keras.layers.Masking(), keras.layers.LSTM(4, return_sequences=True)]
    )
    theirs.set_weights(model.get_weights())
    theirs.compile("sgd", "mse")
    assert theirs.evaluate(x, y, verbose=0) == pytest.approx(before, rel=1e-5)


def test_the_mask_of_reversed_outputs_is_reversed():
    """Keras leaves it as it was, so that the next layer drops a real step and counts padding."""
    x = padded("right")
    first = layers.GRU(4, go_backwards=True, return_sequences=True)
    model = Sequential([Input((6, 3)), layers.Masking(), first, layers.LSTM(3)])
    alike = [type(layer).from_config(layer.get_config()) for layer in model.layers[1:]]
    plain = Sequential([Input((None, 3)), *alike])
    plain.set_weights(model.get_weights())
    for row, length in enumerate(LENGTHS):
        alone = plain.predict(x[row : row + 1, :length], verbose=0)
        np.testing.assert_allclose(model.predict(x, verbose=0)[row], alone[0], rtol=1e-5, atol=1e-6)


def test_masks_within_steps():
    """Sentences of words: words are masked inside a step, sentences without words as steps."""
    documents = np.zeros((2, 3, 4), "int32")
    documents[0, 0, :3], documents[0, 1, :2], documents[1, 0, :1] = (1, 2, 3), (4, 5), 6

    def build(shape):
        x = Input(shape, dtype="int32")
        y = layers.Embedding(9, 5, mask_zero=True)(x)
        return Model(x, layers.GRU(2)(layers.TimeDistributed(layers.LSTM(3))(y)))

    model = build((3, 4))
    expected = model.predict(documents, verbose=0)
    wider = np.concatenate([documents, np.zeros((2, 3, 4), "int32")], 2)
    longer = np.concatenate([documents, np.zeros((2, 2, 4), "int32")], 1)
    for changed in (wider, longer):
        twin = build(changed.shape[1:])
        twin.set_weights(model.get_weights())
        np.testing.assert_allclose(twin.predict(changed, verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_a_custom_layer_that_supports_masking_passes_it_on():
    class Half(layers.Layer):
        supports_masking = True

        def call(self, inputs):
            return inputs / 2

    x = padded("right")
    model = Sequential([Input((6, 3)), layers.Masking(), Half(), layers.LSTM(2)])
    short = Sequential([Input((3, 3)), Half(), layers.LSTM(2)])
    short.set_weights(model.get_weights())
    np.testing.assert_allclose(
        model.predict(x, verbose=0)[1:2], short.predict(x[1:2, :3], verbose=0), rtol=1e-5, atol=1e-6
    )


def test_weights_of_one_column_beside_a_mask():
    """Weighted metrics count a step by its row's weight, a loss likewise."""
    x = padded("right")
    y, weight = np.zeros((4, 6, 1), "float32"), np.array([[1.0], [2.0], [0.5], [0.0]], "float32")
    model = Sequential(
        [Input((6, 3)), layers.Masking(), layers.Dense(1, kernel_initializer="ones")]
    )
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    found = model.evaluate(x, y, sample_weight=weight, verbose=0, return_dict=True)
    steps = weight * x.any(-1)  # (samples, steps)
    error = np.abs(x.sum(-1))
    assert found["mae"] == pytest.approx((error * steps).sum() / steps.sum(), rel=1e-5)
    assert found["loss"] == pytest.approx((error**2 * steps).sum() / x.any(-1).sum(), rel=1e-5)


@pytest.mark.parametrize("name", ["GlobalAveragePooling1D", "LSTM", "MultiHeadAttention"])
def test_an_input_given_by_its_name_brings_its_mask(name):
    """Alone and in a functional model, as when it is given by place."""
    makes = {
        "GlobalAveragePooling1D": (lambda: layers.GlobalAveragePooling1D(), "inputs"),
        "LSTM": (lambda: layers.LSTM(2, seed=0), "sequences"),
        "MultiHeadAttention": (lambda: layers.MultiHeadAttention(1, 2, seed=0), "query"),
    }
    make, argument = makes[name]
    x = np.array([[[1.0, 2.0], [3.0, 1.0], [0.0, 0.0], [0.0, 0.0]]], "float32")
    masked, tensor = layers.Masking()(x), layers.Input((4, 2))
    layer = make()
    more = {"value": masked} if name == "MultiHeadAttention" else {}
    by_place = layer(masked, **more)
    np.testing.assert_array_equal(layer(**{argument: masked}, **more), by_place)
    inner = layers.Masking()(tensor)
    more = {"value": inner} if name == "MultiHeadAttention" else {}
    model = Model(tensor, layer(**{argument: inner}, **more))
    np.testing.assert_allclose(model.predict(x, verbose=0), by_place, rtol=1e-6)
