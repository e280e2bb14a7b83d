"""Files of weights in Keras's layout: Keras opens ours, and we open Keras's, for every layer."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest
from contract.layer_cases import CASES
from test_layers_parity import pair

import pellucid
from pellucid import Model, layers
from pellucid._core.registry import snake_case
from pellucid.network.parts import name_of

ONE_A_LAYER = list({case.layer: case for case in reversed(CASES) if case.keras}.values())


class Ours(Model):
    def __init__(self, layer):
        super().__init__()
        self.held = layer
        self.built = True


class Theirs(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.held = layer
        self.built = True


def kept(model):
    return [w for w in model.weights if "seed_generator" not in w.path]


def values(model):
    return [np.asarray(w) for w in kept(model)]


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def spread(model):
    """Other numbers than the model started with."""
    rng = np.random.default_rng(1)
    for weight in kept(model):
        weight.assign(rng.uniform(0.1, 1, weight.shape).astype(str(weight.dtype)))


@pytest.mark.parametrize("case", ONE_A_LAYER, ids=str)
def test_files_of_every_layer_go_both_ways(case, tmp_path):
    ours, theirs, _ = pair(case)
    assert name_of(ours) == snake_case(type(theirs).__name__), "the name it has in lists of files"
    ours, theirs = Ours(ours), Theirs(theirs)
    path = tmp_path / "of.weights.h5"
    theirs.save_weights(path)
    before = sorted_values(ours)
    for weight in ours.weights:
        weight.assign(np.zeros(weight.shape))
    ours.load_weights(path)
    assert same(sorted_values(ours), before)
    ours.save_weights(path)
    for weight in kept(theirs):
        weight.assign(np.zeros(weight.shape))
    theirs.load_weights(path)
    assert same(sorted_values(theirs), before)


def written(lib):
    """A subclassed model with layers in all the places where Keras's walk looks for them."""

    class Block(lib.layers.Layer):
        def __init__(self):
            super().__init__()
            dense = lib.layers.Dense
            self.z = dense(3)
            self.several = [dense(3), {"a": dense(3), "b": [dense(3)]}, (dense(3),)]
            self._last = dense(3)

        def call(self, x):
            first, named, (fifth,) = self.several
            return self._last(fifth(first(named["a"](named["b"][0](self.z(x))))))

    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.block = Block()
            self.norm = lib.layers.BatchNormalization()
            self.alpha = self.block.z  # shared: it stands where the walk meets it first
            self._hidden = lib.layers.Dense(3)
            self.stack = lib.Sequential([lib.layers.Dense(2), lib.layers.PReLU()])

        @property
        def hidden(self):
            return self._hidden

        def call(self, x):
            return self.stack(self.hidden(self.norm(self.block(x))))

    model = Net()
    model(np.ones((1, 3), "float32"))
    return model


def drawn(lib):
    """A functional model: nested ones, shared layers, wrappers, cells."""
    layers = lib.layers
    a, b = lib.Input((4,), name="a"), lib.Input((5, 2), name="b")
    shared, start = layers.Dense(3), lib.Input((3,))
    inner = lib.Model(start, layers.Dense(3)(start))
    stack = lib.Sequential([layers.Dense(3), layers.BatchNormalization()])
    cells = layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)])
    x = layers.Add()([inner(shared(a)), stack(layers.Bidirectional(layers.LSTM(2))(b)), cells(b)])
    y = layers.Flatten()(layers.MultiHeadAttention(2, 2)(b, b))
    y = layers.Concatenate()([x, y, layers.Flatten()(layers.TimeDistributed(layers.Dense(2))(b))])
    return lib.Model([a, b], [layers.Dense(1)(y), shared(layers.Dense(4)(y))])


def stateful(lib):
    layers = lib.layers
    start = lib.Input(batch_shape=(2, 3, 2))
    return lib.Model(start, layers.LSTM(2, stateful=True)(start))


def frozen(lib):
    """Frozen weights keep their places."""
    start = lib.Input((3,))
    model = lib.Model(start, lib.layers.BatchNormalization()(lib.layers.Dense(3)(start)))
    model.layers[1].kernel.trainable = False
    model.layers[2].trainable = False
    return model


@pytest.mark.parametrize("make", [written, drawn, stateful, frozen])
def test_files_of_whole_networks_go_both_ways(make, tmp_path):
    ours, theirs = make(pellucid), make(keras)
    path = tmp_path / "of.weights.h5"
    spread(theirs)
    theirs.save_weights(path)
    ours.load_weights(path)
    held = {w.path.partition("/")[2] for w in kept(ours)}
    assert same(sorted_values(ours), sorted_values(theirs)), held
    spread(ours)
    ours.save_weights(path)
    theirs.load_weights(path)
    assert same(sorted_values(ours), sorted_values(theirs))


def sorted_values(model):
    """The values in an order that does not hang on how each library lists them."""
    return sorted(values(model), key=lambda array: (array.shape, array.ravel().tolist()))


OPTIMIZERS = {
    "sgd": lambda o: o.SGD(0.1, momentum=0.9),
    "adam": lambda o: o.Adam(0.01, amsgrad=True),
    "rmsprop": lambda o: o.RMSprop(0.01, momentum=0.9, centered=True),
    "adafactor": lambda o: o.Adafactor(0.01),
    "scaled": lambda o: o.LossScaleOptimizer(o.RMSprop(0.01), initial_scale=4.0),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_optimiser_goes_on_in_the_other_library(kind, tmp_path):
    x, y = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")

    def made(lib):
        model = lib.Sequential([lib.layers.Input((3,)), lib.layers.Dense(3)])
        model.compile(OPTIMIZERS[kind](lib.optimizers), "mse")
        return model

    def train(model, **more):
        model.fit(x, y, batch_size=4, epochs=1, shuffle=False, verbose=0, **more)

    quiet = {"doctor": None, "checkup": False}
    path = tmp_path / "of.weights.h5"
    ours, theirs = made(pellucid), made(keras)
    train(theirs)
    theirs.save_weights(path)
    ours.optimizer.build(ours.trainable_variables)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours.load_weights(path)
    train(theirs)
    train(ours, **quiet)
    for a, b in zip(values(ours), values(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    ours.save_weights(path)
    again = made(keras)
    again.optimizer.build(again.trainable_variables)
    again.load_weights(path)
    train(again)
    train(ours, **quiet)
    for a, b in zip(values(ours), values(again), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_layer_of_the_users_own_keeps_what_it_likes(tmp_path):
    def made(lib):
        class Table(lib.layers.Layer):
            def build(self, input_shape):
                self.rows = np.zeros(2)

            def call(self, x):
                return x

            def save_own_variables(self, store):
                store["rows"] = self.rows

            def load_own_variables(self, store):
                self.rows = np.array(store["rows"])

        model = lib.Sequential([lib.layers.Input((2,)), Table()])
        return model, model.layers[0]

    (ours, table), (theirs, their_table) = made(pellucid), made(keras)
    path = tmp_path / "of.weights.h5"
    their_table.rows = np.array([1.0, 2.0])
    theirs.save_weights(path)
    ours.load_weights(path)
    assert table.rows.tolist() == [1, 2]
    table.rows = np.array([3.0, 4.0])
    ours.save_weights(path)
    theirs.load_weights(path)
    assert their_table.rows.tolist() == [3, 4]


def test_narrow_formats_go_both_ways(tmp_path):
    ours = pellucid.Sequential([layers.Input((2,)), layers.Dense(2, dtype="bfloat16")])
    theirs = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, dtype="bfloat16")])
    path = tmp_path / "of.weights.h5"
    for source, target in ((theirs, ours), (ours, theirs)):
        spread(source)
        source.save_weights(path)
        target.load_weights(path)
        assert same(values(ours), values(theirs))
