"""Weights on disk: exact, strict, atomic."""

from __future__ import annotations

import json
import os
import struct

import numpy as np
import pytest

from pellucid._core.errors import ConfigError, FileFormatError, ShapeError, StateError
from pellucid._core.files import write_atomically
from pellucid.layers.base import Layer
from pellucid.training.weights_file import (
    NoWeightsFileError,
    load_weights,
    save_weights,
)


class Affine(Layer):
    """A layer with a matrix, a vector and a counter."""

    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros")
        self.count = self.add_weight(initializer="zeros", dtype="int32", trainable=False)


class Outer(Layer):
    """A layer that holds another: weights have paths."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = Affine()

    def build(self, input_shape):
        self.inner.build(input_shape)
        self.built = True


def built(layer):
    layer.build((None, 2))
    return layer


def same(a, b):
    pairs = zip(a.get_weights(), b.get_weights(), strict=True)
    return all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in pairs)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.weights.safetensors"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_what_is_loaded_is_what_was_saved(path, dtype):
    saved, fresh = built(Affine(dtype=dtype)), built(Affine(dtype=dtype))
    saved.count = np.int32(7)
    assert not same(saved, fresh)
    save_weights(saved, path)
    load_weights(fresh, path)
    assert same(saved, fresh)


def test_the_file_is_what_any_safetensors_reader_takes(path):
    from safetensors import safe_open

    layer = built(Outer(name="net"))
    save_weights(layer, str(path))
    with safe_open(path, "np") as file:
        assert set(file.keys()) == {
            "net/affine/kernel",
            "net/affine/bias",
            "net/affine/count",
        }
        assert file.metadata() == {"format": "pellucid-weights", "version": "1"}
        np.testing.assert_array_equal(file.get_tensor("net/affine/kernel"), layer.get_weights()[0])


def test_the_models_own_name_does_not_matter(path):
    saved, fresh = built(Outer(name="one")), built(Outer(name="two"))
    save_weights(saved, path)
    load_weights(fresh, path)
    assert same(saved, fresh)


def test_another_format_is_cast_and_another_kind_refused(path):
    saved, half = built(Affine()), built(Affine(dtype="bfloat16"))
    save_weights(saved, path)
    load_weights(half, path)
    np.testing.assert_allclose(
        half.get_weights()[0].astype(np.float32), saved.get_weights()[0], rtol=2**-8
    )
    from safetensors.numpy import save_file

    wrong = {f"affine/{n}": np.zeros(s, np.float32) for n, s in SHAPES.items()}
    save_file(wrong, path)
    with pytest.raises(ShapeError, match="another kind: affine/count is float32"):
        load_weights(saved, path)


SHAPES = {"kernel": (2, 3), "bias": (3,), "count": ()}


def test_every_difference_is_listed_and_nothing_is_loaded(path):
    from safetensors.numpy import save_file

    model = built(Affine())
    before = [w.copy() for w in model.get_weights()]
    save_file({"affine/kernel": np.ones((2, 4), np.float32), "affine/extra": np.ones(1)}, path)
    with pytest.raises(ShapeError, match="nothing was loaded") as caught:
        load_weights(model, path)
    text = str(caught.value)
    assert "another shape: affine/kernel is (2, 4), the model has (2, 3)" in text
    assert "missing in the file: affine/bias (3,)" in text
    assert "only in the file: affine/extra (1,)" in text
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("keep", [0, 5, 8, 100, -1])
def test_a_truncated_file_is_refused(path, keep):
    model = built(Affine())
    save_weights(model, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FileFormatError, match="not a whole safetensors file"):
        load_weights(model, path)


def test_a_hostile_header_is_refused(path):
    header = {"affine/kernel": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(FileFormatError):
        load_weights(built(Affine()), path)
    path.write_bytes(struct.pack("<Q", 2**60) + b"{}")
    with pytest.raises(FileFormatError):
        load_weights(built(Affine()), path)


def test_numbers_of_an_unknown_format_are_refused(path):
    text = json.dumps({"a": {"dtype": "F8_E5M2", "shape": [1], "data_offsets": [0, 1]}}).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0")
    with pytest.raises(FileFormatError, match="format that is not supported"):
        load_weights(built(Affine()), path)


def test_no_file(path):
    with pytest.raises(NoWeightsFileError) as caught:
        load_weights(built(Affine()), path)
    assert isinstance(caught.value, FileNotFoundError)


def test_names_of_other_formats_are_refused_with_the_right_one(tmp_path):
    for name in ("m.keras", "m.h5", "m"):
        with pytest.raises(ConfigError) as caught:
            save_weights(built(Affine()), tmp_path / name)
        assert "m.weights.h5" in caught.value.fix


def test_an_unbuilt_model_has_nothing_to_save(path):
    with pytest.raises(StateError, match="no weights to save yet"):
        save_weights(Affine(), path)
    assert not path.exists()


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(path, monkeypatch):
    save_weights(built(Affine()), path)
    before = path.read_bytes()

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        save_weights(built(Affine()), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.bin", tmp_path / "link.bin"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
