"""Files of weights in Keras's layout: what fits, what is refused, what is never lost."""

from __future__ import annotations

import os

import h5py
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import (
    FileFormatError,
    FileWriteError,
    NoWeightsFileError,
    PellucidWarning,
    StateError,
)
from pellucid.callbacks import ModelCheckpoint
from pellucid.network.differences import Difference, table
from pellucid.network.weights import WeightsDifferError


def net(*sizes, width=2):
    return Sequential([Input((width,)), *(layers.Dense(size) for size in sizes)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.weights.h5"


def test_every_difference_is_in_one_table_and_nothing_is_loaded(path):
    net(3, 4, 1).save_weights(path)
    other = net(3, 5)
    before = other.get_weights()
    with pytest.raises(WeightsDifferError) as caught:
        other.load_weights(path)
    message = str(caught.value)
    for row in (
        "layers/dense_1/vars/0  (3, 4) float32  sequential/dense_1/kernel (3, 5) float32",
        "layers/dense_1/vars/1  (4,) float32    sequential/dense_1/bias (5,) float32",
        "layers/dense_2/vars/0  (4, 1) float32  nothing",
    ):
        assert row in message
    assert "layers/dense/" not in message, "what fits is no difference"
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))
    assert isinstance(caught.value, ValueError)


def test_what_fits_is_taken_when_asked_for(path):
    source, other = net(3, 4), net(3, 5)
    source.save_weights(path)
    with pytest.warns(PellucidWarning, match="2 of the 3 parts of 'sequential' were loaded"):
        other.load_weights(path, skip_mismatch=True)
    assert np.array_equal(other.get_weights()[0], source.get_weights()[0])


def test_whole_numbers_are_not_taken_for_floats(path):
    net(3).save_weights(path)
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = np.zeros(3, "int32")
    with pytest.raises(WeightsDifferError, match=r"\(3,\) int32"):
        net(3).load_weights(path)


def test_the_state_of_another_optimiser_stays_out(path):
    x, y = np.zeros((4, 2)), np.zeros((4, 3))
    model, other = net(3), net(3)
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0, doctor=None, checkup=False)
    model.save_weights(path)
    other.load_weights(path)  # not compiled: nothing to say
    other.compile("sgd", "mse")
    with pytest.warns(PellucidWarning, match="state of the optimiser 'optimizer' was not loaded"):
        other.load_weights(path)


def test_an_error_of_the_users_own_method_is_told(path):
    class Own(layers.Dense):
        def load_own_variables(self, store):
            raise KeyError("scale")

    model = Sequential([Input((2,)), Own(3)])
    model.save_weights(path)
    with pytest.raises(WeightsDifferError, match="load_own_variables: KeyError: 'scale'"):
        model.load_weights(path)


def test_files_of_keras_2_name_layers_otherwise(path):
    source, other = net(3), net(3)
    source.save_weights(path)
    with h5py.File(path, "r+") as file:
        file.move("layers", "_layer_checkpoint_dependencies")
    other.load_weights(path)
    assert np.array_equal(other.get_weights()[0], source.get_weights()[0])


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.9])
def test_a_file_cut_short_is_refused(path, share):
    net(30).save_weights(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileFormatError, match="not a whole file of weights"):
        net(30).load_weights(path)


def test_a_file_that_leads_elsewhere_is_refused(path, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["a"] = np.zeros(3)
    for link in (h5py.ExternalLink(str(tmp_path / "secret.h5"), "a"), h5py.SoftLink("/layers")):
        net(3).save_weights(path)
        with h5py.File(path, "r+") as file:
            del file["layers/dense/vars/1"]
            file["layers/dense/vars/1"] = link
        with pytest.raises(FileFormatError, match="holds a link at"):
            net(3).load_weights(path)


def test_an_array_that_only_claims_to_be_large_is_refused(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (1 << 20, 1 << 20), "f4", compression="gzip")
    with pytest.raises(FileFormatError, match="claims an array"):
        net(3).load_weights(path)


def test_no_file_and_no_weights(path):
    with pytest.raises(NoWeightsFileError):
        net(3).load_weights(path)
    with pytest.raises(StateError, match="no weights to save yet"):
        Sequential([layers.Dense(3)]).save_weights(path)
    with pytest.raises(FileWriteError, match="cannot be written"):
        net(3).save_weights(path.parent / "nowhere" / path.name)
    assert os.listdir(path.parent) == []


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(path, monkeypatch):
    net(3).save_weights(path)
    before = path.read_bytes()

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileWriteError, match="disk full"):
        net(3).save_weights(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_shared_layer_is_kept_once(path):
    start = Input((2,))
    shared = layers.Dense(2)
    model = Model(start, shared(layers.ReLU()(shared(start))))
    model.save_weights(path)
    with h5py.File(path) as file:
        assert list(file["layers"]) == ["dense"]
    model.load_weights(path)


def test_the_best_weights_of_a_run(tmp_path):
    model = net(1)
    model.compile("sgd", "mse")
    keeper = ModelCheckpoint(
        tmp_path / "{epoch}.weights.h5", "loss", save_best_only=True, save_weights_only=True
    )
    x = np.ones((4, 2))
    model.fit(x, x[:, :1], epochs=2, callbacks=[keeper], verbose=0, doctor=None, checkup=False)
    assert sorted(os.listdir(tmp_path)) == ["1.weights.h5", "2.weights.h5"]
    model.load_weights(tmp_path / "1.weights.h5")


def test_a_long_table_is_cut():
    rows = [Difference(str(number), "", "(1,)") for number in range(300)]
    assert table(rows).endswith("and 100 more")
