"""Windows of images: where they lie, and cutting one from each image."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..resize import resize


def widest_window(height: int, width: int, target: tuple[int, int]) -> tuple[int, int, int, int]:
    """The largest window in the middle of an image that has the proportions of `target`.

    Returns:
        Top, left, height and width.

    >>> widest_window(10, 20, (4, 4))
    (0, 5, 10, 10)
    """
    high = max(min(height, int(float(width * target[0]) / target[1])), 1)
    wide = max(min(width, int(float(height * target[1]) / target[0])), 1)
    return int(float(height - high) / 2), int(float(width - wide) / 2), high, wide


def fit(images: jax.Array, size: tuple[int, int], interpolation: str = "bilinear") -> jax.Array:
    """The widest window of the images' middle, resized."""
    top, left, high, wide = widest_window(images.shape[1], images.shape[2], size)
    window = images[:, top : top + high, left : left + wide]
    return resize(window, size, interpolation)


def cut(images: jax.Array, top: Any, left: Any, size: tuple[int, int]) -> jax.Array:
    """A window from each image, with its own corner: `top` and `left` are (batch,) int32."""

    def one(image: jax.Array, row: jax.Array, column: jax.Array) -> jax.Array:
        return jax.lax.dynamic_slice(
            image, (row, column, jnp.zeros_like(row)), (*size, image.shape[-1])
        )

    return jax.vmap(one)(images, top, left)


def boxes_mask(
    left: jax.Array, right: jax.Array, top: jax.Array, bottom: jax.Array, height: int, width: int
) -> jax.Array:
    """(batch, height, width, 1) bool: the pixels inside one rectangle per image, (batch,) each."""
    x = jax.lax.broadcasted_iota(jnp.float32, (1, height, width, 1), 2)
    y = jax.lax.broadcasted_iota(jnp.float32, (1, height, width, 1), 1)
    left, right, top, bottom = (v.reshape(-1, 1, 1, 1) for v in (left, right, top, bottom))
    return (x >= left) & (x < right) & (y >= top) & (y < bottom)
