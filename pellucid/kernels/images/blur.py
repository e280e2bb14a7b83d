"""Smoothing: a few shifted copies for small kernels, one product for large ones."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp


def gaussian_weights(size: int, sigma: jax.Array) -> jax.Array:
    """(..., ) standard deviations -> (..., size) weights that sum to 1."""
    distance = jnp.arange(size, dtype=jnp.float32) - (size - 1) / 2
    weights = jnp.exp(-0.5 * (distance / sigma[..., None]) ** 2)
    return weights / jnp.sum(weights, axis=-1, keepdims=True)


def gaussian_blur(images: jax.Array, sizes: Any, sigma: jax.Array) -> jax.Array:
    """Blur along the width, then the height; black beyond the border.

    Args:
        images: ``(batch, height, width, channels)``.
        sizes: of the kernel along the width and the height, odd.
        sigma: ``(batch, 2)`` or ``(1, 2)``, the same two ways.
    """
    for way, axis in ((0, 2), (1, 1)):
        weights = gaussian_weights(sizes[way], sigma[:, way])  # (batch, size)
        images = _weighed(images, weights.astype(images.dtype), axis)
    return images


def _weighed(images: jax.Array, weights: jax.Array, axis: int) -> jax.Array:
    """The sum of shifted copies along an axis, each with its weight per image."""
    size, length = weights.shape[1], images.shape[axis]
    border = [(0, 0)] * images.ndim
    border[axis] = (size // 2, size // 2)
    wide = jnp.pad(images, border)
    pieces = (jax.lax.slice_in_dim(wide, i, i + length, axis=axis) for i in range(size))
    parts = [piece * weights[:, i].reshape(-1, 1, 1, 1) for i, piece in enumerate(pieces)]
    return sum(parts[1:], parts[0])


def smooth(images: jax.Array) -> jax.Array:
    """The mean of the 3 x 3 pixels around each, the one in the middle counted five times."""
    ones = jnp.ones((1, 3), images.dtype)
    around = _weighed(_weighed(images, ones, 1), ones, 2)
    return (around + 4 * images) / 13


def gaussian_matrix(length: int, largest: int, sigma: jax.Array) -> jax.Array:
    """(length, length): the product with it is a Gaussian blur along an axis of that length.

    Args:
        length: of the axis.
        largest: the kernel is never wider than this.
        sigma: one number; its kernel has the odd size at or above 6 sigma.
    """
    reach = (6 * sigma).astype(jnp.int32) // 2
    offset = jnp.arange(-(largest // 2), largest // 2 + 1)
    kernel = jnp.where(jnp.abs(offset) <= reach, jnp.exp(-0.5 * (offset / sigma) ** 2), 0)
    rows = jnp.arange(length)
    distance = rows[:, None] - rows[None, :]
    weights = jnp.exp(-0.5 * (distance / sigma) ** 2) / jnp.sum(kernel)
    return jnp.where(jnp.abs(distance) <= reach, weights, 0)
