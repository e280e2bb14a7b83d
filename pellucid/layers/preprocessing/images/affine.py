"""Rotation, zoom, translation and shear: one affine transformation an image, drawn at random."""

from __future__ import annotations

from typing import Any

import jax

from ...._core.specs import family
from ....kernels.images import boxes as geometry
from ....kernels.images import draws, warp
from ... import checks
from .arguments import check_factor, interval
from .base import ImageLayer, Size, Transformation

FILL_MODES = ("reflect", "wrap", "constant", "nearest")


class Affine(ImageLayer):
    """Base of the layers that sample an image at places given by a few numbers per image."""

    moves = True
    fill_mode = "constant"
    fill_value = 0.0
    interpolation = "bilinear"

    def transform(self, transformation: Transformation, size: Size) -> jax.Array:
        """(batch, 6) or (batch, 8): from a pixel of the output to its place in the input."""
        raise NotImplementedError

    def check_sampling(self) -> None:
        """Refuse unknown ways to fill and to interpolate."""
        checks.one_of(self, "fill_mode", self.fill_mode, FILL_MODES)
        checks.one_of(self, "interpolation", self.interpolation, warp.INTERPOLATIONS)
        checks.number(self, "fill_value", self.fill_value)
        self.check_seed(self.seed)

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self._sampled(images, transformation, self.interpolation)

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        return self._sampled(masks, transformation, "nearest")

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        forward = warp.inverse(self.transform(transformation, size))
        return geometry.projected(boxes, forward)

    def _sampled(self, images: Any, transformation: Transformation, interpolation: str) -> Any:
        numbers = self.transform(transformation, Size(*images.shape))
        return warp.project(images, numbers, interpolation, self.fill_mode, self.fill_value)


@family("layer").register("RandomRotation")
class RandomRotation(Affine):
    """In training, turn each image about its middle by a random angle.

    Args:
        factor: how far, in full turns: ``0.1`` draws from -36 to 36 degrees, ``(0, 0.25)`` up to
            a quarter. Positive angles turn counter-clockwise.
        fill_mode: what stands beyond the border: ``"reflect"``, ``"wrap"``, ``"constant"`` or
            ``"nearest"``.
        interpolation: ``"bilinear"`` or ``"nearest"``; masks are always sampled by ``"nearest"``.
        seed: for a stream of random numbers of this layer's own.
        fill_value: of ``fill_mode="constant"``.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes.

    Raises:
        ConfigError: a factor outside -1 to 1 or reversed, an unknown mode.

    >>> import numpy as np
    >>> RandomRotation((0.5, 0.5))(np.arange(4.0).reshape(1, 2, 2, 1)).ravel().round().tolist()
    [3.0, 2.0, 1.0, 0.0]
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.seed = seed
        self.fill_value = fill_value
        check_factor(self, "factor", factor, -1)
        self.check_sampling()

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        low, high = interval(self.factor, symmetric=True)
        return {"angle": draws.uniform(key, (size.batch,), low * 360, high * 360)}

    def transform(self, transformation: Transformation, size: Size) -> jax.Array:
        return warp.rotation(transformation["angle"], size.height, size.width)


@family("layer").register("RandomZoom")
class RandomZoom(Affine):
    """In training, zoom into or out of each image by a random factor.

    Args:
        height_factor: ``0.2`` draws from 20 % larger to 20 % smaller, ``(-0.3, -0.2)`` zooms in
            by 20 to 30 %. Above 0 shows more than the image, beyond its border.
        width_factor: the same across; None: as `height_factor`, so that proportions stay.
        fill_mode: what stands beyond the border: ``"reflect"``, ``"wrap"``, ``"constant"`` or
            ``"nearest"``.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: for a stream of random numbers of this layer's own.
        fill_value: of ``fill_mode="constant"``.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes.

    Raises:
        ConfigError: a factor of -1 or below, above 1 or reversed, an unknown mode.

    >>> import numpy as np
    >>> x = np.arange(4.0).reshape(1, 1, 4, 1)
    >>> RandomZoom((0, 0), (-0.5, -0.5))(x).ravel().tolist()
    [0.75, 1.25, 1.75, 2.25]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.seed = seed
        self.fill_value = fill_value
        check_factor(self, "height_factor", height_factor, -0.999, ordered=False)
        if width_factor is not None:
            check_factor(self, "width_factor", width_factor, -0.999, ordered=False)
        self.check_sampling()

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        share = draws.uniform(key, (size.batch, 2))
        low, high = interval(self.height_factor, symmetric=True, least=-0.999)
        tall = 1 + low + share[:, :1] * (high - low)
        if self.width_factor is None:
            return {"height_zoom": tall, "width_zoom": tall}
        low, high = interval(self.width_factor, symmetric=True, least=-0.999)
        return {"height_zoom": tall, "width_zoom": 1 + low + share[:, 1:] * (high - low)}

    def transform(self, transformation: Transformation, size: Size) -> jax.Array:
        wide, high = transformation["width_zoom"], transformation["height_zoom"]
        return warp.zoom(wide, high, size.height, size.width)


@family("layer").register("RandomTranslation")
class RandomTranslation(Affine):
    """In training, move each image by a random distance.

    Args:
        height_factor: how far down, as a share of the height: ``0.2`` draws from -20 % to 20 %,
            ``(0.1, 0.3)`` moves down by 10 to 30 %.
        width_factor: how far to the right, as a share of the width.
        fill_mode: what stands beyond the border: ``"reflect"``, ``"wrap"``, ``"constant"`` or
            ``"nearest"``.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: for a stream of random numbers of this layer's own.
        fill_value: of ``fill_mode="constant"``.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes.

    Raises:
        ConfigError: a factor outside -1 to 1 or reversed, an unknown mode.

    >>> import numpy as np
    >>> x = np.arange(1.0, 5.0).reshape(1, 1, 4, 1)
    >>> RandomTranslation(0, (0.5, 0.5), fill_mode="constant")(x).ravel().tolist()
    [0.0, 0.0, 1.0, 2.0]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.seed = seed
        self.fill_value = fill_value
        check_factor(self, "height_factor", height_factor, -1)
        check_factor(self, "width_factor", width_factor, -1)
        self.check_sampling()

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        share = draws.uniform(key, (size.batch, 2))
        left, right = interval(self.width_factor, symmetric=True)
        up, down = interval(self.height_factor, symmetric=True)
        across = (left + share[:, :1] * (right - left)) * size.width
        along = (up + share[:, 1:] * (down - up)) * size.height
        return {"translations": jax.numpy.concatenate([across, along], axis=1)}

    def transform(self, transformation: Transformation, size: Size) -> jax.Array:
        moves = transformation["translations"]  # (batch, 2)
        return warp.translation(moves[:, 0], moves[:, 1])


@family("layer").register("RandomShear")
class RandomShear(Affine):
    """In training, slant each image by a random amount, one way or the other.

    Args:
        x_factor: how far a row slides for each row below the top: ``0.2`` draws up to 20 %,
            ``(0.1, 0.3)`` from 10 to 30 %, with a random sign.
        y_factor: how far a column slides for each column from the left.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        fill_mode: what stands beyond the border: ``"reflect"``, ``"wrap"``, ``"constant"`` or
            ``"nearest"``.
        fill_value: of ``fill_mode="constant"``.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes. Boxes enclose the corners that the same transformation carries; Keras's are
    right for square images that are sheared along one axis.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, an unknown mode.

    >>> import numpy as np
    >>> RandomShear(0.0, 0.0)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.x_factor = x_factor
        self.y_factor = y_factor
        self.interpolation = interpolation
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.seed = seed
        check_factor(self, "x_factor", x_factor)
        check_factor(self, "y_factor", y_factor)
        self.check_sampling()

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        share = draws.uniform(key, (size.batch, 3))
        sign = jax.numpy.where(share[:, 2:] > 0.5, -1.0, 1.0)
        (left, right), (up, down) = interval(self.x_factor), interval(self.y_factor)
        low = jax.numpy.array([left, up])
        factors = low + share[:, :2] * (jax.numpy.array([right, down]) - low)  # (batch, 2)
        return {"shear_factor": factors * sign}

    def transform(self, transformation: Transformation, size: Size) -> jax.Array:
        factors = transformation["shear_factor"]  # (batch, 2)
        return warp.shear(factors[:, 0], factors[:, 1])
