"""Pictures: to and from arrays and files, and to one size without distortion."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import ConfigError, ShapeError
from .._core.settings import standardize_data_format
from ..ops import image as _operations
from ..utils import array_to_img, img_to_array, load_img, save_img

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]


def smart_resize(
    x: Any,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    data_format: str | None = "channels_last",
    backend_module: None = None,
) -> Any:
    """Pictures of one size, without distortion: the middle with the right aspect, resized.

    Args:
        x: ``(height, width, channels)`` or ``(batch, height, width, channels)``.
        size: (height, width) of the result.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"lanczos3"``, ``"lanczos5"``.
        data_format: ``"channels_first"`` for ``(..., channels, height, width)``.
        backend_module: Keras's own; not used.

    Returns:
        NumPy for NumPy, else an array of JAX; as floats, except by ``"nearest"``.

    Raises:
        ConfigError: a size that is not two numbers. ShapeError: another number of axes.

    >>> smart_resize(np.ones((6, 4, 3), "float32"), (2, 2)).shape
    (2, 2, 3)
    """
    if len(size) != 2:
        raise ConfigError(
            "The size of a picture is two numbers.",
            got=repr(size),
            expected="(height, width)",
            fix="smart_resize(x, (128, 128)).",
        )
    shape = np.shape(x)
    if len(shape) not in (3, 4):
        raise ShapeError(
            "smart_resize takes one picture or a batch of them.",
            got=f"shape {shape}",
            expected="(height, width, channels) or (batch, height, width, channels)",
            fix="add an axis for the channels: x[..., None].",
        )
    first = standardize_data_format(data_format) == "channels_first"
    rows = len(shape) - (2 if first else 3)
    height, width = shape[rows : rows + 2]
    tall, wide = (int(value) for value in size)
    kept_height = min(height, int(width * tall / wide)) or height
    kept_width = min(width, int(height * wide / tall)) or width
    top, left = (height - kept_height) // 2, (width - kept_width) // 2
    index: list[Any] = [slice(None)] * len(shape)
    index[rows] = slice(top, top + kept_height)
    index[rows + 1] = slice(left, left + kept_width)
    resized = _operations.resize(
        x[tuple(index)],
        size=(tall, wide),
        interpolation=interpolation,
        data_format="channels_first" if first else "channels_last",
    )
    return np.asarray(resized) if isinstance(x, np.ndarray) else resized
