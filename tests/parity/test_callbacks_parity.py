"""EarlyStopping and ReduceLROnPlateau decide as Keras's do, over random runs of numbers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import callbacks as ours

keras_callbacks = pytest.importorskip("keras").callbacks

# Exact in binary: Keras compares in float32, we in float64, and ties must be ties in both.
values = st.lists(
    st.sampled_from([0.125, 0.25, 0.3125, 0.5, 0.75, 0.875, 1.5, float("inf")]),
    min_size=1,
    max_size=20,
)
modes = st.sampled_from(["min", "max"])
quick = settings(max_examples=100, deadline=None)


class Recorder:
    """The least that a callback wants of a model; its weights are the number of the epoch."""

    def __init__(self):
        self.optimizer = SimpleNamespace(learning_rate=1.0, schedule=None)
        self.optimizer.rated = [self.optimizer]
        self.stop_training = False
        self.weights = None

    def get_weights(self):
        return [self.weights]

    def set_weights(self, weights):
        self.weights = weights[0]


def play(callback, numbers, name="val_loss"):
    model = Recorder()
    callback.set_params({"epochs": len(numbers), "steps": 1, "verbose": 0, "validation": True})
    callback.set_model(model)
    callback.on_train_begin({})
    rates = []
    for epoch, number in enumerate(numbers):
        logs = {"loss": 1.0, name: number}
        callback.on_epoch_begin(epoch, {})
        model.weights = epoch
        callback.on_epoch_end(epoch, logs)
        rates.append(logs.get("learning_rate"))
        if model.stop_training:
            break
    callback.on_train_end(logs)
    return model, rates


@quick
@given(
    numbers=values,
    mode=modes,
    patience=st.integers(0, 4),
    min_delta=st.sampled_from([0, 0.0625, -0.125, 1.0]),
    baseline=st.sampled_from([None, 0.3125, 1.0]),
    restore=st.booleans(),
    start=st.integers(0, 5),
)
def test_early_stopping(numbers, mode, patience, min_delta, baseline, restore, start):
    results = []
    for kind in (ours, keras_callbacks):
        callback = kind.EarlyStopping(
            "val_loss", min_delta, patience, 0, mode, baseline, restore, start
        )
        model, rates = play(callback, numbers)
        results.append(
            (
                len(rates),
                callback.best,
                callback.best_epoch,
                callback.stopped_epoch,
                callback.wait,
                model.weights,
            )
        )
    assert results[0] == results[1]


@quick
@given(
    numbers=values,
    mode=modes,
    patience=st.integers(0, 4),
    factor=st.sampled_from([0.1, 0.5]),
    min_delta=st.sampled_from([2**-13, 0.25]),
    cooldown=st.integers(0, 3),
    min_lr=st.sampled_from([0.0, 0.05]),
)
def test_reduce_on_plateau(numbers, mode, patience, factor, min_delta, cooldown, min_lr):
    results = []
    for kind in (ours, keras_callbacks):
        callback = kind.ReduceLROnPlateau(
            "val_loss", factor, patience, 0, mode, min_delta, cooldown, min_lr
        )
        model, rates = play(callback, numbers)
        results.append((*rates, model.optimizer.learning_rate, callback.wait, callback.best))
    # Keras keeps the rate in float32
    assert results[0] == pytest.approx(results[1], rel=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        "EarlyStopping",
        "ModelCheckpoint",
        "ReduceLROnPlateau",
        "LearningRateScheduler",
        "CSVLogger",
        "SwapEMAWeights",
        "TensorBoard",
        "TerminateOnNaN",
    ],
)
def test_arguments_and_defaults_are_those_of_keras(name):
    import inspect

    def arguments(module):
        parameters = inspect.signature(getattr(module, name).__init__).parameters.values()
        return [(p.name, p.default) for p in parameters if p.kind is not p.VAR_KEYWORD]

    assert arguments(ours) == arguments(keras_callbacks)


def test_csv_files_are_the_same(tmp_path):
    epochs = [{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.1, "accuracy": 1.0, "val_loss": 3.0}]
    texts = []
    for number, kind in enumerate((ours, keras_callbacks)):
        path = tmp_path / f"{number}.csv"
        for append in (False, True):
            logger = kind.CSVLogger(str(path), append=append)
            logger.on_train_begin({})
            for epoch, logs in enumerate(epochs):
                logger.on_epoch_end(epoch, logs)
            logger.on_train_end({})
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]
