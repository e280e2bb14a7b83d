"""A run that was broken off and resumed ends bit for bit as the run that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pellucid import Sequential, callbacks, layers, optimizers
from pellucid._core.errors import ConfigError, DataError, FileFormatError, PellucidWarning
from pellucid.training.checkpoints import CheckpointFolder
from pellucid.utils import PyDataset, set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(42, 4)).astype("float32")
Y = (X[:, :1] ** 2).astype("float32")
EPOCHS = 5


class Batches(PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        part = slice(index * 8, index * 8 + 8)
        return X[part], Y[part]


def network(seed=3, dtype=None, units=6):
    set_random_seed(seed)
    model = Sequential(
        [
            layers.Input((4,)),
            layers.Dense(units, activation="relu", dtype=dtype),
            layers.Dropout(0.2),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )
    model.compile(optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def recurrent(seed=3):
    set_random_seed(seed)
    model = Sequential([layers.Input((4, 1)), layers.LSTM(3), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def watching():
    return [
        callbacks.ReduceLROnPlateau("loss", patience=1, factor=0.5),
        callbacks.EarlyStopping("loss", patience=50, restore_best_weights=True),
    ]


class BreakOff(callbacks.Callback):
    """Ends training as a crash would: by an error no one expects."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise ZeroDivisionError


def same(a, b):
    assert all(np.array_equal(p, q) for p, q in zip(a.get_weights(), b.get_weights(), strict=True))
    for one, other in zip(a.optimizer.variables, b.optimizer.variables, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def resumed(make, data, folder, at, **settings):
    """(run left alone, its history), (run broken off at an epoch and resumed, its history)."""
    whole = make()
    first = whole.fit(*data, epochs=EPOCHS, callbacks=watching(), verbose=0, **settings)
    broken = make()
    with pytest.raises(ZeroDivisionError):
        broken.fit(*data, epochs=EPOCHS, callbacks=[*watching(), BreakOff(at)], verbose=0,
                   checkpoint=folder, **settings)  # fmt: skip
    again = make(seed=99)  # other weights and another order, if nothing were put back
    second = again.fit(*data, epochs=EPOCHS, callbacks=watching(), verbose=0,
                       checkpoint=folder, resume=True, **settings)  # fmt: skip
    return (whole, first), (again, second)


@pytest.mark.parametrize("at", [1, 3, 4])
def test_arrays_on_the_device(tmp_path, at):
    settings = {"validation_split": 0.2, "batch_size": 8}
    (whole, first), (again, second) = resumed(network, (X, Y), tmp_path / "c", at, **settings)
    same(whole, again)
    assert first.history == second.history
    assert second.epoch == list(range(EPOCHS))
    assert float(whole.optimizer.learning_rate) == float(again.optimizer.learning_rate)


def test_arrays_over_the_budget_and_streams(tmp_path, monkeypatch):
    from pellucid.training import devices

    (whole, first), (again, second) = resumed(network, (Batches(),), tmp_path / "stream", 2)
    same(whole, again)
    assert first.history == second.history
    monkeypatch.setattr(devices, "data_budget", lambda: 0)
    (whole, first), (again, second) = resumed(network, (X, Y), tmp_path / "c", 2, batch_size=8)
    same(whole, again)
    assert first.history == second.history


def test_a_recurrent_network_and_steps_that_are_no_pass(tmp_path):
    settings = {"batch_size": 8, "steps_per_epoch": 3}
    (whole, _), (again, _) = resumed(recurrent, (X[..., None], Y), tmp_path / "c", 3, **settings)
    same(whole, again)


def test_weights_in_half_precision(tmp_path):
    def make(seed=3):
        return network(seed, dtype="bfloat16")

    (whole, _), (again, _) = resumed(make, (X, Y), tmp_path / "c", 2)
    same(whole, again)


def test_a_run_that_had_ended_stays_ended(tmp_path):
    def stopping():
        return [callbacks.EarlyStopping("loss", patience=0, min_delta=1e9)]

    first = network()
    told = first.fit(X, Y, epochs=9, callbacks=stopping(), checkpoint=tmp_path / "c", verbose=0)
    second = network(8)
    again = second.fit(
        X, Y, epochs=9, callbacks=stopping(), checkpoint=tmp_path / "c", resume=True, verbose=0
    )
    same(first, second)
    assert again.history == told.history
    assert len(again.epoch) < 9


def test_the_files_of_callbacks_go_on(tmp_path):
    def files(name):
        log = callbacks.CSVLogger(tmp_path / f"{name}.csv")
        return [log, callbacks.ModelCheckpoint(tmp_path / f"{name}.keras", "loss", mode="min",
                                               save_best_only=True)]  # fmt: skip

    network().fit(X, Y, epochs=4, callbacks=files("whole"), verbose=0)
    with pytest.raises(ZeroDivisionError):
        network().fit(X, Y, epochs=4, callbacks=[*files("part"), BreakOff(2)], verbose=0,
                      checkpoint=tmp_path / "c")  # fmt: skip
    kept = files("part")
    network().fit(X, Y, epochs=4, callbacks=kept, verbose=0, checkpoint=tmp_path / "c", resume=True)
    assert (tmp_path / "part.csv").read_text() == (tmp_path / "whole.csv").read_text()
    assert kept[1].best is not None


def test_a_file_cut_short_anywhere_is_passed_over(tmp_path):
    model, folder = network(), tmp_path / "c"
    model.fit(X, Y, epochs=3, checkpoint=folder, verbose=0)
    newest = folder / "epoch-000003.npz"
    content = newest.read_bytes()
    for size in (0, 1, 100, len(content) // 2, len(content) - 1):
        newest.write_bytes(content[:size])
        with pytest.warns(PellucidWarning, match="damaged"):
            epochs, _, _ = CheckpointFolder(folder).newest()
        assert epochs == 2
    for path in folder.iterdir():
        path.write_bytes(b"")
    with (
        pytest.raises(FileFormatError, match="No checkpoint"),
        pytest.warns(PellucidWarning, match="damaged"),
    ):
        network().fit(X, Y, epochs=4, checkpoint=folder, resume=True, verbose=0)


def test_a_full_disk_costs_a_checkpoint_and_not_the_run(tmp_path, monkeypatch):
    folder = tmp_path / "c"
    model = network()
    model.fit(X, Y, epochs=2, checkpoint=folder, verbose=0)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.warns(PellucidWarning, match="Training goes on"):
        run = network().fit(X, Y, epochs=4, checkpoint=folder, resume=True, verbose=0)
    assert run.epoch == [0, 1, 2, 3]
    assert sorted(path.name for path in folder.iterdir()) == [
        "epoch-000001.npz",
        "epoch-000002.npz",
    ]


def test_every_so_many_epochs_and_the_last(tmp_path):
    network().fit(X, Y, epochs=5, checkpoint=tmp_path / "c", checkpoint_every=2, verbose=0)
    names = sorted(path.name for path in (tmp_path / "c").iterdir())
    assert names == ["epoch-000004.npz", "epoch-000005.npz"]


def test_what_is_not_the_same_run_is_refused(tmp_path):
    folder = tmp_path / "c"
    network().fit(X, Y, epochs=2, checkpoint=folder, verbose=0)
    going_on = {"epochs": 3, "checkpoint": folder, "resume": True, "verbose": 0}
    with pytest.raises(FileFormatError, match="another network") as error:
        network(units=7).fit(X, Y, **going_on)
    assert "(4, 6) in the checkpoint, (4, 7) here" in str(error.value)
    other = network()
    other.compile("sgd", "mse")
    with pytest.raises(FileFormatError, match="only in the checkpoint"):
        other.fit(X, Y, **going_on)
    with pytest.raises(DataError, match="other data"):
        network().fit(X[:40], Y[:40], **going_on)
    with pytest.raises(ConfigError, match="holds checkpoints"):
        network().fit(X, Y, epochs=2, checkpoint=folder, verbose=0)
    with pytest.raises(ConfigError, match="where the checkpoints are"):
        network().fit(X, Y, resume=True, verbose=0)
    with pytest.raises(ConfigError, match="checkpoint_every"):
        network().fit(X, Y, checkpoint=folder, checkpoint_every=0, resume=True, verbose=0)


def test_a_backup_lives_as_long_as_it_is_needed(tmp_path):
    folder = tmp_path / "backup"
    whole = network()
    whole.fit(X, Y, epochs=4, verbose=0)
    with pytest.raises(ZeroDivisionError):
        network().fit(X, Y, epochs=4, verbose=0,
                      callbacks=[callbacks.BackupAndRestore(folder), BreakOff(3)])  # fmt: skip
    assert folder.is_dir()
    (folder / ".epoch-000009.npz.1-2.part").write_bytes(b"begun")  # as a killed process leaves it
    again = network(5)
    run = again.fit(X, Y, epochs=4, verbose=0, callbacks=[callbacks.BackupAndRestore(folder)])
    same(whole, again)
    assert run.epoch == [0, 1, 2, 3]
    assert not folder.exists()
    with pytest.raises(ConfigError, match="after epochs"):
        callbacks.BackupAndRestore(folder, save_freq=3)


def test_callbacks_of_ones_own_say_what_they_remember(tmp_path):
    class Counts(callbacks.Callback):
        remembers = ("seen",)

        def __init__(self):
            super().__init__()
            self.seen = []

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append(epoch)

    with pytest.raises(ZeroDivisionError):
        network().fit(X, Y, epochs=4, verbose=0, callbacks=[Counts(), BreakOff(2)],
                      checkpoint=tmp_path / "c")  # fmt: skip
    mine = Counts()
    network().fit(X, Y, epochs=4, verbose=0, callbacks=[mine], checkpoint=tmp_path / "c",
                  resume=True)  # fmt: skip
    assert mine.seen == [0, 1, 2, 3]


PROGRAM = """
import os, signal, sys
import numpy as np
from pellucid import Sequential, callbacks, layers
from pellucid.utils import set_random_seed

class Kill(callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3 and sys.argv[2] == "killed":
            os.kill(os.getpid(), signal.SIGKILL)

set_random_seed(3)
x = np.random.default_rng(0).normal(size=(42, 4)).astype("float32")
model = Sequential([layers.Input((4,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, x[:, :1], epochs=6, verbose=0, callbacks=[Kill()], checkup=False,
          checkpoint=sys.argv[1], resume=True)
np.savez(sys.argv[3], *model.get_weights())
"""


@pytest.mark.slow
def test_a_killed_process(tmp_path):
    def run(folder, how):
        out = tmp_path / f"{folder}.npz"
        return out, subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path / folder), how, str(out)],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"JAX_PLATFORMS": "cpu"},
            check=False,
        ).returncode

    whole, code = run("whole", "left alone")
    assert code == 0
    out, code = run("killed", "killed")
    assert code == -signal.SIGKILL
    assert not out.exists()
    out, code = run("killed", "resumed")
    assert code == 0
    first, second = np.load(whole), np.load(out)
    assert all(np.array_equal(first[name], second[name]) for name in first.files)


def test_a_run_waits_for_the_write_that_a_broken_one_has_begun(tmp_path, monkeypatch):
    write, slowly = CheckpointFolder.write, []

    def late(self, *args):
        slowly.append(time.sleep(0.5))
        write(self, *args)

    monkeypatch.setattr(CheckpointFolder, "write", late)
    with pytest.raises(ZeroDivisionError):
        network().fit(X, Y, epochs=2, verbose=0, checkpoint=tmp_path, callbacks=[BreakOff(1)])
    run = network().fit(X, Y, epochs=1, verbose=0, checkpoint=tmp_path, resume=True)
    assert len(slowly) == 1  # the second run had nothing left to do
    assert run.epoch == [0]
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-000001.npz"]
