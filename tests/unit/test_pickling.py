"""Networks, and what belongs to their training, survive pickle and deepcopy, trained or not."""

import copy
import pickle

import numpy as np
import pytest

from pellucid import Input, Model, Sequential, callbacks, layers, losses, metrics, optimizers

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = np.ones((8, 1), "float32")
QUIET = {"verbose": 0, "doctor": None, "checkup": False, "shuffle": False}


def again(value):
    return pickle.loads(pickle.dumps(value))


def trained():
    x = Input((3,))
    y = layers.Dense(1)(layers.BatchNormalization()(layers.Dense(4, activation="relu")(x)))
    model = Model(x, y)
    model.compile(optimizers.Adam(0.1), "mse", metrics=["mae", metrics.RootMeanSquaredError()])
    stop = callbacks.EarlyStopping(monitor="loss")
    return model, model.fit(X, Y, callbacks=[stop], **QUIET), stop


def test_a_copy_of_a_trained_model_trains_on_as_the_original_does():
    model, run, stop = trained()
    twins = [again(model), copy.deepcopy(model)]
    predictions = model.predict(X, verbose=0)
    losses_of = [twin.fit(X, Y, **QUIET).history["loss"] for twin in (model, *twins)]
    np.testing.assert_allclose(losses_of[1], losses_of[0], rtol=1e-5)
    np.testing.assert_allclose(losses_of[2], losses_of[0], rtol=1e-5)
    history = again(run)
    assert history.history == run.history
    assert history.model.predict(X, verbose=0).shape == predictions.shape
    assert again(stop).best == stop.best
    assert again(run.vitals).losses.tolist() == run.vitals.losses.tolist()


class Own(Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, x):
        return self.dense(x)


def test_a_subclass_and_a_layer_called_by_itself_are_copied():
    for net in (Own(), Sequential([layers.Dense(1, activity_regularizer="l2")])):
        expected = net(X)
        np.testing.assert_array_equal(again(net)(X), expected)


@pytest.mark.parametrize(
    "thing",
    [
        layers.LSTM(2),
        optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 10)),
        losses.Huber(),
        metrics.AUC(),
        callbacks.ReduceLROnPlateau(),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_parts_are_copied(thing):
    assert type(again(thing)) is type(copy.deepcopy(thing)) is type(thing)
