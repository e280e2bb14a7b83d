"""Whole models as files: ours opened by Keras, Keras's opened by us, and back again."""

from __future__ import annotations

import inspect
import warnings
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest
from contract.layer_cases import CASES, make
from test_layers_parity import call
from test_weight_files import same, sorted_values, spread

import pellucid
from pellucid import Input, Model
from pellucid._core.specs import family
from pellucid.layers.symbolic import leaves
from pellucid.models import load_model
from pellucid.network import operations

ONE_A_LAYER = [
    case
    for case in {case.layer: case for case in reversed(CASES) if case.keras}.values()
    if case.layer not in ("InputLayer", "Equalization")  # no model of Keras's takes the latter
]


def arguments(model):
    """The arguments of each layer, as Keras writes them down."""
    return [layer["config"] for layer in model.get_config()["layers"]]


@pytest.mark.parametrize("case", ONE_A_LAYER, ids=str)
def test_every_layer_goes_through_keras_and_comes_back(case, tmp_path):
    inputs = [Input(spec.shape, dtype=spec.dtype) for spec in case.inputs]
    ours = Model(inputs, call(case, make(case), case.packed(inputs)))
    spread(ours)
    ours.save(tmp_path / "ours.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = keras.models.load_model(tmp_path / "ours.keras")
        assert same(sorted_values(theirs), sorted_values(ours))
        theirs.save(tmp_path / "theirs.keras")
    again = load_model(tmp_path / "theirs.keras")
    assert same(sorted_values(again), sorted_values(ours))
    again.save(tmp_path / "again.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        twin = keras.models.load_model(tmp_path / "again.keras")
    assert arguments(twin) == arguments(theirs)


FILES = Path(__file__).parent / "files"


def test_keras_s_vocabularies_are_read():
    """Written by Keras 3.15.1 with TensorFlow, after `adapt`; the numbers are its own."""
    model = load_model(FILES / "keras-3.15.1-vocabularies.keras")
    words, numbers = np.array([["a z"], ["c"]]), np.array([[3], [9]])
    weighed, found, counted = model.predict([words, numbers], verbose=0)
    expected = [[0.80471897, 0, 0, 0, 0.916291], [0, 0.693147, 0, 0, 0]]
    np.testing.assert_allclose(weighed, expected, rtol=1e-6)
    assert found.tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0]]
    assert counted.tolist() == [[3], [1]]


def test_files_of_the_first_format_open():
    model = load_model(FILES / "pellucid-format-1.keras")
    assert model.compiled
    assert model.predict(np.ones((1, 3)), verbose=0) == pytest.approx(3 / np.sqrt(1.001))


def subclassed(lib):
    @lib.saving.register_keras_serializable(f"of_{lib.__name__}")
    class Pair(lib.Model):
        def __init__(self, units=2, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.blocks = [[lib.layers.Dense(units)], {"b": lib.layers.BatchNormalization()}]

        def call(self, x):
            return self.blocks[1]["b"](self.blocks[0][0](x))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    model = Pair(3)
    model(np.ones((1, 2), "float32"))
    return model, Pair, np.ones((2, 2), "float32")


def drawn(lib):
    ops = lib.ops
    a, b = lib.Input((4,), name="a"), lib.Input((3, 2), name="b")
    shared, start = lib.layers.Dense(2), lib.Input((2,))
    inner = lib.Model(start, lib.layers.Dense(2, activation="gelu")(start))
    x = inner(shared(a)) * 2.0 + ops.mean(b, axis=1)
    y = shared(lib.layers.Dense(4)(lib.layers.GRU(2)(b, initial_state=x)))[:, :1]
    z = ops.concatenate([ops.clip(x, 0, 1), ops.where(y > 0, y, 0.0)], axis=-1)
    model = lib.Model({"a": a, "b": b}, {"z": ops.einsum("ij,ij->i", z, z), "y": y})
    return model, None, {"a": np.ones((2, 4), "float32"), "b": np.ones((2, 3, 2), "float32")}


@pytest.mark.parametrize("make", [subclassed, drawn])
def test_whole_networks_go_both_ways(make, tmp_path):
    path = tmp_path / "of.keras"
    for writer, reader in ((keras, pellucid), (pellucid, keras)):
        model, _, x = make(writer)
        _, cls, _ = make(reader)
        spread(model)
        model.save(path)
        known = {f"of_{writer.__name__}>Pair": cls, "Pair": cls} if cls else None
        again = reader.models.load_model(path, custom_objects=known)
        for expected, got in zip(leaves(model(x)), leaves(again(x)), strict=True):
            np.testing.assert_allclose(got, np.asarray(expected), rtol=1e-5, atol=1e-6)


def test_training_goes_on_from_the_other_s_file(tmp_path):
    x, y = np.random.default_rng(0).normal(size=(2, 8, 3)).astype("float32")
    path = tmp_path / "of.keras"

    def train(model):
        quiet = {} if isinstance(model, keras.Model) else {"doctor": None, "checkup": False}
        model.fit(x, y, batch_size=4, shuffle=False, verbose=0, **quiet)

    for writer, reader in ((keras, pellucid), (pellucid, keras)):
        model = writer.Sequential([writer.Input((3,)), writer.layers.Dense(3)])
        rate = writer.optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)
        model.compile(
            writer.optimizers.Adam(rate), writer.losses.MeanSquaredError(), metrics=["mae"]
        )
        train(model)
        model.save(path)
        again = reader.models.load_model(path)
        train(model)
        train(again)
        assert again.evaluate(x, y, verbose=0) == pytest.approx(
            model.evaluate(x, y, verbose=0), rel=1e-5
        )


def test_operations_are_keras_s_classes():
    """Each has the class that files name, made with what is no operand."""
    for name, function in family("op").entries().items():
        if name in operations.ONLY_OURS or not hasattr(pellucid.ops, name):
            continue  # the latter are those of other tests
        part, class_name = operations.place(name)
        module = import_module(f"keras.src.ops.{part}")
        cls = getattr(module, class_name, None)
        if cls is None:
            assert not hasattr(keras.ops, name) or name in MAKES_ARRAYS, name
            continue
        made_with = set(inspect.signature(cls.__init__).parameters)
        settings = set(function.op.parameters) - set(function.op.operands)
        settings |= set(operations.SETTINGS.get(name, ()))
        missing = settings - made_with - set(operations.IN_CALLS.get(name, ())) - {"kwargs"}
        assert not missing or name in MAKES_ARRAYS, (name, missing)


# Made of numbers, so that no graph has them.
MAKES_ARRAYS = {
    "arange", "bartlett", "blackman", "empty", "eye", "hamming", "hanning", "identity", "kaiser",
    "ones", "tri", "zeros",
}  # fmt: skip
