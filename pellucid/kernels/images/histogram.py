"""Histograms of images and the tables of new values that follow from them.

Each image and each channel has a histogram of its own. Counting is a scatter: one addition per
pixel, where comparing with every value would be 256.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

LEVELS = 256


def stretch(images: jax.Array) -> jax.Array:
    """Each channel's values, spread linearly over 0 to 255; a channel of one value stays."""
    low = jnp.min(images, axis=(1, 2), keepdims=True)  # (batch, 1, 1, channels)
    high = jnp.max(images, axis=(1, 2), keepdims=True)
    flat = high == low
    scale = 255 / jnp.where(flat, 1, high - low)
    return jnp.where(flat, images, jnp.clip(images * scale - low * scale, 0, 255))


def counts(levels: jax.Array, size: int) -> jax.Array:
    """(rows, pixels) whole numbers from 0 to size - 1 -> (rows, size), how often each occurs."""
    rows, pixels = levels.shape
    row = jnp.broadcast_to(jnp.arange(rows)[:, None], (rows, pixels))
    empty = jnp.zeros((rows, size), jnp.int32)
    return empty.at[row, levels].add(1, mode="promise_in_bounds")


def _by_channel(images: jax.Array) -> jax.Array:
    """(batch, height, width, channels) -> (batch * channels, height * width)."""
    batch, height, width, channels = images.shape
    return jnp.moveaxis(images, 3, 1).reshape(batch * channels, height * width)


@functools.partial(jax.jit, static_argnames=("bins",))
def equalize(images: jax.Array, bins: int = LEVELS) -> jax.Array:
    """Values from 0 to 255 such that each channel's are spread evenly.

    Args:
        images: ``(batch, height, width, channels)`` floats.
        bins: of the histogram.
    """
    batch, height, width, channels = images.shape
    values = _by_channel(images).astype(jnp.float32)  # (rows, pixels)
    # A little more, so that rounding never puts a whole number into the bin below its own.
    levels = jnp.clip((values * (bins - 1) / 255 + 1e-4).astype(jnp.int32), 0, bins - 1)
    histogram = counts(levels, bins)
    total = jnp.cumsum(histogram, axis=1)  # (rows, bins)
    lowest = jnp.min(jnp.where(total > 0, total, height * width), axis=1, keepdims=True)
    rest = total[:, -1:] - lowest
    table = jnp.round((total - lowest).astype(jnp.float32) * 255 / jnp.where(rest == 0, 1, rest))
    found = jnp.take_along_axis(jnp.clip(table, 0, 255), levels, axis=1)
    # A channel of one level has nothing to spread.
    found = jnp.where(rest == 0, values, found)
    found = jnp.moveaxis(found.reshape(batch, channels, height, width), 1, 3)
    return found.astype(images.dtype)


@functools.partial(jax.jit, static_argnames=("clip_limit", "tiles"))
def clahe(images: jax.Array, clip_limit: float, tiles: tuple[int, int]) -> jax.Array:
    """Equalised tile by tile, with a limit to how steep a tile's table gets.

    Args:
        images: ``(batch, height, width, channels)`` floats from 0 to 255.
        clip_limit: how often a value may occur, in units of an even spread; 0: no limit.
        tiles: down and across.

    A pixel's value is mixed from the tables of the four tiles around it.

    Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.
    """
    _, height, width, _ = images.shape
    high, wide = -(-height // tiles[0]), -(-width // tiles[1])  # of a tile
    border = ((0, 0), (0, high * tiles[0] - height), (0, wide * tiles[1] - width), (0, 0))
    padded = jnp.pad(images.astype(jnp.float32), border, mode="symmetric")
    levels = jnp.clip(padded.astype(jnp.int32), 0, LEVELS - 1)
    tables = _tile_tables(levels, clip_limit, tiles)
    values = _mixed_lookup(levels, tables, (high, wide))
    return values[:, :height, :width]


def _tile_tables(levels: jax.Array, clip_limit: float, tiles: tuple[int, int]) -> jax.Array:
    """(batch, tiles down, tiles across, channels, 256): the new value of each level."""
    batch, height, width, channels = levels.shape
    down, across = tiles
    size = (height // down) * (width // across)
    split = levels.reshape(batch, down, height // down, across, width // across, channels)
    flat = split.transpose(0, 1, 3, 5, 2, 4).reshape(-1, size)  # a row per tile and channel
    histogram = counts(flat, LEVELS).astype(jnp.float32)
    if clip_limit > 0:
        kept = jnp.minimum(histogram, clip_limit * size / LEVELS)
        histogram = kept + jnp.sum(histogram - kept, axis=1, keepdims=True) / LEVELS
    total = jnp.cumsum(histogram, axis=1)
    rest = size - total[:, :1]
    tables = (total - total[:, :1]) * 255 / jnp.where(rest == 0, 1, rest)
    return jnp.clip(tables, 0, 255).reshape(batch, down, across, channels, LEVELS)


def _mixed_lookup(levels: jax.Array, tables: jax.Array, tile: tuple[int, int]) -> jax.Array:
    """Each level in the tables of the four tiles around its pixel, weighed by nearness."""
    batch, height, width, channels = levels.shape
    _, down, across, _, _ = tables.shape
    top, bottom, low = _neighbours(height, tile[0], down)
    left, right, far = _neighbours(width, tile[1], across)
    low, far = low[:, None, None], far[None, :, None]
    first = jnp.arange(batch)[:, None, None, None]
    last = jnp.arange(channels)

    def look_up(row: Any, column: Any) -> jax.Array:
        return tables[first, row[:, None, None], column[None, :, None], last, levels]

    upper = look_up(top, left) * (1 - far) + look_up(top, right) * far
    lower = look_up(bottom, left) * (1 - far) + look_up(bottom, right) * far
    return upper * (1 - low) + lower * low


def _neighbours(length: int, tile: int, number: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Of each pixel along an axis: the tile before, the tile after, how near to the second."""
    place = (jnp.arange(length, dtype=jnp.float32) - tile / 2) / tile
    before = jnp.floor(place)
    index = before.astype(jnp.int32)
    ends = (jnp.clip(index, 0, number - 1), jnp.clip(index + 1, 0, number - 1))
    return *ends, place - before
