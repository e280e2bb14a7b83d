"""`pellucid.utils` gives Keras's numbers, and errors where Keras would go wrong in silence."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid import utils
from pellucid._core.errors import ConfigError, DataError
from pellucid._core.rng import next_seed

LABELS = hnp.arrays("int64", hnp.array_shapes(max_dims=3, max_side=4), elements=st.integers(0, 6))


@given(LABELS, st.sampled_from([None, 7, 9]), st.sampled_from(["int64", "uint8", "float64"]))
def test_to_categorical(labels, classes, dtype):
    ours = utils.to_categorical(labels.astype(dtype), classes)
    np.testing.assert_array_equal(ours, keras.utils.to_categorical(labels, classes))
    assert ours.dtype == np.float32


def test_to_categorical_of_lists_scalars_and_nothing():
    for value in ([0, 2], (1, 0), 3, True):
        expected = keras.utils.to_categorical(value)
        np.testing.assert_array_equal(utils.to_categorical(value), expected)
    assert utils.to_categorical([], 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, -1], None, r"class numbers from 0(?s:.*)the label -1"),
        ([0, 5], 3, r"label that 3 classes do not have(?s:.*)num_classes=6"),
        ([0.5, 1.0], None, r"whole numbers(?s:.*)0\.5"),
        ([np.nan, 1.0], None, "whole numbers"),
        (["cat", "dog"], None, r"np\.unique"),
        ("cat", None, r"np\.unique"),
        ([], None, "pass num_classes"),
    ],
)
def test_to_categorical_errors(labels, classes, message):
    with pytest.raises(DataError, match=message):
        utils.to_categorical(labels, classes)


@given(
    hnp.arrays("float64", hnp.array_shapes(min_dims=2, max_dims=3), elements=st.floats(-9, 9)),
    st.sampled_from([1, 2, np.inf]),
)
def test_normalize_along_the_last_axis(x, order):
    np.testing.assert_allclose(
        utils.normalize(x, order=order), keras.utils.normalize(x, order=order), rtol=1e-12
    )


@given(hnp.arrays("float32", (3, 4), elements=st.floats(1, 9, width=32)), st.sampled_from([0, 1]))
def test_normalize_along_any_axis_gives_unit_vectors(x, axis):
    # Keras's NumPy path takes axis 0 for "none given"
    result = utils.normalize(x, axis=axis)
    assert result.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(result, axis=axis), 1, rtol=1e-5)


def test_normalize_keeps_the_shape_of_a_single_vector():
    assert utils.normalize([3.0, 4.0]).tolist() == [0.6, 0.8]  # Keras adds an axis


def test_normalize_keeps_zeros_and_refuses_text():
    assert utils.normalize([[0, 0]]).tolist() == [[0, 0]]
    with pytest.raises(DataError, match="needs numbers"):
        utils.normalize(["a"])


@given(
    st.lists(st.lists(st.integers(-5, 99), max_size=6), min_size=1, max_size=5),
    st.sampled_from([None, 1, 3, 8]),
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["int32", "float32"]),
    st.sampled_from([0.0, -1.0]),
)
def test_pad_sequences(sequences, maxlen, padding, truncating, dtype, value):
    arguments = (sequences, maxlen, dtype, padding, truncating, value)
    ours, theirs = utils.pad_sequences(*arguments), keras.utils.pad_sequences(*arguments)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype


def test_pad_sequences_of_rows():
    sequences = [np.ones((2, 3)), np.zeros((0, 3)), np.ones((4, 3))]
    ours = utils.pad_sequences(sequences, dtype="float32")
    np.testing.assert_array_equal(ours, keras.utils.pad_sequences(sequences, dtype="float32"))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sequences": [1, 2]}, DataError, "list of sequences"),
        ({"sequences": [np.ones((2, 3)), np.ones((2, 4))]}, DataError, "different shapes"),
        ({"sequences": [[1]], "padding": "front"}, ConfigError, "'pre' or 'post'"),
        ({"sequences": [[1]], "truncating": "end"}, ConfigError, "'pre' or 'post'"),
        ({"sequences": [[1]], "maxlen": 0}, ConfigError, "at least 1"),
    ],
)
def test_pad_sequences_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        utils.pad_sequences(**arguments)


@given(st.integers(2, 50), st.floats(0.1, 0.9))
def test_split_dataset_cuts_in_order(n, share):
    data = {"x": np.arange(n), "y": np.arange(n) * 2}
    count = round(share * n)
    if count in (0, n):
        with pytest.raises(ConfigError, match="do not split"):
            utils.split_dataset(data, left_size=share)
        return
    left, right = utils.split_dataset(data, left_size=share)
    assert left["x"].tolist() == list(range(count))
    assert right["y"].tolist() == [2 * i for i in range(count, n)]


def test_split_dataset_by_counts_and_shuffled():
    x, y = np.arange(10), np.arange(10) * 2
    left, right = utils.split_dataset([x, y], right_size=3)
    assert isinstance(left, list)
    assert [len(part) for part in left + right] == [7, 7, 3, 3]
    left, right = utils.split_dataset((x, y), left_size=4, right_size=2, shuffle=True, seed=1)
    assert left[1].tolist() == (left[0] * 2).tolist()
    assert len(set(left[0].tolist()) & set(right[0].tolist())) == 0
    with pytest.raises(ConfigError, match="needs a size"):
        utils.split_dataset(x)
    with pytest.raises(ConfigError, match="do not split"):
        utils.split_dataset(x, left_size=8, right_size=8)


def test_set_random_seed_is_the_one_of_the_core():
    utils.set_random_seed(5)
    first = next_seed()
    utils.set_random_seed(5)
    assert next_seed() == first


def test_jax_arrays_stay_jax_arrays():
    x = jnp.array([[3.0, 4.0], [0.0, 0.0]])
    assert isinstance(utils.normalize(x), jax.Array)
    assert isinstance(utils.to_categorical(jnp.array([0, 2])), jax.Array)
    assert isinstance(utils.normalize(np.asarray(x)), np.ndarray)


def test_progbar_takes_lists_and_one_kind_of_names(capsys):
    utils.Progbar(1).update(1, [("loss", [1.0, 3.0])])
    assert "loss 2.0000" in capsys.readouterr().out
    with pytest.raises(ConfigError, match="stateless_metrics"):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_formats_of_pytorch_have_names():
    class Format:  # prints as PyTorch's do
        def __repr__(self):
            return "torch.bfloat16"

    assert utils.standardize_dtype(Format()) == "bfloat16"
