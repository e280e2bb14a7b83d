"""Tensors of TensorFlow and PyTorch given to layers, operations, losses and metrics.

Where TensorFlow is not installed, a stand-in for its graph shows the same paths.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from helpers_tensorflow import module, placeholder

from pellucid import Sequential, layers, losses, metrics, ops
from pellucid._core import foreign
from pellucid._core.errors import PellucidError, ShapeError
from pellucid._core.rng import next_seed, set_random_seed
from pellucid.data import Dataset


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", module())


@pytest.fixture
def tf():
    return pytest.importorskip("tensorflow")


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


VOCABULARY = ["red", "green"]

# layer, element, static shape given, shape and format inferred
IN_GRAPH = {
    "text": (
        lambda: layers.TextVectorization(vocabulary=VOCABULARY, output_sequence_length=3),
        (["red green", "blue"], (None,)),
        ((None, 3), "int64"),
    ),
    "text, any length": (
        lambda: layers.TextVectorization(vocabulary=VOCABULARY),
        ("red green", ()),
        ((None,), "int64"),
    ),
    "text to number": (
        lambda: layers.StringLookup(vocabulary=VOCABULARY),
        (["red", "blue"], (None,)),
        ((None,), "int64"),
    ),
    "number to text": (
        lambda: layers.StringLookup(vocabulary=VOCABULARY, invert=True),
        (np.array([1, 0]), (None,)),
        ((None,), "string"),
    ),
    "encoded": (
        lambda: layers.StringLookup(vocabulary=VOCABULARY, output_mode="one_hot"),
        (["red", "blue"], (None,)),
        ((None, 3), "float32"),
    ),
    "integers": (
        lambda: layers.IntegerLookup(vocabulary=[5, 7]),
        (np.array([[5], [6]]), (None, 1)),
        ((None, 1), "int64"),
    ),
    "hashing": (lambda: layers.Hashing(4), (["red"], (None,)), ((None,), "int64")),
    "bins": (
        lambda: layers.Discretization([0.0, 1.0]),
        (np.array([0.5, 2.0]), (None,)),
        ((None,), "int32"),
    ),
    "categories": (
        lambda: layers.CategoryEncoding(4, output_mode="one_hot"),
        (np.array([1, 3]), (None,)),
        ((None, 4), "float32"),
    ),
    "scaling": (
        lambda: layers.Rescaling(1 / 255),
        (np.full((2, 4, 4, 3), 51, np.uint8), (None, None, None, 3)),
        ((None, None, None, 3), "float32"),
    ),
    "resizing": (
        lambda: layers.Resizing(2, 2),
        (np.full((5, 7, 3), 9, np.uint8), (None, None, 3)),
        ((2, 2, 3), "float32"),
    ),
    "crop": (
        lambda: layers.RandomCrop(2, 3),
        (np.ones((4, 4, 1), np.float32), (4, 4, 1)),
        ((2, 3, 1), "float32"),
    ),
}


@pytest.mark.parametrize("case", IN_GRAPH)
def test_a_layer_in_a_graph_keeps_shapes_and_gives_what_it_gives_by_hand(case, stand_in):
    make, (value, shape), (out_shape, dtype) = IN_GRAPH[case]
    layer = make()
    tensor = layer(placeholder(value, shape=shape))
    assert (tuple(tensor.shape), tensor.dtype.name) == (out_shape, dtype)
    by_hand = np.asarray(layer(np.asarray(value)))
    result = tensor.run()
    if dtype == "string":
        assert result.tolist() == by_hand.tolist()
    else:
        np.testing.assert_allclose(result, by_hand, rtol=1e-6)
        assert result.dtype == dtype


def test_dictionaries_and_several_tensors_go_through(stand_in):
    images, labels = np.ones((2, 4, 4, 3), np.float32), np.array([0, 1])
    out = layers.RandomFlip()({"images": placeholder(images), "labels": placeholder(labels)})
    assert out["images"].shape == (2, 4, 4, 3)
    assert out["labels"].run().tolist() == [0, 1]
    crossed = layers.HashedCrossing(5)((placeholder(["a", "b"]), placeholder(["c", "d"])))
    assert crossed.shape == (2,)
    assert crossed.run().dtype == np.int64


def test_random_layers_draw_anew_at_every_run_and_leave_the_programs_stream_alone(stand_in):
    def runs():
        set_random_seed(3)
        out = layers.RandomFlip()(placeholder(np.arange(12.0, dtype=np.float32).reshape(2, 2, 3)))
        drawn = [out.run()[0, 0, 0] for _ in range(8)]
        return drawn, next_seed()

    (first, seed), (second, same_seed) = runs(), runs()
    assert first == second
    assert seed == same_seed
    assert len(set(first)) > 1


def test_operations_become_nodes_of_the_graph(stand_in):
    x = placeholder(np.arange(6, dtype=np.float32).reshape(2, 3), shape=(None, 3))
    mean = ops.mean(x, axis=-1)
    assert tuple(mean.shape) == (None,)
    assert mean.run().tolist() == [1.0, 4.0]
    size = placeholder(np.int32(2))
    shaped = ops.reshape(x, (size, 3, 1))
    assert tuple(shaped.shape) == (None, 3, 1)
    assert shaped.run().shape == (2, 3, 1)
    assert ops.dtype(x) == "float32"
    assert ops.cast(x, "int32").run().dtype == np.int32


def test_a_wrong_shape_in_a_graph_is_said_in_our_words(stand_in):
    layer = layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(ShapeError, match="width 3"):
        layer(placeholder(np.ones((2, 4), np.float32)))


def test_nothing_is_imported_or_asked_where_no_library_is_loaded():
    assert not foreign.is_tensor(np.ones(2))
    assert not foreign.in_graph(1.0)
    assert foreign.to_numpy("text") == "text"


# --- the libraries themselves, where they are installed


def test_inside_tf_data_map(tf):
    texts = tf.data.Dataset.from_tensor_slices((["a b", "c"], [0, 1])).batch(2)
    text = layers.TextVectorization(output_sequence_length=2)
    text.adapt(texts.map(lambda x, y: x))
    mapped = texts.map(lambda x, y: (text(tf.expand_dims(x, -1)), y), num_parallel_calls=2)
    spec = mapped.element_spec[0]
    assert spec.shape.as_list() == [None, 2]
    assert spec.dtype == tf.int64
    assert next(iter(mapped))[0].numpy().tolist() == [[4, 3], [2, 0]]

    images = tf.data.Dataset.from_tensors(np.full((4, 4, 3), 51, np.uint8)).repeat(2)
    ready = images.map(lambda x: ops.cast(layers.Rescaling(1 / 51)(x), tf.float32) + 1.0)
    assert ready.element_spec.shape.as_list() == [4, 4, 3]
    assert float(next(iter(ready))[0, 0, 0]) == 2.0


def test_ragged_rows_stay_ragged(tf):
    lookup = layers.StringLookup(vocabulary=["a", "b"])
    assert lookup(tf.ragged.constant([["a"], ["b", "c"]])).to_list() == [[1], [2, 0]]
    mapped = tf.data.Dataset.from_tensors(tf.ragged.constant([["a"], ["b", "c"]])).map(lookup)
    assert next(iter(mapped)).to_list() == [[1], [2, 0]]


def test_words_looked_up_stay_tensors(tf):
    lookup = layers.StringLookup(vocabulary=["a", "b"])
    numbers = lookup(tf.constant(["b", "x"]))
    assert numbers.dtype == tf.int64
    assert numbers.numpy().tolist() == [2, 0]
    words = layers.StringLookup(vocabulary=["a", "b"], invert=True)(numbers)
    assert tf.strings.reduce_join(words).numpy() == b"b[UNK]"
    several = layers.StringLookup(output_mode="multi_hot")
    several.adapt(tf.ragged.constant([["a"], ["a", "b"]]))
    assert several(tf.ragged.constant([["a", "b"], []])).numpy().tolist() == [[0, 1, 1], [0, 0, 0]]


def test_data_sets_of_both_kinds_together(tf):
    ours = Dataset.from_tensor_slices(np.arange(4.0, dtype=np.float32)).batch(2)
    theirs = tf.data.Dataset.from_tensor_slices([5, 6, 7, 8]).batch(2)
    pairs = tf.data.Dataset.zip((ours, theirs)).shuffle(1).prefetch(1)
    assert [(a.numpy().tolist(), b.numpy().tolist()) for a, b in pairs] == [
        ([0, 1], [5, 6]),
        ([2, 3], [7, 8]),
    ]
    assert pairs.element_spec[0].shape.as_list() == [None]
    assert len(list(Dataset.zip((ours, theirs)))) == 2
    assert len(list(ours.concatenate(theirs))) == 4


def test_text_functions_written_with_tensorflow(tf):
    def clean(texts):
        return tf.strings.regex_replace(tf.strings.lower(texts), "<br />", " ")

    layer = layers.TextVectorization(standardize=clean, split=lambda x: tf.strings.split(x))
    layer.adapt(tf.constant(["A<br />B b"]))
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "a"]


def test_tensors_with_numbers_are_taken_by_everything(tf):
    x, y = tf.ones((2, 3)), tf.constant([[1.0], [0.0]])
    model = Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert model(x).shape == (2, 1)
    assert model.predict(x, verbose=0).shape == (2, 1)
    model.fit(x, y, verbose=0, doctor=None, checkup=False)
    assert float(losses.MeanSquaredError()(y, tf.zeros((2, 1)))) == 0.5
    assert float(metrics.Mean()(y)) == 0.5
    assert ops.convert_to_numpy(tf.constant(["a"])).tolist() == [b"a"]
    assert ops.add(x, 1).tolist() == [[2.0] * 3] * 2


def test_tensors_of_pytorch_are_taken_by_everything(torch):
    x = torch.ones(2, 3, requires_grad=True)
    assert layers.Dense(1)(x).shape == (2, 1)
    assert float(losses.MeanSquaredError()(x, torch.zeros(2, 3))) == 1.0
    assert ops.cast(x, torch.int32).dtype == np.int32
    with pytest.raises(PellucidError):
        ops.reshape(x, (4, 4))
