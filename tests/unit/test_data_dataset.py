"""`data.Dataset`: tf.data's steps on NumPy arrays."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Sequential, layers
from pellucid._core.errors import ConfigError, DataError, ShapeError
from pellucid._core.rng import set_random_seed
from pellucid.data import Dataset
from pellucid.utils import split_dataset, timeseries_dataset_from_array


def numbers(dataset):
    return [np.asarray(x).tolist() for x in dataset.as_numpy_iterator()]


def test_beginnings():
    assert numbers(Dataset.range(2, 8, 3)) == [2, 5]
    assert numbers(Dataset.from_tensors([1, 2])) == [[1, 2]]
    rows = Dataset.from_tensor_slices({"a": [1.5, 2.5], "b": ["x", "y"]})
    assert [(float(r["a"]), r["b"].numpy()) for r in rows] == [(1.5, b"x"), (2.5, b"y")]
    made = Dataset.from_generator(lambda: ((n, -n) for n in range(2)))
    assert [tuple(map(int, pair)) for pair in made] == [(0, 0), (1, -1)]
    assert int(made.cardinality()) == -2
    with pytest.raises(TypeError):
        len(made)
    with pytest.raises(DataError, match="different lengths"):
        Dataset.from_tensor_slices(([1, 2], [1, 2, 3]))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (lambda d: d.take(2), [0, 1]),
        (lambda d: d.take(-1), [0, 1, 2, 3, 4]),
        (lambda d: d.skip(3), [3, 4]),
        (lambda d: d.shard(2, 1), [1, 3]),
        (lambda d: d.filter(lambda x: x % 2 == 0), [0, 2, 4]),
        (lambda d: d.map(lambda x: x * 2, num_parallel_calls=-1), [0, 2, 4, 6, 8]),
        (lambda d: d.batch(2), [[0, 1], [2, 3], [4]]),
        (lambda d: d.batch(2, drop_remainder=True), [[0, 1], [2, 3]]),
        (lambda d: d.batch(2).rebatch(3), [[0, 1, 2], [3, 4]]),
        (lambda d: d.batch(2).unbatch(), [0, 1, 2, 3, 4]),
        (lambda d: d.take(2).repeat(2), [0, 1, 0, 1]),
        (lambda d: d.take(1).repeat().take(3), [0, 0, 0]),
        (lambda d: d.take(1).concatenate(d.skip(4)), [0, 4]),
        (lambda d: d.window(3, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(3)),
         [[0, 1, 2], [1, 2, 3], [2, 3, 4]]),
        (lambda d: d.window(2, stride=2).flat_map(lambda w: w.batch(2)), [[0, 2], [2, 4], [4]]),
        (lambda d: d.apply(lambda e: e.take(1)).prefetch(1), [0]),
        (lambda d: d.enumerate().map(lambda i, x: i + x), [0, 2, 4, 6, 8]),
        (lambda d: Dataset.zip((d, d.skip(3))).map(lambda a, b: a * b), [0, 4]),
    ],
)  # fmt: skip
def test_steps(step, expected):
    made = step(Dataset.range(5))
    assert numbers(made) == expected
    assert numbers(made) == expected  # a pass can be begun again
    if int(made.cardinality()) >= 0:
        assert len(made) == len(expected)


def test_windows_as_tensorflow_has_them():
    tf = pytest.importorskip("tensorflow")
    for size, shift, stride, drop in [(3, 1, 1, True), (2, None, 2, False), (2, 3, 1, False)]:
        ours, theirs = (
            [
                [int(x) for x in w]
                for w in kind.range(7).window(size, shift, stride, drop_remainder=drop)
            ]
            for kind in (Dataset, tf.data.Dataset)
        )
        assert ours == theirs


def test_padding():
    rows = Dataset.from_generator(lambda: iter([[1], [2, 3]]))
    assert numbers(rows.padded_batch(2)) == [[[1, 0], [2, 3]]]
    assert numbers(rows.padded_batch(2, [3], 9)) == [[[1, 9, 9], [2, 3, 9]]]
    with pytest.raises(ShapeError, match="padded_batch"):
        numbers(rows.batch(2))
    with pytest.raises(ShapeError, match="does not fit"):
        numbers(rows.padded_batch(2, [1]))


def test_orders_follow_the_seed_and_the_pass():
    def passes(**kwargs):
        data = Dataset.range(20).shuffle(20, seed=4, **kwargs)
        return numbers(data), numbers(data)

    assert passes() == passes()
    first, second = passes()
    assert first != second
    assert sorted(first) == sorted(second) == list(range(20))
    assert len(set(map(tuple, passes(reshuffle_each_iteration=False)))) == 1
    near = numbers(Dataset.range(20).shuffle(2, seed=1))
    assert all(abs(place - value) <= 20 and value <= place + 2 for place, value in enumerate(near))


def test_random_layers_in_map_draw_anew_and_follow_the_programs_seed():
    def passes():
        set_random_seed(1)
        flip = layers.RandomFlip()
        image = np.arange(12.0, dtype=np.float32).reshape(1, 2, 2, 3)
        data = Dataset.from_tensor_slices(np.repeat(image, 6, 0)).map(flip)
        return [float(x[0, 0, 0]) for x in data], [float(x[0, 0, 0]) for x in data]

    (first, second), again = passes(), passes()
    assert (first, second) == again
    assert len(set(first)) > 1
    assert first != second


def test_specs():
    data = Dataset.from_tensor_slices((np.zeros((5, 2), np.float32), np.zeros(5, int)))
    x, y = data.batch(2).element_spec
    assert (x.shape, x.dtype, y.shape) == ((None, 2), np.float32, (None,))
    assert data.batch(2, drop_remainder=True).element_spec[0].shape == (2, 2)


def test_training_on_a_pipeline_of_text():
    data = Dataset.from_tensor_slices((["a good one", "a bad one"] * 4, [1.0, 0.0] * 4)).batch(4)
    text = layers.TextVectorization(output_mode="multi_hot")
    text.adapt(data.map(lambda x, y: x))
    ready = data.map(lambda x, y: (text(x), y)).cache().shuffle(2).prefetch(-1)
    model = Sequential([layers.Input((text.vocabulary_size(),)), layers.Dense(1)])
    model.compile("sgd", "binary_crossentropy")
    run = model.fit(ready, epochs=2, verbose=0, doctor=None, checkup=False, validation_data=ready)
    assert len(run.history["val_loss"]) == 2
    assert model.predict(ready, verbose=0).shape == (8, 1)


def test_splitting_a_data_set():
    left, right = split_dataset(Dataset.range(10), left_size=0.7, preferred_backend="tensorflow")
    assert (numbers(left), numbers(right)) == (list(range(7)), [7, 8, 9])
    mixed, rest = split_dataset(Dataset.range(10), right_size=4, shuffle=True, seed=1)
    assert sorted(numbers(mixed) + numbers(rest)) == list(range(10))


def test_formats_of_keras_are_accepted():
    windows = timeseries_dataset_from_array(np.arange(6.0), None, 3, batch_size=2, format="grain")
    assert len(windows) == 2
    with pytest.raises(ConfigError, match="format"):
        timeseries_dataset_from_array(np.arange(6.0), None, 3, format="torch")
