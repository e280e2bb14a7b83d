"""NaN and infinity are found wherever they are, and nothing else is taken for them."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid._core.errors import DataError
from pellucid.data import as_source, check_finite, checks

ARRAYS = hnp.arrays("float32", hnp.array_shapes(max_dims=3, max_side=6))


@given(ARRAYS, st.integers(1, 10))
def test_faults_are_found_exactly_where_numpy_sees_them(array, chunk):
    bad = ~np.isfinite(array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "CHUNK", chunk)
        if not bad.any():
            check_finite(array)
            return
        with pytest.raises(DataError) as caught:
            check_finite(array, "x")
    row = int(np.argwhere(bad)[0][0])
    assert f"row {row}" in caught.value.got
    if np.isnan(array).any():
        assert f"{int(np.isnan(array).sum())} NaN" in caught.value.got
    if np.isinf(array).any():
        assert f"{int(np.isinf(array).sum())} infinite" in caught.value.got


def test_the_message_names_row_and_column():
    x = np.zeros((4, 3), np.float32)
    x[2, 1] = np.nan
    x[3, 0] = np.inf
    with pytest.raises(DataError, match=r"1 NaN and 1 infinite of 12 values.*row 2, column 1"):
        check_finite(x)
    with pytest.raises(DataError, match=r"column 1 \('age'\)"):
        check_finite(x, "x", {"x": ("id", "age", "size")})


def test_huge_finite_values_are_not_faults():
    check_finite(np.full(1000, 3e38, np.float32))  # their sum overflows


def test_opposite_infinities_are_found():
    with pytest.raises(DataError, match="2 infinite"):
        check_finite(np.array([np.inf, -np.inf], np.float32))


def test_trees_device_arrays_and_integers():
    check_finite({"a": jnp.ones(3), "b": np.arange(3), "c": np.array([True]), "d": None})
    with pytest.raises(DataError, match=r"x\['a'\]\[0\] holds"):
        check_finite({"a": [jnp.array([jnp.nan])]}, "x")


def test_a_source_checks_all_its_parts():
    y = np.array([0.0, np.nan])
    with pytest.raises(DataError, match="y holds"):
        as_source(np.zeros(2), y).check_finite()
    with pytest.raises(DataError, match="sample_weight holds"):
        as_source(np.zeros(2), sample_weight=y).check_finite()
    with pytest.raises(DataError, match="infinite"):
        as_source(np.array([1e300])).check_finite()
