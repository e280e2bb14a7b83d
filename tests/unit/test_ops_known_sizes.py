"""Sizes that are known stay known where a program is compiled or a graph is drawn."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from pellucid import Input, KerasTensor, Model, ops
from pellucid._core.errors import ConfigError, ShapeError, StateError

X = np.arange(12.0, dtype="f").reshape(3, 4)


def test_slices_of_what_is_left():
    want = X[1:, 2:4]
    for starts in ((1, 2), [1, 2], np.array([1, 2])):
        assert ops.slice(X, starts, (-1, 2)).tolist() == want.tolist()
        assert jax.jit(lambda x, s=starts: ops.slice(x, s, (-1, 2)))(X).tolist() == want.tolist()
    assert ops.slice(KerasTensor((3, 4)), (1, 2), (-1, -1)).shape == (2, 2)
    assert ops.slice(KerasTensor((None, 4)), (1, 2), (-1, -1)).shape == (None, 2)
    computed = KerasTensor((2,), "int32")
    assert ops.slice(KerasTensor((3, 4)), computed, (-1, 2)).shape == (None, 2)
    x = Input((4,))
    model = Model(x, ops.slice(x, (0, 1), (-1, 2)))
    for each in (model, Model.from_config(model.get_config())):
        assert each(X).tolist() == X[:, 1:3].tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda x, n: ops.tile(x, n),
        lambda x, n: ops.reshape(x, (n, -1)),
        lambda x, n: ops.slice(x, (n, 0), (-1, 1)),
    ],
)
def test_sizes_that_are_computed_are_told(call):
    with pytest.raises(StateError, match="needs the numbers themselves"):
        jax.jit(call)(X, 2)


def test_axes_and_starts_that_are_none():
    for x in (X, KerasTensor((3, 4))):
        with pytest.raises(ShapeError, match="axis=10"):
            ops.unstack(x, axis=10)
        with pytest.raises(ShapeError, match="every axis"):
            ops.slice(x, (1,), (-1, 2))


def test_groups_of_rows_of_unknown_number():
    rows, groups = KerasTensor((None, 4)), KerasTensor((5,), "int32")
    assert ops.segment_sum(rows, groups, 3).shape == (3, 4)


def test_symbolic_tensors_in_keras_s_form():
    x = KerasTensor((3, 2), dtype=np.float32, name="x")
    assert (x.shape, x.dtype, x.name, x.ndim, x.sparse) == ((3, 2), "float32", "x", 2, False)
    assert x.reshape((6,)).shape == x.reshape(6).shape == (6,)
    y = ops.add(x, 1.0)
    assert y._keras_history.operation.name.startswith("add")
    assert not hasattr(x, "_keras_history")
    with pytest.raises(AttributeError):
        x.shape = (6,)
    with pytest.raises(ConfigError, match="dense"):
        KerasTensor((3,), sparse=True)


def test_stacks_of_equations():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(4, 3, 3)).astype("f") + 4 * np.eye(3, dtype="f")
    b, wide = rng.normal(size=(4, 3)).astype("f"), rng.normal(size=(4, 3, 2)).astype("f")
    want = np.linalg.solve(a, b[..., None])[..., 0]
    np.testing.assert_allclose(ops.solve(a, b), want, rtol=1e-4)
    np.testing.assert_allclose(ops.solve(a, wide), np.linalg.solve(a, wide), rtol=1e-4)
    np.testing.assert_allclose(ops.solve(a, b[0])[2], np.linalg.solve(a[2], b[0]), rtol=1e-4)
    lower = np.tril(a)
    got = ops.solve_triangular(lower, b, lower=True)
    np.testing.assert_allclose(got, np.linalg.solve(lower, b[..., None])[..., 0], rtol=1e-4)
    square = a @ a.swapaxes(1, 2)
    for upper in (False, True):
        factor = np.linalg.cholesky(square)
        factor = factor.swapaxes(1, 2) if upper else factor
        got = ops.cholesky_inverse(factor, upper=upper)
        np.testing.assert_allclose(got, np.linalg.inv(square), rtol=1e-3, atol=1e-4)
    with pytest.raises(ShapeError, match="as many rows"):
        ops.solve(a, wide[:, :2])
    assert ops.solve(KerasTensor((None, 3, 3)), KerasTensor((None, 3))).shape == (None, 3)
