"""What each callback does, over scripted epochs: `play` calls the hooks as `fit` does."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from pellucid._core.errors import ConfigError, StateError, UnknownNameError
from pellucid.callbacks import (
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgbarLogger,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from pellucid.layers.base import Layer
from pellucid.optimizers import SGD
from pellucid.training.weights_file import load_weights


class Tiny(Layer):
    """A model of one weight, which `play` sets to the epoch's number."""

    def build(self, input_shape):
        self.w = self.add_weight(shape=(1,), initializer="zeros")

    optimizer = None
    objective = None
    stop_training = False
    first_bad_step = -1


def tiny(learning_rate=0.1, **attributes):
    model = Tiny()
    model.build((None, 1))
    model.__dict__.update(optimizer=SGD(learning_rate), **attributes)
    return model


def play(callbacks, epochs, model=None, validation=True, steps=4, verbose=0):
    """Run the hooks over the logs of each epoch; returns the model and the logs that were left."""
    model = model or tiny()
    params = {"epochs": len(epochs), "steps": steps, "verbose": verbose, "validation": validation}
    watchers = CallbackList(callbacks, model=model, **params)
    limit = watchers.steps_between("train")
    seen = []
    watchers.call("on_train_begin", {})
    for epoch, given in enumerate(epochs):
        logs = dict(given)
        watchers.call("on_epoch_begin", epoch, {})
        model.w = np.full(1, float(epoch), np.float32)
        done = 0
        while done < steps:
            if limit:
                watchers.call("on_train_batch_begin", done, {})
            done = min(steps, done + (limit or steps))
            if limit:
                watchers.call("on_train_batch_end", done - 1, {"loss": logs.get("loss", 0.0)})
            watchers.call("on_chunk_end", "train", done, steps, logs)
        watchers.call("on_epoch_end", epoch, logs)
        seen.append(logs)
        if model.stop_training:
            break
    watchers.call("on_train_end", logs)
    return model, seen


def losses(*values, name="val_loss"):
    return [{"loss": 1.0, name: value} for value in values]


def weight(model):
    return float(model.get_weights()[0][0])


# --- early stopping


def test_early_stopping_stops_and_restores_the_best_epoch():
    stop = EarlyStopping(patience=2, restore_best_weights=True)
    model, seen = play([stop], losses(3.0, 1.0, 2.0, 2.0, 0.5))
    assert len(seen) == 4
    assert (stop.best, stop.best_epoch, stop.stopped_epoch, stop.weights_epoch) == (1.0, 1, 3, 1)
    assert weight(model) == 1.0


def test_early_stopping_restores_the_best_when_the_epochs_run_out():
    stop = EarlyStopping(patience=10, restore_best_weights=True)
    model, _ = play([stop], losses(3.0, 1.0, 2.0))
    assert weight(model) == 1.0
    assert stop.stopped_epoch == 0


def test_early_stopping_keeps_the_last_weights_by_default():
    stop = EarlyStopping(patience=1)
    model, _ = play([stop], losses(1.0, 2.0, 3.0))
    assert (weight(model), stop.weights_epoch, stop.best_epoch) == (1.0, 1, 0)


def test_early_stopping_takes_nan_for_no_improvement():
    stop = EarlyStopping(patience=2, restore_best_weights=True)
    _, seen = play([stop], losses(np.nan, 2.0, np.nan, 1.0, np.nan, np.nan))
    assert stop.best == 1.0
    assert stop.best_epoch == 3
    assert len(seen) == 6


def test_early_stopping_can_be_used_twice():
    stop = EarlyStopping(patience=1, restore_best_weights=True)
    play([stop], losses(0.1, 0.2))
    _, seen = play([stop], losses(5.0, 4.0, 3.0))
    assert len(seen) == 3
    assert stop.best == 3.0


def test_early_stopping_says_which_epoch_the_weights_are_from(capsys):
    play([EarlyStopping(patience=1, restore_best_weights=True)], losses(1.0, 2.0), verbose="auto")
    said = capsys.readouterr().out
    assert "Epoch 2: stopped early" in said
    assert "the weights are from epoch 1, the best (val_loss 1)" in said
    play([EarlyStopping(patience=1)], losses(1.0, 2.0), verbose=1)
    said = capsys.readouterr().out
    assert "the weights are from epoch 2." in said
    assert "restore_best_weights=True" in said
    play([EarlyStopping(patience=1, restore_best_weights=True)], losses(1.0, 2.0), verbose=0)
    assert capsys.readouterr().out == ""


def test_an_epoch_without_validation_is_passed_over():
    stop = EarlyStopping(patience=1)
    _, seen = play([stop], [{"loss": 1.0}, {"loss": 1.0, "val_loss": 1.0}, {"loss": 1.0}])
    assert len(seen) == 3
    assert stop.best == 1.0


# --- monitors


@pytest.mark.parametrize("make", [EarlyStopping, ReduceLROnPlateau])
def test_a_misspelt_monitor_is_told_apart_at_the_first_epoch(make):
    with pytest.raises(UnknownNameError, match="did you mean 'val_loss'"):
        play([make(monitor="val_los")], losses(1.0))


def test_a_misspelt_monitor_is_found_even_before_the_first_validation():
    with pytest.raises(UnknownNameError, match="did you mean 'val_loss'"):
        play([EarlyStopping(monitor="val_los")], [{"loss": 1.0}])


def test_a_validation_monitor_without_validation_data_says_so():
    with pytest.raises(UnknownNameError, match="no validation data") as caught:
        play([EarlyStopping()], [{"loss": 1.0}], validation=False)
    assert "validation_split" in caught.value.fix
    assert "monitor='loss'" in caught.value.fix


def test_checkpoint_of_the_best_needs_its_monitor(tmp_path):
    path = tmp_path / "a.weights.safetensors"
    with pytest.raises(UnknownNameError, match="did you mean 'val_loss'"):
        play([ModelCheckpoint(path, monitor="val_lss", save_best_only=True)], losses(1.0))
    play([ModelCheckpoint(path, monitor="val_lss")], losses(1.0))  # not asked for: not looked at


def test_an_array_cannot_be_monitored():
    with pytest.raises(ConfigError, match="an array"):
        play([EarlyStopping("f1", mode="max")], [{"loss": 1.0, "f1": np.zeros(3)}])


def test_an_unknown_mode_is_refused():
    with pytest.raises(ConfigError, match="no mode 'maximum'"):
        EarlyStopping(mode="maximum")


@pytest.mark.parametrize(
    ("monitor", "upwards"),
    [
        ("loss", False),
        ("val_loss", False),
        ("head_loss", False),
        ("val_accuracy", True),
        ("acc", True),
        ("auc_1", True),
        ("val_head_precision", True),
        ("f1_score", True),
        ("top_k_categorical_accuracy", True),
        ("mse", False),
        ("val_mean_absolute_error", False),
    ],
)
def test_mode_auto_by_name(monitor, upwards):
    stop = EarlyStopping(monitor)
    stop.set_model(SimpleNamespace(objective=None))
    assert stop.upwards() is upwards


def test_mode_auto_asks_where_it_cannot_tell():
    with pytest.raises(ConfigError, match="whether a larger 'val_frobs'") as caught:
        play([EarlyStopping("val_frobs")], losses(1.0, 2.0, name="val_frobs"))
    assert "mode='max'" in caught.value.fix


def test_mode_auto_looks_at_the_metric_before_its_name():
    from pellucid import metrics

    def gain(y_true, y_pred):
        return y_pred

    mine = metrics.MeanMetricWrapper(gain, name="loss_like_error")
    mine.direction = "up"
    held = [
        metrics.AUC(name="error"),
        metrics.MeanSquaredError(name="accuracy"),
        metrics.MeanMetricWrapper(gain, name="gain"),
        metrics.MeanMetricWrapper("mae", name="wrapped"),
        mine,
    ]
    objective = SimpleNamespace(
        metrics=[(0, metric, False) for metric in held],
        metric_names=[metric.name for metric in held],
    )

    def upwards(monitor):
        stop = EarlyStopping(monitor)
        stop.set_model(SimpleNamespace(objective=objective))
        return stop.upwards()

    assert upwards("val_error") is True
    assert upwards("accuracy") is False
    assert upwards("wrapped") is False
    assert upwards("loss_like_error") is True
    with pytest.raises(ConfigError):
        upwards("gain")


# --- learning rates


def test_plateau_reduces_and_logs_the_rate_of_each_epoch():
    plateau = ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.03)
    model, seen = play([plateau], losses(*[1.0] * 8))
    rates = [logs["learning_rate"] for logs in seen]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03])
    assert model.optimizer.learning_rate == pytest.approx(0.03)


def test_plateau_refuses_a_factor_that_does_not_reduce():
    with pytest.raises(ConfigError, match="below 1"):
        ReduceLROnPlateau(factor=1.0)


@pytest.mark.parametrize("make", [ReduceLROnPlateau, lambda: LearningRateScheduler(lambda e: 0.1)])
def test_a_schedule_and_a_callback_cannot_both_set_the_rate(make):
    from pellucid.optimizers.schedules import ExponentialDecay

    model = tiny(ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(ConfigError, match="already follows a schedule"):
        play([make()], losses(1.0), model)


def test_scheduler_takes_one_argument_or_two():
    _, seen = play([LearningRateScheduler(lambda epoch, rate: rate / 2)], losses(1.0, 1.0))
    assert [logs["learning_rate"] for logs in seen] == pytest.approx([0.05, 0.025])
    _, seen = play([LearningRateScheduler(lambda epoch: np.float32(0.5**epoch))], losses(1, 1))
    assert [logs["learning_rate"] for logs in seen] == [1.0, 0.5]


def test_scheduler_lets_errors_of_the_schedule_through():
    def broken(epoch, rate):
        return rate + "x"

    with pytest.raises(TypeError, match="unsupported operand"):
        play([LearningRateScheduler(broken)], losses(1.0))


@pytest.mark.parametrize("value", [None, "0.1", float("nan"), -0.1, True])
def test_scheduler_refuses_what_is_no_rate(value):
    with pytest.raises(ConfigError, match="no learning rate for epoch 0"):
        play([LearningRateScheduler(lambda epoch, rate: value)], losses(1.0))


def test_scheduler_refuses_what_cannot_be_called():
    with pytest.raises(ConfigError, match="takes a function"):
        LearningRateScheduler(0.1)


# --- checkpoints


def test_checkpoint_names_files_by_epoch_and_value(tmp_path):
    pattern = tmp_path / "deep" / "{epoch:02d}-{val_loss:.2f}.weights.safetensors"
    checkpoint = ModelCheckpoint(pattern, verbose=0)
    play([checkpoint], losses(0.5, 0.25))
    assert sorted(p.name for p in pattern.parent.iterdir()) == [
        "01-0.50.weights.safetensors",
        "02-0.25.weights.safetensors",
    ]
    model = tiny()
    load_weights(model, checkpoint.last_saved)
    assert weight(model) == 1.0


def test_checkpoint_keeps_only_the_best(tmp_path, capsys):
    path = tmp_path / "best.safetensors"
    checkpoint = ModelCheckpoint(
        path, "val_accuracy", 1, True, save_weights_only=True, initial_value_threshold=0.5
    )
    play([checkpoint], losses(0.4, 0.7, 0.6, name="val_accuracy"))
    model = tiny()
    load_weights(model, path)
    assert weight(model) == 1.0
    assert checkpoint.best == 0.7
    said = capsys.readouterr().out
    assert "improved from 0.5 to 0.7" in said
    assert said.count("nothing saved") == 2


def test_checkpoint_every_so_many_batches(tmp_path):
    path = tmp_path / "{epoch}-{batch}.weights.safetensors"
    checkpoint = ModelCheckpoint(path, save_freq=2)
    play([checkpoint], losses(1.0, 1.0), steps=5)
    # 5 steps an epoch in chunks of 2, 2, 1: the odd step counts towards the next epoch's first
    names = sorted(p.name.removesuffix(".weights.safetensors") for p in tmp_path.iterdir())
    assert names == ["1-2", "1-4", "2-2", "2-4"]


def test_only_a_checkpoint_between_epochs_costs_program_calls(tmp_path):
    path = tmp_path / "a.weights.safetensors"
    model = tiny()
    assert CallbackList([ModelCheckpoint(path)], model=model).steps_between("train") is None
    often = ModelCheckpoint(path, save_freq=7)
    assert CallbackList([often], model=model).steps_between("train") == 7


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("model.h5", "'model.keras'"),
        ("model", "'model.keras'"),
        ("model.safetensors", "'model.keras'"),
    ],
)
def test_checkpoint_names_the_supported_ending(name, fix):
    with pytest.raises(ConfigError) as caught:
        ModelCheckpoint(name)
    assert fix in caught.value.fix


def test_checkpoint_refuses_patterns_that_cannot_work(tmp_path):
    with pytest.raises(ConfigError, match="cannot make a file name"):
        ModelCheckpoint("{epoch.weights.safetensors")
    with pytest.raises(ConfigError, match="cannot make a file name"):
        ModelCheckpoint("{}.weights.safetensors")
    with pytest.raises(ConfigError, match="save_freq"):
        ModelCheckpoint("a.weights.safetensors", save_freq=0)
    with pytest.raises(ConfigError, match="between epochs"):
        ModelCheckpoint("a.weights.safetensors", save_freq=5, save_best_only=True)
    pattern = tmp_path / "{val_lss}.weights.safetensors"
    with pytest.raises(UnknownNameError, match="did you mean 'val_loss'"):
        play([ModelCheckpoint(pattern)], losses(1.0))
    pattern = tmp_path / "{val_loss:d}.weights.safetensors"
    with pytest.raises(ConfigError, match="cannot make a file name"):
        play([ModelCheckpoint(pattern)], losses(1.0))


# --- the rest


def read_table(path, delimiter=","):
    with open(path, newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def test_csv_has_room_for_validation_that_comes_later(tmp_path):
    path = tmp_path / "new" / "log.csv"
    play([CSVLogger(path)], [{"loss": 0.5}, {"loss": 0.25, "val_loss": 1.0}])
    assert read_table(path) == [
        ["epoch", "loss", "val_loss"],
        ["0", "0.5", "NA"],
        ["1", "0.25", "1.0"],
    ]


def test_csv_is_on_disk_after_every_epoch(tmp_path):
    path = tmp_path / "log.csv"
    lengths = []
    spy = LambdaCallback(on_epoch_end=lambda epoch, logs: lengths.append(len(read_table(path))))
    play([CSVLogger(path), spy], losses(1.0, 1.0))
    assert lengths == [2, 3]


def test_csv_appends_with_one_header_or_starts_anew(tmp_path):
    path = tmp_path / "log.csv"
    play([CSVLogger(path, ";")], losses(1.0))
    play([CSVLogger(path, ";", append=True)], losses(2.0))
    assert [row[-1] for row in read_table(path, ";")] == ["val_loss", "1.0", "2.0"]
    with pytest.raises(ConfigError, match="no column for"):
        play([CSVLogger(path, ";", append=True)], [{"loss": 1.0, "accuracy": 1.0}])
    play([CSVLogger(path, ";")], losses(3.0))
    assert [row[-1] for row in read_table(path, ";")] == ["val_loss", "3.0"]


def test_csv_writes_arrays_into_one_cell(tmp_path):
    path = tmp_path / "log.csv"
    play([CSVLogger(path)], [{"loss": 1.0, "val_f1": np.array([0.5, 1.0])}])
    assert read_table(path)[1] == ["0", "1.0", '"[0.5, 1.0]"']


def test_terminate_on_nan_names_the_step_and_costs_no_program_call(capsys):
    model = tiny()
    halt = TerminateOnNaN()

    def go_wrong(epoch, logs):
        model.__dict__["first_bad_step"] = 17 if epoch == 1 else -1

    _, seen = play([LambdaCallback(on_epoch_begin=go_wrong), halt], losses(1, 1, 1), model)
    assert len(seen) == 2
    assert halt.bad_step == 17
    assert "step 17, in epoch 2" in capsys.readouterr().out
    assert CallbackList([halt], model=model).steps_between("train") is None


def test_terminate_on_nan_can_raise():
    with pytest.raises(StateError, match="step 3") as caught:
        play([TerminateOnNaN(raise_error=True)], losses(1.0), tiny(first_bad_step=3))
    assert isinstance(caught.value, RuntimeError)


def test_lambda_hooks_are_called_and_only_batch_hooks_limit_the_chunks():
    seen = []
    model = tiny()
    free = LambdaCallback(
        on_train_begin=lambda logs: seen.append("begin"),
        on_epoch_end=lambda epoch, logs: seen.append(epoch),
        on_chunk_end=lambda phase, done, total, logs: seen.append((phase, done, total)),
    )
    assert CallbackList([free], model=model).steps_between("train") is None
    play([free], losses(1.0), model)
    assert seen == ["begin", ("train", 4, 4), 0]
    costly = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    assert CallbackList([free, costly], model=model).steps_between("train") == 1
    assert CallbackList([free, costly], model=model).steps_between("test") is None
    seen.clear()
    play([costly], losses(1.0), model)
    assert seen == [0, 1, 2, 3]


def test_lambda_refuses_unknown_hooks_and_non_functions():
    with pytest.raises(UnknownNameError, match="did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)
    with pytest.raises(ConfigError, match="must be a function"):
        LambdaCallback(on_epoch_end=3)


def test_keras_old_names_of_the_batch_hooks_still_work():
    seen = []

    class Old(Callback):
        def on_batch_end(self, batch, logs=None):
            seen.append(batch)

    play([Old()], losses(1.0), steps=3)
    assert seen == [0, 1, 2]


def test_progbar_logger_is_accepted():
    play([ProgbarLogger()], losses(1.0))


def test_a_list_of_callbacks_passes_every_hook_on():
    from pellucid.callbacks import History, ProgbarLogger

    class Notes(Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_epoch_begin(self, epoch, logs=None):
            self.seen.append(("epoch", epoch))

        def on_batch_end(self, batch, logs=None):
            self.seen.append(("batch", batch))

        def on_predict_begin(self, logs=None):
            self.seen.append("predict")

    notes = Notes()
    every = CallbackList([[notes]], add_history=True, add_progbar=True, model="m", epochs=3)
    assert [type(c) for c in every.callbacks] == [Notes, History, ProgbarLogger]
    assert notes.model == notes._model == every.model == "m"
    assert notes.params == every.params == {"epochs": 3}
    every.on_epoch_begin(1)
    every.on_train_batch_end(7, logs={})
    every.on_predict_begin()
    every.on_epoch_end(1, {"loss": 2.0})
    assert notes.seen == [("epoch", 1), ("batch", 7), "predict"]
    assert every.callbacks[1].history == {"loss": [2.0]}
    assert len(CallbackList(History(), add_history=True).callbacks) == 1


def test_remote_monitor_posts_every_epoch():
    import json
    import threading
    import urllib.parse
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from pellucid._core.errors import PellucidWarning
    from pellucid.callbacks import RemoteMonitor

    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            got.append((self.path, self.headers["Content-Type"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        RemoteMonitor(root).on_epoch_end(2, {"loss": np.float32(0.5)})
        RemoteMonitor(root, "/x", send_as_json=True).on_epoch_end(3, {"loss": 1.5})
        server.shutdown()
    (path, kind, form), other = got
    assert (path, kind) == ("/publish/epoch/end/", "application/x-www-form-urlencoded")
    assert json.loads(urllib.parse.parse_qs(form)["data"][0]) == {"epoch": 2, "loss": 0.5}
    assert (*other[:2], json.loads(other[2])) == (
        "/x",
        "application/json",
        {"epoch": 3, "loss": 1.5},
    )
    with pytest.warns(PellucidWarning, match="could not reach"):
        RemoteMonitor("http://127.0.0.1:1").on_epoch_end(0, {})


def test_what_early_stopping_compares_by():
    assert EarlyStopping("loss", mode="min").monitor_op(1, 2)
    assert EarlyStopping("acc", mode="max").monitor_op(2, 1)
