"""Streams of batches: one pass, many passes, one-shot generators, other libraries' loaders."""

import itertools

import keras
import numpy as np
import pytest

from pellucid import Sequential, layers
from pellucid._core.errors import DataError
from pellucid.data import StreamSource, as_source


def batch(number, n=2):
    return np.full((n, 3), number, float), np.full(n, number)


def numbers(batches):
    return [int(b.x[0, 0]) for b in batches]


def generate(count=None):
    for i in itertools.count() if count is None else range(count):
        yield batch(i)


class Loader:
    """An iterable with a length that starts again, like a PyTorch DataLoader."""

    def __len__(self):
        return 3

    def __iter__(self):
        return generate(3)


class Unsized(Loader):
    def __len__(self):
        raise TypeError("object of type 'IterableDataset' has no len()")


class Sequence(keras.utils.PyDataset):
    ended = 0

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return batch(i)

    def on_epoch_end(self):
        self.ended += 1


class TfDataset:
    """What a tf.data.Dataset can do."""

    def __init__(self, cardinality=3):
        self._cardinality = cardinality

    def cardinality(self):
        return np.int64(self._cardinality)

    def as_numpy_iterator(self):
        return generate(None if self._cardinality == -1 else 3)

    def __iter__(self):
        raise AssertionError("would yield tensors")


@pytest.mark.parametrize(
    ("make", "length", "reiterable"),
    [
        (lambda: generate(3), None, False),
        (lambda: iter([batch(0), batch(1), batch(2)]), None, False),
        (lambda: [batch(0), batch(1), batch(2)], 3, True),
        (Loader, 3, True),
        (Unsized, None, True),
        (TfDataset, 3, True),
        (lambda: TfDataset(-2), None, True),
    ],
    ids=["generator", "iterator", "list", "loader", "unsized", "tf", "tf unknown"],
)
def test_one_pass_through_every_kind(make, length, reiterable):
    source = as_source(make())
    assert isinstance(source, StreamSource)
    assert (source.length, source.reiterable) == (length, reiterable)
    first = source.peek()
    assert first.x.dtype == np.float32
    assert first.y.dtype == np.int32
    assert numbers([source.peek()]) == [0]
    assert numbers(source.epoch()) == [0, 1, 2]
    if reiterable:
        assert numbers(source.epoch()) == [0, 1, 2]
        assert numbers(source.epoch()) == [0, 1, 2]


def test_a_generator_goes_on_across_epochs():
    source = as_source(generate())
    source.require(2)
    source.peek()
    assert [numbers(source.epoch(2, number=i)) for i in range(3)] == [[0, 1], [2, 3], [4, 5]]


def test_a_generator_that_runs_out_has_no_more():
    source = as_source(generate(5))
    assert [numbers(source.epoch(3, number=i)) for i in range(3)] == [[0, 1, 2], [3, 4], []]
    source = as_source(generate(2))
    assert [numbers(source.epoch(number=i)) for i in range(2)] == [[0, 1], []]


def test_a_generator_can_be_remembered():
    source = as_source(generate(3))
    source.remember()
    source.peek()
    for _ in range(2):
        source.restart()
        assert numbers(source.epoch()) == [0, 1, 2]


def test_a_restartable_stream_with_steps_ends_with_the_data_and_starts_again():
    source = as_source(Loader())
    assert [numbers(source.epoch(2)) for _ in range(3)] == [[0, 1], [2], [0, 1]]
    source.restart()
    assert numbers(source.epoch(7)) == [0, 1, 2]
    assert [numbers(source.epoch(3)) for _ in range(2)] == [[0, 1, 2], [0, 1, 2]]


def test_leaving_an_epoch_early_does_not_spoil_the_next():
    source = as_source(Loader())
    next(iter(source.epoch()))
    assert numbers(source.epoch()) == [0, 1, 2]


def test_an_endless_dataset_needs_steps():
    source = as_source(TfDataset(-1))
    assert source.length is None
    with pytest.raises(DataError, match="never ends"):
        source.require(None)
    source.require(4)
    assert numbers(source.epoch(4)) == [0, 1, 2, 3]


def test_a_sequence_of_batches_can_be_shuffled_by_epoch():
    native = Sequence()
    source = as_source(native)
    assert source.indexed
    assert numbers([source.peek()]) == [0]
    assert numbers(source.epoch()) == [0, 1, 2, 3]
    orders = [numbers(source.epoch(number=i, seed=3, shuffle=True)) for i in range(6)]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    again = as_source(Sequence())
    assert numbers(again.epoch(number=5, seed=3, shuffle=True)) == orders[5]
    assert native.ended == 0  # whoever trains says when an epoch ends
    source.end()
    assert native.ended == 1


def test_a_data_set_may_tell_its_number_or_that_it_has_no_end():
    class Counted(keras.utils.PyDataset):
        num_batches = 3

        def __getitem__(self, i):
            return batch(i)

    class Endless(Counted):
        num_batches = None

    source = as_source(Counted())
    assert (source.indexed, source.length) == (True, 3)
    assert numbers(source.epoch()) == [0, 1, 2]
    source = as_source(Endless())
    assert (source.indexed, source.length) == (True, None)
    assert [numbers(source.epoch(2, number=i)) for i in (0, 3)] == [[0, 1], [6, 7]]
    with pytest.raises(DataError, match="never ends"):
        source.require(None)


def test_batches_of_one_two_and_three_parts():
    x, y = batch(1)
    two, three = as_source([(x, y), (x, y, np.ones(2))]).epoch()
    assert two.sample_weight is None
    assert three.sample_weight.tolist() == [1, 1]
    assert next(as_source(iter([x])).epoch()).y is None
    assert next(as_source(iter([(x,)])).epoch()).y is None
    assert next(as_source(iter([[x, y]])).epoch()).y.tolist() == [1, 1]
    pair = next(as_source(iter([((x, x), y)]), inputs=2).epoch())
    assert [leaf.shape for leaf in pair.x] == [(2, 3), (2, 3)]


def test_dictionary_batches_as_hugging_face_gives_them():
    items = [{"a": [1.0, 2.0], "b": [3, 4], "label": [0, 1]}]
    got = next(as_source(iter(items)).epoch())
    assert set(got.x) == {"a", "b"}
    assert got.y.tolist() == [0, 1]
    got = next(as_source(iter([({"a": [1.0]}, [1])])).epoch())
    assert got.x["a"].tolist() == [1]


def test_streaming_samples_are_batched():
    class Streaming:
        def with_format(self, kind):
            return self

        def iter(self, batch_size):
            return iter([{"a": np.zeros(batch_size), "label": np.zeros(batch_size)}])

        def __iter__(self):
            raise AssertionError("sample by sample")

    assert as_source(Streaming(), batch_size=5).peek().n == 5


@pytest.mark.parametrize("name", ["y", "sample_weight"])
def test_targets_beside_a_stream_are_refused(name):
    with pytest.raises(DataError, match=f"{name} cannot be given beside a stream"):
        as_source(generate(), **{name: np.zeros(3)})


def test_faulty_batches_are_named():
    x, y = batch(0)
    with pytest.raises(DataError, match=r"y has 3 in batch 1 of the generator"):
        list(as_source(b for b in [(x, y), (x, np.zeros(3))]).epoch())
    with pytest.raises(DataError, match="A batch has 4 parts"):
        list(as_source(iter([(1, 2, 3, 4)])).epoch())


@pytest.mark.parametrize("empty", [lambda: iter([]), lambda: (b for b in []), lambda: Empty()])
def test_an_empty_stream(empty):
    for use in (lambda s: s.peek(), lambda s: list(s.epoch()), lambda s: list(s.epoch(3))):
        with pytest.raises(DataError, match="yields no batches"):
            use(as_source(empty()))


class Empty:
    def __iter__(self):
        return iter(())


def test_a_torch_dataset_of_samples_is_not_a_loader():
    dataset = type(
        "MyDataset",
        (type("Dataset", (), {"__module__": "torch.utils.data.dataset"}),),
        {
            "__getitem__": lambda self, i: i,
            "__len__": lambda self: 3,
        },
    )
    with pytest.raises(DataError, match="DataLoader"):
        as_source(dataset())


def test_a_function_is_not_a_generator():
    with pytest.raises(DataError, match=r"type builtins\.function"):
        as_source(generate)


def test_a_stack_without_an_input_takes_batches_whose_outputs_change_in_length():
    def batches():
        for steps in (12, 20):
            yield np.ones((1, steps, 2), "float32"), np.zeros((1, steps // 4, 8), "float32")

    model = Sequential([layers.Reshape((-1, 8))])
    model.compile(loss="mse")
    model.fit(batches(), steps_per_epoch=2, epochs=1, verbose=0)
    assert model.evaluate(batches(), steps=2, verbose=0) == 1.0
