"""Whole programs whose data comes through a pipeline: with our `Dataset`, and with TensorFlow's.

Two steps each, written as tutorials write them.
"""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as keras
from pellucid import layers, ops
from pellucid.data import Dataset as OurDataset

QUIET = {"verbose": 0, "doctor": None, "checkup": False}
PAIRS = [("go away", "[start] va t en [end]"), ("come here", "[start] viens ici [end]")] * 2


@pytest.fixture(params=["ours", "tensorflow"])
def kind(request):
    if request.param == "ours":
        return OurDataset
    return pytest.importorskip("tensorflow").data.Dataset


def test_images_augmented_on_the_way(kind):
    images = np.random.default_rng(0).integers(0, 255, (8, 6, 6, 3)).astype("uint8")
    augment = [layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)]

    def prepare(image, label):
        for layer in augment:
            image = layer(image)
        return layers.Rescaling(1 / 255)(image), ops.one_hot(label, 2)

    data = kind.from_tensor_slices((images, np.arange(8) % 2)).shuffle(8).batch(4)
    data = data.map(prepare, num_parallel_calls=2).prefetch(1)
    model = keras.Sequential(
        [layers.Input((6, 6, 3)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)]
    )
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    history = model.fit(data, epochs=1, validation_data=data, **QUIET).history
    assert np.isfinite(history["val_loss"]).all()


def test_translation_by_two_vocabularies(kind):
    source = layers.TextVectorization(output_sequence_length=3)
    target = layers.TextVectorization(output_sequence_length=5, standardize="lower")
    source.adapt([pair[0] for pair in PAIRS])
    target.adapt([pair[1] for pair in PAIRS])

    def prepare(english, french):
        english, french = source(english), target(french)
        return {"encoder": english, "decoder": french[:, :-1]}, french[:, 1:]

    columns = tuple(map(list, zip(*PAIRS, strict=True)))
    data = kind.from_tensor_slices(columns).batch(2).map(prepare).cache()
    encoder = layers.Input((None,), dtype="int64", name="encoder")
    decoder = layers.Input((None,), dtype="int64", name="decoder")
    context = layers.GRU(4)(layers.Embedding(source.vocabulary_size(), 4)(encoder))
    x = layers.Embedding(target.vocabulary_size(), 4)(decoder)
    x = layers.GRU(4, return_sequences=True)(x, initial_state=context)
    model = keras.Model([encoder, decoder], layers.Dense(target.vocabulary_size())(x))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert np.isfinite(model.fit(data, **QUIET).history["loss"]).all()


def test_a_table_read_by_a_feature_space(kind):
    table = {"age": [20.0, 30.0, 40.0, 50.0], "job": ["a", "b", "a", "c"]}
    labels = [[0.0], [1.0], [0.0], [1.0]]
    data = kind.from_tensor_slices((table, labels)).batch(2)
    space = keras.utils.FeatureSpace({"age": "float_normalized", "job": "string_categorical"})
    space.adapt(data.map(lambda x, _: x))
    encoded = space.get_encoded_features()
    answer = layers.Dense(1, activation="sigmoid")(encoded)
    training, whole = keras.Model(encoded, answer), keras.Model(space.get_inputs(), answer)
    training.compile("adam", "binary_crossentropy")
    training.fit(data.map(lambda x, y: (space(x), y), num_parallel_calls=2), **QUIET)
    sample = {key: np.array(values[:2])[:, None] for key, values in table.items()}
    assert whole.predict(sample, verbose=0).shape == (2, 1)
