"""`CenterCrop` and `RandomCrop`: a window of each image."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core.specs import family
from ....kernels.images import crop, draws
from ... import checks
from .base import ImageLayer, Size, Transformation


class Window(ImageLayer):
    """Base of the layers that cut a window of a given size out of larger images.

    Images that are smaller, along either side, have the widest window of the same proportions cut
    out of their middle, which is then resized.
    """

    moves = True
    height: int
    width: int

    def check_window(self) -> None:
        """Refuse windows that are no size."""
        checks.positive_integer(self, "height", self.height, 224)
        checks.positive_integer(self, "width", self.width, 224)

    def new_size(self, size: Size) -> tuple[int, int]:
        return self.height, self.width

    def fits(self, height: int, width: int) -> bool:
        """Whether the window lies within images of that size."""
        return height >= self.height and width >= self.width

    def fitted(self, images: Any, interpolation: str = "bilinear") -> Any:
        """The widest window of the middle, resized."""
        return crop.fit(images, (self.height, self.width), interpolation)

    def fitted_boxes(self, boxes: Any, size: Size) -> Any:
        """What `fitted` does to corners in pixels."""
        window = crop.widest_window(size.height, size.width, (self.height, self.width))
        top, left, high, wide = window
        corner = jnp.array([left, top, left, top], boxes.dtype)
        sides = jnp.array([wide, high, wide, high], boxes.dtype)
        new = jnp.array([self.width, self.height, self.width, self.height], boxes.dtype)
        return jnp.clip(boxes - corner, 0, sides) / sides * new


@family("layer").register("CenterCrop")
class CenterCrop(Window):
    """Cut a window out of the middle of each image, in training and at inference.

    Args:
        height: of the window.
        width: of the window.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Input ``(batch, height, width, channels)`` of any size, output with the window's. Smaller
    images have the largest part of those proportions cut out of their middle and resized.

    Raises:
        ConfigError: a size that is not a positive whole number.

    >>> import numpy as np
    >>> CenterCrop(2, 2)(np.arange(16.0).reshape(1, 4, 4, 1)).ravel().tolist()
    [5.0, 6.0, 9.0, 10.0]
    """

    always = True

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format=data_format, **kwargs)
        self.height = height
        self.width = width
        self.check_window()

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self._cropped(images, "bilinear")

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        return self._cropped(masks, "nearest")

    def _cropped(self, images: Any, interpolation: str) -> Any:
        _, height, width, _ = images.shape
        if not self.fits(height, width):
            return self.fitted(images, interpolation)
        top, left = (height - self.height) // 2, (width - self.width) // 2
        return images[:, top : top + self.height, left : left + self.width]

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        if not self.fits(size.height, size.width):
            return self.fitted_boxes(boxes, size)
        top, left = (size.height - self.height) // 2, (size.width - self.width) // 2
        return boxes - jnp.array([left, top, left, top], boxes.dtype)


@family("layer").register("RandomCrop")
class RandomCrop(Window):
    """In training, cut a window out of each image at a random place of its own.

    Args:
        height: of the window.
        width: of the window.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, height, width, channels)`` of any size, output with the window's. At inference,
    and where images are smaller than the window, the largest part of those proportions is cut out
    of their middle and resized, so that the output has the same shape in both modes. (Keras says
    so too, but returns whole images at inference.)

    Raises:
        ConfigError: a size that is not a positive whole number.

    >>> import numpy as np
    >>> crop, x = RandomCrop(2, 2), np.zeros((5, 4, 6, 3))
    >>> crop(x).shape, crop(x, training=False).shape
    ((5, 2, 2, 3), (5, 2, 2, 3))
    """

    always = True

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, name=name, **kwargs)
        self.height = height
        self.width = width
        self.seed = seed
        self.check_window()
        self.check_seed(seed)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> Transformation | None:
        """The corners of the windows, ``h_start`` and ``w_start``; only the shape at inference."""
        images = data["images"] if isinstance(data, dict) else data
        if not training:
            return {"input_shape": tuple(jnp.shape(images))}
        return super().get_random_transformation(data, training, seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        if not self.fits(size.height, size.width):
            return {}
        share = draws.uniform(key, (size.batch, 2))
        room = jnp.array([size.height - self.height, size.width - self.width])
        corner = jnp.minimum((share * (room + 1)).astype(jnp.int32), room)  # (batch, 2)
        return {"h_start": corner[:, 0], "w_start": corner[:, 1]}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self._cropped(images, transformation, "bilinear")

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        return self._cropped(masks, transformation, "nearest")

    def _cropped(self, images: Any, transformation: Transformation, interpolation: str) -> Any:
        if "h_start" not in transformation:
            return self.fitted(images, interpolation)
        top, left = self._corner(transformation, images.shape[0])
        return crop.cut(images, top, left, (self.height, self.width))

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        if "h_start" not in transformation:
            return self.fitted_boxes(boxes, size)
        top, left = self._corner(transformation, boxes.shape[0])
        return boxes - jnp.stack([left, top, left, top], axis=-1)[:, None].astype(boxes.dtype)

    def _corner(self, transformation: Transformation, rows: int) -> tuple[Any, Any]:
        """Top and left of each row's window; Keras's transformations have one for all rows."""
        top, left = (jnp.asarray(transformation[name]) for name in ("h_start", "w_start"))
        return jnp.broadcast_to(top, (rows,)), jnp.broadcast_to(left, (rows,))
