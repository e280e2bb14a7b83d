"""A later `fit` of a few steps is not examined again, unless that is asked for."""

import pickle

import numpy as np
import pytest

from pellucid import Input, Sequential, callbacks, layers
from pellucid._core.errors import ConfigError

X = np.linspace(-1, 1, 32, dtype="float32").reshape(8, 4)
Y = X[:, :1] * 2


def made():
    model = Sequential([Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


@pytest.fixture(scope="module")
def trained():
    model = made()
    model.first = model.fit(X, Y, batch_size=4, verbose=0)
    return model


def fit(model, **settings):
    return model.fit(X, Y, **{"batch_size": 4, "verbose": 0, **settings})


def test_the_first_run_is_examined_and_a_brief_later_one_is_not(trained):
    assert len(trained.first.vitals.checkups.step)
    assert trained.first.diagnosis is not None
    history = fit(trained, epochs=2)
    record = history.vitals
    assert not len(record.checkups.step)
    assert history.diagnosis is None
    assert record.losses.shape == record.gradient_norms.shape == (4,)
    assert np.isfinite(record.losses).all()
    assert record.bad_step == -1
    assert record.plan.epochs == 2
    assert record.plan.batch_size == 4
    assert record.plan.samples == 8
    assert record.first_step == int(trained.session.state.step) - 4
    assert record.learning_rates == pytest.approx([1e-3, 1e-3])
    assert record is history.vitals
    np.testing.assert_allclose(record.history["loss"][0], record.losses[:2].mean(), rtol=1e-6)
    assert pickle.loads(pickle.dumps(record)).plan.optimizer == "Adam"


class Looks(callbacks.Callback):
    def on_vitals(self, record):
        self.seen = record


@pytest.mark.parametrize(
    "settings", [{"checkup": True}, {"doctor": "warn"}, {"callbacks": [Looks()]}, {"epochs": 17}]
)
def test_what_is_asked_for_is_done(trained, settings):
    history = fit(trained, **settings)
    assert len(history.vitals.checkups.step)


def test_another_structure_is_examined():
    model = made()
    fit(model, doctor=None)
    assert not len(fit(model).vitals.checkups.step)
    model.layers[0].trainable = False
    assert len(fit(model, doctor=None).vitals.checkups.step)
    assert not len(fit(model).vitals.checkups.step)
    model.compile("sgd", "mse")
    assert len(fit(model, doctor=None).vitals.checkups.step)


def test_the_numbers_are_those_of_an_examined_run():
    one, other = made(), made()
    other.set_weights(one.get_weights())
    other.__dict__["_seed"] = one.root_seed
    for model, checkup in ((one, "auto"), (other, True)):
        model.found = [fit(model, epochs=2, checkup=checkup).history for _ in range(3)]
    assert one.found == other.found
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_bad_step_is_noted(trained):
    model = made()
    fit(model, doctor=None)
    model.compile(model.optimizer, "mse")
    fit(model, doctor=None)
    weights = model.get_weights()
    model.set_weights([np.full_like(w, 1e30) for w in weights])
    record = fit(model).vitals
    assert record.bad_step == record.first_step
    model.set_weights(weights)


def test_another_word_is_refused(trained):
    with pytest.raises(ConfigError, match="checkup must be"):
        fit(trained, checkup="sometimes")
