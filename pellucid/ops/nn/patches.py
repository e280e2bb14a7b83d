"""Blocks of an image into channels, and channels into blocks.

>>> from pellucid import ops
>>> ops.space_to_depth(ops.reshape(ops.arange(4), (1, 2, 2, 1)), 2).tolist()
[[[[0, 1, 2, 3]]]]
"""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid.kernels.conv_geometry import per_axis, positions

from ..op import Tensor, op
from .windows import _first

__all__ = [
    "depth_to_space",
    "fold",
    "space_to_depth",
    "unfold",
]


def _block(name, x, block_size, divided):
    if block_size < 2:
        raise ConfigError(
            f"ops.{name} takes blocks of 2 or more.", got=f"block_size={block_size!r}"
        )
    if x.ndim != 4 or any(size % block for size, block in divided):
        raise ShapeError(
            f"ops.{name} cannot divide this array into blocks of {block_size}.",
            got=f"shape {x.shape}",
            expected="(batch, height, width, channels), of sizes that can be divided",
        )


@op
def space_to_depth(x: Tensor, block_size, data_format="channels_last"):
    """Blocks of pixels side by side along the channels: fewer, deeper pixels.

    Args:
        x: ``(batch, height, width, channels)``.
        block_size: height and width of the blocks.
        data_format: ``"channels_last"`` or ``"channels_first"``.
    """
    first = _first("space_to_depth", data_format)
    image = jnp.moveaxis(x, 1, -1) if first else x
    b = block_size
    _block("space_to_depth", image, b, [(image.shape[1], b), (image.shape[2], b)])
    n, height, width, channels = image.shape
    y = image.reshape(n, height // b, b, width // b, b, channels)
    # The place in the block comes before the channel, or after it where channels come first.
    y = y.transpose(0, 1, 3, 5, 2, 4) if first else y.transpose(0, 1, 3, 2, 4, 5)
    y = y.reshape(n, height // b, width // b, b * b * channels)
    return jnp.moveaxis(y, -1, 1) if first else y


@op
def depth_to_space(x: Tensor, block_size, data_format="channels_last"):
    """The inverse of `space_to_depth`: channels spread over blocks of pixels.

    Args:
        x: ``(batch, height, width, channels)``.
        block_size: height and width of the blocks.
        data_format: ``"channels_last"`` or ``"channels_first"``.
    """
    first = _first("depth_to_space", data_format)
    image = jnp.moveaxis(x, 1, -1) if first else x
    b = block_size
    _block("depth_to_space", image, b, [(image.shape[-1], b * b)])
    n, height, width, depth = image.shape
    channels = depth // (b * b)
    inner = (channels, b, b) if first else (b, b, channels)
    y = image.reshape(n, height, width, *inner)
    y = y.transpose(0, 1, 4, 2, 5, 3) if first else y.transpose(0, 1, 3, 2, 4, 5)
    y = y.reshape(n, height * b, width * b, channels)
    return jnp.moveaxis(y, -1, 1) if first else y


@op
def unfold(x: Tensor, kernel_size, dilation=1, padding=0, stride=1):
    """The windows of an image as columns.

    Args:
        x: ``(batch, channels, height, width)``: channels come first, whatever the settings.
        kernel_size: height and width of the windows.
        dilation: steps between the pixels of a window.
        padding: zeros around the image.
        stride: steps from one window to the next.

    Returns:
        ``(batch, channels * window height * window width, windows)``
    """
    if x.ndim != 4:
        raise ShapeError(
            "ops.unfold takes images.",
            got=f"shape {x.shape}",
            expected="(batch, channels, height, width)",
        )
    window, padding = per_axis(kernel_size, 2), per_axis(padding, 2)
    x = jnp.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    cuts, counts = _cuts(x.shape[2:], window, per_axis(dilation, 2), per_axis(stride, 2))
    if min(counts) < 1:
        raise ShapeError(
            "The window of ops.unfold is larger than its input.",
            got=f"window {window}, padded input {x.shape}",
        )
    parts = [x[:, :, rows, columns] for rows, columns in cuts]
    columns = jnp.stack(parts, axis=2)  # (batch, channels, window, *counts)
    return columns.reshape(x.shape[0], x.shape[1] * len(parts), counts[0] * counts[1])


@op
def fold(x: Tensor, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """The inverse of `unfold`: columns laid back as windows, and added where these overlap.

    Args:
        x: ``(batch, channels * window height * window width, windows)``.
        output_size: height and width of the image.
        kernel_size: height and width of the windows.
        dilation: steps between the pixels of a window.
        padding: zeros that were around the image.
        stride: steps from one window to the next.

    Returns:
        ``(batch, channels, height, width)``
    """
    window, padding = per_axis(kernel_size, 2), per_axis(padding, 2)
    sizes = [size + 2 * p for size, p in zip(per_axis(output_size, 2), padding, strict=True)]
    cuts, counts = _cuts(sizes, window, per_axis(dilation, 2), per_axis(stride, 2))
    places = window[0] * window[1]
    if x.ndim != 3 or x.shape[1] % places or x.shape[2] != counts[0] * counts[1]:
        raise ShapeError(
            "ops.fold was given columns that do not fill an image of this size.",
            got=f"shape {x.shape}",
            expected=f"(batch, channels * {places}, {counts[0] * counts[1]})",
        )
    parts = x.reshape(x.shape[0], -1, places, *counts)
    image = jnp.zeros((x.shape[0], parts.shape[1], *sizes), x.dtype)
    for number, (rows, columns) in enumerate(cuts):
        image = image.at[:, :, rows, columns].add(parts[:, :, number])
    return image[:, :, padding[0] : sizes[0] - padding[0], padding[1] : sizes[1] - padding[1]]


def _cuts(sizes, window, dilation, stride):
    """For every place of the window the pixels that it meets, and how many windows there are."""
    counts = [
        (size - (w - 1) * d - 1) // s + 1
        for size, w, d, s in zip(sizes, window, dilation, stride, strict=True)
    ]
    cuts = [
        tuple(
            slice(p * d, p * d + (count - 1) * s + 1, s)
            for p, d, count, s in zip(place, dilation, counts, stride, strict=True)
        )
        for place in positions(window)
    ]
    return cuts, counts
