"""Recurrent networks trained on sequences of different lengths, as Keras trains them."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import pellucid

RNG = np.random.default_rng(0)
LENGTHS = RNG.integers(1, 8, 40)
X = RNG.normal(size=(40, 7, 3)).astype("float32")
X[np.arange(7)[None] >= LENGTHS[:, None]] = 0.0
WORDS = np.where(np.arange(7)[None] >= LENGTHS[:, None], 0, RNG.integers(1, 12, (40, 7))).astype(
    "int32"
)
LABELS = RNG.integers(0, 3, 40)
EVERY_STEP = RNG.normal(size=(40, 7, 2)).astype("float32")


def lstm(k):
    layers = k.layers
    return [layers.Input((7, 3)), layers.Masking(), layers.LSTM(6), layers.Dense(3)]


def gru(k):
    layers = k.layers
    return [
        layers.Input((7,), dtype="int32"),
        layers.Embedding(12, 4, mask_zero=True),
        layers.Bidirectional(layers.GRU(5, return_sequences=True)),
        layers.SimpleRNN(4),
        layers.Dense(3),
    ]


def labelled_steps(k):
    layers = k.layers
    return [
        layers.Input((7, 3)),
        layers.Masking(),
        layers.GRU(5, return_sequences=True, reset_after=False),
        layers.TimeDistributed(layers.Dense(2)),
    ]


CASES = {
    "lstm": (lstm, X, LABELS, "classes"),
    "words, both ways": (gru, WORDS, LABELS, "classes"),
    "a label at every step": (labelled_steps, X, EVERY_STEP, "mse"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_ten_steps_from_the_same_weights(name):
    build, x, y, loss = CASES[name]
    histories, models = [], []
    for library in (keras, pellucid):
        model = library.Sequential(build(library))
        if models:
            model.set_weights(models[0].get_weights())
        models.append(model)
    start = models[0].get_weights()
    for library, model in zip((keras, pellucid), models, strict=True):
        model.set_weights(start)
        chosen = (
            library.losses.SparseCategoricalCrossentropy(from_logits=True)
            if loss == "classes"
            else loss
        )
        model.compile(library.optimizers.Adam(0.01), chosen)
        # 40 rows in batches of 16: the last one is padded here and short there.
        settings = {"batch_size": 16, "epochs": 4, "shuffle": False, "verbose": 0}
        histories.append(model.fit(x, y, **settings).history["loss"])
    np.testing.assert_allclose(histories[1], histories[0], rtol=2e-5)
    for a, b in zip(models[1].get_weights(), models[0].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(
        models[1].predict(x, verbose=0), models[0].predict(x, verbose=0), rtol=1e-4, atol=2e-5
    )
