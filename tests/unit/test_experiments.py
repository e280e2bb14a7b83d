"""The quick experiments: right answers, the numbers of `fit`, and the user's model left alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pellucid import Input, Sequential, doctor, layers, optimizers, utils
from pellucid._core import rng
from pellucid._core.errors import ConfigError, DataError, StateError
from pellucid.treatment.experiments.rates import judge

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(100, 4)).astype("float32")
LABELS = (X[:, 0] > 0).astype("int32")


def network(rate=0.05, output="softmax"):
    utils.set_random_seed(3)
    # BatchNormalization and Dropout: state and random numbers in the step
    model = Sequential(
        [
            Input((4,)),
            layers.Dense(8, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.1),
            layers.Dense(2, output),
        ]
    )
    model.compile(optimizers.Adam(rate), "sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="module")
def tested():
    model = network()
    weights, config = model.get_weights(), model.get_config()
    seeds = rng._state.handed_out
    rates = np.geomspace(1e-4, 30.0, 16)
    test = doctor.learning_rate_range_test(model, X, LABELS, rates=rates, steps=10)
    assert rng._state.handed_out == seeds
    return model, weights, config, test


@pytest.mark.parametrize("number", [0, 9, 15])
def test_the_rates_side_by_side_are_fits_one_by_one(tested, number):
    """100 samples in batches of 32: the last one of a pass is smaller."""
    *_, test = tested
    model = network(float(test.rates[number]))
    history = model.fit(X, LABELS, epochs=3, verbose=0, checkup=False, doctor=None)
    losses = history.vitals.losses[:10]
    np.testing.assert_allclose(test.losses[number], losses, rtol=1e-5, atol=1e-5)


def test_the_range_test_reads_well_and_leaves_the_model_alone(tested):
    model, weights, config, test = tested
    assert test.losses.shape == (16, 10)
    assert test.current == 0.05
    assert 1e-3 < test.suggested < 1
    assert str(test).startswith("Take a learning rate of")
    assert len(test.table()) == 17
    assert json.loads(test.to_json())["suggested"] == test.suggested
    assert test._repr_html_().count("<tr>") == 17
    assert model.get_config() == config
    assert model.optimizer.learning_rate == pytest.approx(0.05)
    assert getattr(model, "history", None) is None
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_good_rates_are_one_band_around_the_best():
    rates = np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    ends = np.array([1.0, 0.55, 0.1, 0.12, 2.0])
    losses = np.linspace(np.ones(5), ends, 20, axis=1)
    losses[4] = np.inf
    losses[:, 0] = 1.0
    test = judge(rates, losses, current=0.01)
    assert test.good == [False, False, True, True, False]
    assert test.suggested == 0.03
    assert "yours, 0.01, is among them" in test.verdict
    assert np.isnan(test.ends[4])
    assert json.loads(test.to_json())["ends"][4] is None
    notes = [row[-1] for row in test.table()[1:]]
    assert notes == ["no fall", "", "good", "good", "jumps"]
    flat = judge(rates, np.ones((5, 20)))
    assert flat.suggested is None
    assert flat.verdict.startswith("No rate from 0.0001 to 1 lowers the loss")


def test_a_sound_network_learns_one_batch_and_a_broken_one_does_not():
    model = network()
    weights = model.get_weights()
    sound = doctor.overfit_one_batch(model, X, LABELS, steps=200)
    assert sound.passed
    assert sound.losses.shape == (200,)
    assert sound.score >= 0.95
    assert str(sound).startswith("Yes, the network learns 16 samples by heart: accuracy")
    again = doctor.overfit_one_batch(model, X, LABELS, steps=200)
    np.testing.assert_array_equal(sound.losses, again.losses)
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    broken = doctor.overfit_one_batch(network(1e-9), X, LABELS, steps=200)
    assert not broken.passed
    assert str(broken).startswith("No, the network cannot learn 16 samples by heart")
    assert json.loads(broken.to_json())["steps"] == 200


def test_targets_that_have_nothing_to_do_with_the_inputs_are_told():
    utils.set_random_seed(3)
    model = Sequential([Input((4,)), layers.Dense(8, "relu"), layers.Dense(2, "softmax")])
    model.compile(optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    linked = doctor.shuffled_labels(model, X, LABELS, epochs=8)
    assert linked.passed
    assert linked.score > 0.8
    assert linked.held_out == 20
    assert str(linked).startswith("Yes, the inputs tell something about the targets.")
    noise = np.random.default_rng(5).permutation(LABELS)
    alone = doctor.shuffled_labels(model, X, noise, epochs=8)
    assert not alone.passed
    assert "teach no more than shuffled ones" in str(alone)
    assert getattr(model, "history", None) is None


@pytest.mark.parametrize(
    "experiment",
    [doctor.learning_rate_range_test, doctor.overfit_one_batch, doctor.shuffled_labels],
)
def test_wrong_input_is_refused_with_a_reason(experiment):
    with pytest.raises(StateError, match="must be compiled"):
        experiment(Sequential([layers.Dense(2)]), X, LABELS)
    with pytest.raises(DataError, match="100"):
        experiment(network(), X, LABELS[:7])
    with pytest.raises(DataError, match="needs targets"):
        experiment(network(), X, None)
    with pytest.raises(DataError):
        experiment(network(), X, np.full(100, 7))


def test_wrong_settings_are_refused_with_a_reason():
    with pytest.raises(ConfigError, match="positive numbers"):
        doctor.learning_rate_range_test(network(), X, LABELS, rates=[0.1, -1])
    with pytest.raises(ConfigError, match="steps must be"):
        doctor.learning_rate_range_test(network(), X, LABELS, steps=0)
    with pytest.raises(ConfigError, match="samples must be"):
        doctor.overfit_one_batch(network(), X, LABELS, samples=0)
