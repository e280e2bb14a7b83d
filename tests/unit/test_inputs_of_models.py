"""What a functional model takes as its inputs: by name, in lists, or None for an optional one."""

import numpy as np
import pytest

from pellucid import Input, Model, layers
from pellucid._core.errors import PellucidWarning, ShapeError

A = np.ones((2, 3), "float32")


class MaybeAdd(layers.Layer):
    def call(self, x, y=None):
        return x if y is None else x + y


def test_an_optional_input_may_be_none():
    a, b = Input((3,), name="a"), Input((3,), name="b", optional=True)
    y = layers.Dense(1)(MaybeAdd()(a, b))
    model = Model({"a": a, "b": b}, y)
    np.testing.assert_allclose(model({"a": A, "b": None}), model({"a": A, "b": 0 * A}))
    model.compile("sgd", "mse")
    model.fit({"a": A, "b": None}, A[:, :1], verbose=0, doctor=None)
    assert model.predict({"a": A, "b": None}, verbose=0).shape == (2, 1)
    with pytest.raises(ValueError, match="not optional"):
        model({"a": None, "b": A})
    assert Model([a, b], y)([A, None]).shape == (2, 1)


def test_keys_of_a_dictionary():
    a, b = Input((3,), name="a"), Input((3,), name="b")
    model = Model({"d": a, "c": b}, layers.Subtract()([a, b]))
    assert float(model({"d": 2 * A, "c": A})[0, 0]) == 1
    with pytest.raises(ValueError, match="'c'"):
        model({"a": A, "b": A})
    with pytest.warns(PellucidWarning, match="'e'"):
        model({"d": A, "c": A, "e": A})


def test_nested_dictionaries():
    a, b = Input((3,)), Input((2,))
    model = Model({"1": a, "others": {"2": b}}, {"1": a + 1, "others": {"2": b * 2}})
    out = model({"1": A, "others": {"2": A[:, :2]}})
    assert float(out["others"]["2"][0, 0]) == 2


def test_a_list_for_a_dictionary_of_inputs_is_refused():
    # Which array is for which input a list cannot say; sorted keys would be another order.
    first, second = Input((2,), name="z"), Input((2,), name="a")
    model = Model({"z": first, "a": second}, layers.subtract([first, second]))
    one, zero = np.ones((3, 2), "float32"), np.zeros((3, 2), "float32")
    model.compile(loss="mse")
    assert np.asarray(model({"z": one, "a": zero})).min() == 1
    for call in (model, model.predict, lambda x: model.fit(x, zero)):
        with pytest.raises(ShapeError, match="dictionary of arrays"):
            call([one, zero])
