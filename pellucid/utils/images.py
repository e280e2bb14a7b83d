"""Pictures in files, as PIL images, and as arrays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from .._core.dtypes import floatx
from .._core.errors import ConfigError, DataError
from .._core.settings import standardize_data_format

COLOR_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3), "rgba": ("RGBA", 4)}
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")


def channels_last(data_format: str | None) -> bool:
    """Whether the channels are the last axis, as they are unless said otherwise."""
    if data_format not in (None, "channels_last", "channels_first"):
        raise ConfigError(
            "There is no such order of a picture's axes.",
            got=f"data_format={data_format!r}",
            expected="'channels_last' or 'channels_first'",
            fix="leave it out.",
        )
    return standardize_data_format(data_format) != "channels_first"


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """A PIL image as an array ``(height, width, channels)``.

    Args:
        img: the image.
        data_format: ``"channels_first"`` for ``(channels, height, width)``.
        dtype: number format; the default float format.

    >>> from PIL import Image
    >>> img_to_array(Image.new("RGB", (4, 3))).shape
    (3, 4, 3)
    """
    array = np.asarray(img, dtype=dtype or floatx())
    if array.ndim not in (2, 3):
        raise DataError(
            "img_to_array takes one picture.",
            got=f"shape {array.shape}",
            expected="two axes, or three with the channels",
            fix="pass a single PIL image.",
        )
    array = array[:, :, None] if array.ndim == 2 else array
    return array if channels_last(data_format) else array.transpose(2, 0, 1)


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """An array ``(height, width, channels)`` as a PIL image.

    Args:
        x: with 1, 3 or 4 channels.
        data_format: ``"channels_first"`` for ``(channels, height, width)``.
        scale: stretch the values so that the least is black and the largest white; without it
            they are taken as 0 to 255.
        dtype: number format of the arithmetic.

    Raises:
        DataError: another number of axes or channels.

    >>> array_to_img(np.zeros((3, 4, 1))).size
    (4, 3)
    """
    from PIL import Image

    array = np.array(x, dtype=dtype or floatx())
    last = channels_last(data_format)
    if array.ndim != 3:
        raise DataError(
            "array_to_img takes one picture with three axes.",
            got=f"shape {array.shape}",
            expected="(height, width, channels)",
            fix="pass one of a batch: x[0]; give a grey picture its channel: x[..., None].",
        )
    array = array if last else array.transpose(1, 2, 0)
    if array.shape[2] not in (1, 3, 4):
        raise DataError(
            "A picture has 1, 3 or 4 channels.",
            got=f"{array.shape[2]} channels, shape {np.shape(x)}",
            fix="pass data_format='channels_first' if the channels come first.",
        )
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1.0) * 255.0  # in this order, rounding gives no 255.00002
    if array.shape[2] == 1:
        grey = array[:, :, 0]
        return Image.fromarray(grey.astype("int32" if grey.max() > 255 else "uint8"))
    return Image.fromarray(array.astype("uint8"))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **options: Any,
) -> None:
    """Write an array as a picture file.

    Args:
        path: file name, or a file open for writing.
        x, data_format, scale: see `array_to_img`.
        file_format: such as ``"png"``; by default the file name's ending.
        **options: for PIL's `Image.save`.
    """
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = Path(path).suffix[1:].lower()
    if file_format in (None, ""):
        raise ConfigError(
            "save_img cannot tell the format of the picture.",
            got=repr(path),
            fix="end the name in .png, or pass file_format='png'.",
        )
    file_format = "jpeg" if file_format.lower() == "jpg" else file_format
    img = array_to_img(x, data_format=data_format, scale=scale)
    if img.mode == "RGBA" and file_format.lower() == "jpeg":
        img = img.convert("RGB")  # JPEG knows no transparency
    try:
        img.save(path, format=file_format, **options)
    except (KeyError, ValueError) as error:
        raise ConfigError(
            "save_img cannot write a picture of this format.",
            got=f"{file_format!r}: {error}",
            fix="file_format='png', 'jpeg', 'bmp' or 'gif'.",
        ) from None


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """A picture file as a PIL image.

    Args:
        path: file name, or an open file of bytes.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        target_size: ``(height, width)`` to resize to.
        interpolation: ``"nearest"``, ``"bilinear"``, ``"bicubic"``, ``"lanczos"``, ``"box"`` or
            ``"hamming"``.
        keep_aspect_ratio: cut the sides off, in equal parts, rather than distort.

    Raises:
        ConfigError: an unknown mode or interpolation.
        DataError: a file that is no picture.
    """
    from PIL import Image, UnidentifiedImageError

    if color_mode not in COLOR_MODES:
        raise ConfigError(
            "There is no such color_mode.",
            got=repr(color_mode),
            expected=f"one of {', '.join(map(repr, COLOR_MODES))}",
            fix="color_mode='rgb'.",
        )
    name = path.decode() if isinstance(path, bytes) else path
    try:
        with Image.open(name) as opened:
            opened.load()
            img = opened.copy()
    except UnidentifiedImageError:
        raise DataError(
            "This file is not a picture that can be read.",
            got=repr(name),
            expected="PNG, JPEG, BMP, GIF or another format that Pillow knows",
            fix="remove it, or convert it.",
        ) from None
    wanted = COLOR_MODES[color_mode][0]
    if color_mode != "grayscale" or img.mode not in ("L", "I;16", "I"):
        img = img if img.mode == wanted else img.convert(wanted)
    if target_size is None or img.size == (target_size[1], target_size[0]):
        return img
    return resized(img, target_size, interpolation, keep_aspect_ratio)


def resized(img: Any, size: tuple[int, int], interpolation: str, crop: bool = False) -> Any:
    """A PIL image of another size, cropped to its proportions first where asked."""
    from PIL import Image

    if interpolation not in INTERPOLATIONS:
        raise ConfigError(
            "There is no such interpolation.",
            got=repr(interpolation),
            expected=f"one of {', '.join(map(repr, INTERPOLATIONS))}",
            fix="interpolation='bilinear'.",
        )
    how = getattr(Image.Resampling, interpolation.upper())
    height, width = size
    box = None
    if crop:
        high = min(img.height, max(1, img.width * height // width))
        wide = min(img.width, max(1, img.height * width // height))
        top, left = (img.height - high) // 2, (img.width - wide) // 2
        box = (left, top, left + wide, top + high)
    return img.resize((width, height), how, box=box)


def padded(img: Any, size: tuple[int, int]) -> Any:
    """A PIL image with black sides added so that it has the proportions of `size`."""
    from PIL import Image

    height, width = size
    high = max(img.height, round(img.width * height / width))
    wide = max(img.width, round(img.height * width / height))
    canvas = Image.new(img.mode, (wide, high))
    canvas.paste(img, ((wide - img.width) // 2, (high - img.height) // 2))
    return canvas
