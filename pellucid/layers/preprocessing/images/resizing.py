"""`Resizing`: images of another size."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ...._core.errors import ConfigError
from ...._core.specs import family
from ....kernels.images.crop import widest_window
from ....kernels.resize import INTERPOLATIONS, resize
from ... import checks
from .base import ImageLayer, Size, Transformation


@family("layer").register("Resizing")
class Resizing(ImageLayer):
    """Give images another size, in training and at inference.

    Args:
        height: of the output.
        width: of the output.
        interpolation: ``"bilinear"``, ``"nearest"``, ``"bicubic"``, ``"lanczos3"`` or
            ``"lanczos5"``; masks are always sampled by ``"nearest"``.
        crop_to_aspect_ratio: cut off what does not fit the output's proportions, rather than
            distort the image.
        pad_to_aspect_ratio: fill up to the output's proportions, rather than distort the image.
        fill_mode: ``"constant"``, the only one.
        fill_value: what is filled in.
        antialias: smooth before shrinking.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Input ``(batch, height, width, channels)``, output with the new height and width. Images of
    whole numbers stay so, rounded.

    Raises:
        ConfigError: a size that is not a positive whole number, cropping and padding at once.

    >>> import numpy as np
    >>> Resizing(1, 2)(np.arange(4, dtype="uint8").reshape(1, 1, 4, 1)).ravel().tolist()
    [0, 2]
    """

    always = True
    moves = True
    keeps_integers = True
    floats_in_graph = True

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.height = height
        self.width = width
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = antialias
        checks.positive_integer(self, "height", height, 224)
        checks.positive_integer(self, "width", width, 224)
        checks.one_of(self, "interpolation", interpolation, INTERPOLATIONS)
        checks.one_of(self, "fill_mode", fill_mode, ("constant",))
        checks.number(self, "fill_value", fill_value)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ConfigError(
                f"Resizing {self.name!r} cannot both crop and pad.",
                got="crop_to_aspect_ratio=True, pad_to_aspect_ratio=True",
                fix="leave one of the two out.",
            )

    def new_size(self, size: Size) -> tuple[int, int]:
        return self.height, self.width

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self._resized(images, self.interpolation)

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        return self._resized(masks, "nearest")

    def _resized(self, images: Any, interpolation: str) -> Any:
        size = (self.height, self.width)
        _, height, width, _ = images.shape
        if self.crop_to_aspect_ratio:
            top, left, high, wide = widest_window(height, width, size)
            images = images[:, top : top + high, left : left + wide]
        elif self.pad_to_aspect_ratio:
            down, across = self._borders(height, width)
            border = ((0, 0), (down, down), (across, across), (0, 0))
            fill = jnp.asarray(self.fill_value, images.dtype)
            images = jnp.pad(images, border, constant_values=fill)
        return resize(images, size, interpolation, bool(self.antialias))

    def _borders(self, height: int, width: int) -> tuple[int, int]:
        """What is added above and below, and on the left and the right."""
        high = max(height, int(float(width * self.height) / self.width))
        wide = max(width, int(float(height * self.width) / self.height))
        return (high - height) // 2, (wide - width) // 2

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        scale = [self.height / size.height, self.width / size.width]
        shift = [0.0, 0.0]
        if self.pad_to_aspect_ratio or self.crop_to_aspect_ratio:
            # The image fills the output one way; what is left over the other is shared out.
            one = min(scale) if self.pad_to_aspect_ratio else max(scale)
            scale = [one, one]
            shift = [
                float((self.height - size.height * one) // 2),
                float((self.width - size.width * one) // 2),
            ]
            if self.crop_to_aspect_ratio:  # cutting off rounds the other way
                shift = [
                    -float((size.height * one - self.height) // 2),
                    -float((size.width * one - self.width) // 2),
                ]
        factor = jnp.array([scale[1], scale[0], scale[1], scale[0]], boxes.dtype)
        return boxes * factor + jnp.array([shift[1], shift[0]] * 2, boxes.dtype)
