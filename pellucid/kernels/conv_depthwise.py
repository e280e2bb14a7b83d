"""Depthwise convolution for the CPU: shifted inputs times numbers, added; no products of matrices.

Every channel has a kernel of its own, so that a product would be as narrow as one column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .conv_geometry import Geometry, positions
from .conv_products import met, pad, placed
from .dense import column_sums


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
