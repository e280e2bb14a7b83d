"""Colours, blurs, edges, and how alike two pictures are."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.settings import standardize_data_format
from pellucid.kernels.images import blur, color

from ..op import Tensor, floating, op
from ._common import as_batch

__all__ = [
    "gaussian_blur",
    "hsv_to_rgb",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "sobel_edges",
    "ssim",
]


@op
def rgb_to_grayscale(images: Tensor, data_format=None):
    """The brightness of every pixel, as one channel.

    Args:
        images: ``(height, width, 3)`` or with a batch before; one channel is grey already.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """

    def function(x: Any) -> jax.Array:
        _check_channels("rgb_to_grayscale", x, (1, 3))
        return color.grey(floating(x)).astype(x.dtype)

    return as_batch("rgb_to_grayscale", images, data_format, function)


@op
def rgb_to_hsv(images: Tensor, data_format=None):
    """Red, green and blue as hue, saturation and value, all from 0 to 1.

    Args:
        images: ``(height, width, 3)`` or with a batch before, floating point.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """

    def function(x: Any) -> jax.Array:
        _check_floats("rgb_to_hsv", x)
        return jnp.stack(color.rgb_to_hsv(x), axis=-1)

    return as_batch("rgb_to_hsv", images, data_format, function)


@op
def hsv_to_rgb(images: Tensor, data_format=None):
    """The inverse of `rgb_to_hsv`."""

    def function(x: Any) -> jax.Array:
        _check_floats("hsv_to_rgb", x)
        return color.hsv_to_rgb(x[..., 0], x[..., 1], x[..., 2])

    return as_batch("hsv_to_rgb", images, data_format, function)


def _check_channels(name: str, x: Any, allowed: tuple[int, ...]) -> None:
    if x.shape[-1] not in allowed:
        raise ShapeError(
            f"ops.image.{name} takes pictures of {' or '.join(map(str, allowed))} channels.",
            got=f"{x.shape[-1]} channels",
            fix='for channels before height and width give data_format="channels_first".',
        )


def _check_floats(name: str, x: Any) -> None:
    _check_channels(name, x, (3,))
    if not jnp.issubdtype(x.dtype, jnp.floating):
        raise ConfigError(
            f"ops.image.{name} takes floating point numbers from 0 to 1.",
            got=str(x.dtype),
            fix='ops.cast(x, "float32") / 255.',
        )


@op
def gaussian_blur(images: Tensor, kernel_size=(3, 3), sigma=(1.0, 1.0), data_format=None):
    """Every pixel as the mean of those around it, near ones counting more.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        kernel_size: how many pixels count along the width and the height, odd numbers.
        sigma: the standard deviation of the weights along both.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    spread = jnp.asarray(sigma, jnp.float32).reshape(1, 2)

    def function(x: Any) -> jax.Array:
        return blur.gaussian_blur(x, tuple(kernel_size), spread)

    return as_batch("gaussian_blur", images, data_format, function)


@op
def sobel_edges(images: Tensor, data_format=None):
    """How brightness changes downwards and to the right, as a new last axis.

    Args:
        images: ``(batch, height, width, channels)``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    change, middle = jnp.array([[-1, 0, 1]], images.dtype), jnp.array([[1, 2, 1]], images.dtype)

    def function(x: Any) -> jax.Array:
        return jnp.concatenate(
            [
                blur._weighed(blur._weighed(x, change, axis), middle, 3 - axis)
                for axis in (1, 2)  # downwards, to the right
            ],
            axis=-1,
        )

    both = as_batch("sobel_edges", images, data_format, function)
    parts = jnp.split(
        both, 2, axis=1 if standardize_data_format(data_format) == "channels_first" else -1
    )
    return jnp.stack(parts, axis=-1)


@op
def ssim(
    image1: Tensor,
    image2: Tensor,
    max_val=1.0,
    filter_size=11,
    filter_sigma=1.5,
    k1=0.01,
    k2=0.03,
    data_format=None,
):
    """The structural similarity of pictures: 1 for equal ones.

    Args:
        image1: ``(height, width, channels)`` or with a batch before.
        image2: the same.
        max_val: the largest value that there can be: 1.0 or 255.
        filter_size: pixels along each side of the windows that are compared.
        filter_sigma: the standard deviation of the weights in them.
        k1: keeps the comparison of brightness stable.
        k2: keeps the comparison of contrast stable.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Returns:
        One number per picture.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment", 2004.
    """
    x, y = floating(image1), floating(image2)
    if x.shape != y.shape:
        raise ValueError(f"the shapes {x.shape} and {y.shape} differ.")
    start, spread = filter_size // 2, jnp.full((1, 2), filter_sigma)
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2

    def local(values: Any) -> jax.Array:
        """The weighed mean of every window that lies within the picture."""
        mean = blur.gaussian_blur(values, (filter_size, filter_size), spread)
        high, wide = (size - filter_size + 1 for size in values.shape[1:3])
        return mean[:, start : start + high, start : start + wide]

    def function(both: Any) -> jax.Array:
        x, y = jnp.split(both, 2, axis=-1)
        if min(x.shape[1:3]) < filter_size:
            raise ShapeError(
                "The windows of ops.image.ssim are larger than the pictures.",
                got=f"filter_size={filter_size}, pictures {image1.shape}",
            )
        mean_x, mean_y = local(x), local(y)
        var_x, var_y = local(x * x) - mean_x**2, local(y * y) - mean_y**2
        shared = local(x * y) - mean_x * mean_y
        alike = (2 * mean_x * mean_y + c1) * (2 * shared + c2)
        most = (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
        return jnp.mean(alike / most, axis=(1, 2, 3)).reshape(-1, 1, 1, 1)

    axis = -3 if standardize_data_format(data_format) == "channels_first" else -1
    result = as_batch("ssim", jnp.concatenate([x, y], axis), data_format, function)
    return result.reshape(result.shape[:-3]).astype(image1.dtype)
