"""Class weights become sample weights as in Keras, and mistakes in them are not passed over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.trainers.data_adapters import data_adapter_utils as adapter

from pellucid._core.errors import ConfigError
from pellucid.data import class_weight_to_sample_weight as weigh


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=30),
    st.dictionaries(st.integers(0, 4), st.floats(0, 10, width=32), max_size=5),
    st.sampled_from(["integer", "column", "float", "one-hot"]),
)
def test_the_same_weights_as_keras(labels, class_weight, form):
    from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

    y = np.array(labels)
    if class_weight and not set(class_weight) & set(labels):
        class_weight[labels[0]] = 2.0
    y = {"integer": y, "column": y[:, None], "float": y * 1.0, "one-hot": np.eye(5)[y]}[form]
    np.testing.assert_array_equal(
        weigh(y, class_weight), np.asarray(class_weight_to_sample_weights(y, class_weight))
    )
    assert weigh(y, class_weight).dtype == np.float32


def test_positions_of_sequences_have_their_own_weights():
    y = np.eye(3)[np.array([[0, 1], [2, 1]])]
    np.testing.assert_array_equal(weigh(y, {1: 5.0}), [[1, 5], [1, 5]])


@pytest.mark.parametrize(
    ("y", "class_weight", "message"),
    [
        (np.array([0, 1]), {5: 2.0}, r"classes \[5\]"),
        (np.eye(2), {0: 1.0, 2: 2.0}, r"classes \[2\](?s:.*)2 classes, 0 to 1"),
        (np.array([0, 1]), {"cat": 2.0}, "must be class numbers"),
        (np.array([0, 1]), {-1: 2.0}, "must be class numbers"),
        (np.array([0, 1]), {0: -2.0}, "weight of class 0"),
        (np.array([0, 1]), {0: np.nan}, "weight of class 0"),
        (np.array([0, 1]), {0: "2"}, "weight of class 0"),
    ],
)
def test_wrong_class_weights(y, class_weight, message):
    with pytest.raises(ConfigError, match=message):
        weigh(y, class_weight)


def test_any_targets_count_as_classes_as_in_keras():
    """The largest column, or the nearest whole number."""
    weights = {0: 2.0, 1: 3.0}
    for y in (np.array([0.2, 0.9]), np.array([[1, 0], [0, 1]]), np.array([[0, 0], [0.1, 0.7]])):
        assert weigh(y, weights).tolist() == [2, 3]
        assert adapter.class_weight_to_sample_weights(y, weights).tolist() == [2, 3]


def test_a_batch_may_lack_a_class():
    assert weigh(np.array([1, 1]), {0: 2.0}, whole=False).tolist() == [1, 1]
