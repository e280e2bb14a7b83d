"""`as_source`: what `fit` was given, as arrays of one length or a stream."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid._core.errors import ConfigError, DataError
from pellucid.data import ArraySource, StreamSource, as_source, batch_order, split_validation


def test_plain_arrays():
    source = as_source(np.zeros((5, 3)), np.arange(5), np.ones(5))
    assert isinstance(source, ArraySource)
    assert (source.n, len(source)) == (5, 5)
    assert source.x.dtype == source.sample_weight.dtype == np.float32
    assert source.y.dtype == np.int32
    assert source.nbytes == 4 * (15 + 5 + 5)
    assert repr(source) == (
        "ArraySource(x: (5, 3) float32, y: (5,) int32, sample_weight: (5,) float32)"
    )


def test_a_source_is_taken_as_it_is():
    source = as_source(np.zeros(3))
    assert as_source(source) is source


def test_dictionaries_and_several_inputs():
    one, two = np.zeros((4, 2)), np.zeros((4, 3))
    assert set(as_source({"a": one, "b": two}).x) == {"a", "b"}
    for several in ([one, two], (one, two)):
        assert [leaf.shape for leaf in as_source(several, inputs=2).x] == [(4, 2), (4, 3)]
        assert [leaf.shape for leaf in as_source(several, inputs=None).x] == [(4, 2), (4, 3)]


def test_a_list_is_one_array_for_one_input():
    assert as_source([1.0, 2.0, 3.0]).x.shape == (3,)
    assert as_source(range(3)).x.tolist() == [0, 1, 2]
    assert as_source([np.ones(2), np.ones(2), np.ones(2)]).x.shape == (3, 2)
    assert as_source([1.0, 2.0], inputs=None).x.shape == (2,)
    # Keras's idiom of lists of length one
    wrapped = as_source([np.zeros((5, 2))], [np.zeros(5)], [np.ones(5)])
    assert (wrapped.x.shape, wrapped.y.shape, wrapped.sample_weight.shape) == ((5, 2), (5,), (5,))


def test_several_outputs_and_their_weights():
    y = [np.zeros(4), np.zeros((4, 2))]
    source = as_source(np.zeros(4), y, [np.ones(4), None], outputs=2)
    assert len(source.y) == 2
    assert source.sample_weight[1] is None
    assert as_source(np.zeros(4), y, np.ones(4), outputs=2).sample_weight.shape == (4,)


def test_the_wrong_number_of_inputs():
    with pytest.raises(DataError, match="x has 3 parts but the model takes 2"):
        as_source([np.zeros(4)] * 3, inputs=2)


def test_different_lengths_are_named_with_their_numbers():
    with pytest.raises(DataError, match=r"x has 5 samples but y has 4(?s:.*)x: 5, y: 4"):
        as_source(np.zeros((5, 2)), np.zeros(4))
    with pytest.raises(DataError, match=r"sample_weight: 3"):
        as_source(np.zeros((5, 2)), np.zeros(5), np.zeros(3))
    with pytest.raises(DataError, match=r"x\['b'\]: 4"):
        as_source({"a": np.zeros(5), "b": np.zeros(4)})


def test_transposed_arrays_are_recognised():
    with pytest.raises(DataError, match=r"pass y\.T"):
        as_source(np.zeros((5, 2)), np.zeros((1, 5)))
    with pytest.raises(DataError, match=r"pass x\.T"):
        as_source(np.zeros((2, 5)), np.zeros(5))


@pytest.mark.parametrize("x", [[], np.zeros((0, 3)), np.zeros((3, 0)), {}, None])
def test_empty_data(x):
    with pytest.raises(DataError, match=r"is empty|no data"):
        as_source(x)


def test_y_without_x():
    with pytest.raises(DataError, match="no data"):
        as_source(None, np.zeros(3))


def test_a_path_is_not_data(tmp_path):
    for path in ("data.csv", tmp_path / "data.csv"):
        with pytest.raises(DataError, match=r"path(?s:.*)read_csv"):
            as_source(path)


def test_take_and_device_arrays():
    source = as_source({"a": jnp.arange(4.0), "b": np.arange(4)}, np.arange(4))
    part = source.take(np.array([3, 1]))
    assert part.x["a"].tolist() == [3, 1]
    assert part.x["b"].tolist() == part.y.tolist() == [3, 1]
    assert source.take(slice(1, 3)).n == 2


class Rows:
    """What a Hugging Face dataset on disk can do."""

    def __init__(self, columns):
        self.columns, self.num_rows = columns, 3

    def with_format(self, kind):
        assert kind == "numpy"
        return self

    def __getitem__(self, rows):
        return {name: column[rows] for name, column in self.columns.items()}

    def __len__(self):
        return 3

    def __iter__(self):
        raise AssertionError("read row by row")


def test_a_hugging_face_dataset_is_a_dictionary_of_columns():
    a, b, label = np.arange(3.0), np.arange(3), np.array([0, 1, 0])
    source = as_source(Rows({"a": a, "b": b, "label": label}))
    assert set(source.x) == {"a", "b"}
    assert source.y.tolist() == [0, 1, 0]
    assert as_source(Rows({"a": a, "labels": label})).x.tolist() == [0, 1, 2]
    assert as_source(Rows({"a": a, "b": b}), label).y.tolist() == [0, 1, 0]


def test_a_dictionary_of_splits_asks_for_one():
    class Splits(dict):
        with_format = num_rows = None

    with pytest.raises(DataError, match=r"x\['train'\]"):
        as_source(Splits(train=1, test=2))


@given(st.integers(2, 200), st.floats(0.01, 0.99))
def test_validation_split_takes_the_end_exactly_as_keras(n, fraction):
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    source = as_source(np.arange(n))
    try:
        (expected, *_), (held, *_) = train_validation_split((np.arange(n), None, None), fraction)
    except ValueError:
        with pytest.raises(ConfigError, match="leaves nothing"):
            split_validation(source, fraction)
        return
    train, validation = split_validation(source, fraction)
    # Keras gives lazy slices of the same array
    assert train.x.tolist() == list(np.asarray(expected[:]).ravel())
    assert validation.x.tolist() == list(np.asarray(held[:]).ravel())


def test_validation_split_of_a_stream_or_a_silly_share():
    with pytest.raises(DataError, match="validation_data"):
        split_validation(StreamSource([(np.zeros((2, 1)), np.zeros(2))]), 0.2)
    for fraction in (0, 1, 1.5, -0.1):
        with pytest.raises(ConfigError, match="above 0 and below 1"):
            split_validation(as_source(np.zeros(10)), fraction)


@given(st.integers(0, 300), st.integers(0, 2**32 - 1), st.integers(0, 50))
def test_batch_order_is_a_permutation(n, seed, epoch):
    order = batch_order(n, seed, epoch)
    assert order.dtype == np.int32
    assert sorted(order.tolist()) == list(range(n))
    assert batch_order(n, seed, epoch, shuffle=False).tolist() == list(range(n))


@given(st.integers(0, 2**32 - 1), st.integers(0, 20), st.integers(0, 100))
def test_batch_order_does_not_depend_on_other_draws(seed, epoch, draws):
    expected = batch_order(50, seed, epoch)
    np.random.default_rng().random(draws)
    batch_order(draws, seed, epoch + 1)
    np.testing.assert_array_equal(batch_order(50, seed, epoch), expected)


def test_batch_order_changes_with_epoch_and_seed():
    orders = {tuple(batch_order(30, seed, epoch)) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16
