"""Colours: ranges of values, grey, hue and saturation, contrast."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

GREY_WEIGHTS = (0.2989, 0.587, 0.114)
"""Share of red, green and blue in a grey value: ITU-R BT.601, as Keras rounds them."""


def rescale(images: jax.Array, source: Any, target: Any) -> jax.Array:
    """Values in the range `source` -> the same in `target`.

    >>> rescale(jnp.array([0.0, 0.5]), (0, 1), (-1, 1)).tolist()
    [-1.0, 0.0]
    """
    if tuple(source) == tuple(target):
        return images
    share = (images - source[0]) / (source[1] - source[0])
    return share * (target[1] - target[0]) + target[0]


def grey(images: jax.Array) -> jax.Array:
    """(..., 3) -> (..., 1), the brightness; one channel is grey already."""
    if images.shape[-1] == 1:
        return images
    red, green, blue = GREY_WEIGHTS
    return red * images[..., 0:1] + green * images[..., 1:2] + blue * images[..., 2:3]


def rgb_to_hsv(images: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(..., 3) from 0 to 1 -> hue, saturation and value, each (...) from 0 to 1.

    >>> [round(float(part), 3) for part in rgb_to_hsv(jnp.array([0.0, 0.5, 0.0]))]
    [0.333, 1.0, 0.5]
    """
    tiny = jnp.finfo(images.dtype).eps
    images = jnp.where(jnp.abs(images) < tiny, 0, images)
    red, green, blue = images[..., 0], images[..., 1], images[..., 2]
    value = jnp.max(images, axis=-1)
    spread = value - jnp.min(images, axis=-1)
    saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1), 0)
    sixth = 1 / (6 * jnp.where(spread > 0, spread, 1))
    hue = jnp.where(
        value == red,
        sixth * (green - blue),
        jnp.where(value == green, sixth * (blue - red) + 2 / 6, sixth * (red - green) + 4 / 6),
    )
    hue = jnp.where(spread > 0, hue, 0)
    return hue + (hue < 0).astype(hue.dtype), saturation, value


def hsv_to_rgb(hue: jax.Array, saturation: jax.Array, value: jax.Array) -> jax.Array:
    """Hue, saturation and value from 0 to 1 -> (..., 3)."""
    turn = jnp.mod(hue, 1) * 6
    strengths = [jnp.abs(turn - 3) - 1, 2 - jnp.abs(turn - 2), 2 - jnp.abs(turn - 4)]
    channels = [
        value * (1 - saturation + saturation * jnp.clip(strength, 0, 1)) for strength in strengths
    ]
    return jnp.stack(channels, axis=-1)


def contrast(images: jax.Array, factor: jax.Array) -> jax.Array:
    """Distances from each channel's mean, times `factor`."""
    mean = jnp.mean(images, axis=(1, 2), keepdims=True)  # (batch, 1, 1, channels)
    return (images - mean) * factor + mean


def blend(images: jax.Array, other: jax.Array, share: jax.Array) -> jax.Array:
    """`share` of the way from the images to others."""
    return images + share * (other - images)


def posterize(images: jax.Array, shift: jax.Array) -> jax.Array:
    """Values from 0 to 255 without their lowest `shift` bits."""
    step = jnp.exp2(shift.astype(jnp.float32))
    whole = jnp.floor(jnp.clip(images, 0, 255))
    return (jnp.floor(whole / step) * step).astype(images.dtype)


def solarize(images: jax.Array, addition: jax.Array, threshold: jax.Array) -> jax.Array:
    """Values from 0 to 255, plus something, inverted from a threshold on."""
    brighter = jnp.clip(images + addition, 0, 255)
    return jnp.where(brighter < threshold, brighter, 255 - brighter)
