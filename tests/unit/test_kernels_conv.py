"""Convolution kernels: the CPU's forms against XLA's own, values and gradients."""

from contextlib import contextmanager

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.kernels import conv_products, platform
from pellucid.kernels.conv import (
    conv,
    conv_cpu,
    conv_plain,
    conv_transpose,
    conv_transpose_cpu,
    conv_transpose_plain,
    depthwise_conv,
)
from pellucid.kernels.conv_geometry import Geometry, paddings, transposed, window
from pellucid.kernels.conv_products import FEW_CHANNELS

several = settings(max_examples=25, deadline=None, derandomize=True)


def drawn(shape, seed=0):
    return jnp.asarray(np.random.default_rng(seed).standard_normal(shape), "float32")


def with_gradients(function, *operands):
    """The value, and the gradients of a weighed sum of it."""
    y, back = jax.vjp(function, *operands)
    return (y, *back(drawn(y.shape, 9)))


def agree(fast, plain, operands, rtol=1e-5):
    got = jax.jit(lambda *a: with_gradients(fast, *a))(*operands)
    wanted = jax.jit(lambda *a: with_gradients(plain, *a))(*operands)
    for a, b in zip(got, wanted, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        scale = float(jnp.abs(b).max(initial=0.0))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * max(scale, 1e-3))


@st.composite
def convolutions(draw):
    """Operands of a convolution of 1 to 3 axes, and its geometry."""
    rank = draw(st.integers(1, 3))
    each = st.tuples(*[st.integers(1, 3)] * rank)
    kernel, strides, dilation = draw(each), draw(each), draw(each)
    spans = tuple(map(window, kernel, dilation))
    sizes = tuple(span + draw(st.integers(0, 3)) for span in spans)
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    per_group = draw(st.sampled_from([1, 2, FEW_CHANNELS + 1]))
    name = draw(st.sampled_from(["valid", "same", "causal"]))
    pads = paddings(name, sizes, kernel, strides, dilation)
    filters = groups * draw(st.integers(1, 2))
    x = drawn((draw(st.integers(1, 3)), *sizes, groups * per_group), 1)
    weights = drawn((*kernel, per_group, filters), 2)
    return x, weights, Geometry(strides, pads, dilation, groups)


@contextmanager
def windows_budget(size):
    """Another limit on what is gathered at once, for what is traced inside the block."""
    before, conv_products.WINDOWS_BUDGET = conv_products.WINDOWS_BUDGET, size
    conv_cpu.clear_cache()
    try:
        yield
    finally:
        conv_products.WINDOWS_BUDGET = before
        conv_cpu.clear_cache()


@pytest.mark.slow
@several
@given(convolutions(), st.sampled_from([0, 2**26]))
def test_products_are_the_convolution(case, budget):
    x, kernel, geometry = case
    with windows_budget(budget):
        agree(
            lambda x, k: conv_cpu(x, k, geometry),
            lambda x, k: conv_plain(x, k, geometry),
            (x, kernel),
        )


@pytest.mark.parametrize(("budget", "products"), [(0, 3), (2**26, 1)])
def test_large_windows_are_gathered_row_by_row(budget, products):
    x, kernel = drawn((2, 6, 6, FEW_CHANNELS + 1)), drawn((3, 3, FEW_CHANNELS + 1, 2), 1)
    with windows_budget(budget):
        program = jax.make_jaxpr(lambda *operands: conv(*operands))(x, kernel)
    assert str(program).count("dot_general") == products


@st.composite
def transposed_convolutions(draw):
    rank = draw(st.integers(1, 3))
    each = st.tuples(*[st.integers(1, 3)] * rank)
    kernel, sizes = draw(each), draw(each)
    strides = draw(each)
    dilation = (1,) * rank if max(strides) > 1 else draw(each)
    name = draw(st.sampled_from(["valid", "same"]))
    more = tuple(draw(st.integers(0, stride - 1)) for stride in strides)
    added = draw(st.sampled_from([None, more]))
    outputs, pads = transposed(name, added, sizes, kernel, strides, dilation)
    inputs = draw(st.sampled_from([1, 2, FEW_CHANNELS + 1]))
    x = drawn((2, *sizes, inputs), 1)
    return x, drawn((*kernel, 2, inputs), 2), outputs, Geometry(strides, pads, dilation)


@pytest.mark.slow
@several
@given(transposed_convolutions())
def test_products_are_the_transposed_convolution(case):
    x, kernel, sizes, geometry = case
    if min(sizes) < 1:
        return
    assert geometry.output_sizes(sizes, kernel.shape[:-2]) == x.shape[1:-1]
    agree(
        lambda x, k: conv_transpose_cpu(x, k, sizes, geometry),
        lambda x, k: conv_transpose_plain(x, k, sizes, geometry),
        (x, kernel),
    )


def by_hand(x, kernel, stride):
    """Every output of a 1D convolution as the sum that defines it, in float64."""
    x, kernel = np.asarray(x, "float64"), np.asarray(kernel, "float64")
    steps = range(0, x.shape[1] - len(kernel) + 1, stride)
    return np.stack(
        [np.einsum("bki,kif->bf", x[:, s : s + len(kernel)], kernel) for s in steps], axis=1
    )


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("channels", [1, FEW_CHANNELS + 1])
def test_the_definition(stride, channels):
    x, kernel = drawn((2, 7, channels)), drawn((3, channels, 2), 1)
    expected = by_hand(x, kernel, stride)
    np.testing.assert_allclose(conv(x, kernel, stride), expected, rtol=1e-5, atol=1e-5)


def test_depthwise_convolves_channel_by_channel():
    x, kernel = drawn((2, 6, 3)), drawn((2, 3, 2), 1)
    expected = [by_hand(x[..., c : c + 1], kernel[:, c : c + 1], 1) for c in range(3)]
    expected = np.concatenate(expected, axis=-1)
    np.testing.assert_allclose(depthwise_conv(x, kernel), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_the_transposed_convolution_is_the_gradient():
    y, kernel = drawn((2, 3, 3, 4)), drawn((3, 3, 2, 4), 1)
    x = drawn((2, 6, 6, 2), 2)
    _, back = jax.vjp(lambda x: conv(x, kernel, 2, "same"), x)
    got = conv_transpose(y, kernel, 2, "same")
    np.testing.assert_allclose(got, back(y)[0], rtol=1e-5, atol=1e-6)


def test_causal_outputs_see_nothing_later():
    x, kernel = drawn((1, 6, 2)), drawn((3, 2, 2), 1)
    changed = x.at[:, 4:].set(9.0)
    before, after = (conv(a, kernel, 1, "causal", 2) for a in (x, changed))
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).all()


def test_half_precision_adds_up_in_float32():
    x, kernel = drawn((2, 8, 8, 16)), drawn((3, 3, 16, 4), 1)
    exact = conv(x, kernel)
    halved = conv(x.astype("bfloat16"), kernel.astype("bfloat16"))
    assert halved.dtype == jnp.bfloat16
    error = jnp.abs(halved.astype("float32") - exact).max() / jnp.abs(exact).max()
    assert error < 0.01


@pytest.mark.slow
def test_second_derivatives():
    """The gradient's gradient: penalties on gradients work."""
    x, kernel = drawn((2, 5, 5, 2)), drawn((3, 3, 2, 2), 1)
    geometry = Geometry((1, 1), ((0, 0), (0, 0)), (1, 1))

    def penalty(form):
        def slope(x, kernel):
            return jnp.sum(jax.grad(lambda x: jnp.sum(jnp.tanh(form(x, kernel, geometry))))(x) ** 2)

        return jax.grad(slope, (0, 1))(x, kernel)

    for a, b in zip(penalty(conv_cpu), penalty(conv_plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_many_kernels_at_once():
    x, kernels = drawn((2, 6, 1)), drawn((4, 3, 1, 2), 1)
    each = jnp.stack([conv(x, kernel) for kernel in kernels])
    np.testing.assert_allclose(jax.vmap(conv, (None, 0))(x, kernels), each, rtol=1e-5, atol=1e-6)


def test_whole_numbers_are_convolved_as_floats():
    picture = np.arange(16, dtype="uint8").reshape(1, 4, 4, 1)
    y = conv(picture, np.ones((2, 2, 1, 1), "float32"))
    assert y.dtype == jnp.float32
    assert y[0, 0, 0, 0] == 0 + 1 + 4 + 5


def test_the_platform_is_asked_in_one_place(monkeypatch):
    assert platform.on_cpu()
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert not platform.on_cpu()
    with jax.default_device(jax.devices("cpu")[0]):
        assert platform.on_cpu()


@pytest.mark.parametrize("call", [conv, conv_transpose, depthwise_conv])
def test_elsewhere_it_is_xlas_own(call, monkeypatch):
    x, kernel = drawn((1, 4, 2)), drawn((2, 2, 2), 1)
    here = call(x, kernel)
    monkeypatch.setattr("pellucid.kernels.conv.on_cpu", lambda: False)
    assert "conv_general_dilated" in str(jax.make_jaxpr(call)(x, kernel))
    np.testing.assert_allclose(call(x, kernel), here, rtol=1e-5, atol=1e-6)
