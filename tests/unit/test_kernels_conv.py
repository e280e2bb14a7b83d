"""Convolution kernels: every form against the definition in float64, values and gradients."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers_conv import agree, by_definition, case_of, drawn, vjp_of
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.kernels import conv_native, conv_products, platform
from pellucid.kernels.conv import (
    conv,
    conv_cpu,
    conv_plain,
    conv_transpose,
    conv_transpose_cpu,
    conv_transpose_plain,
    depthwise_conv,
)
from pellucid.kernels.conv_geometry import Geometry, transposed, window
from pellucid.kernels.conv_products import FEW_CHANNELS


@pytest.fixture
def _not_native(monkeypatch):
    """The forms that XLA compiles, as on machines without the compiled library."""
    monkeypatch.setattr(conv_native, "available", lambda: False)


@st.composite
def convolutions(draw):
    rank = draw(st.integers(1, 3))
    each = st.tuples(*[st.integers(1, 3)] * rank)
    kernel, strides, dilation = draw(each), draw(each), draw(each)
    sizes = tuple(
        window(k, d) + draw(st.integers(0, 3)) for k, d in zip(kernel, dilation, strict=True)
    )
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    inputs = draw(st.sampled_from([1, 2, FEW_CHANNELS + 1]))
    filters = groups * draw(st.integers(1, 2))
    name = draw(st.sampled_from(["valid", "same", "causal"]))
    x_shape = (draw(st.integers(1, 3)), *sizes, groups * inputs)
    return case_of(x_shape, (*kernel, inputs, filters), strides, name, dilation, groups)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(convolutions(), st.sampled_from([0, 2**26]))
def test_products_are_the_convolution(case, budget):
    x, kernel, dy, geometry = case

    @jax.jit
    def run(x, kernel, dy):
        return (
            conv_products.convolve(x, kernel, geometry),
            conv_products.kernel_gradient(x, dy, kernel.shape, geometry),
            conv_products.input_gradient(dy, kernel, x.shape[1:-1], geometry),
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conv_products, "WINDOWS_BUDGET", budget)
        agree(run(x, kernel, dy), by_definition(x, kernel, dy, geometry))


# Shapes that XLA's own form is chosen for, and for how many of output and two gradients.
WHOLE = {
    "same": (3, (2, 5, 6, 9), (3, 3, 9, 6), 1, "same"),
    "valid": (3, (1, 18, 20, 9), (3, 3, 9, 6)),
    "valid, input by products": (2, (2, 5, 6, 9), (3, 3, 9, 6)),
    "more zeros than rows": (2, (1, 10, 4, 17), (3, 3, 17, 17), 1, ((2, 3), (0, 0))),
    "dilated": (3, (2, 7, 8, 9), (2, 3, 9, 6), 1, "same", (2, 3)),
    "cut off": (3, (2, 9, 9, 9), (3, 3, 9, 6), 1, ((2, -1), (-1, 2))),
    "sequence": (3, (3, 9, 10), (4, 10, 6), 1, "causal", 2),
    "strides, input by products": (2, (2, 9, 8, 9), (3, 3, 9, 6), 2, "same"),
    "strides and dilation": (2, (2, 12, 9, 9), (3, 2, 9, 5), (3, 2), "valid", (2, 1)),
    "few filters": (3, (2, 6, 5, 9), (3, 3, 9, 2), 1, "same"),
    "few inputs, output by products": (1, (2, 6, 5, 4), (3, 3, 4, 6), 1, "same"),
    "fewer inputs, output by sums": (1, (2, 6, 5, 3), (3, 3, 3, 6), 1, "same"),
    "one input, strides": (1, (2, 9, 8, 1), (5, 5, 1, 6), (2, 1), "same"),
    "one input, sequence": (1, (3, 9, 1), (4, 1, 6), 1, "causal", 2),
}


@pytest.mark.usefixtures("_not_native")
@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_form_is_the_convolution(name):
    count, *shapes = WHOLE[name]
    x, kernel, dy, geometry = case_of(*shapes)
    program = vjp_of(lambda x, kernel: conv_cpu(x, kernel, geometry))
    assert str(jax.make_jaxpr(program)(x, kernel, dy)).count("conv_general_dilated[") == count
    agree(program(x, kernel, dy), by_definition(x, kernel, dy, geometry))


OTHERS = {
    "by products": ((2, 5, 4, 3), (2, 2, 3, 2), 1, "same"),
    "groups": ((2, 6, 4), (3, 2, 6), 1, "same", 1, 2),
    "each channel": ((2, 6, 5, 3), (3, 2, 1, 6), (1, 2), "same", 1, 3),
    "volume": ((1, 4, 3, 5, 5), (2, 2, 2, 5, 6), 1, "same"),
}


@pytest.mark.usefixtures("_not_native")
@pytest.mark.parametrize("form", [conv_cpu, conv_plain])
@pytest.mark.parametrize("name", OTHERS)
def test_products_and_plain_form_are_the_convolution(name, form):
    x, kernel, dy, geometry = case_of(*OTHERS[name])
    got = vjp_of(lambda x, kernel: form(x, kernel, geometry))(x, kernel, dy)
    agree(got, by_definition(x, kernel, dy, geometry))


@pytest.mark.parametrize(("budget", "products"), [(0, 3), (2**26, 1)])
def test_large_windows_are_gathered_row_by_row(budget, products, monkeypatch):
    x, kernel, _, geometry = case_of((2, 6, 6, FEW_CHANNELS + 1), (3, 3, FEW_CHANNELS + 1, 2))
    monkeypatch.setattr(conv_products, "WINDOWS_BUDGET", budget)
    program = jax.make_jaxpr(lambda *a: conv_products.convolve(*a, geometry))(x, kernel)
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
    inputs = draw(st.sampled_from([1, FEW_CHANNELS + 1]))
    filters = draw(st.sampled_from([2, FEW_CHANNELS + 1]))
    x = drawn((2, *sizes, inputs), 1)
    return x, drawn((*kernel, filters, inputs), 2), outputs, Geometry(strides, pads, dilation)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(transposed_convolutions(), st.booleans())
def test_the_transposed_convolution_reverses_the_convolution(case, native):
    x, kernel, sizes, geometry = case
    if min(sizes) < 1:
        return
    assert geometry.output_sizes(sizes, kernel.shape[:-2]) == x.shape[1:-1]
    dy = drawn((x.shape[0], *sizes, kernel.shape[-2]), 3)
    dx, dkernel, y = by_definition(dy, kernel, x, geometry)
    with pytest.MonkeyPatch.context() as patch:
        if not native:
            patch.setattr(conv_native, "available", lambda: False)
        got = vjp_of(lambda x, k: conv_transpose_cpu(x, k, sizes, geometry))(x, kernel, dy)
    agree(got, (y, dkernel, dx))


def test_the_plain_transposed_convolution():
    x, kernel = drawn((2, 3, 4, 5)), drawn((3, 2, 6, 5), 1)
    sizes, pads = transposed("same", None, (3, 4), (3, 2), (2, 2), (1, 1))
    geometry = Geometry((2, 2), pads, (1, 1))
    *_, y = by_definition(np.zeros((2, *sizes, 6)), kernel, x, geometry)
    got = conv_transpose_plain(x, kernel, sizes, geometry)
    np.testing.assert_allclose(got, y, rtol=1e-5, atol=1e-5)


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
@pytest.mark.parametrize("filters", [2, 6], ids=["products", "whole"])
@pytest.mark.parametrize("native", [False, True])
def test_second_derivatives(filters, native, monkeypatch):
    """The gradient's gradient: penalties on gradients work."""
    if not native:
        monkeypatch.setattr(conv_native, "available", lambda: False)
    x, kernel, _, geometry = case_of((2, 5, 5, 5), (3, 3, 5, filters))

    @partial(jax.jit, static_argnums=0)
    def penalty(form, x, kernel):
        def slope(x, kernel):
            return jnp.sum(jax.grad(lambda x: jnp.sum(jnp.tanh(form(x, kernel, geometry))))(x) ** 2)

        return jax.grad(slope, (0, 1))(x, kernel)

    got, wanted = (penalty(form, x, kernel) for form in (conv_cpu, conv_plain))
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4 * float(jnp.abs(b).max()))


@pytest.mark.slow
@pytest.mark.parametrize("native", [False, True])
def test_gradients_of_several_kernels_at_once(native, monkeypatch):
    if not native:
        monkeypatch.setattr(conv_native, "available", lambda: False)
    x, kernel, dy, geometry = case_of((2, 6, 5), (3, 5, 6), 1, "same")
    kernels, dys = jnp.stack([kernel, 2 * kernel]), jnp.stack([dy, -dy])
    program = vjp_of(lambda x, kernel: conv_cpu(x, kernel, geometry))
    mapped = jax.vmap(program, (None, 0, 0))(x, kernels, dys)
    for number in range(2):
        expected = by_definition(x, kernels[number], dys[number], geometry)
        agree([part[number] for part in mapped], expected)


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
