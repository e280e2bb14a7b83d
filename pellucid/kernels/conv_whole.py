"""Convolution over 1 or 2 axes by XLA's own, in the one form that its CPU library takes.

XLA hands a convolution to a library that makes no windows in memory only where it looks like the
forward pass of a layer: channels last, strides and dilation on the kernel's side alone. Automatic
differentiation leaves that form, and what falls out of it runs 25 times as long. `compiling` says
which library, and in which programs. So each gradient is written here as another forward
convolution:

* the input's, where strides are 1: the output gradient with the mirrored kernel;
* the kernel's: the input with channels as its batch, the output gradient as the kernel, and the
  batch as the channels that are summed.

`python -m benchmarks.forms resnet20 unet cnn --forms no_cpp products` measures what that gives
against `conv_products` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .apart import apart
from .compiling import MEASURED
from .conv_geometry import Geometry, Pairs, window

PICTURES = ("NHWC", "HWIO", "NHWC")
FEW = 8
"""So few input channels fill the library's vectors badly, and make small windows for products."""
ZEROS = 1.3
"""How many times the places of the output gradient its input's may have: zeros count as work."""
KNOWN = jax.__version_info__[:2] >= MEASURED
"""Whether this is a jax that these forms were measured with; older ones have other libraries."""


def suits_output(
    shape: Sequence[int], kernel_shape: Sequence[int], geometry: Geometry, dtype: Any
) -> bool:
    """Whether `convolve` is faster here than products, for an input of the given shape."""
    return kernel_shape[-2] > FEW and _taken(shape[1:-1], kernel_shape, geometry, dtype)


def suits_kernel(
    shape: Sequence[int], kernel_shape: Sequence[int], geometry: Geometry, dtype: Any
) -> bool:
    """Whether `kernel_gradient` is, for an input of the given shape."""
    return _taken(shape[1:-1], kernel_shape, geometry, dtype)


def suits_input(
    shape: Sequence[int],
    kernel_shape: Sequence[int],
    sizes: Sequence[int],
    geometry: Geometry,
    dtype: Any,
) -> bool:
    """Whether `input_gradient` is, for an output gradient of the given shape."""
    return (
        kernel_shape[-2] > FEW
        and max(geometry.strides) == 1
        and prod(sizes) < ZEROS * prod(shape[1:-1])
        and _taken(shape[1:-1], kernel_shape, geometry, dtype)
    )


def _taken(
    sizes: Sequence[int], kernel_shape: Sequence[int], geometry: Geometry, dtype: Any
) -> bool:
    """Not kernels of one position, which are plain products; nor kernels larger than what they
    move over, and single outputs' groups, which the library does not take."""
    *kernel, _, _ = kernel_shape
    spans = [window(k, d) for k, d in zip(kernel, geometry.dilation, strict=True)]
    return (
        KNOWN
        and len(kernel) <= 2
        and geometry.groups == 1
        and max(kernel) > 1
        and all(span <= size for span, size in zip(spans, sizes, strict=True))
        and dtype == jnp.float32
    )


def convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The convolution.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, inputs, filters)
        geometry: how it moves.

    Returns:
        (batch, *output sizes, filters)
    """
    return _convolved(x, kernel, geometry.strides, geometry.padding, geometry.dilation)


def kernel_gradient(
    x: jax.Array, dy: jax.Array, kernel_shape: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its kernel, at output gradient `dy`."""
    *kernel, _, _ = kernel_shape
    # What the last output of the last kernel position sees is the last that counts.
    padding = [
        (low, (k - 1) * d + (output - 1) * stride + 1 - size - low)
        for (low, _), k, d, output, stride, size in zip(
            geometry.padding,
            kernel,
            geometry.dilation,
            dy.shape[1:-1],
            geometry.strides,
            x.shape[1:-1],
            strict=True,
        )
    ]
    by_channel, weights = _turned(x, dy)
    dkernel = _convolved(by_channel, weights, geometry.dilation, tuple(padding), geometry.strides)
    return jnp.moveaxis(dkernel, 0, -2)  # (*kernel sizes, inputs, filters)


def _turned(x: jax.Array, dy: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(inputs, *sizes, batch) and (*output sizes, batch, filters).

    Apart: else the compiler computes `x` again while it turns it, from all the sums and activations
    since the last convolution (in a residual network from all before).
    """
    return apart(lambda x, dy: (jnp.swapaxes(x, 0, -1), jnp.moveaxis(dy, 0, -2)), x, dy)


def input_gradient(
    dy: jax.Array, kernel: jax.Array, sizes: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its input of the given spatial sizes, where strides are 1."""
    space = tuple(range(kernel.ndim - 2))
    mirrored = jnp.swapaxes(jnp.flip(kernel, space), -1, -2)  # (*kernel sizes, filters, inputs)
    padding = []
    for axis, size in enumerate(sizes):
        reach = window(kernel.shape[axis], geometry.dilation[axis]) - 1
        low = reach - geometry.padding[axis][0]
        padding.append((low, size + reach - low - dy.shape[axis + 1]))
    ones = (1,) * len(space)
    return _convolved(dy, mirrored, ones, tuple(padding), geometry.dilation)


def _convolved(
    x: jax.Array,
    kernel: jax.Array,
    strides: tuple[int, ...],
    padding: Pairs,
    dilation: tuple[int, ...],
) -> jax.Array:
    """XLA's convolution of pictures; a sequence is one of a single row."""
    flat = x.ndim == 3
    if flat:
        x, kernel = x[:, None], kernel[None]
        strides, padding, dilation = (1, *strides), ((0, 0), *padding), (1, *dilation)
    y = lax.conv_general_dilated(
        x, kernel, strides, padding, rhs_dilation=dilation, dimension_numbers=PICTURES
    )
    return y[:, 0] if flat else y
