"""`utils.FeatureSpace`: columns by their kinds, in data sets, and as the first stage of a model."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from helpers_tensorflow import module, placeholder

from pellucid import Model, layers
from pellucid._core.errors import ConfigError, DataError
from pellucid.data import Dataset
from pellucid.utils import FeatureSpace

TABLE = {
    "size": [1.0, 2.0, 3.0],
    "weight": [0.0, 5.0, 10.0],
    "kind": ["x", "y", "x"],
    "code": [7, 8, 7],
}
KINDS = {
    "size": "float_normalized",
    "weight": FeatureSpace.float_rescaled(scale=0.1),
    "kind": "string_categorical",
    "code": FeatureSpace.integer_hashed(num_bins=4),
}


@pytest.fixture(scope="module")
def space():
    space = FeatureSpace(KINDS, crosses=[("kind", "code")], crossing_dim=5)
    space.adapt(TABLE)
    return space


def test_features_of_one_kind_without_names_are_one_model():
    space = FeatureSpace(
        {"a": FeatureSpace.float_normalized(), "b": FeatureSpace.float_normalized()}
    )
    space.adapt({"a": [1.0, 3.0], "b": [0.0, 1.0]})
    model = Model(space.get_inputs(), space.get_encoded_features())
    rows = model.predict({"a": np.array([[3.0]]), "b": np.array([[0.0]])}, verbose=0)
    np.testing.assert_allclose(rows, [[1.0, -1.0]], rtol=1e-5)


def test_the_vector_holds_the_features_by_name_then_the_crosses(space):
    rows = np.asarray(space(TABLE))  # code 4, kind 3, size 1, weight 1, cross 5
    assert rows.shape == (3, 14)
    np.testing.assert_array_equal(rows[:, :4].sum(1), 1)
    np.testing.assert_array_equal(rows[:, 4:7], [[0, 1, 0], [0, 0, 1], [0, 1, 0]])
    np.testing.assert_allclose(rows[:, 7], [-1.2247449, 0, 1.2247449], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(rows[:, 8], [0, 0.5, 1])
    np.testing.assert_array_equal(rows[:, 9:].sum(1), 1)
    one = np.asarray(space({key: values[1] for key, values in TABLE.items()}))
    np.testing.assert_allclose(one, rows[1])


def test_adapting_on_data_sets_gives_the_same(space):
    data = Dataset.from_tensor_slices(TABLE)
    for dataset in (data, data.batch(2)):
        other = FeatureSpace(KINDS, crosses=[("kind", "code")], crossing_dim=5)
        other.adapt(dataset)
        np.testing.assert_allclose(other(TABLE), space(TABLE), rtol=1e-6)


def test_as_a_dictionary():
    space = FeatureSpace({"kind": FeatureSpace.string_categorical(output_mode="int"),
                          "weight": "float"}, output_mode="dict")  # fmt: skip
    space.adapt(TABLE)
    out = space(TABLE)
    assert out["kind"].tolist() == [[1], [2], [1]]
    assert out["weight"].tolist() == [[0.0], [5.0], [10.0]]


def test_training_on_encoded_rows_and_answering_raw_ones(space):
    encoded = space.get_encoded_features()
    answer = layers.Dense(1)(encoded)
    training_model = Model(inputs=encoded, outputs=answer)
    whole = Model(inputs=space.get_inputs(), outputs=answer)
    training_model.compile("sgd", "mse")
    targets = np.array([[1.0], [0.0], [1.0]])
    rows = Dataset.from_tensor_slices((TABLE, targets)).batch(2).map(lambda x, y: (space(x), y))
    training_model.fit(rows, verbose=0, doctor=None, checkup=False)
    by_hand = training_model(space(TABLE))
    raw = {key: np.array(values) for key, values in TABLE.items()}
    np.testing.assert_allclose(whole.predict(raw, verbose=0), by_hand, rtol=1e-5, atol=1e-6)


def test_in_a_graph_of_tensorflow(space, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", module())
    out = space({k: placeholder(np.asarray(v), shape=(None,)) for k, v in TABLE.items()})
    assert tuple(out.shape) == (None, 14)
    np.testing.assert_allclose(out.run(), space(TABLE))
    one = space({k: placeholder(np.asarray(v[0])) for k, v in TABLE.items()})
    assert tuple(one.shape) == (14,)


def test_wrong_use():
    with pytest.raises(ConfigError, match="kind"):
        FeatureSpace({"a": "number"})
    with pytest.raises(ConfigError, match="cross"):
        FeatureSpace({"a": "float"}, crosses=[("a", "b")])
    with pytest.raises(ConfigError, match="adapt"):
        FeatureSpace(KINDS)(TABLE)
    with pytest.raises(DataError, match="no feature 'a'"):
        FeatureSpace({"a": "float"})({"b": 1.0})
    with pytest.raises(ConfigError, match="not encoded"):
        FeatureSpace({"a": FeatureSpace.integer_hashed(3, output_mode="int")})({"a": [1]})


def test_a_discretized_feature_has_its_bins_though_the_data_fills_fewer():
    space = FeatureSpace({"size": "float_discretized"})
    space.adapt(TABLE)
    assert space(TABLE).shape == (3, 32)
