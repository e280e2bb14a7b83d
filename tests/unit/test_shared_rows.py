"""Training data that is not copied: rows of a flat array that lies where the user's array lies."""

import gc

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Sequential
from pellucid.layers import Dense, Input
from pellucid.training import shared_rows
from pellucid.training.shared_rows import SharedRows, like_batch, share, take
from pellucid.utils import set_random_seed

pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="the host's memory is meant")


@pytest.fixture(autouse=True)
def _whatever_its_size(monkeypatch):
    monkeypatch.setattr(shared_rows, "WORTH", 0)
    monkeypatch.setattr(shared_rows, "SMALL", -1)


def placed(array, bytes_beyond_a_line):
    """The same numbers, beginning that many bytes beyond a 64-byte address."""
    room = np.zeros(array.nbytes + 192, np.uint8)
    start = -room.ctypes.data % 64 + 64 + bytes_beyond_a_line
    there = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    there[...] = array
    return there


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8", "bool", "bfloat16"])
@pytest.mark.parametrize("shape", [(7,), (7, 3), (7, 2, 3, 1)])
@pytest.mark.parametrize("beyond", [0, 4, 16, 60])
def test_rows_are_those_of_the_array(dtype, shape, beyond):
    array = placed(
        np.random.default_rng(0).integers(0, 200, shape).astype(jnp.dtype(dtype)), beyond
    )
    shared = share(array)
    assert shared.shape == array.shape
    assert shared.dtype == array.dtype
    rows = np.array([6, 0, 3, 3])
    found = jax.jit(take)(shared, jnp.asarray(rows, jnp.int32))
    np.testing.assert_array_equal(np.asarray(found), array[rows])
    assert like_batch((shared, None), 5)[0].shape == (5, *shape[1:])


def test_nothing_is_copied():
    array = placed(np.arange(12, dtype=np.float32).reshape(4, 3), 16)
    shared = share(array)
    assert isinstance(shared, SharedRows)
    assert shared.flat.unsafe_buffer_pointer() == array.ctypes.data - 16
    assert shared.before == 4


def test_the_array_lives_as_long_as_its_rows():
    array = placed(np.arange(1000, dtype=np.float32).reshape(100, 10), 16)
    expected = array[[99, 1]].copy()
    shared = share(array)
    del array
    gc.collect()
    _ = [np.full(1000, np.nan, np.float32) for _ in range(100)]  # would land in freed memory
    np.testing.assert_array_equal(np.asarray(shared.take(jnp.asarray([99, 1]))), expected)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(3, 2),  # float64 becomes float32 on the device
        np.arange(24, dtype=np.float32).reshape(4, 6)[:, ::2],
        np.asfortranarray(np.arange(24, dtype=np.float32).reshape(4, 6)),
    ],
)
def test_what_lies_otherwise_is_copied(array):
    found = share(array)
    assert isinstance(found, jax.Array)
    np.testing.assert_array_equal(np.asarray(found), array.astype(found.dtype))


def test_small_arrays_are_copied(monkeypatch):
    monkeypatch.setattr(shared_rows, "WORTH", 10**6)
    array = placed(np.ones((400, 30), np.float32), 16)
    assert isinstance(share(array), jax.Array)


def test_tiny_arrays_stay_on_the_host(monkeypatch):
    monkeypatch.setattr(shared_rows, "SMALL", 1000)
    array = np.ones((4, 3), np.int64)
    found = share(array)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.int32  # as programs take it
    array[:] = 7
    assert found.max() == 1


@pytest.mark.parametrize("rows", [64, 50])  # 50: the last batch is filled up
def test_training_is_the_same_to_the_last_bit(rows, monkeypatch):
    rng = np.random.default_rng(0)
    x = placed(rng.normal(size=(rows, 5)).astype(np.float32), 16)
    y = placed(rng.integers(0, 3, rows).astype(np.int32), 16)

    def trained():
        set_random_seed(0)
        model = Sequential([Input((5,)), Dense(4, "relu"), Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(x, y, batch_size=16, epochs=2, validation_data=(x, y), verbose=0)
        return history.history, model.get_weights(), model.evaluate(x, y, verbose=0)

    taken = []

    def noted(self, rows, take=SharedRows.take):
        taken.append(self.shape)
        return take(self, rows)

    monkeypatch.setattr(SharedRows, "take", noted)
    shared = trained()
    assert {x.shape, y.shape} <= set(taken)
    taken.clear()
    monkeypatch.setattr(shared_rows, "WORTH", 2**40)
    monkeypatch.setattr(shared_rows, "SMALL", -1)
    copied = trained()
    assert not taken
    assert shared[0] == copied[0]
    assert shared[2] == copied[2]
    for one, other in zip(shared[1], copied[1], strict=True):
        np.testing.assert_array_equal(one, other)
