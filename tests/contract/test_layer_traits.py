"""What a layer's class says that it is holds of the layer; a class of one's own is what it took."""

from __future__ import annotations

import numpy as np
import pytest
from contract.layer_cases import built, one_case_a_layer
from contract.test_layer_contract import every_class, registered

from pellucid import Input, Model, Sequential, layers
from pellucid.layers.symbolic import leaves
from pellucid.layers.traits import TRAITS, traits_of
from pellucid.training import cores
from pellucid.vitals.network import record_of


@every_class
def test_every_registered_layer_declares_its_traits(name):
    declared = traits_of(registered()[name])
    assert declared is not None, f"{name}: traits = frozenset({{...}}) beside its `call`"
    assert declared <= set(TRAITS)


def test_every_trait_is_somebodys():
    said = {trait for cls in registered().values() for trait in traits_of(cls) or ()}
    assert said == set(TRAITS)


def answers(layer, case, arrays):
    given = case.positional(arrays)
    return [np.asarray(a, "float64") for a in leaves(layer(*given, **case.call))]


@pytest.mark.slow
@one_case_a_layer
def test_the_traits_are_true(case):
    traits = traits_of(getattr(layers, case.layer))
    if not traits & {"linear", "keeps_values", "same_shape", "per_step"}:
        return
    layer, x = built(case)
    arrays = leaves(x)
    one = len(arrays) == 1
    gave = answers(layer, case, x)
    if "same_shape" in traits and len({a.shape for a in arrays}) == 1:
        assert all(a.shape == gave[0].shape for a in arrays)
    if "keeps_values" in traits:
        assert np.isin(gave[0], np.concatenate([a.ravel() for a in arrays])).all()
    floats = all(np.issubdtype(a.dtype, np.floating) for a in arrays)
    if "linear" in traits and floats:
        # Affine: what comes of a sum, less what comes of nothing, is the sum of what comes.
        zero, twice = (rebuilt(x, factor) for factor in (0.0, 2.0))
        bend = answers(layer, case, twice)[0] - 2 * gave[0] + answers(layer, case, zero)[0]
        np.testing.assert_allclose(bend, 0, atol=1e-4)
    if "per_step" in traits and one and arrays[0].ndim > 2 and case.positional(x)[0] is arrays[0]:
        last = layer(arrays[0][:, -1:], **steps(layer, case, arrays[0].shape[1] - 1))
        np.testing.assert_allclose(np.asarray(last), gave[0][:, -1:], rtol=1e-4, atol=1e-5)


def rebuilt(x, factor):
    scaled = [a * np.asarray(factor, a.dtype) for a in leaves(x)]
    return scaled if isinstance(x, list) else scaled[0]


def steps(layer, case, start):
    place = "start_index" in type(layer).call.__code__.co_varnames
    return {**case.call, **({"start_index": start} if place else {})}


# --- classes of one's own


class Renamed(layers.Dense):
    """A product as before."""


class Doubled(layers.Dense):
    """No product any more: nobody has said what it is."""

    def call(self, x):
        return 2 * super().call(x) ** 2


class MyLSTM(layers.LSTM):
    pass


class MyDropout(layers.Dropout):
    pass


def test_a_class_of_ones_own_is_what_its_call_is():
    assert traits_of(Renamed) == traits_of(layers.Dense)
    assert traits_of(Doubled) is None
    assert traits_of(type("Said", (Doubled,), {"traits": frozenset({"product"})})) == {"product"}


def test_the_doctor_knows_what_a_class_of_ones_own_is():
    x = Input(shape=(8,))
    y = Renamed(16)(x)
    y = Renamed(16)(y)
    y = MyDropout(0.9)(y)
    model = Model(x, layers.Dense(3, activation="softmax")(y))
    model.compile("adam", "sparse_categorical_crossentropy")
    plain = Model(x, layers.Dense(3, activation="softmax")(
        layers.Dropout(0.9)(layers.Dense(16)(layers.Dense(16)(x)))
    ))  # fmt: skip
    plain.compile("adam", "sparse_categorical_crossentropy")
    rules = [finding.rule for finding in model.diagnose()]
    assert rules == [finding.rule for finding in plain.diagnose()]
    assert {"no-nonlinearity", "too-much-dropout"} & set(rules)
    assert [layer.activation for layer in record_of(model).layers][:2] == ["linear", "linear"]


def test_two_cores_for_a_recurrent_layer_of_ones_own():
    model = Sequential([Input((50, 32)), MyLSTM(128), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.build((None, 50, 32))
    assert MyLSTM.two_cores_from == layers.LSTM.two_cores_from
    assert cores._two_cores_from(model.layers[0]) == layers.LSTM.two_cores_from
