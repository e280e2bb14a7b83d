"""Tables of every library: numbers with their columns' names, or the column that is none."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid._core.errors import DataError
from pellucid.data import as_source
from pellucid.data.arrays import convert, to_array

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame}


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES)
def frame(request):
    return request.param


def test_a_mixed_numeric_frame_is_float32_with_names(frame):
    array, columns = convert(frame({"a": [1, 2], "b": [0.5, 1.5], "c": [True, False]}), "x", None)
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array, [[1, 0.5, 1], [2, 1.5, 0]])
    assert columns == ("a", "b", "c")


def test_integers_and_booleans_alone_are_kept(frame):
    assert to_array(frame({"a": [1, 2], "b": [3, 4]})).dtype == np.int32
    assert to_array(frame({"a": [True], "b": [False]})).dtype == np.bool_


def test_a_series_is_one_dimensional(frame):
    assert to_array(frame({"a": [1, 2, 3]})["a"]).tolist() == [1, 2, 3]


def test_a_lazy_frame_is_collected():
    assert to_array(pl.LazyFrame({"a": [1.0, 2.0]})).shape == (2, 1)


@pytest.mark.parametrize(
    "values", [["red", "blue"], [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]]
)
def test_a_column_that_holds_no_numbers_is_named(frame, values):
    with pytest.raises(DataError, match="column 'colour' of x does not hold numbers") as caught:
        to_array(frame({"size": [1.0, 2.0], "colour": values}), "x")
    assert caught.value.fix


def test_categories_are_refused_too():
    with pytest.raises(DataError, match="'c'"):
        to_array(pd.DataFrame({"c": pd.Categorical(["a", "b"])}))
    with pytest.raises(DataError, match="'c'"):
        to_array(pl.DataFrame({"c": ["a", "b"]}, schema={"c": pl.Categorical}))


def test_a_text_series_of_labels_says_how_to_number_them(frame):
    with pytest.raises(DataError, match=r"np\.unique"):
        as_source(np.zeros((2, 1)), frame({"y": ["cat", "dog"]})["y"])


def test_missing_values_become_nan_and_are_reported_by_column():
    for table in (
        pl.DataFrame({"a": [1, 2, 3], "age": [1, None, 3]}),
        pd.DataFrame({"a": [1, 2, 3], "age": pd.array([1, None, 3], dtype="Int64")}),
        pl.DataFrame({"a": [1, 2, 3], "age": [True, None, False]}),
    ):
        source = as_source(table)
        assert source.x.dtype == np.float32
        with pytest.raises(DataError, match=r"1 NaN of 6 values.*row 1, column 1 \('age'\)"):
            source.check_finite()


def test_repeated_and_missing_columns():
    with pytest.raises(DataError, match="several columns of one name"):
        to_array(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match="without columns"):
        to_array(pd.DataFrame(index=[0, 1]))


def test_numbered_pandas_columns_work():
    array, columns = convert(pd.DataFrame(np.eye(2)), "x", None)
    np.testing.assert_array_equal(array, np.eye(2))
    assert columns == ("0", "1")


def test_a_shuffled_pandas_index_does_not_reorder_rows():
    table = pd.DataFrame({"a": [1, 2, 3]}).iloc[[2, 0, 1]]
    assert to_array(table)[:, 0].tolist() == [3, 1, 2]
