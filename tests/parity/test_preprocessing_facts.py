"""Layers for text and categories against what Keras gave where TensorFlow was installed.

The record is of Keras 3.15.1 on JAX with TensorFlow 2.21; see `record_preprocessing.py`.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from parity.record_preprocessing import RECORD, arguments_of, cases

from pellucid import layers

FACTS = json.loads(RECORD.read_text(encoding="utf-8"))


def label(item):
    shown = ",".join(f"{name}={value}" for name, value in item["arguments"].items())
    return f"{item['layer']}({shown[:60]})"


def test_the_record_is_of_these_cases():
    asked = [
        {key: item[key] for key in ("layer", "arguments", "adapt", "inputs")} for item in FACTS
    ]
    assert json.loads(json.dumps(cases())) == asked


@pytest.mark.parametrize("epsilon", [0.01, 0.1])
@pytest.mark.parametrize("sizes", [[5], [1000], [7, 300, 40], [100] * 20])
def test_ranges_are_found_as_keras_finds_them(sizes, epsilon):
    """`adapt` itself asks for TensorFlow; the functions under it do not."""
    from keras.src.layers.preprocessing import discretization as keras_steps

    rng = np.random.default_rng(0)
    batches = [rng.gamma(2.0, size=(size, 2)).astype("float32") for size in sizes]
    summary = np.array([[], []], dtype="float32")
    for batch in batches:
        new = keras_steps.summarize(batch, epsilon)
        summary = keras_steps.merge_summaries(new, summary, epsilon)
    expected = keras_steps.get_bin_boundaries(summary, 6)
    layer = layers.Discretization(num_bins=6, epsilon=epsilon)
    layer.adapt(iter(batches))
    np.testing.assert_allclose(layer.bin_boundaries, expected, rtol=1e-6)


@pytest.mark.parametrize("item", FACTS, ids=label)
def test_the_same_numbers_as_keras(item):
    layer = getattr(layers, item["layer"])(**arguments_of(item))
    if item["adapt"] is not None:
        layer.adapt(item["adapt"])
    if "vocabulary" in item:
        assert layer.get_vocabulary() == item["vocabulary"]
    twin = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    for one in (layer, twin):
        got = np.asarray(one(item["inputs"]))
        expected = np.asarray(item["outputs"])
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=1e-6)
