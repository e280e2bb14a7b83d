"""Anything array-like becomes one array in a training format, or an error that says what to do."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid._core.errors import DataError
from pellucid.data import arrays
from pellucid.data.arrays import to_array

SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)
KEPT = ["bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "float32"]


@given(st.sampled_from(KEPT).flatmap(lambda d: hnp.arrays(d, SHAPES)))
def test_narrow_formats_are_kept_bit_for_bit(array):
    result = to_array(array)
    assert result.dtype == array.dtype
    assert result.tobytes() == array.tobytes()


@given(hnp.arrays("int64", SHAPES, elements=st.integers(-(2**31), 2**31 - 1)))
def test_64_bit_integers_in_range_become_32_bit_with_the_same_values(array):
    result = to_array(array)
    assert result.dtype == np.int32
    np.testing.assert_array_equal(result, array)


@given(hnp.arrays("float64", SHAPES, elements=st.floats(-1e30, 1e30)))
def test_float64_becomes_float32(array):
    assert to_array(array).dtype == np.float32
    np.testing.assert_array_equal(to_array(array), array.astype(np.float32))
    assert to_array(array, floatx="float64").dtype == np.float64


@given(st.lists(st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=2), min_size=1))
def test_nested_lists_are_one_array(rows):
    np.testing.assert_array_equal(to_array(rows), np.array(rows, np.float32))


def test_already_right_arrays_are_not_copied():
    array = np.ones((3, 2), np.float32)
    assert np.shares_memory(to_array(array), array)


def test_big_endian_data_becomes_native():
    for dtype in (">f4", ">i4", ">f8"):
        result = to_array(np.arange(3, dtype=dtype))
        assert result.dtype.isnative
        assert result.tolist() == [0, 1, 2]


def test_jax_arrays_stay_on_their_device():
    array = jnp.ones((3, 2))
    assert to_array(array) is array
    assert to_array(jnp.ones(2, jnp.bfloat16)).dtype == np.float32


def test_a_list_of_equal_arrays_is_stacked():
    images = [np.full((2, 2), i, np.uint8) for i in range(3)]
    result = to_array(images)
    assert result.shape == (3, 2, 2)
    assert result.dtype == np.uint8


class FakeTorch:
    """What a PyTorch tensor that requires a gradient can do."""

    def __init__(self, array, dtype):
        self.array, self.dtype, self.shape = array, dtype, array.shape

    def detach(self):
        return self

    def cpu(self):
        return self

    def float(self):
        return FakeTorch(self.array.astype(np.float32), "torch.float32")

    def numpy(self):
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array

    def __array__(self, *_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


@pytest.mark.parametrize("dtype", ["torch.float64", "torch.bfloat16"])
def test_torch_tensors_by_what_they_can_do(dtype):
    result = to_array(FakeTorch(np.arange(3.0), dtype))
    assert result.dtype == np.float32
    assert result.tolist() == [0, 1, 2]


@pytest.mark.parametrize("make", [scipy.sparse.csr_matrix, scipy.sparse.coo_array])
def test_sparse_matrices_become_dense(make):
    dense = np.array([[0.0, 1.5], [2.0, 0.0]])
    result = to_array(make(dense))
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, dense)


def test_a_sparse_matrix_that_would_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(arrays, "DENSE_LIMIT", 10)
    with pytest.raises(DataError, match=r"sparse matrix.*(?s:.*)toarray"):
        to_array(scipy.sparse.eye(5).tocsr())


BAD = {
    "int64 out of range": (np.array([1, 2**40]), r"do not fit in 32 bits(?s:.*)1099511627776"),
    "uint64 out of range": (np.array([2**63], np.uint64), "do not fit in 32 bits"),
    "text": (np.array(["cat", "dog"]), r"text such as 'cat'(?s:.*)np\.unique"),
    "list of text": (["cat", "dog"], "text such as 'cat'"),
    "objects with text": (np.array(["cat", 1], object), r"np\.unique"),
    "objects": (np.array([None, 1], object), r"astype\('float32'\)"),
    "ragged objects": (np.array([[1], [1, 2]], object), "pad_sequences"),
    "dates": (np.array(["2020-01-01"], "datetime64[D]"), "timedelta64"),
    "complex": (np.array([1j]), "real and imaginary"),
    "records": (np.zeros(2, [("a", "f4")]), "dictionary of columns"),
    "a number": (3.0, r"single value(?s:.*)got: 3\.0"),
    "a 0-d array": (np.array(1), "single value"),
    "an object": (object(), "not data that Pellucid can read"),
    "ragged list": ([[1, 2], [3, 4], [5]], r"x\[0\] has 2 values but x\[2\] has 1 values"),
    "ragged deeper": ([[[1], [2]], [[1], [2, 3]]], "own parts differ"),
    "scalar among rows": ([[1, 2], 3], r"x\[1\] has no length"),
    "arrays of different shapes": ([np.ones(2), np.ones(3)], r"\(2,\) at x\[0\] but \(3,\) at"),
    "masked": (np.ma.array([1.0, 2.0], mask=[True, False]), "1 masked values"),
}


@pytest.mark.parametrize(("value", "message"), BAD.values(), ids=BAD)
def test_what_is_not_numbers_is_refused_with_a_fix(value, message):
    with pytest.raises(DataError, match=message) as caught:
        to_array(value, "x")
    assert caught.value.fix
    assert caught.value.what.startswith("x ")


def test_an_unmasked_masked_array_is_fine():
    assert to_array(np.ma.array([1.0, 2.0])).tolist() == [1, 2]


def test_overflow_to_float32_is_silent_here_and_found_by_check_finite():
    assert np.isinf(to_array(np.array([1e300]))).all()
