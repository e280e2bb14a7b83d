"""Convolution for the CPU as shifted inputs times numbers, added; no products of matrices.

For what a product would be too narrow for: a kernel of its own for every channel (depthwise), and
the first convolution of a network, which sees one or three channels.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from .apart import apart
from .conv_geometry import Geometry, positions
from .conv_products import met, pad, placed
from .dense import column_sums

FEW_TERMS = 32
"""So many products to a sum, of kernel positions and input channels, are faster than windows."""


def suits_output(kernel_shape: Sequence[int], groups: int) -> bool:
    """Whether `convolve_few` is faster here than products; a single position is a product."""
    return groups == 1 and max(kernel_shape[:-2]) > 1 and prod(kernel_shape[:-1]) <= FEW_TERMS


def convolve_few(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The convolution of few channels by few positions, all channels in one group.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, inputs, filters)
        geometry: how it moves.

    Returns:
        (batch, *output sizes, filters)
    """
    # Apart: the gradient of an activation behind it would add everything up again.
    return apart(functools.partial(_sums, geometry=geometry), kernel, x)


def _sums(kernel: jax.Array, x: jax.Array, geometry: Geometry) -> jax.Array:
    sizes = geometry.output_sizes(x.shape[1:-1], kernel.shape[:-2])
    wide = jnp.promote_types(x.dtype, jnp.float32)
    padded, y = pad(x, geometry.padding), jnp.zeros((), wide)
    for position in positions(kernel.shape[:-2]):
        seen = met(padded, 0, position, sizes, geometry)  # (batch, *output sizes, inputs)
        for channel in range(kernel.shape[-2]):
            weights = kernel[(*position, channel)].astype(wide)  # (filters,)
            y = y + seen[..., channel : channel + 1] * weights
    return y.astype(x.dtype)


def convolve_each(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The convolution of each channel.

    Args:
        x: (batch, *sizes, channels)
        kernel: (*kernel sizes, channels)
        geometry: how it moves.

    Returns:
        (batch, *output sizes, channels)
    """
    kernel_sizes = kernel.shape[:-1]
    sizes = geometry.output_sizes(x.shape[1:-1], kernel_sizes)
    wide = jnp.promote_types(x.dtype, jnp.float32)
    padded, y = pad(x, geometry.padding), jnp.zeros((), wide)
    for position in positions(kernel_sizes):
        y = y + met(padded, 0, position, sizes, geometry) * kernel[position].astype(wide)
    return y.astype(x.dtype)


def kernel_gradient_of_each(
    x: jax.Array, dy: jax.Array, kernel_shape: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve_each` for its kernel, at output gradient `dy`."""
    padded = pad(x, geometry.padding)
    sums = [
        column_sums(
            (met(padded, 0, position, dy.shape[1:-1], geometry) * dy).reshape(-1, dy.shape[-1])
        )
        for position in positions(kernel_shape[:-1])
    ]
    return jnp.stack(sums).astype(dy.dtype).reshape(*kernel_shape)


def input_gradient_of_each(
    dy: jax.Array, kernel: jax.Array, sizes: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve_each` for its input, of the given spatial sizes."""
    wide = jnp.promote_types(dy.dtype, jnp.float32)
    dx: Any = 0
    for position in positions(kernel.shape[:-1]):
        dx = dx + placed(dy * kernel[position].astype(wide), 0, position, sizes, geometry)
    return dx.astype(dy.dtype)
