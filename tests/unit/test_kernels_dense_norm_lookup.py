"""The fast forms against the plain ones: values, first and second derivatives, vmap, formats."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid.kernels.dense import column_sums, dense, dense_plain
from pellucid.kernels.lookup import lookup
from pellucid.kernels.norm import batch_norm, batch_norm_plain, layer_norm, layer_norm_plain

rng = np.random.default_rng(0)


def array(*shape):
    return jnp.asarray(rng.standard_normal(shape), "float32")


def close(a, b, tolerance=2e-6):
    for one, other in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        scale = max(1.0, float(jnp.max(jnp.abs(other))))
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * scale)


WEIGHTS = jnp.asarray([1, 1, 0, 1, 0, 1, 1, 1], "float32")
KERNELS = {
    "dense": (dense, dense_plain, (array(8, 5), array(5, 3), array(3))),
    "dense of rank 4": (dense, dense_plain, (array(2, 3, 4, 5), array(5, 3), array(3))),
    "dense without bias": (dense, dense_plain, (array(2, 4, 5), array(5, 3))),
    "batch norm": (
        lambda *a: batch_norm(*a, 1e-3)[0],
        lambda *a: batch_norm_plain(*a, 1e-3)[0],
        (array(8, 4) + 3, array(4), array(4)),
    ),
    "batch norm over counted rows": (
        lambda *a: batch_norm(*a, 1e-3, WEIGHTS)[0],
        lambda *a: batch_norm_plain(*a, 1e-3, WEIGHTS)[0],
        (array(8, 4) + 3, array(4), array(4)),
    ),
    "batch norm without gamma and beta": (
        lambda x: batch_norm(x, None, None, 1e-3, WEIGHTS)[0],
        lambda x: batch_norm_plain(x, None, None, 1e-3, WEIGHTS)[0],
        (array(8, 4),),
    ),
    "layer norm": (
        lambda *a: layer_norm(*a, 1e-3),
        lambda *a: layer_norm_plain(*a, 1e-3),
        (array(2, 3, 6) + 2, array(6), array(6)),
    ),
    "layer norm without beta": (
        lambda x, g: layer_norm(x, g, None, 1e-3),
        lambda x, g: layer_norm_plain(x, g, None, 1e-3),
        (array(3, 6), array(6)),
    ),
}
every_kernel = pytest.mark.parametrize("name", KERNELS)


@every_kernel
def test_values_and_gradients(name):
    fast, plain, args = KERNELS[name]
    y = plain(*args)
    close(fast(*args), y)
    weight = array(*y.shape)
    numbers = tuple(range(len(args)))
    got = jax.jit(jax.grad(lambda *a: jnp.sum(jnp.sin(fast(*a)) * weight), numbers))(*args)
    close(got, jax.grad(lambda *a: jnp.sum(jnp.sin(plain(*a)) * weight), numbers)(*args), 1e-5)


@every_kernel
def test_gradient_of_a_gradient(name):
    fast, plain, args = KERNELS[name]

    def twice(kernel):
        def slope(*a):
            gradients = jax.grad(lambda *b: jnp.sum(jnp.sin(kernel(*b))), range(len(a)))(*a)
            return sum(jnp.sum(g**2) for g in gradients)

        return jax.jit(jax.grad(slope, tuple(range(len(args)))))(*args)

    close(twice(fast), twice(plain), 3e-5)


@every_kernel
def test_vmap(name):
    fast, plain, args = KERNELS[name]
    stacked = jax.tree.map(lambda a: jnp.stack([a, a * 0.5, a - 1]), args)

    def gradients(kernel):
        return jax.jit(jax.vmap(jax.grad(lambda *a: jnp.sum(jnp.sin(kernel(*a))))))(*stacked)

    close(gradients(fast), gradients(plain), 1e-5)


def test_embedding_gradient_adds_up_where_a_row_is_used_twice():
    table, numbers, weight = array(7, 3), jnp.asarray([3, 3, -1, 9, -9]), array(5, 3)
    gradient = jax.grad(lambda t: jnp.sum((lookup(t, numbers) * weight)[:3]))(table)
    expected = np.zeros((7, 3), "float32")
    expected[3], expected[6] = weight[0] + weight[1], weight[2]
    close(gradient, expected)


def test_a_number_outside_the_table_gives_nan():
    table, numbers = array(4, 2), jnp.asarray([3, 4, -4, -5])
    y = lookup(table, numbers)
    assert jnp.isnan(y).any(axis=1).tolist() == [False, True, False, True]
    np.testing.assert_array_equal(y[:3:2], table[np.array([3, 0])])


def test_batch_norm_ignores_what_does_not_count():
    x, gamma, beta = array(8, 4), array(4), array(4)
    spoilt = jnp.where(WEIGHTS[:, None] > 0, x, jnp.inf)
    real = np.flatnonzero(WEIGHTS)
    y, mean, variance = batch_norm(spoilt, gamma, beta, 1e-3, WEIGHTS)
    expected = batch_norm_plain(x[real], gamma, beta, 1e-3)
    close((y[real], mean, variance), expected)
    gradient = jax.grad(
        lambda x: jnp.sum(jnp.sin(batch_norm(x, gamma, beta, 1e-3, WEIGHTS)[0])[real])
    )
    want = jax.grad(lambda x: jnp.sum(jnp.sin(batch_norm_plain(x, gamma, beta, 1e-3)[0])))
    close(gradient(x)[real], want(x[real]), 1e-5)


def test_batch_norm_statistics_carry_no_gradient():
    for norm in (batch_norm, batch_norm_plain):
        gradient = jax.grad(
            lambda x, norm=norm: sum(jnp.sum(s) for s in norm(x, None, None, 0.1)[1:])
        )
        assert not gradient(array(5, 2)).any()


def test_batch_norm_of_a_single_row_and_of_none_that_count():
    y, _, variance = batch_norm(array(1, 3), None, None, 1e-3)
    assert not y.any()
    assert not variance.any()
    y, mean, _ = batch_norm(array(2, 3), None, None, 1e-3, jnp.zeros(2))
    assert jnp.isfinite(y).all()
    assert not mean.any()


def test_layer_norm_keeps_precision_far_from_zero():
    x = np.float64(1e4) + rng.standard_normal((4, 64))
    exact = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
    got = layer_norm(jnp.asarray(x, "float32"), None, None, 1e-3)
    np.testing.assert_allclose(got, exact, atol=3e-3)


def test_column_sums_are_wide():
    ones = jnp.ones((1000, 2), "bfloat16")
    assert column_sums(ones).tolist() == [1000.0, 1000.0]  # bfloat16 itself stops at 256
    assert column_sums(ones).dtype == jnp.float32


def test_dense_takes_other_formats():
    assert dense(jnp.ones((2, 3), "int32"), array(3, 1)).dtype == jnp.float32
    y = dense(jnp.ones((2, 3), "bfloat16"), jnp.ones((3, 1), "bfloat16"), jnp.ones(1, "bfloat16"))
    assert y.dtype == jnp.bfloat16
    assert y.tolist() == [[4.0], [4.0]]
