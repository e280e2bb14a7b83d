"""Whole models as `.keras` files: what comes back, what is refused, what is never lost."""

from __future__ import annotations

import io
import json
import os
import zipfile

import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers, losses, metrics, ops, optimizers
from pellucid._core.errors import (
    ConfigError,
    FileFormatError,
    FileWriteError,
    NoWeightsFileError,
    PellucidError,
    PellucidWarning,
    UnknownNameError,
)
from pellucid.callbacks import ModelCheckpoint
from pellucid.models import load_model, save_model
from pellucid.network.reader import UnknownClassError
from pellucid.network.weights import WeightsDifferError

QUIET = {"verbose": 0, "doctor": None, "checkup": False}


def net(units=3):
    return Sequential([Input((2,)), layers.Dense(units, activation="relu"), layers.Dense(1)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.keras"


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights(), strict=True))


def rewritten(path, name, content):
    """The file with one member replaced, or left out."""
    with zipfile.ZipFile(path) as old:
        members = {member: old.read(member) for member in old.namelist()}
    members[name] = content
    with zipfile.ZipFile(path, "w") as new:
        for member, data in members.items():
            if data is not None:
                new.writestr(member, data)


def test_training_goes_on_where_the_file_was_written(path):
    x, y = np.random.default_rng(0).normal(size=(2, 8, 2)).astype("float32")
    model = net()
    model.compile(
        optimizers.Adam(0.01), losses.Huber(), metrics=["mae", metrics.MeanSquaredError()]
    )
    model.fit(x, y[:, :1], shuffle=False, **QUIET)
    model.optimizer.learning_rate = 0.005
    model.save(path)
    again = load_model(path)
    assert again.optimizer.learning_rate == pytest.approx(0.005)
    assert again.evaluate(x, y[:, :1], verbose=0) == model.evaluate(x, y[:, :1], verbose=0)
    for each in (model, again):
        each.fit(x, y[:, :1], shuffle=False, **QUIET)
    assert same(model, again)
    assert not load_model(path, compile=False).compiled


class Drawn(Model):
    def train_step(self, data):
        return super().train_step(data)


@pellucid.saving.register_keras_serializable("tests")
class Scaled(layers.Layer):
    def __init__(self, inner, power=1, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner
        self.power = power

    def call(self, x):
        return self.inner(x) ** self.power

    def get_config(self):
        inner = pellucid.saving.serialize_keras_object(self.inner)
        return {**super().get_config(), "inner": inner, "power": self.power}

    @classmethod
    def from_config(cls, config):
        inner = pellucid.saving.deserialize_keras_object(config.pop("inner"))
        return cls(inner, **config)


@pellucid.saving.register_keras_serializable("tests")
class Written(Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.parts = [layers.Dense(units), {"last": layers.Dense(1)}]

    def call(self, x):
        return self.parts[1]["last"](self.parts[0](x))


@pellucid.saving.register_keras_serializable("tests")
def to_the_second(x):
    return ops.square(x)


def drawn():
    a, b = Input((4,), name="a"), Input((5, 2), name="b")
    shared, start = layers.Dense(3, activation=to_the_second), Input((3,))
    inner = Model(start, layers.Dense(3)(start))
    x = inner(shared(a)) * 2.0 + ops.mean(b, axis=1)[:, :1]
    y = layers.MultiHeadAttention(1, 2)(query=b, value=b, key=b)
    y = layers.Bidirectional(layers.GRU(2))(y)
    return Model({"a": a, "b": b}, {"x": ops.clip(x, 0, 1), "y": shared(layers.Dense(4)(y))})


def test_graphs_of_all_kinds_come_back(path):
    model = drawn()
    data = {"a": np.ones((2, 4)), "b": np.ones((2, 5, 2))}
    model.save(path)
    again = load_model(path)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    expected = model.predict(data, verbose=0)
    for name, value in again.predict(data, verbose=0).items():
        assert np.array_equal(value, expected[name])


def test_classes_of_ones_own_come_back(path):
    for model in (
        Sequential([Input((3,)), Scaled(layers.Dense(2), power=2)]),
        Written(3),
        Sequential([layers.Dense(2), layers.BatchNormalization()]),
    ):
        expected = model.predict(np.ones((2, 3)), verbose=0)
        model.save(path)
        again = load_model(path)
        assert type(again) is type(model)
        assert np.array_equal(again.predict(np.ones((2, 3)), verbose=0), expected)


def test_a_functional_model_with_steps_of_its_own_comes_back(path):
    start = Input((2,))
    model = Drawn(start, layers.Dense(1)(start))
    model.save(path)
    with pytest.raises(UnknownClassError, match="'Drawn' that is not known here") as caught:
        load_model(path)
    assert "custom_objects={'Drawn': Drawn}" in caught.value.fix
    assert isinstance(caught.value, (TypeError, UnknownNameError))
    again = load_model(path, custom_objects={"Drawn": Drawn})
    assert type(again) is Drawn
    assert same(model, again)


def test_lambdas_are_read_only_when_trusted(path):
    model = Sequential([Input((2,)), layers.Lambda(lambda x: x * 2)])
    with pytest.warns(PellucidWarning, match="A lambda is written into the file as code"):
        model.save(path)
    with pytest.raises(ConfigError, match="code from a file can do anything"):
        load_model(path)
    assert load_model(path, safe_mode=False).predict(np.ones((1, 2)), verbose=0).tolist() == [
        [2, 2]
    ]


def test_vocabularies_and_statistics_come_back(path):
    words = layers.TextVectorization(output_mode="tf_idf")
    words.adapt(["a b", "b c", "c c d"])
    bins = layers.Discretization(num_bins=3)
    bins.adapt(np.arange(9.0))
    scale = layers.Normalization()
    scale.adapt(np.arange(6.0).reshape(3, 2))
    for layer, start, data in (
        (words, Input((1,), dtype="string"), np.array([["a c"], ["b"]])),
        (bins, Input((1,)), np.array([[1.0], [8.0]])),
        (scale, Input((2,)), np.ones((2, 2))),
    ):
        model = Sequential([start, layer])
        model.save(path)
        assert np.array_equal(
            load_model(path).predict(data, verbose=0), model.predict(data, verbose=0)
        )


def test_the_file_is_strict(path):
    net().save(path)
    config = json.loads(zipfile.ZipFile(path).read("config.json"))
    config["config"]["layers"][1]["config"]["units"] = 4
    rewritten(path, "config.json", json.dumps(config))
    with pytest.raises(WeightsDifferError, match=r"layers/dense/vars/0 +\(2, 3\) float32"):
        load_model(path)
    model = net()
    model.load_weights(path)


def test_files_that_are_something_else(path, tmp_path):
    with pytest.raises(NoWeightsFileError):
        load_model(path)
    path.write_bytes(b"no zip")
    with pytest.raises(FileFormatError, match="not a whole model's file"):
        load_model(path)
    for name, content in (("config.json", None), ("config.json", b"{"), ("config.json", b"[]")):
        net().save(path)
        rewritten(path, name, content)
        with pytest.raises(FileFormatError):
            load_model(path)
    net().save(path)
    rewritten(path, "model.weights.h5", None)
    with pytest.raises(FileFormatError, match="holds no weights"):
        load_model(path)
    with pytest.raises(FileFormatError, match="folder"):
        load_model(tmp_path)
    with pytest.raises(ConfigError, match=r"'\.keras'"):
        load_model("model.onnx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_file_cut_short_is_refused(path, share):
    net().save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileFormatError):
        load_model(path)


def test_one_wrong_byte_among_the_weights_is_found(path):
    net().save(path)
    data = bytearray(path.read_bytes())
    place = data.index(b"\x89HDF") + 3000
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="sum"):
        load_model(path)


@pytest.mark.parametrize("place", [["config", "layers"], ["config", "layers", 1, "config"]])
@pytest.mark.parametrize("value", [None, 3, [], {}, "x", [[]], {"class_name": "Dense"}])
def test_configurations_that_someone_changed_are_refused(path, place, value):
    net().save(path)
    config = inner = json.loads(zipfile.ZipFile(path).read("config.json"))
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    rewritten(path, "config.json", json.dumps(config))
    with pytest.raises(PellucidError):
        load_model(path)


def test_names_that_lead_out_of_the_file_are_refused(path):
    words = layers.StringLookup()
    words.adapt(["a", "b"])
    Sequential([Input((1,), dtype="string"), words]).save(path)
    rewritten(path, "assets/layers/string_lookup/../../../evil.txt", b"x")
    with pytest.raises(FileFormatError, match="leads out of its folder"):
        load_model(path)


def test_names_that_are_not_a_models(tmp_path):
    for name, fix in (("folder", "folder.keras"), ("m.h5", "save_weights"), ("m.onnx", "later")):
        with pytest.raises(ConfigError, match="the name does not say so") as caught:
            net().save(tmp_path / name)
        assert fix in caught.value.fix
    with pytest.raises(NotImplementedError, match="not into a folder"):
        net().save(tmp_path / "m", zipped=False)


def test_nothing_is_lost_when_a_write_fails(path, monkeypatch):
    model = net()
    model.save(path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="exists already"):
        model.save(path, overwrite=False)

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileWriteError, match="disk full"):
        model.save(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_open_files_are_taken_too():
    held, model = io.BytesIO(), net()
    save_model(model, held)
    held.seek(0)
    assert same(load_model(held), model)


def test_checkpoints_of_whole_models(path):
    model = net()
    model.compile("sgd", "mse")
    x = np.ones((4, 2))
    model.fit(x, x[:, :1], callbacks=[ModelCheckpoint(path)], **QUIET)
    assert same(load_model(path), model)
    with pytest.raises(ConfigError, match="weights alone"):
        ModelCheckpoint(path, save_weights_only=True)


def test_an_optimiser_that_cannot_be_written_is_left_out(path):
    import optax

    model = net()
    model.compile(optax.sgd(0.1), "mse")
    with pytest.warns(PellucidWarning, match="told by compile is not in the file"):
        model.save(path)
    assert not load_model(path).compiled
