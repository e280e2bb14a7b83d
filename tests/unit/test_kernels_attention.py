"""The attention kernel's forms against the plain one, and what masks and dropout owe."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pellucid._core.errors import ShapeError
from pellucid.kernels import attention as kernels
from pellucid.kernels import attention_cpu
from pellucid.kernels.attention import attention, attention_plain, may_see
from pellucid.kernels.attention_cpu import LEAST_FOR_BLOCKS, attend

LONG = LEAST_FOR_BLOCKS + 7  # odd, so that the two blocks are not alike

# (batch, time, source, heads, key_heads, width, value_width), settings, mask's shape or None
CASES = [
    ((2, 5, 7, 4, 4, 3, 6), {}, None),
    ((2, 5, 7, 4, 2, 3, 3), {"scale": 0.3}, (2, 1, 5, 7)),
    ((2, 5, 5, 4, 1, 3, 3), {"causal": True, "window": 2}, (2, 4, 5, 5)),
    ((1, 3, 5, 2, 2, 3, 3), {"causal": True}, (5,)),
    ((2, 7, 4, 2, 1, 3, 3), {"causal": True, "window": 2}, None),
    ((2, LONG, LONG, 4, 2, 3, 5), {"causal": True}, (2, 1, 1, LONG)),
    ((2, LONG, LONG, 2, 2, 3, 3), {"causal": True, "window": 9}, (1, 2, LONG, 1)),
    ((1, LONG, LONG, 4, 2, 3, 3), {"causal": True}, (1, 4, LONG, LONG)),
]


def drawn(sizes, mask_shape=None, dtype="float32"):
    batch, time, source, heads, key_heads, width, value_width = sizes
    rng = np.random.default_rng(0)
    shapes = (
        (batch, time, heads, width),
        (batch, source, key_heads, width),
        (batch, source, key_heads, value_width),
    )
    arrays = [jnp.asarray(rng.standard_normal(shape), dtype) for shape in shapes]
    mask = None if mask_shape is None else jnp.asarray(rng.random(mask_shape) < 0.6)
    return arrays, mask


def value_and_gradients(function, arrays):
    y = jax.eval_shape(function, *arrays)
    weights = jnp.asarray(np.random.default_rng(1).standard_normal(y.shape), "float32")
    return jax.jit(
        jax.value_and_grad(lambda *a: jnp.sum(function(*a) * weights), argnums=(0, 1, 2))
    )(*arrays)


def close(ours, theirs, rtol=3e-6):
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        assert np.isfinite(a).all()
        scale = max(1.0, float(jnp.max(jnp.abs(b))))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize(("sizes", "settings", "mask_shape"), CASES, ids=str)
def test_values_and_gradients_are_those_of_the_plain_form(sizes, settings, mask_shape):
    arrays, mask = drawn(sizes, mask_shape)
    expected = value_and_gradients(lambda *a: attention_plain(*a, mask, **settings)[0], arrays)
    close(value_and_gradients(lambda *a: attention(*a, mask, **settings), arrays), expected)
    if sizes[-1] == sizes[-2]:  # JAX's own takes one width
        four = mask if mask is None else mask.reshape((1,) * (4 - mask.ndim) + mask.shape)
        rules = {"causal": False, "window": None, "scale": sizes[-2] ** -0.5} | settings
        got = value_and_gradients(
            lambda *a: kernels._library(*a, four, fused=None, **rules), arrays
        )
        close(got, expected)


@st.composite
def situations(draw):
    """Sizes, settings and the shape of a mask, as attention may meet them."""
    batch, key_heads, groups = draw(st.tuples(*[st.integers(1, 3)] * 3))
    time, width, value_width = draw(
        st.tuples(st.integers(1, 9), st.integers(1, 5), st.integers(1, 5))
    )
    causal = draw(st.booleans())
    if causal and draw(st.booleans()):
        time = LONG
    source = time if causal else draw(st.integers(1, 9))
    window = draw(st.none() | st.integers(1, 6))
    sizes = (batch, time, source, key_heads * groups, key_heads, width, value_width)
    whole = (batch, key_heads * groups, time, source)
    mask = tuple(
        draw(st.sampled_from([1, size])) for size in whole
    )  # padding is (batch, 1, 1, source)
    return sizes, {"causal": causal, "window": window}, draw(st.sampled_from([None, mask]))


@settings(max_examples=4, phases=[Phase.generate])
@given(situation=situations())
def test_every_derivative_is_that_of_the_plain_form(situation):
    sizes, rules, mask_shape = situation
    arrays, mask = drawn(sizes, mask_shape)

    def derivatives(function, *at):
        def slope(*at):
            slopes = jax.grad(lambda *a: jnp.sum(jnp.sin(function(*a))), (0, 1, 2))(*at)
            return sum(jnp.sum(jnp.square(s)) for s in slopes), slopes

        return function(*at), jax.grad(slope, (0, 1, 2), has_aux=True)(*at)

    @jax.jit
    def both(*arrays):
        return (
            derivatives(lambda *a: attention(*a, mask, **rules), *arrays),
            derivatives(lambda *a: attention_plain(*a, mask, **rules)[0], *arrays),
        )

    close(*both(*arrays), rtol=3e-5)


def test_the_plain_form_is_the_definition():
    """One head and query at a time, in float64 and loops."""
    (query, key, value), mask = drawn((1, 3, 4, 4, 2, 3, 2), (1, 4, 3, 4))
    q, k, v, m = (np.asarray(a, "float64") for a in (query, key, value, mask))
    y, weights = attention_plain(query, key, value, mask)
    for head in range(4):
        for step in range(3):
            powers = np.exp(k[0, :, head // 2] @ q[0, step, head] / np.sqrt(3)) * m[0, head, step]
            shares = powers / max(powers.sum(), 1e-300)
            np.testing.assert_allclose(weights[0, head, step], shares, rtol=1e-5, atol=1e-7)
            np.testing.assert_allclose(
                y[0, step, head], shares @ v[0, :, head // 2], rtol=1e-5, atol=1e-6
            )


def test_a_query_that_may_see_nothing_gets_zeros_and_gives_no_gradient():
    arrays, _ = drawn((1, 4, 4, 2, 2, 3, 3))
    mask = jnp.ones((1, 1, 4, 4), bool).at[0, 0, 1].set(False)
    y = attention(*arrays, mask)
    assert not np.asarray(y[:, 1]).any()
    assert np.asarray(y[:, 0]).any()
    gradients = jax.grad(lambda *a: jnp.sum(attention(*a, mask)[:, 1]), argnums=(0, 1, 2))(*arrays)
    assert not any(np.asarray(g).any() for g in gradients)


def test_rubbish_in_masked_steps_stays_out():
    """A masked step of rubbish, however large, changes nothing."""
    (query, key, value), _ = drawn((2, 4, 4, 2, 2, 3, 3))
    mask = jnp.arange(4) < 3
    large = key.at[:, 3].set(1e30)
    np.testing.assert_array_equal(
        attention(query, large, value, mask), attention(query, key, value, mask)
    )


@pytest.mark.parametrize("time", [6, LONG])
def test_causal_attention_never_sees_what_comes_later(time):
    (query, key, value), _ = drawn((1, time, time, 2, 2, 3, 3))
    y = attention(query, key, value, causal=True)
    for step in (0, time // 2, time - 2):
        after = jnp.arange(time)[:, None, None] > step
        other = attention(
            query, jnp.where(after, 9.0, key), jnp.where(after, 9.0, value), causal=True
        )
        np.testing.assert_array_equal(y[:, : step + 1], other[:, : step + 1])
        assert not np.allclose(y[:, step + 1 :], other[:, step + 1 :])


def test_may_see():
    assert may_see(2, 4, causal=True, start=1).astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 1, 0]]
    assert may_see(2, 2).all()
    band = may_see(5, 5, window=2)
    assert (np.asarray(band) == (np.abs(np.subtract.outer(range(5), range(5))) < 2)).all()


class TestDropout:
    key = jax.random.key(3)

    def rows(self, count, time=8):
        """Values that show the weights: row `s` of the value is the unit vector `s`."""
        query = jnp.ones((count, time, 2, 4))
        value = jnp.broadcast_to(jnp.eye(time)[None, :, None], (count, time, 2, time))
        return query, query, value

    def test_share_scale_and_mean(self):
        y = attention(*self.rows(200), dropout=0.25, rng=self.key)  # the weights themselves
        y = np.asarray(y)
        assert set(np.unique(y.round(6)).tolist()) == {0.0, np.float32(1 / 8 / 0.75).round(6)}
        assert (y == 0).mean() == pytest.approx(0.25, abs=0.01)
        assert y.sum(axis=-1).mean() == pytest.approx(1, abs=0.01)

    @pytest.mark.parametrize("time", [8, LONG])
    def test_rows_do_not_depend_on_later_rows(self, time):
        arguments = {"dropout": 0.5, "rng": self.key, "causal": True}
        whole = attention(*self.rows(5, time), **arguments)
        part = attention(*self.rows(3, time), **arguments)
        np.testing.assert_array_equal(whole[:3], part)
        assert not np.array_equal(whole[0], whole[1])

    @pytest.mark.parametrize("time", [8, LONG])
    def test_gradient_is_that_of_the_same_weights_dropped(self, time, monkeypatch):
        """Against differentiating through the forward pass, where JAX finds the gradient."""
        arrays, _ = drawn((2, time, time, 4, 2, 3, 3))
        arguments = {"causal": True, "scale": 0.5, "dropout": 0.3, "rng": self.key}
        got = value_and_gradients(lambda *a: attend(*a, **arguments), arrays)
        monkeypatch.setattr(
            attention_cpu, "_attend", lambda rule, *a: attention_cpu._forward(rule, *a)[0]
        )
        expected = value_and_gradients(lambda *a: attend(*a, **arguments), arrays)
        close(got, expected)

    def test_everything_dropped_gives_zeros(self):
        y, gradients = value_and_gradients(
            lambda *a: attention(*a, dropout=1.0, rng=self.key), self.rows(2)
        )
        assert y == 0
        assert all(np.isfinite(g).all() for g in gradients)

    def test_the_plain_form_drops_the_same_share(self):
        y, weights = attention_plain(*self.rows(200), dropout=0.25, rng=self.key)
        assert (np.asarray(y) == 0).mean() == pytest.approx(0.25, abs=0.01)
        assert np.allclose(weights, 1 / 8)  # those before dropout


def test_half_precision_and_vmap():
    arrays, mask = drawn((3, 6, 6, 4, 2, 8, 8), (3, 1, 1, 6), dtype="bfloat16")
    y = attention(*arrays, mask, causal=True)
    assert y.dtype == jnp.bfloat16
    wide = attention(*(a.astype("float32") for a in arrays), mask, causal=True)
    np.testing.assert_allclose(y.astype("float32"), wide, atol=0.03)
    one_by_one = jax.vmap(lambda m, *a: attention(*(x[None] for x in a), m[None], causal=True)[0])(
        mask, *(a.astype("float32") for a in arrays)
    )
    np.testing.assert_allclose(one_by_one, wide, rtol=1e-5, atol=1e-6)


def test_other_machines_take_the_library_form(monkeypatch):
    monkeypatch.setattr(kernels, "on_cpu", lambda: False)
    arrays, mask = drawn((2, 5, 5, 4, 2, 3, 3), (2, 1, 1, 5))
    close(attention(*arrays, mask), attention_plain(*arrays, mask)[0])
    dropped = attention(*arrays, mask, dropout=0.5, rng=jax.random.key(0))
    assert np.isfinite(dropped).all()
    assert not kernels._fuses(arrays[0], arrays[1], None, False, None)  # no graphics card here


@pytest.mark.parametrize(
    ("key", "value", "mask"),
    [
        ((2, 5, 2, 4), (2, 6, 2, 4), None),
        ((2, 5, 2, 3), (2, 5, 2, 4), None),
        ((1, 5, 2, 4), (1, 5, 2, 4), None),
        ((2, 5, 3, 4), (2, 5, 3, 4), None),
        ((2, 5, 2, 4), (2, 5, 2, 4), (2, 1, 3, 4)),
        ((2, 5, 2, 4), (2, 5, 2, 4), (3, 5)[::-1]),
        ((2, 5, 2, 4), (2, 5, 2, 4), (2, 3, 3, 5)),
    ],
)
def test_sizes_that_do_not_fit_are_refused(key, value, mask):
    query = jnp.ones((2, 3, 2, 4))
    mask = None if mask is None else jnp.ones(mask, bool)
    with pytest.raises(ShapeError, match="fit"):
        attention(query, jnp.ones(key), jnp.ones(value), mask)
    with pytest.raises(ShapeError, match="fit"):
        jax.jit(attention)(query, jnp.ones(key), jnp.ones(value), mask)
