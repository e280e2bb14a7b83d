"""Pooling kernels: the fast forms against XLA's, ties, edges; adaptive windows against a loop."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.kernels import pool, pool_adaptive

GEOMETRIES = [
    # shape, window, strides
    ((2, 7, 3), (1, 2, 1), (1, 2, 1)),
    ((2, 7, 3), (1, 3, 1), (1, 2, 1)),
    ((2, 7, 3), (1, 2, 1), (1, 3, 1)),  # steps between the windows
    ((2, 9, 2), (1, 5, 1), (1, 2, 1)),
    ((2, 6, 5, 3), (1, 3, 2, 1), (1, 1, 2, 1)),
    ((2, 3, 6, 5), (1, 1, 3, 3), (1, 1, 2, 1)),  # channels first
    ((2, 4, 5, 3, 2), (1, 2, 2, 2, 1), (1, 2, 1, 3, 1)),
]
FORMS = {
    "max": (pool.max_pool, pool.max_pool_plain),
    "average": (pool.average_pool, pool.average_pool_plain),
}


def numbers(shape, kind, seed=0):
    rng = np.random.default_rng(seed)
    if kind == "ties":
        return jnp.asarray(rng.integers(0, 3, shape), "float32")
    return jnp.asarray(rng.standard_normal(shape), "float32")


@pytest.mark.slow
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_fast_forms_equal_the_plain_ones(geometry, form, padding):
    shape, window, strides = geometry
    fast, plain = FORMS[form]

    @jax.jit
    def run(x):
        results = []
        for form in (fast, plain):
            y, back = jax.vjp(lambda x, form=form: form(x, window, strides, padding), x)
            dy = jnp.sin(jnp.arange(y.size, dtype="float32")).reshape(y.shape)
            results.append((y, back(dy)[0]))
        return results

    for kind in ("ties", "normal"):
        (y, dx), (expected, expected_dx) = run(numbers(shape, kind))
        np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(dx, expected_dx, rtol=1e-5, atol=1e-6)


def test_the_first_of_equal_values_takes_the_gradient():
    x = jnp.ones((1, 2, 2, 1))
    gradient = jax.grad(lambda x: pool.max_pool(x, (1, 2, 2, 1), (1, 2, 2, 1)).sum())(x)
    assert gradient.ravel().tolist() == [1.0, 0.0, 0.0, 0.0]


def test_a_window_wider_than_the_array_with_same_padding():
    x = jnp.array([[1.0, 5.0]])
    assert pool.max_pool(x, (1, 5), (1, 1), "same").tolist() == [[5.0, 5.0]]
    assert pool.average_pool(x, (1, 5), (1, 1), "same").tolist() == [[3.0, 3.0]]


def test_what_is_not_a_number_shows():
    x = jnp.array([[1.0, math.nan, 2.0, 3.0]])
    y = pool.max_pool(x, (1, 2), (1, 2))
    assert np.isnan(y[0, 0])
    assert y[0, 1] == 3
    assert np.isnan(pool_adaptive.adaptive_max(x, 1, 3)[0, 0])


def test_whole_numbers_and_halves_keep_their_format():
    x = jnp.array([[-3, -5, -7, -2]])
    assert pool.max_pool(x, (1, 3), (1, 3), "same").tolist() == [[-3, -2]]
    for form in (pool.max_pool, pool.average_pool):
        assert form(x.astype("bfloat16"), (1, 2), (1, 2)).dtype == jnp.bfloat16


def test_inside_a_loop_and_mapped():
    """As in training: differentiated within a device loop; and mapped over several networks."""
    x = numbers((3, 2, 6, 4), "normal")

    def step(x):
        return x - jax.grad(lambda x: (pool.max_pool(x, (1, 2, 1), (1, 2, 1)) ** 2).sum())(x)

    looped = jax.jit(jax.vmap(lambda x: jax.lax.fori_loop(0, 2, lambda _, x: step(x), x)))(x)
    expected = jnp.stack([step(step(item)) for item in x])
    np.testing.assert_allclose(looped, expected, rtol=1e-6)


def test_the_plain_forms_run_where_the_processor_is_another(monkeypatch):
    monkeypatch.setattr(pool, "on_cpu", lambda: False)
    x = numbers((2, 7, 3), "normal")
    for fast, plain in FORMS.values():
        got = fast(x, (1, 3, 1), (1, 2, 1), "same")
        np.testing.assert_array_equal(got, plain(x, (1, 3, 1), (1, 2, 1), "same"))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "count"), [(6, 3), (5, 3), (7, 5), (4, 4), (3, 5), (1, 2)])
def test_adaptive_windows(size, count):
    x = numbers((2, size, 3), "normal")
    edges = [
        (math.floor(i * size / count), math.ceil((i + 1) * size / count)) for i in range(count)
    ]
    for form, reduce in (
        (pool_adaptive.adaptive_average, np.mean),
        (pool_adaptive.adaptive_max, np.max),
    ):
        expected = np.stack([reduce(x[:, a:b], axis=1) for a, b in edges], axis=1)
        np.testing.assert_allclose(form(x, 1, count), expected, rtol=1e-6, atol=1e-6)
        moved = form(jnp.moveaxis(x, 1, 0), 0, count)
        np.testing.assert_allclose(moved, np.moveaxis(expected, 1, 0), rtol=1e-6, atol=1e-6)
