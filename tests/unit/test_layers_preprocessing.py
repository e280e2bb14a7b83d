"""Layers for categories, text and signals: adapting, errors, hashes, and networks of text."""

from __future__ import annotations

import copy
import json

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid import Input, Model, Sequential, layers, utils
from pellucid._core.errors import (
    ArgumentTypeError,
    ConfigError,
    DataError,
    PellucidError,
    ShapeError,
    StateError,
)
from pellucid.kernels.categories import encode
from pellucid.kernels.fingerprint import fingerprint64, siphash64
from pellucid.kernels.fingerprint_device import integer_buckets
from pellucid.layers.preprocessing.buckets import bucket_of, cross

TEXTS = np.array(["good film", "bad film", "very good", "very bad", "good good", "bad bad"] * 8)
LABELS = np.array([1, 0, 1, 0, 1, 0] * 8)


# --- hashes

FARM = {
    0: 11160318154034397263,
    1: 13718060045003475796,
    3: 10709908609026466970,
    4: 9421527712639018304,
    7: 11736591675260184225,
    8: 12491318377461660568,
    16: 1080060857502750420,
    17: 13526182118996909852,
    32: 1917831512995979081,
    33: 16750416167695635022,
    64: 17691551913807367243,
    65: 14313328211205373374,
    127: 16900859286676651445,
    128: 2037963038260878803,
    129: 14883169112474847294,
    300: 12278728342531856931,
}


def test_fingerprint64_of_every_length():
    """Facts from FarmHash's own implementation; lengths on both sides of each of its branches."""
    text = bytes(range(256)) * 2
    assert fingerprint64([text[:n] for n in FARM]).tolist() == list(FARM.values())


def test_siphash64_of_the_paper():
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    got = siphash64([bytes(range(n)) for n in (0, 1, 8, 15, 63)], key)
    assert [f"{h:016x}" for h in got] == [
        "726fdb47dd0e0e31",
        "74f839c593dc67fd",
        "93f5f5799a932462",
        "a129ca6149be45e5",
        "958a324ceb064572",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "salt"), [(1, None), (1000, (133, 137)), (2**31 - 1, None), (97, (2**63 + 5, 7))]
)
def test_the_device_hashes_numbers_as_the_host_does(salt, count):
    rng = np.random.default_rng(0)
    edges = [0, 1, -1, 9, 10, -9, -10, 999, 1000, 2**31 - 1, -(2**31)]
    values = np.concatenate([edges, *(rng.integers(-(10**k), 10**k, 20) for k in range(1, 10))])
    got = jax.jit(lambda x: integer_buckets(x, count, salt))(values.astype(np.int32))
    np.testing.assert_array_equal(got, bucket_of(values, count, salt))


@pytest.mark.slow
def test_the_device_crosses_numbers_as_the_host_does():
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(-(2**31), 2**31, (3, 50))
    got = cross([jnp.asarray(x.astype(np.int32)) for x in (a, b, c)], 1009)
    np.testing.assert_array_equal(got, cross([a, b, c], 1009))


# --- encodings


@pytest.mark.parametrize("mode", ["multi_hot", "count"])
def test_numbers_outside_the_range_count_nowhere(mode):
    got = encode(jnp.array([[-1, 0, 3, 99]]), mode, 4, "float32")
    assert got.tolist() == [[1.0, 0.0, 0.0, 1.0]]


def test_counts_are_exact_in_half_precision():
    layer = layers.CategoryEncoding(2, "count", dtype="bfloat16")
    assert layer(np.zeros((1, 256), int)).tolist() == [[256.0, 0.0]]


def test_count_weights():
    layer = layers.CategoryEncoding(num_tokens=4, output_mode="count")
    weights = [[0.1, 0.2], [0.5, 0.5]]
    got = layer([[0, 1], [3, 3]], count_weights=weights)
    np.testing.assert_allclose(got, [[0.1, 0.2, 0, 0], [0, 0, 0, 1.0]])
    gradient = jax.grad(lambda w: layer(jnp.array([[0, 1]]), count_weights=w)[0, 1])
    assert gradient(jnp.ones((1, 2))).tolist() == [[0.0, 1.0]]


# --- adapting

WORDS = [["b", "a"], ["a", "c"], ["a", "b"]]
AS = {
    "list": lambda rows: rows,
    "array": np.array,
    "objects": lambda rows: np.array(rows, object),
    "bytes": lambda rows: np.array(rows).astype("S"),
    "pandas": lambda rows: pd.DataFrame(rows),
    "polars": lambda rows: pl.DataFrame(rows, orient="row"),
    "batches": lambda rows: (row for row in [rows[:1], np.array(rows[1:])]),
    "batches of x and y": lambda rows: iter([(np.array(rows), np.zeros(3))]),
}


@pytest.mark.parametrize("kind", AS)
def test_a_lookup_adapts_to_anything(kind):
    layer = layers.StringLookup()
    layer.adapt(AS[kind](WORDS))
    assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c"]
    assert layer.get_vocabulary(include_special_tokens=False) == ["a", "b", "c"]
    assert layer.vocabulary_size() == 4


def test_ragged_lists_and_single_columns():
    layer = layers.StringLookup(output_mode="tf_idf")
    layer.adapt([["b", "a"], ["a"]])
    assert layer.get_vocabulary() == ["[UNK]", "a", "b"]
    for column in (pd.Series(["x", "y", "x"]), pl.Series(["x", "y", "x"]), ["x", "y", "x"]):
        layer = layers.StringLookup()
        layer.adapt(column)
        assert layer(column).tolist() == [1, 2, 1]


def test_steps_limit_an_endless_stream():
    def endless():
        while True:
            yield ["one two", "two"]

    layer = layers.TextVectorization()
    layer.adapt(endless(), steps=2)
    assert layer.get_vocabulary() == ["", "[UNK]", "two", "one"]


def test_discretization_finds_the_same_quantiles_in_batches():
    data = np.random.default_rng(0).normal(size=5000)
    whole, parts = layers.Discretization(num_bins=4), layers.Discretization(num_bins=4)
    whole.adapt(data)
    parts.adapt(iter(data.reshape(50, 100)))
    quantiles = np.quantile(data, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(whole.bin_boundaries, quantiles, atol=0.05)
    np.testing.assert_allclose(parts.bin_boundaries, quantiles, atol=0.15)  # Keras's sketch drifts
    twin = layers.Discretization.from_config(json.loads(json.dumps(whole.get_config())))
    assert twin.bin_boundaries == whole.bin_boundaries


@pytest.mark.parametrize(
    ("layer", "data"),
    [
        (layers.StringLookup(), ["a", "b", "a"]),
        (layers.StringLookup(output_mode="tf_idf", mask_token=""), [["a", "b"], ["a", ""]]),
        (layers.IntegerLookup(), [5, 3, 5]),
        (layers.TextVectorization(output_mode="tf_idf"), ["a b", "a"]),
        (layers.TextVectorization(ngrams=(1, 2)), ["a b", "a"]),
        (layers.Discretization(num_bins=2), [1.0, 2.0, 3.0]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_was_learned_is_kept(layer, data):
    layer = copy.deepcopy(layer)
    layer.adapt(data)
    expected = np.asarray(layer(data))
    twins = [
        copy.deepcopy(layer),
        type(layer).from_config(json.loads(json.dumps(layer.get_config()))),
    ]
    for twin in twins:
        np.testing.assert_allclose(np.asarray(twin(data)), expected, rtol=1e-6)
        assert twin.get_config() == layer.get_config()


def test_adapting_again_starts_anew():
    layer = layers.StringLookup()
    layer.adapt(["a", "b"])
    layer.adapt(["c"])
    assert layer.get_vocabulary() == ["[UNK]", "c"]


def test_vocabulary_files(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("red\r\ngreen\n\n", encoding="utf-8")
    layer = layers.StringLookup(vocabulary=str(path))
    assert layer(["green", "blue"]).tolist() == [2, 0]
    path.unlink()
    twin = layers.StringLookup.from_config(layer.get_config())
    assert twin.get_vocabulary() == ["[UNK]", "red", "green"]
    path.write_text("10\n20\n")
    assert layers.IntegerLookup(vocabulary=path)([20, 30]).tolist() == [2, 0]
    path.write_text("ten\n")
    with pytest.raises(ConfigError, match="one whole number per line"):
        layers.IntegerLookup(vocabulary=path)


def test_there_and_back():
    words = ["red", "green"]
    forward, back = (
        layers.StringLookup(vocabulary=words),
        layers.StringLookup(vocabulary=words, invert=True),
    )
    assert back(forward([["green", "blue"]])).tolist() == [["green", "[UNK]"]]
    masked = layers.StringLookup(vocabulary=words, invert=True, mask_token="-")
    assert masked([0, 1, 2, 3, 9]).tolist() == ["-", "[UNK]", "red", "green", "[UNK]"]


def test_a_config_of_keras_is_understood():
    config = layers.StringLookup(vocabulary=["a"], name="words").get_config()
    keras_config = {**config, "vocabulary_size": 2, "oov_method": "floormod"}
    assert layers.StringLookup.from_config(keras_config).get_vocabulary() == ["[UNK]", "a"]


def test_long_vocabularies_are_shown_by_their_length():
    layer = layers.StringLookup(vocabulary=[f"w{i}" for i in range(1000)])
    assert "<1000 items, 'w0' first>" in repr(layer)
    assert len(repr(layer)) < 100


# --- text


def test_functions_for_cleaning_and_splitting():
    layer = layers.TextVectorization(
        standardize=lambda texts: np.char.replace(np.char.lower(texts), "ü", "ue"),
        split=lambda texts: [text.split("|") for text in texts],
        vocabulary=["uebel", "a"],
    )
    assert layer(["ÜBEL|a", "a"]).tolist() == [[2, 3], [3, 0]]


def test_only_ascii_is_cleaned_as_in_keras():
    layer = layers.TextVectorization()
    layer.adapt(["Ärger\u00a0ärger, ARGER!"])
    assert layer.get_vocabulary()[2:] == ["Ärger\u00a0ärger", "arger"]


def test_bytes_in_another_encoding():
    texts = np.array(["über", "straße"], object)
    coded = np.array([text.encode("latin-1") for text in texts], object)
    layer = layers.TextVectorization(vocabulary=list(texts), encoding="latin-1")
    assert layer(coded).tolist() == [[2], [3]]
    with pytest.raises(DataError, match="encoding="):
        layers.TextVectorization(vocabulary=["a"], encoding="utf-16")(np.array([b"abc"], object))


def test_numbers_of_64_bits():
    big = [2**40, -(2**50)]
    layer = layers.IntegerLookup(vocabulary=[*big, 5])
    assert layer([*big, 5, 6]).tolist() == [1, 2, 3, 0]
    assert jax.jit(layer)(jnp.array([5, 6])).tolist() == [3, 0]
    ids = np.array([[2**40 + i] for i in range(6)])
    x = Input((1,), dtype="int64")
    model = Model(x, layers.Hashing(1000)(x))
    expected = np.asarray(layers.Hashing(1000)(ids))
    np.testing.assert_array_equal(model.predict(ids, verbose=0), expected)
    assert len(np.unique(expected)) > 1


# --- networks that begin with text


def text_model(**settings):
    vectorize = layers.TextVectorization(output_sequence_length=4, **settings)
    vectorize.adapt(TEXTS)
    model = Sequential(
        [
            vectorize,
            layers.Embedding(vectorize.vocabulary_size(), 8, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


class Batches:
    def __init__(self, size=6):
        self.size = size

    def __iter__(self):
        for i in range(0, len(TEXTS), self.size):
            yield TEXTS[i : i + self.size].tolist(), LABELS[i : i + self.size]


@pytest.mark.slow
def test_a_network_of_texts_trains_and_predicts():
    model = text_model()
    history = model.fit(TEXTS, LABELS, epochs=40, batch_size=5, validation_split=0.2, verbose=0)
    assert history.history["loss"][-1] < 0.6 * history.history["loss"][0]
    assert history.history["val_accuracy"][-1] == 1.0
    assert model.evaluate(TEXTS, LABELS, verbose=0)[1] == 1.0
    good, bad = model.predict(["good", "bad"], verbose=0)[:, 0]
    assert good > 0.5 > bad
    np.testing.assert_allclose(model(np.array(["good", "bad"]))[:, 0], [good, bad], rtol=1e-6)
    np.testing.assert_allclose(model(["good", "bad"])[:, 0], [good, bad], rtol=1e-6)
    lines = []
    model.summary(print_fn=lines.append)
    assert "(None, 4)" in lines[0]
    twin = Sequential.from_config(json.loads(json.dumps(model.get_config())))
    twin.set_weights(model.get_weights())
    np.testing.assert_allclose(twin.predict(["good", "bad"], verbose=0)[:, 0], [good, bad])
    np.testing.assert_allclose(
        copy.deepcopy(model).predict(["good", "bad"], verbose=0)[:, 0], [good, bad]
    )


@pytest.mark.slow
def test_the_way_through_the_host_changes_no_number():
    """The same weights, data and seed: texts through the network, and their numbers."""
    whole = text_model()
    whole.predict(TEXTS, verbose=0)  # which makes the weights
    vectorize, *rest = whole.layers
    numbers = np.asarray(vectorize(TEXTS))
    plain = Sequential([Input((4,), dtype="int32"), *copy.deepcopy(rest)])
    plain.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    for data, streamed in ((TEXTS, False), (Batches(), True)):
        start = whole.get_weights()
        plain.set_weights(start)
        if streamed:
            logs = whole.fit(data, epochs=2, verbose=0).history
            batches = [(numbers[i : i + 6], LABELS[i : i + 6]) for i in range(0, 48, 6)]
            expected = plain.fit(batches, epochs=2, verbose=0).history
        else:
            settings = {"epochs": 2, "verbose": 0, "shuffle": False, "batch_size": 7}
            logs = whole.fit(data, LABELS, **settings).history
            expected = plain.fit(numbers, LABELS, **settings).history
        np.testing.assert_allclose(logs["loss"], expected["loss"], rtol=1e-6)
        for a, b in zip(whole.get_weights(), plain.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.slow
def test_several_inputs_of_several_kinds():
    text, table = Input((), dtype="string", name="text"), Input((3,), name="table")
    colour, user = (
        Input((1,), dtype="string", name="colour"),
        Input((1,), dtype="int64", name="user"),
    )
    words = layers.TextVectorization(vocabulary=["good", "bad"], output_mode="multi_hot")(text)
    one = layers.StringLookup(vocabulary=["red", "green"], output_mode="one_hot")(colour)
    hashed = layers.Hashing(4, output_mode="one_hot")(user)
    joined = layers.Concatenate()([words, table, one, hashed])
    model = Model([text, table, colour, user], layers.Dense(1)(joined))
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    data = {
        "text": pd.Series(TEXTS),
        "table": rng.normal(size=(48, 3)),
        "colour": pl.Series(["red", "blue"] * 24),
        "user": np.arange(48) * 10**12,
    }
    model.fit(data, LABELS[:, None].astype("float32"), verbose=0)
    by_name = model.predict(data, verbose=0)
    in_order = model.predict([np.asarray(data[name]) for name in data], verbose=0)
    np.testing.assert_allclose(by_name, in_order)
    arrays = [np.asarray(data["text"]), data["table"], np.asarray(data["colour"])[:, None]]
    eager = model([*arrays, data["user"][:, None]])
    np.testing.assert_allclose(by_name, eager, rtol=1e-5)
    twin = Model.from_config(json.loads(json.dumps(model.get_config())))
    twin.set_weights(model.get_weights())
    np.testing.assert_allclose(twin.predict(data, verbose=0), by_name, rtol=1e-6)


@pytest.mark.slow
def test_networks_within_networks():
    inner = text_model()
    outer = Sequential([inner, layers.Dense(1)])
    outer.compile("adam", "mse")
    outer.fit(TEXTS, LABELS[:, None], verbose=0)
    assert outer.predict(TEXTS[:3], verbose=0).shape == (3, 1)
    numbers = Sequential([Input((4,), dtype="int32"), *inner.layers[1:]])
    ready = Sequential([inner.layers[0], numbers])  # trained on numbers, shipped with text
    np.testing.assert_allclose(
        ready.predict(TEXTS[:3], verbose=0), inner.predict(TEXTS[:3], verbose=0)
    )
    pipeline = layers.Pipeline([layers.StringLookup(vocabulary=["a"]), layers.CategoryEncoding(2)])
    model = Sequential([Input((1,), dtype="string"), pipeline])
    assert model.predict(np.array([["a"], ["b"]]), verbose=0).tolist() == [[0, 1], [1, 0]]


@pytest.mark.slow
def test_single_batches_and_back_propagation():
    model = text_model()
    x, y = TEXTS[:5], LABELS[:5]
    first = model.train_on_batch(x, y)[0]
    assert model.test_on_batch(x, y)[0] < first + 0.1
    assert model.predict_on_batch(x).shape == (5, 1)
    model.backward(x, y)
    model.update_parameters()
    assert model.forward(x).shape == (5, 1)


def test_a_lookup_before_a_lookup():
    number = Input((), dtype="int32")
    words = layers.StringLookup(vocabulary=["red wine", "white wine"], invert=True)(number)
    vectorize = layers.TextVectorization(vocabulary=["red", "wine"], output_sequence_length=2)
    model = Model(number, vectorize(words))
    assert model.predict(np.array([1, 2]), verbose=0).tolist() == [[2, 3], [1, 3]]


def test_a_new_vocabulary_makes_a_new_program():
    layer = layers.IntegerLookup()
    layer.adapt([1, 2, 2])
    model = Sequential([Input((1,), dtype="int32"), layer])
    x = np.array([[1], [2], [3]])
    assert model.predict(x, verbose=0).ravel().tolist() == [2, 1, 0]
    layer.adapt([3, 3, 2])
    assert model.predict(x, verbose=0).ravel().tolist() == [0, 2, 1]


# --- signals


@pytest.mark.slow
def test_the_first_weights_of_a_spectrogram_are_a_fourier_transform():
    x = np.random.default_rng(0).normal(size=(1, 64, 1)).astype("float32")
    layer = layers.STFTSpectrogram("stft", 16, 8, window=None, expand_dims=True)
    got = np.asarray(layer(x))[0, :, :, 0]
    frames = np.lib.stride_tricks.sliding_window_view(x[0, :, 0], 16)[::8]
    spectrum = np.fft.rfft(frames)
    np.testing.assert_allclose(got[:, :9], spectrum.real, atol=1e-4)
    np.testing.assert_allclose(got[:, 9:], spectrum.imag, atol=1e-4)
    assert not layers.STFTSpectrogram(trainable=False).trainable


@pytest.mark.slow
def test_sound_of_one_axis():
    layer = layers.MelSpectrogram(fft_length=64, sequence_stride=32, num_mel_bins=5)
    x = np.random.default_rng(0).normal(size=(2, 200)).astype("float32")
    alone = layers.MelSpectrogram(
        fft_length=64, sequence_stride=32, num_mel_bins=5, power_to_db=False
    )
    assert layer(x[0]).shape == (5, 7)
    np.testing.assert_allclose(alone(x)[0], alone(x[0]), rtol=1e-5)


# --- errors

COLUMN = np.array(["a", None], object)
WRONG = {
    "never adapted": (lambda: layers.StringLookup()(["a"]), StateError, ["adapt"]),
    "never adapted text": (
        lambda: layers.TextVectorization(name="mine")(["a"]),
        StateError,
        ["TextVectorization 'mine'", "adapt"],
    ),
    "never adapted ranges": (
        lambda: layers.Discretization(num_bins=3)([[1.0]]),
        StateError,
        ["num_bins=3", "adapt"],
    ),
    "rows of unknown length": (
        lambda: layers.StringLookup(output_mode="count")(Input((3,), dtype="string")),
        StateError,
        ["adapt"],
    ),
    "floats for text": (
        lambda: layers.StringLookup(vocabulary=["a"])([1.5]),
        DataError,
        ["float64", "1.5", "IntegerLookup"],
    ),
    "text for numbers": (
        lambda: layers.IntegerLookup(vocabulary=[1])(["a"]),
        DataError,
        ["'a'", "StringLookup"],
    ),
    "fractions": (
        lambda: layers.IntegerLookup(vocabulary=[1])([0.5]),
        DataError,
        ["0.5", "whole numbers"],
    ),
    "missing text": (
        lambda: layers.StringLookup(vocabulary=["a"])(COLUMN),
        DataError,
        ["value 1", "missing", "fillna"],
    ),
    "numbers among text": (
        lambda: layers.TextVectorization(vocabulary=["a"])(np.array(["a", 3], object)),
        DataError,
        ["value 1", "3 (int)"],
    ),
    "twice": (lambda: layers.StringLookup(vocabulary=["a", "a"]), ConfigError, ["'a'", "once"]),
    "empty": (lambda: layers.StringLookup(vocabulary=[]), ConfigError, ["empty"]),
    "mixed": (lambda: layers.IntegerLookup(vocabulary=[1.5]), ConfigError, ["1.5", "whole"]),
    "mask inside": (
        lambda: layers.StringLookup(vocabulary=["a", "-", "b"], mask_token="-"),
        ConfigError,
        ["'-'", "position 1"],
    ),
    "vocabulary and adapt": (
        lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]),
        ConfigError,
        ["vocabulary of its own"],
    ),
    "boundaries and adapt": (
        lambda: layers.Discretization([0.0]).adapt([1.0]),
        ConfigError,
        ["bin_boundaries of its own"],
    ),
    "boundaries and bins": (
        lambda: layers.Discretization([0.0], num_bins=2),
        ConfigError,
        ["both"],
    ),
    "no boundaries": (lambda: layers.Discretization(), ConfigError, ["neither"]),
    "boundaries out of order": (lambda: layers.Discretization([1.0, 0.0]), ConfigError, ["sorted"]),
    "too many": (
        lambda: layers.StringLookup(vocabulary=list("abcd"), max_tokens=3),
        ConfigError,
        ["5 tokens", "max_tokens=5"],
    ),
    "no room": (lambda: layers.TextVectorization(max_tokens=2), ConfigError, ["no room"]),
    "padding to nothing": (
        lambda: layers.StringLookup(pad_to_max_tokens=True),
        ConfigError,
        ["without max_tokens"],
    ),
    "mode": (lambda: layers.StringLookup(output_mode="hot"), ConfigError, ["'hot'", "multi_hot"]),
    "mode of encoding": (lambda: layers.CategoryEncoding(3, "int"), ConfigError, ["'int'"]),
    "inverted rows": (
        lambda: layers.StringLookup(invert=True, output_mode="count"),
        ConfigError,
        ["invert=True"],
    ),
    "frequencies": (
        lambda: layers.StringLookup(idf_weights=[1.0]),
        ConfigError,
        ["idf_weights", "tf_idf"],
    ),
    "no frequencies": (
        lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"),
        ConfigError,
        ["idf_weights"],
    ),
    "few frequencies": (
        lambda: layers.StringLookup(vocabulary=["a", "b"], idf_weights=[1.0], output_mode="tf_idf"),
        ConfigError,
        ["(1,)", "2 tokens"],
    ),
    "no file": (lambda: layers.StringLookup(vocabulary="no.txt"), ConfigError, ["no.txt"]),
    "unknown text": (
        lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b", "c"]),
        DataError,
        ["'b', and 1 more", "num_oov_indices=1"],
    ),
    "unknown number": (
        lambda: layers.IntegerLookup(vocabulary=[1], num_oov_indices=0)([2]),
        DataError,
        ["got: 2", "num_oov_indices=1"],
    ),
    "salt without hash": (
        lambda: layers.IntegerLookup(num_oov_indices=2, salt=3),
        ConfigError,
        ["farmhash"],
    ),
    "salt": (lambda: layers.Hashing(3, salt="sea"), ConfigError, ["'sea'", "salt=133"]),
    "bins": (lambda: layers.Hashing(0), ConfigError, ["num_bins"]),
    "sparse": (lambda: layers.Hashing(3, sparse=True), ConfigError, ["dense"]),
    "ragged": (lambda: layers.TextVectorization(ragged=True), ConfigError, ["dense"]),
    "category": (lambda: layers.CategoryEncoding(3)([[3]]), DataError, ["got: 3", "num_tokens=4"]),
    "no categories": (lambda: layers.CategoryEncoding(), ConfigError, ["num_tokens"]),
    "weights that count nothing": (
        lambda: layers.CategoryEncoding(3)([[1]], count_weights=[[1.0]]),
        ConfigError,
        ["count_weights", "multi_hot"],
    ),
    "one feature": (lambda: layers.HashedCrossing(3)([[1, 2]]), ShapeError, ["two or more"]),
    "measurements crossed": (
        lambda: layers.HashedCrossing(3)([[1.5], [2.5]]),
        DataError,
        ["Discretization"],
    ),
    "wide features": (
        lambda: layers.HashedCrossing(3)([[[1, 2]], [[1, 2]]]),
        ShapeError,
        ["(1, 2)"],
    ),
    "several texts": (
        lambda: layers.TextVectorization(vocabulary=["a"])([["a", "b"]]),
        ShapeError,
        ["(1, 2)", "split=None"],
    ),
    "ngrams": (lambda: layers.TextVectorization(ngrams="2"), ConfigError, ["'2'", "ngrams=2"]),
    "sequences of counts": (
        lambda: layers.TextVectorization(output_mode="count", output_sequence_length=3),
        ConfigError,
        ["output_sequence_length=3"],
    ),
    "splitting": (lambda: layers.TextVectorization(split="word"), ConfigError, ["'whitespace'"]),
    "a function that drops": (
        lambda: layers.TextVectorization(split=lambda t: [["a"]], vocabulary=["a"])(["a", "b"]),
        DataError,
        ["`split`", "2 texts"],
    ),
    "adapted on a text": (lambda: layers.StringLookup().adapt("abc"), DataError, ["'abc'"]),
    "adapted on nothing": (lambda: layers.StringLookup().adapt([]), DataError, ["no data"]),
    "adapted on a table": (
        lambda: layers.StringLookup().adapt({"a": ["x"]}),
        DataError,
        ["column"],
    ),
    "ranges of text": (
        lambda: layers.Discretization(num_bins=2).adapt(["a"]),
        DataError,
        ["finite"],
    ),
    "batch merged": (
        lambda: layers.CategoryEncoding(3)(Input((), dtype="int32")),
        ShapeError,
        ["shape (batch,)", "Input(shape=(1,))"],
    ),
    "text into Dense": (
        lambda: layers.Dense(2)(Input((3,), dtype="string")),
        ConfigError,
        ["'dense'", "TextVectorization"],
    ),
    "numbers into a lookup": (
        lambda: layers.StringLookup(vocabulary=["a"])(Input((3,))),
        DataError,
        ["float32", "takes text"],
    ),
    "compiled": (
        lambda: jax.jit(layers.StringLookup(vocabulary=["a"], invert=True))(jnp.ones(2, "int32")),
        StateError,
        ["host", "first layer"],
    ),
    "pipeline": (lambda: layers.Pipeline([3]), ConfigError, ["got: 3"]),
    "step": (
        lambda: layers.STFTSpectrogram(frame_length=4, frame_step=5),
        ConfigError,
        ["frame_step=5"],
    ),
    "transform": (
        lambda: layers.STFTSpectrogram(frame_length=8, fft_length=4),
        ConfigError,
        ["fft_length=4"],
    ),
    "window": (lambda: layers.STFTSpectrogram(window="hat"), ConfigError, ["'hat'"]),
    "window's length": (lambda: layers.MelSpectrogram(window=[1.0]), ConfigError, ["(1,)"]),
    "short signal": (
        lambda: layers.STFTSpectrogram()(np.ones((1, 9, 1))),
        ShapeError,
        ["9 samples", "frame_length=256"],
    ),
    "whole numbers for sound": (
        lambda: layers.STFTSpectrogram(frame_length=4)(np.ones((1, 9, 1), int)),
        ArgumentTypeError,
        ["32768"],
    ),
    "long window": (
        lambda: layers.MelSpectrogram(fft_length=8, sequence_length=9),
        ConfigError,
        ["sequence_length=9"],
    ),
    "short sound": (lambda: layers.MelSpectrogram()(np.ones((1, 99))), ShapeError, ["(1, 99)"]),
    "bands": (lambda: layers.MelSpectrogram(min_freq=9000.0), ConfigError, ["min_freq=9000.0"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_explained(name):
    mistake, kind, words = WRONG[name]
    with pytest.raises(kind) as caught:
        mistake()
    assert isinstance(caught.value, PellucidError)
    message = str(caught.value)
    for word in words:
        assert word in message, message
    assert "fix:" in message


def test_a_transform_of_an_odd_length_warns():
    with pytest.warns(UserWarning, match="power of two"):
        layers.STFTSpectrogram(frame_length=4, fft_length=6)


def fitted(model, x, y=LABELS[:2, None]):
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0)


def stack(*parts):
    return Sequential([*parts, layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)])


UNEQUAL = np.array(["a b", "c d e f g"])
NETWORKS = {
    "never adapted": (
        lambda: fitted(stack(layers.TextVectorization(output_sequence_length=3)), UNEQUAL),
        StateError,
        ["adapt"],
    ),
    "a table too small": (
        lambda: fitted(
            stack(layers.TextVectorization(vocabulary=list("abcdefg"), output_sequence_length=2)),
            UNEQUAL,
        ),
        DataError,
        ["Embedding", "input_dim=6"],
    ),
    "unequal batches": (
        lambda: fitted(
            Sequential(
                [
                    layers.TextVectorization(vocabulary=["a"]),
                    layers.Embedding(5, 2),
                    layers.GlobalAveragePooling1D(),
                    layers.Dense(1),
                ]
            ),
            [(UNEQUAL[:1], LABELS[:1, None]), (UNEQUAL[1:], LABELS[1:2, None])],
            None,
        ),
        DataError,
        ["2 and then of 5 words", "output_sequence_length"],
    ),
    "training before text": (
        lambda: Sequential(
            [Input((3,)), layers.Dense(4), layers.StringLookup(vocabulary=["a"], invert=True)]
        ).predict(np.ones((2, 3)), verbose=0),
        ConfigError,
        ["'dense' has weights", "'string_lookup'"],
    ),
    "text comes out": (
        lambda: Sequential(
            [Input((3,), dtype="int32"), layers.StringLookup(vocabulary=["a"], invert=True)]
        ).predict(np.ones((2, 3), int), verbose=0),
        ConfigError,
        ["'string_lookup'", "predictions"],
    ),
    "too few inputs": (
        lambda: Model(
            [Input((), dtype="string", name="a"), Input((1,), name="b")],
            layers.StringLookup(vocabulary=["x"])(Input((), dtype="string")),
        ),
        ConfigError,
        ["not among the model's inputs"],
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_mistakes_in_networks_are_explained(name):
    mistake, kind, words = NETWORKS[name]
    with pytest.raises(kind) as caught:
        mistake()
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_a_network_that_gives_text_can_be_called():
    model = Sequential(
        [Input((2,), dtype="int32"), layers.StringLookup(vocabulary=["a"], invert=True)]
    )
    assert model(np.array([[1, 0]])).tolist() == [["a", "[UNK]"]]


@pytest.mark.parametrize("kind", ["dataset", "counted", "generator", "loader", "tf.data"])
def test_adapt_takes_every_stream(kind):
    """The first part of each batch, whatever gives it."""

    class Counted(utils.PyDataset):
        num_batches = 3

        def __getitem__(self, i):
            return self.x[4 * i : 4 * i + 4], np.zeros(4)

    class Batches(Counted):
        def __len__(self):
            return 3

    class TfData:  # what a tf.data.Dataset can do
        def as_numpy_iterator(self):
            return stream("generator", self.x)

        def __iter__(self):
            raise AssertionError("would yield tensors")

    def stream(kind, x):
        if kind == "generator":
            return ((x[4 * i : 4 * i + 4], np.zeros(4)) for i in range(3))
        if kind == "loader":
            return ([x[4 * i : 4 * i + 4], np.zeros(4)] for i in range(3))
        data = {"dataset": Batches, "counted": Counted, "tf.data": TfData}[kind]()
        data.x = x
        return data

    numbers = np.arange(24.0).reshape(12, 2)
    words = np.array(["a", "b", "c", "a b", "b", "b"] * 2)[:, None]
    for make, x, learned in [
        (layers.Normalization, numbers, lambda layer: layer.get_weights()[:2]),
        (lambda: layers.Discretization(num_bins=4), numbers, lambda layer: layer.bin_boundaries),
        (layers.IntegerLookup, numbers.astype(int), lambda layer: layer.get_vocabulary()),
        (layers.StringLookup, words, lambda layer: layer.get_vocabulary()),
        (layers.TextVectorization, words, lambda layer: layer.get_vocabulary()),
    ]:
        whole, streamed = make(), make()
        whole.adapt(x)
        streamed.adapt(stream(kind, x))
        for one, other in zip(learned(whole), learned(streamed), strict=True):
            np.testing.assert_array_equal(one, other)
