"""Callbacks and progress within `fit`, on a real model."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Sequential, layers
from pellucid._core.errors import UnknownNameError
from pellucid.callbacks import (
    Callback,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from pellucid.training.weights_file import load_weights

X = np.linspace(-1, 1, 40, dtype=np.float32).reshape(20, 2)
Y = X @ np.float32([[1.0], [-2.0]])


def make_model(learning_rate=0.05):
    from pellucid.optimizers import SGD

    model = Sequential([layers.Input(shape=(2,)), layers.Dense(1)])
    model.compile(optimizer=SGD(learning_rate), loss="mse")
    return model


def fit(model, callbacks, **arguments):
    settings = {"epochs": 4, "batch_size": 5, "verbose": 0, "shuffle": False, **arguments}
    return model.fit(X, Y, callbacks=callbacks, **settings)


def test_the_restored_weights_give_the_best_epochs_loss_again():
    model = make_model()
    climb = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(
            model.optimizer, "learning_rate", 0.05 if epoch < 2 else 2.0
        )
    )
    stop = EarlyStopping(patience=2, restore_best_weights=True)
    run = fit(model, [climb, stop], epochs=9, validation_data=(X, Y))
    assert stop.best_epoch == 1
    assert len(run.epoch) == 4
    again = model.evaluate(X, Y, verbose=0)
    assert again == pytest.approx(run.history["val_loss"][1], rel=1e-5)
    assert again < run.history["val_loss"][3]


def test_the_scheduled_rate_is_the_one_that_trains():
    """SGD moves the weights in proportion to the rate: with rate 0 they stand still."""
    model = make_model()
    before = []
    spy = LambdaCallback(on_epoch_begin=lambda epoch, logs: before.append(model.get_weights()[0]))
    rates = LearningRateScheduler(lambda epoch: [0.05, 0.0, 0.1, 0.1][epoch])
    run = fit(model, [rates, spy])
    assert np.abs(before[1] - before[0]).max() > 1e-4
    np.testing.assert_array_equal(before[2], before[1])
    assert np.abs(before[3] - before[2]).max() > 1e-4
    assert run.history["learning_rate"] == pytest.approx([0.05, 0.0, 0.1, 0.1])


def test_a_callback_that_changes_the_rate_compiles_nothing():
    model = make_model()
    compiled = []
    watch = LambdaCallback(on_compile=lambda phase, seconds: compiled.append((phase, seconds)))
    fit(model, [watch], epochs=1)
    count = len(compiled)
    fit(model, [watch, LearningRateScheduler(lambda epoch, rate: rate / 2)], epochs=3)
    assert len(compiled) == count > 0


def test_checkpoints_hold_the_weights_of_their_epoch(tmp_path):
    model = make_model()
    weights = []
    spy = LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0]))
    fit(model, [ModelCheckpoint(tmp_path / "{epoch}.weights.safetensors"), spy], epochs=3)
    fresh = make_model()
    for number, expected in enumerate(weights):
        load_weights(fresh, tmp_path / f"{number + 1}.weights.safetensors")
        np.testing.assert_array_equal(fresh.get_weights()[0], expected)


def test_checkpoints_between_epochs(tmp_path):
    model = make_model()
    pattern = tmp_path / "{epoch}-{batch}.weights.safetensors"
    fit(model, [ModelCheckpoint(pattern, save_freq=2)], epochs=2)
    names = sorted(p.name.removesuffix(".weights.safetensors") for p in tmp_path.iterdir())
    assert names == ["1-2", "1-4", "2-2", "2-4"]


def test_divergence_is_stopped_and_dated():
    model = make_model(learning_rate=1e4)
    halt = TerminateOnNaN()
    run = fit(model, [halt], epochs=50)
    assert halt.bad_step is not None
    assert len(run.epoch) == halt.bad_step // 4 + 1  # four steps an epoch


def test_a_wrong_monitor_ends_fit_after_one_epoch():
    seen = []
    spy = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    with pytest.raises(UnknownNameError, match="did you mean 'val_loss'"):
        fit(make_model(), [spy, EarlyStopping("val_los")], validation_data=(X, Y))
    with pytest.raises(UnknownNameError, match="no validation data"):
        fit(make_model(), [spy, EarlyStopping()])
    assert seen == [0, 0]


def test_validation_every_other_epoch_is_no_missing_monitor():
    stop = EarlyStopping(patience=3)
    run = fit(make_model(), [stop, ReduceLROnPlateau()], validation_data=(X, Y), validation_freq=2)
    assert len(run.epoch) == 4
    assert stop.best_epoch == 3


@pytest.mark.parametrize("verbose", [1, 2, "auto"])
def test_a_captured_run_prints_one_plain_line_an_epoch(verbose, capsys):
    fit(make_model(), [], verbose=verbose, validation_data=(X, Y), doctor=None)
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert [line.split("  ")[0] for line in lines] == [f"Epoch {n}/4" for n in range(1, 5)]
    assert all(" loss " in line and " val_loss " in line for line in lines)
    assert output.replace("\n", "").isprintable()


def test_evaluate_says_one_line_and_predict_none(capsys):
    model = make_model()
    loss = model.evaluate(X, Y)
    assert capsys.readouterr().out.startswith(f"Evaluate  loss {loss:.4f}")
    model.predict(X)
    assert capsys.readouterr().out == ""


def test_silence_is_silent(capsys):
    model = make_model()
    fit(model, [EarlyStopping("loss", patience=1, restore_best_weights=True)], verbose=0)
    model.evaluate(X, Y, verbose=0)
    assert capsys.readouterr() == ("", "")


def test_rich_is_not_loaded_for_lines(monkeypatch, capsys):
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    fit(make_model(), [], verbose=1, epochs=1)
    assert not [name for name in sys.modules if name.split(".")[0] == "rich"]


def test_a_batch_hook_sees_every_batch_of_every_epoch():
    seen = []

    class Count(Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(batch)

    fit(make_model(), [Count()], epochs=2)
    assert seen == [0, 1, 2, 3] * 2


def test_ctrl_c_keeps_the_work_and_says_so(capsys):
    import signal

    model = make_model()

    def interrupt(phase, done, total, logs):
        if phase == "train" and len(model.history.epoch) == 1:
            signal.raise_signal(signal.SIGINT)

    run = fit(model, [LambdaCallback(on_chunk_end=interrupt)], epochs=9, verbose=2)
    assert run.interrupted
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[-1] == "stopped at epoch 2 of 9 by Ctrl-C: the weights trained so far are kept"


def test_predict_calls_its_hooks_for_every_batch():
    class Look(Callback):
        def on_predict_batch_end(self, batch, logs=None):
            seen.append((batch, logs["outputs"].shape))
            self.model.stop_predicting = batch == limit

    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    for limit, rows in ((9, 7), (1, 6)):
        seen = []
        x = np.ones((7, 2), "float32")
        assert model.predict(x, batch_size=3, verbose=0, callbacks=[Look()]).shape == (rows, 1)
        assert seen == [(0, (3, 1)), (1, (3, 1)), (2, (1, 1))][: limit + 1]


class _Steps(Callback):
    """Notes the numbers its hooks are told."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append(("begin", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(("end", batch, "loss" in logs))

    def on_test_batch_begin(self, batch, logs=None):
        self.seen.append(("test", batch))

    def on_predict_batch_end(self, batch, logs=None):
        self.seen.append(("predict", batch, len(logs["outputs"])))


@pytest.mark.parametrize("streamed", [False, True])
def test_steps_per_execution_sets_how_often_batch_hooks_are_called(streamed):
    def batches():
        for start in range(0, 20, 3):
            yield X[start : start + 3], Y[start : start + 3]

    def run(**settings):
        model, steps = make_model(), _Steps()
        model.set_weights([np.ones((2, 1)), np.zeros(1)])
        model.compile(model.optimizer, "mse", **settings)
        data = {"x": batches()} if streamed else {"x": X, "y": Y, "batch_size": 3}
        history = model.fit(**data, verbose=0, shuffle=False, callbacks=[steps])
        return history.history["loss"], model, steps

    plain, _, every = run()
    assert every.seen[:2] == [("begin", 0), ("end", 0, True)]
    assert len(every.seen) == 14
    loss, model, steps = run(steps_per_execution=3)
    assert loss == pytest.approx(plain)
    # The last execution has one batch; as in Keras it is called by its last number all the same.
    begun, ended = [0, 3, 6], [2, 5, 8]
    pairs = zip(begun, ended, strict=True)
    assert steps.seen == [s for b, e in pairs for s in (("begin", b), ("end", e, True))]
    steps.seen.clear()
    model.evaluate(X, Y, batch_size=3, verbose=0, callbacks=[steps])
    assert steps.seen == [("test", 0), ("test", 3), ("test", 6)]
    steps.seen.clear()
    inputs = (x for x, _ in batches()) if streamed else X
    assert len(model.predict(inputs, batch_size=3, verbose=0, callbacks=[steps])) == 20
    assert steps.seen == [("predict", 2, 9), ("predict", 5, 9), ("predict", 8, 2)]
