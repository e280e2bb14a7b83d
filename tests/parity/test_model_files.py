"""Whole models as files: ours opened by Keras, Keras's opened by us, and back again."""

from __future__ import annotations

import warnings

import keras
import pytest
from contract.layer_cases import CASES, make
from test_layers_parity import call
from test_weight_files import same, sorted_values, spread

from pellucid import Input, Model
from pellucid.models import load_model

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
