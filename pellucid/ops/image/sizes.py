"""Pictures of another size: resized, cropped, padded, cut into patches."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core.errors import ArgumentTypeError, ConfigError, ShapeError
from pellucid.kernels.conv_geometry import paddings, per_axis, window
from pellucid.kernels.images.crop import widest_window
from pellucid.kernels.resize import INTERPOLATIONS
from pellucid.kernels.resize import resize as kernel

from ..nn.windows import _first
from ..op import Tensor, op
from ._common import as_batch, one_of

__all__ = [
    "crop_images",
    "extract_patches",
    "extract_patches_3d",
    "pad_images",
    "resize",
]


@op
def resize(
    images: Tensor,
    size,
    interpolation="bilinear",
    antialias=False,
    crop_to_aspect_ratio=False,
    pad_to_aspect_ratio=False,
    fill_mode="constant",
    fill_value=0.0,
    data_format=None,
):
    """Pictures at another height and width.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        size: height and width.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"lanczos3"``, ``"lanczos5"``.
        antialias: whether to smooth before shrinking.
        crop_to_aspect_ratio: whether to cut the middle out instead of distorting.
        pad_to_aspect_ratio: whether to add borders instead of distorting.
        fill_mode: of the borders; ``"constant"`` is all there is.
        fill_value: of the borders.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    >>> resize([[[0.0], [2.0]]], (1, 4)).ravel().tolist()
    [0.0, 0.5, 1.5, 2.0]
    """
    one_of("resize", "interpolation", interpolation, INTERPOLATIONS)
    one_of("resize", "fill_mode", fill_mode, ("constant",))
    if len(size) != 2 or min(size) < 1:
        raise ConfigError(
            "ops.image.resize takes a height and a width.", got=repr(size), fix="size=(32, 32)"
        )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ConfigError(
            "ops.image.resize can crop or pad to the proportions, not both.",
            fix="leave one of the two out.",
        )
    size = tuple(size)

    def function(x: Any) -> jax.Array:
        if crop_to_aspect_ratio:
            top, left, high, wide = widest_window(x.shape[1], x.shape[2], size)
            x = x[:, top : top + high, left : left + wide]
        elif pad_to_aspect_ratio:
            x = _bordered(x, size, fill_value)
        return kernel(x, size, interpolation, antialias)

    return as_batch("resize", images, data_format, function)


def _bordered(x: Any, size: tuple[int, int], fill_value: float) -> jax.Array:
    """Borders on two sides, to the proportions of `size`."""
    height, width = x.shape[1:3]
    above = max(int(width * size[0] / size[1]) - height, 0) // 2
    beside = max(int(height * size[1] / size[0]) - width, 0) // 2
    beside = 0 if above else beside
    border = ((0, 0), (above, above), (beside, beside), (0, 0))
    return jnp.pad(x, border, constant_values=jnp.asarray(fill_value, x.dtype))


@op
def crop_images(
    images: Tensor,
    top_cropping=None,
    left_cropping=None,
    bottom_cropping=None,
    right_cropping=None,
    target_height=None,
    target_width=None,
    data_format=None,
):
    """A part of the pictures; of top, bottom and target height two are given, and so for the width.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        top_cropping: rows cut off above.
        left_cropping: columns cut off on the left.
        bottom_cropping: rows cut off below.
        right_cropping: columns cut off on the right.
        target_height: rows that remain.
        target_width: columns that remain.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """

    def function(x: Any) -> jax.Array:
        top, _, high = _three("crop", x.shape[1], top_cropping, bottom_cropping, target_height)
        left, _, wide = _three("crop", x.shape[2], left_cropping, right_cropping, target_width)
        return x[:, top : top + high, left : left + wide]

    return as_batch("crop_images", images, data_format, function)


@op
def pad_images(
    images: Tensor,
    top_padding=None,
    left_padding=None,
    bottom_padding=None,
    right_padding=None,
    target_height=None,
    target_width=None,
    data_format=None,
):
    """Zeros around the pictures; of top, bottom and target height two are given, and so for the
    width.

    Args:
        images: ``(height, width, channels)`` or with a batch before.
        top_padding: rows added above.
        left_padding: columns added on the left.
        bottom_padding: rows added below.
        right_padding: columns added on the right.
        target_height: rows of the result.
        target_width: columns of the result.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """

    def function(x: Any) -> jax.Array:
        top, bottom, _ = _three("pad", x.shape[1], top_padding, bottom_padding, target_height)
        left, right, _ = _three("pad", x.shape[2], left_padding, right_padding, target_width)
        return jnp.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))

    return as_batch("pad_images", images, data_format, function)


def _three(verb: str, size: int, before: Any, after: Any, target: Any) -> tuple[int, int, int]:
    """Before, after and target size, of which one was left out."""
    given = [before, after, target]
    if given.count(None) != 1:
        raise ConfigError(
            f"ops.image.{verb}_images takes two of before, after and target size for each axis.",
            got=f"{before!r}, {after!r} and {target!r}",
            fix="leave exactly one of the three out.",
        )
    sign = -1 if verb == "crop" else 1
    if target is None:
        target = size + sign * (before + after)
    elif before is None:
        before = sign * (target - size) - after
    else:
        after = sign * (target - size) - before
    if min(before, after, target) < 0:
        raise ShapeError(
            f"ops.image.{verb}_images: the sizes do not fit the pictures.",
            got=f"{before} before, {after} after, {target} in all, of {size}",
            expected="no negative numbers",
        )
    return before, after, target


# --- patches


@op
def extract_patches(
    images: Tensor, size, strides=None, dilation_rate=1, padding="valid", data_format=None
):
    """The windows of pictures, each as one long pixel.

    Args:
        images: ``(height, width, channels)`` or with a batch before; volumes where `size` has
            three numbers.
        size: of the windows.
        strides: steps from one window to the next; `size` by default.
        dilation_rate: steps between the pixels of a window.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Returns:
        ``(batch, rows, columns, window height * window width * channels)``
    """
    rank = len(size) if isinstance(size, (tuple, list)) else 2
    return _patches(
        "extract_patches", rank, images, size, strides, dilation_rate, padding, data_format
    )


@op
def extract_patches_3d(
    volumes: Tensor, size, strides=None, dilation_rate=1, padding="valid", data_format=None
):
    """The windows of volumes, each as one long pixel; arguments as of `extract_patches`."""
    return _patches(
        "extract_patches_3d", 3, volumes, size, strides, dilation_rate, padding, data_format
    )


def _check_whole(name: str, argument: str, value: Any, rank: int) -> None:
    parts = value if isinstance(value, (tuple, list)) else (1 if value is None else value,)
    if not all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in parts):
        raise ArgumentTypeError(
            f"ops.{name} takes whole numbers for {argument}.",
            got=repr(value),
            fix=f"{argument}=3, or one for each axis: {argument}=(3, 3).",
        )
    if isinstance(value, (tuple, list)) and len(value) != rank:
        raise ArgumentTypeError(
            f"ops.{name} takes one number, or {rank}, for {argument}.",
            got=repr(value),
            fix=f"{argument}=({', '.join(['3'] * rank)}), one for each axis.",
        )
    if min(parts) < 1:
        raise ConfigError(
            f"ops.{name} takes positive numbers for {argument}.",
            got=repr(value),
            fix=f"{argument}=1 is the least.",
        )


def _windows(x: Any, axis: int, count: int, size: int, dilation: int, step: int) -> Any:
    """The axis as two: windows, and what is in each."""
    if dilation == 1 and step == size:  # side by side: nothing has to be moved
        x = jax.lax.slice_in_dim(x, 0, count * size, axis=axis)
        return x.reshape(*x.shape[:axis], count, size, *x.shape[axis + 1 :])
    places = np.arange(count)[:, None] * step + np.arange(size) * dilation  # (count, size)
    return jnp.take(x, places, axis=axis)


def _patches(
    name: str,
    rank: int,
    images: Any,
    size: Any,
    strides: Any,
    dilation_rate: Any,
    padding: str,
    data_format: Any,
) -> jax.Array:
    first = _first(f"image.{name}", data_format)
    one_of(name, "padding", padding, ("valid", "same"))
    if images.ndim not in (rank + 1, rank + 2) or rank not in (2, 3):
        raise ShapeError(
            f"ops.image.{name} with windows of {rank} axes takes arrays of {rank + 1} or "
            f"{rank + 2}.",
            got=f"shape {images.shape}, size={size!r}",
        )
    x = images if images.ndim == rank + 2 else images[None]
    x = jnp.moveaxis(x, 1, -1) if first else x
    for argument, value in (("size", size), ("strides", strides), ("dilation_rate", dilation_rate)):
        _check_whole(f"image.{name}", argument, value, rank)
    sizes, dilation = per_axis(size, rank), per_axis(dilation_rate, rank)
    steps = sizes if strides is None else per_axis(strides, rank)
    pads = paddings(padding, x.shape[1:-1], sizes, steps, dilation)
    x = jnp.pad(x, ((0, 0), *pads, (0, 0)))
    counts = [
        (have - window(s, d)) // step + 1
        for have, s, d, step in zip(x.shape[1:-1], sizes, dilation, steps, strict=True)
    ]
    if min(counts) < 1:
        raise ShapeError(
            f"The windows of ops.image.{name} are larger than the pictures.",
            got=f"size {sizes}, pictures {images.shape}",
        )
    for number, (count, s, d, step) in enumerate(zip(counts, sizes, dilation, steps, strict=True)):
        x = _windows(x, 1 + 2 * number, count, s, d, step)
    # (batch, count, size, count, size, ..., channels): counts in front of what makes a pixel
    order = [0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1]
    y = jnp.transpose(x, order).reshape(x.shape[0], *counts, math.prod(sizes) * x.shape[-1])
    y = jnp.moveaxis(y, -1, 1) if first else y
    return y if images.ndim == rank + 2 else y[0]
