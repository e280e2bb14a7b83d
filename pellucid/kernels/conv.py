"""Convolution and its relatives over 1, 2 or 3 spatial axes, channels last.

The plain forms are XLA's own convolution: what is computed, and what runs on graphics cards. On
the CPU there are four others, with gradients written by hand: one in C++, where that was compiled
(`conv_native`); XLA's own called in the one way in which it is fast there (`conv_whole`, which says
when), products of matrices (`conv_products`), and sums for few channels or a kernel to each
(`conv_sums`). `python -m benchmarks.forms` compares them with the plain form and automatic
gradients.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from . import conv_native, conv_products, conv_sums, conv_whole
from .conv_geometry import Geometry, paddings, per_axis, transposed
from .platform import on_cpu

Sizes = tuple[int, ...]


def conv_plain(x: Any, kernel: Any, geometry: Geometry) -> jax.Array:
    """What `conv` computes, by XLA's own convolution.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, inputs / groups, filters)
        geometry: how it moves.

    Returns:
        (batch, *output sizes, filters)
    """
    axes = tuple(range(1, x.ndim - 1))
    channels_last = (0, x.ndim - 1, *axes)
    taps = (x.ndim - 1, x.ndim - 2, *range(x.ndim - 2))
    return lax.conv_general_dilated(
        x,
        kernel,
        geometry.strides,
        geometry.padding,
        rhs_dilation=geometry.dilation,
        feature_group_count=geometry.groups,
        dimension_numbers=lax.ConvDimensionNumbers(channels_last, taps, channels_last),
    )


def conv_transpose_plain(x: Any, kernel: Any, sizes: Sizes, geometry: Geometry) -> jax.Array:
    """What `conv_transpose` computes: the gradient of the convolution that it reverses.

    Args:
        x: (batch, *input sizes, inputs)
        kernel: (*kernel sizes, filters, inputs)
        sizes: of the output.
        geometry: of the convolution that takes the output's sizes to the input's.

    Returns:
        (batch, *sizes, filters)
    """
    shape = jax.ShapeDtypeStruct((x.shape[0], *sizes, kernel.shape[-2]), x.dtype)
    (y,) = jax.linear_transpose(lambda out: conv_plain(out, kernel, geometry), shape)(x)
    return y


# The CPU's forms. Each is compiled as one program where it is called outside any other. Which one a
# convolution and its two gradients take is decided here, each for itself.


def _convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    size = len(x) * prod(geometry.output_sizes(x.shape[1:-1], kernel.shape[:-2]))
    if conv_native.suits(kernel.shape, geometry, x.dtype, size):
        return conv_native.convolve(x, kernel, geometry)
    if conv_sums.suits_output(kernel.shape, geometry.groups):
        return conv_sums.convolve_few(x, kernel, geometry)
    whole = conv_whole.suits_output(x.shape, kernel.shape, geometry, x.dtype)
    return (conv_whole if whole else conv_products).convolve(x, kernel, geometry)


def _kernel_gradient(x: jax.Array, dy: jax.Array, shape: Sizes, geometry: Geometry) -> jax.Array:
    if conv_native.suits_kernel(shape, geometry, x.dtype, dy.size):
        return conv_native.kernel_gradient(x, dy, shape, geometry)
    whole = conv_whole.suits_kernel(x.shape, shape, geometry, x.dtype)
    return (conv_whole if whole else conv_products).kernel_gradient(x, dy, shape, geometry)


def _input_gradient(
    dy: jax.Array, kernel: jax.Array, sizes: Sizes, geometry: Geometry
) -> jax.Array:
    if conv_native.suits_input(kernel.shape, geometry, dy.dtype, dy.size * prod(sizes)):
        return conv_native.input_gradient(dy, kernel, sizes, geometry)
    whole = conv_whole.suits_input(dy.shape, kernel.shape, sizes, geometry, dy.dtype)
    return (conv_whole if whole else conv_products).input_gradient(dy, kernel, sizes, geometry)


# Each is linear in both arrays, so that the gradients of each are the two others.


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _conv(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    return _convolve(x, kernel, geometry)


def _conv_forward(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> Any:
    return _conv(x, kernel, geometry), (x, kernel)


def _conv_backward(geometry: Geometry, saved: Any, dy: jax.Array) -> Any:
    x, kernel = saved
    dx = _transpose(dy, kernel, x.shape[1:-1], geometry)
    return dx, _correlate(x, dy, kernel.shape, geometry)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _transpose(x: jax.Array, kernel: jax.Array, sizes: Sizes, geometry: Geometry) -> jax.Array:
    return _input_gradient(x, kernel, sizes, geometry)


def _transpose_forward(x: jax.Array, kernel: jax.Array, sizes: Sizes, geometry: Geometry) -> Any:
    return _transpose(x, kernel, sizes, geometry), (x, kernel)


def _transpose_backward(sizes: Sizes, geometry: Geometry, saved: Any, dy: jax.Array) -> Any:
    x, kernel = saved
    return _conv(dy, kernel, geometry), _correlate(dy, x, kernel.shape, geometry)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _correlate(x: jax.Array, dy: jax.Array, shape: Sizes, geometry: Geometry) -> jax.Array:
    return _kernel_gradient(x, dy, shape, geometry)


def _correlate_forward(x: jax.Array, dy: jax.Array, shape: Sizes, geometry: Geometry) -> Any:
    return _correlate(x, dy, shape, geometry), (x, dy)


def _correlate_backward(shape: Sizes, geometry: Geometry, saved: Any, dk: jax.Array) -> Any:
    x, dy = saved
    return _transpose(dy, dk, x.shape[1:-1], geometry), _conv(x, dk, geometry)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _each(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    return conv_sums.convolve_each(x, kernel, geometry)


def _each_forward(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> Any:
    return _each(x, kernel, geometry), (x, kernel)


def _each_backward(geometry: Geometry, saved: Any, dy: jax.Array) -> Any:
    x, kernel = saved
    dx = conv_sums.input_gradient_of_each(dy, kernel, x.shape[1:-1], geometry)
    return dx, conv_sums.kernel_gradient_of_each(x, dy, kernel.shape, geometry)


_conv.defvjp(_conv_forward, _conv_backward)
_transpose.defvjp(_transpose_forward, _transpose_backward)
_correlate.defvjp(_correlate_forward, _correlate_backward)
_each.defvjp(_each_forward, _each_backward)


def conv_cpu(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """`conv_plain` in the CPU's forms; by sums where every channel has kernels of its own."""
    return _conv_program(x, kernel, geometry, conv_native.available())


def conv_transpose_cpu(
    x: jax.Array, kernel: jax.Array, sizes: Sizes, geometry: Geometry
) -> jax.Array:
    """`conv_transpose_plain` in the CPU's forms."""
    return _transpose_program(x, kernel, sizes, geometry, conv_native.available())


# `native` is not read, but what was traced with it counts for nothing without.


@partial(jax.jit, static_argnums=(2, 3), inline=True)
def _conv_program(x: jax.Array, kernel: jax.Array, geometry: Geometry, native: bool) -> jax.Array:
    if geometry.groups == 1 or kernel.shape[-2] > 1:
        return _conv(x, kernel, geometry)
    *kernel_sizes, _, filters = kernel.shape
    repeats = filters // geometry.groups
    if repeats > 1:
        x = jnp.repeat(x, repeats, axis=-1)  # (batch, *sizes, filters)
    return _each(x, kernel.reshape(*kernel_sizes, filters), geometry)


@partial(jax.jit, static_argnums=(2, 3, 4), inline=True)
def _transpose_program(
    x: jax.Array, kernel: jax.Array, sizes: Sizes, geometry: Geometry, native: bool
) -> jax.Array:
    return _transpose(x, kernel, sizes, geometry)


# What the layers call.


def conv(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: Any = "valid",
    dilation_rate: Any = 1,
    groups: int = 1,
) -> jax.Array:
    """The convolution of a batch with a kernel.

    Args:
        x: (batch, *sizes, inputs), of 1 to 3 spatial axes.
        kernel: (*kernel sizes, inputs / groups, filters)
        strides: steps between outputs; one number, or one for each axis.
        padding: ``"valid"``, ``"same"``, ``"causal"``, or (before, after) for each axis.
        dilation_rate: steps between kernel positions.
        groups: parts that the channels fall into, each seen by its own part of the filters.

    Returns:
        (batch, *output sizes, filters)

    >>> conv(jnp.arange(4.0).reshape(1, 4, 1), jnp.ones((2, 1, 1))).ravel().tolist()
    [1.0, 3.0, 5.0]
    """
    x, kernel = _same_format(x, kernel)
    rank = x.ndim - 2
    strides, dilation = per_axis(strides, rank), per_axis(dilation_rate, rank)
    pads = paddings(padding, x.shape[1:-1], kernel.shape[:-2], strides, dilation)
    geometry = Geometry(strides, pads, dilation, groups)
    return (conv_cpu if on_cpu() else conv_plain)(x, kernel, geometry)


def depthwise_conv(
    x: Any, kernel: Any, strides: Any = 1, padding: Any = "valid", dilation_rate: Any = 1
) -> jax.Array:
    """The convolution of every channel with kernels of its own.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, inputs, multiplier)
        strides, padding, dilation_rate: as of `conv`.

    Returns:
        (batch, *output sizes, inputs * multiplier), the outputs of a channel side by side.

    >>> depthwise_conv(jnp.ones((1, 2, 2)), jnp.array([[[1.0], [3.0]]] * 2)).tolist()
    [[[2.0, 6.0]]]
    """
    *kernel_sizes, inputs, multiplier = kernel.shape
    kernel = jnp.reshape(kernel, (*kernel_sizes, 1, inputs * multiplier))
    return conv(x, kernel, strides, padding, dilation_rate, inputs)


def conv_transpose(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    dilation_rate: Any = 1,
) -> jax.Array:
    """The transposed convolution: from the sizes that a convolution gives to those it takes.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, filters, inputs)
        strides: by how much the output is larger.
        padding: ``"valid"`` or ``"same"``.
        output_padding: outputs added behind each axis; None for `size * stride` of them or more.
        dilation_rate: steps between kernel positions.

    Returns:
        (batch, *output sizes, filters)

    >>> conv_transpose(jnp.ones((1, 2, 1)), jnp.array([[[1.0]], [[3.0]]]), 2).ravel().tolist()
    [1.0, 3.0, 1.0, 3.0]
    """
    x, kernel = _same_format(x, kernel)
    rank = x.ndim - 2
    strides, dilation = per_axis(strides, rank), per_axis(dilation_rate, rank)
    sizes, pads = transposed(
        padding, output_padding, x.shape[1:-1], kernel.shape[:-2], strides, dilation
    )
    geometry = Geometry(strides, pads, dilation)
    return (conv_transpose_cpu if on_cpu() else conv_transpose_plain)(x, kernel, sizes, geometry)


def add_bias(y: Any, bias: Any) -> jax.Array:
    """A number added to every channel.

    Not with the gradient of `dense`: XLA sums in the pass that undoes activation and pool, and the
    three together took half as long as with a product with ones.

    Args:
        y: (batch, *sizes, channels)
        bias: (channels,)

    >>> add_bias(jnp.zeros((1, 2, 2)), jnp.array([1.0, 2.0])).tolist()
    [[[1.0, 2.0], [1.0, 2.0]]]
    """
    return jnp.asarray(y) + jnp.asarray(bias, y.dtype)


def _same_format(x: Any, kernel: Any) -> tuple[jax.Array, jax.Array]:
    x, kernel = jnp.asarray(x), jnp.asarray(kernel)
    dtype = jnp.promote_types(x.dtype, kernel.dtype)
    return x.astype(dtype), kernel.astype(dtype)
