"""Random splits are scikit-learn's, for nested data and frames too."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn.model_selection
from hypothesis import given
from hypothesis import strategies as st

from pellucid._core.errors import ConfigError, DataError
from pellucid._core.rng import set_random_seed
from pellucid.data import train_test_split, train_validation_test_split


@given(st.integers(4, 60), st.integers(0, 2**32 - 1), st.sampled_from([None, 0.25, 0.5, 2]))
def test_the_same_parts_as_scikit_learn(n, seed, size):
    x, y = np.arange(n), np.arange(n) * 2
    ours = train_test_split(x, y, test_size=size, random_state=seed)
    theirs = sklearn.model_selection.train_test_split(x, y, test_size=size, random_state=seed)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_form_of_data_keeps_its_rows_together():
    n = 20
    forms = {
        "array": np.arange(n),
        "list": list(range(n)),
        "pandas": pd.DataFrame({"a": np.arange(n)}, index=np.arange(n)[::-1]),
        "polars": pl.DataFrame({"a": np.arange(n)}),
        "series": pd.Series(np.arange(n), index=np.arange(n) + 7),
    }
    train, test, nested_train, _ = train_test_split(
        forms, (np.arange(n), None), test_size=0.3, random_state=1
    )
    for part in (train, test):
        expected = part["array"].tolist()
        assert part["list"] == expected
        assert part["pandas"]["a"].tolist() == part["polars"]["a"].to_list() == expected
        assert part["series"].tolist() == expected
    assert nested_train[0].tolist() == train["array"].tolist()
    assert nested_train[1] is None


@given(st.integers(0, 1000))
def test_three_parts_cover_everything_once(seed):
    y = np.repeat([0, 1], [80, 20])
    x = np.arange(100)
    parts = train_validation_test_split(x, y, random_state=seed, stratify=y)
    x_parts, y_parts = parts[:3], parts[3:]
    assert [len(part) for part in x_parts] == [60, 20, 20]
    assert sorted(np.concatenate(x_parts).tolist()) == list(range(100))
    assert [int(part.sum()) for part in y_parts] == [12, 4, 4]
    np.testing.assert_array_equal(np.concatenate(y_parts), y[np.concatenate(x_parts)])


def test_without_shuffling_the_end_is_held_out():
    train, validation, test = train_validation_test_split(np.arange(10), shuffle=False)
    assert (train.tolist(), validation.tolist(), test.tolist()) == (
        [0, 1, 2, 3, 4, 5],
        [6, 7],
        [8, 9],
    )


def test_the_seed_of_the_program_decides_where_none_is_given():
    parts = []
    for _ in range(2):
        set_random_seed(3)
        parts.append(train_test_split(np.arange(50))[1].tolist())
    assert parts[0] == parts[1]
    assert train_test_split(np.arange(50))[1].tolist() != parts[0]


def test_what_cannot_be_split():
    with pytest.raises(DataError, match=r"differ in length(?s:.*)3, 4"):
        train_test_split(np.zeros(3), np.zeros(4))
    with pytest.raises(DataError, match="nothing to split"):
        train_test_split()
    with pytest.raises(DataError, match="every class in each part"):
        train_test_split(np.zeros(4), stratify=[0, 0, 0, 1])
    with pytest.raises(ConfigError, match="cannot be split that way"):
        train_test_split(np.zeros(4), test_size=1.5)
