"""The fast forms against the plain ones: values, first and second derivatives, vmap, formats."""

import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pellucid.activations import gelu
from pellucid.kernels import dense as dense_module
from pellucid.kernels import norm as norm_module
from pellucid.kernels import platform
from pellucid.kernels.dense import column_sums, dense, dense_plain, product_over_rows
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


def test_every_choice_by_platform_is_listed():
    folder = Path(platform.__file__).parent
    asking = {path.stem for path in folder.glob("*.py") if "import on_cpu" in path.read_text()}
    assert asking == set(platform.FORMS)


@pytest.mark.parametrize("name", ["dense", "dense of rank 4", "layer norm"])
def test_the_form_for_other_machines(name, monkeypatch):
    for module in (dense_module, norm_module):
        monkeypatch.setattr(module, "on_cpu", lambda: False)
    fast, plain, args = KERNELS[name]
    numbers = tuple(range(len(args)))
    got = jax.jit(jax.grad(lambda *a: jnp.sum(jnp.sin(fast(*a))), numbers))(*args)
    close(got, jax.grad(lambda *a: jnp.sum(jnp.sin(plain(*a))), numbers)(*args), 1e-5)


few = settings(max_examples=4, phases=[Phase.generate])
sizes = st.integers(1, 7)


@few
@given(lead=st.lists(sizes, max_size=3), inputs=sizes, units=sizes, bias=st.booleans())
def test_dense_of_any_shape(lead, inputs, units, bias):
    args = (array(*lead, inputs), array(inputs, units), *([array(units)] if bias else []))

    @jax.jit
    def both(*args):
        return [
            (f(*args), jax.grad(lambda *a, f=f: jnp.sum(jnp.sin(f(*a))), range(len(args)))(*args))
            for f in (dense, dense_plain)
        ]

    close(*both(*args), 1e-5)


@few
@given(lead=st.lists(sizes, max_size=3), width=sizes, scale=st.booleans(), offset=st.booleans())
def test_layer_norm_of_any_shape(lead, width, scale, offset):
    x = array(*lead, width) + 3
    gamma, beta = array(width) if scale else None, array(width) if offset else None

    @jax.jit
    def both(*args):
        return [
            (
                f(*args, 0.1),
                jax.grad(lambda *a, f=f: jnp.sum(jnp.sin(f(*a, 0.1))), (0, 1, 2))(*args),
            )
            for f in (layer_norm, layer_norm_plain)
        ]

    close(*both(x, gamma, beta), 1e-5)


@pytest.mark.parametrize(
    "shapes", [((40, 3), (40, 9)), ((40, 9), (40, 3)), ((2, 9), (2, 9))], ids=str
)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_product_over_rows(shapes, dtype):
    """Whichever operand is turned; whole numbers, so that there is nothing to round."""
    a, b = (jnp.round(array(*shape)).astype(dtype) for shape in shapes)
    expected = np.asarray(a, "float64").T @ np.asarray(b, "float64")
    np.testing.assert_array_equal(np.asarray(product_over_rows(a, b), "float64"), expected)


def test_gelu_is_the_definition():
    x = np.linspace(-6, 6, 49)
    exact = np.array([0.5 * v * math.erfc(-v / math.sqrt(2)) for v in x])
    np.testing.assert_allclose(gelu(x.astype("float32")), exact, rtol=2e-6, atol=5e-7)
    slope = jax.vmap(jax.grad(gelu))(x.astype("float32"))
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    cumulative = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in x])
    np.testing.assert_allclose(slope, cumulative + x * density, rtol=1e-5, atol=1e-6)
    narrow = gelu(jnp.asarray(x, "bfloat16"))
    assert narrow.dtype == jnp.bfloat16
    np.testing.assert_allclose(np.asarray(narrow, "float64"), exact, rtol=0.02, atol=0.01)
    assert gelu(jnp.array([1, 0])).tolist() == pytest.approx([0.8413447, 0], rel=1e-6)


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


def test_column_sums_of_many_rows_keep_their_digits():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((100_000, 3)) + 5).astype("float32")
    weights = (rng.random(100_000) < 0.5).astype("float32")
    wide = x.astype("float64")
    np.testing.assert_allclose(jax.jit(column_sums)(x), wide.sum(0), rtol=1e-6)
    np.testing.assert_allclose(jax.jit(column_sums)(x, weights), weights @ wide, rtol=1e-6)


def test_dense_takes_other_formats():
    assert dense(jnp.ones((2, 3), "int32"), array(3, 1)).dtype == jnp.float32
    y = dense(jnp.ones((2, 3), "bfloat16"), jnp.ones((3, 1), "bfloat16"), jnp.ones(1, "bfloat16"))
    assert y.dtype == jnp.bfloat16
    assert y.tolist() == [[4.0], [4.0]]
