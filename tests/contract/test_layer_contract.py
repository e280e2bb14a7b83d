"""What every layer owes in words: configuration, names, errors, shapes, documentation.

Checked over the whole registry, so that a new class costs one line in `layer_cases.py`. Nothing
here compiles a program, so that all of it can run with every commit; the numbers are next door.
"""

from __future__ import annotations

import copy
import doctest
import inspect
import json
import sys
from collections import Counter

import numpy as np
import pytest
from contract.layer_cases import CASES, NOT_ALONE, Case, every_case, make

from pellucid import layers
from pellucid._core.errors import ShapeError, UnknownNameError
from pellucid._core.specs import argument_names, deserialize, family, serialize
from pellucid.layers.building import placeholders
from pellucid.layers.symbolic import tree_map


def registered() -> dict[str, type]:
    """The layer classes of the package by primary name; those of other tests do not count."""
    found = family("layer").entries()
    return {n: c for n, c in found.items() if c.__module__.startswith("pellucid.")}


every_class = pytest.mark.parametrize("name", sorted(set(registered()) - set(NOT_ALONE)))


def symbolic(case: Case):
    """What the layer is called on, without numbers."""
    return case.packed([placeholders((None, *spec.shape), spec.dtype) for spec in case.inputs])


def drawn(layer, case: Case):
    """The layer's outputs on symbolic tensors."""
    return layer(*case.positional(symbolic(case)), **case.call)


def built(case: Case, **extra):
    """A layer that has its weights, made without running anything."""
    layer = make(case, **extra)
    drawn(layer, case)
    return layer


def same(a, b):
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_every_registered_class_is_in_the_table():
    listed = {case.layer for case in CASES} | set(NOT_ALONE)
    assert set(registered()) - listed == set(), "add one line per class to layer_cases.py"
    assert set(registered()) - set(NOT_ALONE) <= set(layers.__all__)


# Fewer than three configurations, and why.
FEW = {
    "InputLayer": "it computes nothing",
    "Lambda": "the function is the user's: see the unit tests",
    "RandAugment": "each compiles every operation; the others are in the parity and unit tests",
    "AugMix": "as RandAugment",
}


def test_every_layer_is_tried_in_three_configurations():
    counts = Counter(case.layer for case in CASES)
    assert {name for name, count in counts.items() if count < 3} == set(FEW)


@every_case
def test_config_round_trip(case):
    layer = built(case)
    config = json.loads(json.dumps(layer.get_config()))
    twin = type(layer).from_config(config)
    assert twin.get_config() == layer.get_config()
    again = deserialize(json.loads(json.dumps(serialize(layer))))
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    assert tree_map(lambda t: t.shape, drawn(again, case)) == layer.output_shape


@every_case
def test_arguments_are_kept_and_shown(case):
    layer = make(case, name="mine")
    config, shown = layer.get_config(), repr(layer)
    assert shown.startswith(case.layer + "(")
    assert "name='mine'" in shown
    for name, value in case.arguments.items():
        if case.layer != "InputLayer":  # as in Keras, it writes batch_shape down instead
            written, kept = serialize(deserialize(value)), config[name]
            if isinstance(kept, tuple):  # one size for every axis, as in Keras
                written = tuple(written) if isinstance(written, list) else (written,) * len(kept)
            assert kept == written
        default = inspect.signature(type(layer).__init__).parameters[name].default
        if not (value is default or value == default):
            assert f"{name}=" in shown


@every_case
def test_copies_are_independent(case):
    layer = built(case)
    before = layer.get_weights()
    twin = copy.deepcopy(layer)
    assert same(twin.get_weights(), before)
    twin.set_weights([w + 1 for w in before])
    assert same(layer.get_weights(), before)
    assert twin.get_config() == layer.get_config()


@every_class
def test_a_misspelt_argument_is_refused_with_a_suggestion(name):
    case = next(case for case in CASES if case.layer == name)
    right = next((a for a in case.arguments if len(a) > 3), "trainable")
    assert right in argument_names(registered()[name])
    wrong = right[:-1] + "zz"
    with pytest.raises(UnknownNameError) as caught:
        make(case, **{wrong: 1})
    message = str(caught.value)
    assert f"{name} has no argument called {wrong!r}" in message
    assert "did you mean" in message
    assert repr(right) in message


@every_case
def test_weights_can_be_taken_out_and_put_back(case):
    layer, twin = built(case), built(case, name="twin")
    values = [w + 0.5 if w.dtype.kind == "f" else w + 1 for w in layer.get_weights()]
    twin.set_weights(values)
    assert same(twin.get_weights(), values)
    if values:
        assert not same(layer.get_weights(), values)
        with pytest.raises(ShapeError):
            layer.set_weights(values[:-1])
        values[0] = np.zeros((*np.shape(values[0]), 2), "float32")
        with pytest.raises(ShapeError, match=layer.weights[0].path):
            layer.set_weights(values)


# Layers with weights whose weights say nothing about the width of the input.
ANY_WIDTH = {"STFTSpectrogram": "every channel goes through the same weights by itself"}


@every_case
def test_another_width_is_refused_in_words(case):
    layer = built(case)
    if not layer.weights or not case.takes_floats or case.layer in ANY_WIDTH:
        return
    first = 2 if hasattr(layer, "return_sequences") else 1  # after the steps, where there are any
    usual = first if getattr(layer, "data_format", None) == "channels_first" else -1
    axis = getattr(layer, "axis", usual)
    axis = axis[-1] if isinstance(axis, list) else axis
    first, *others = case.positional(symbolic(case))
    if not hasattr(first, "shape"):
        return
    wider = list(first.shape)
    wider[axis] *= 2
    with pytest.raises(ShapeError) as caught:
        layer(placeholders(tuple(wider), "float32"), *others, **case.call)
    assert layer.name in str(caught.value)
    assert "fix:" in str(caught.value)


@every_class
def test_the_docstring_example_runs(name):
    cls = registered()[name]
    module = sys.modules[cls.__module__]
    tests = doctest.DocTestFinder(recurse=False).find(cls, name, globs=vars(module).copy())
    assert tests, f"{name} needs an example in its docstring"
    assert tests[0].examples, f"{name} needs an example in its docstring"
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(tests[0]).failed == 0
