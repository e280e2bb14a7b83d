"""Brightness, contrast, hue, saturation: colours changed at random."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core import settings
from ...._core.errors import ShapeError
from ...._core.specs import family
from ....kernels.images import color, draws
from .arguments import check_factor, check_value_range, interval, is_pair
from .base import ImageLayer, Size, Transformation


class ColorLayer(ImageLayer):
    """Base of the layers that change values and leave pixels where they are."""

    value_range: Any = (0, 255)
    channels: tuple[int, ...] = ()
    """How many channels it can take; any number when empty."""

    def size_of(self, shape: tuple[int, ...]) -> Size:
        size = super().size_of(shape)
        if self.channels and size.channels not in self.channels:
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} takes images in colour: red, green, blue.",
                got=f"{size.channels} channels, shape {tuple(shape)}",
                expected=" or ".join(f"{number} channels" for number in self.channels),
                fix="leave the layer out for such images, or repeat their channel three times.",
            )
        return size

    def clip(self, images: Any) -> Any:
        """Within the range of values."""
        return jnp.clip(images, *self.value_range)

    def column(self, numbers: Any, images: Any) -> Any:
        """One number an image, whatever its shape -> (batch, 1, 1, 1) in the images' format."""
        return jnp.asarray(numbers).reshape(-1, 1, 1, 1).astype(images.dtype)


@family("layer").register("RandomBrightness")
class RandomBrightness(ColorLayer):
    """In training, make each image brighter or darker by a random amount.

    Args:
        factor: how much, as a share of the range of values: ``0.2`` draws from -20 % to 20 %,
            ``(0, 0.3)`` only brightens.
        value_range: the darkest and the brightest value a pixel can have; results are cut off
            there.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)`` keep their shape.

    Raises:
        ConfigError: a factor outside -1 to 1 or reversed, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> RandomBrightness((0.1, 0.1), value_range=(0, 1))(np.zeros((1, 1, 1, 3))).ravel().tolist()
    [0.10000000149011612, 0.10000000149011612, 0.10000000149011612]
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.factor = factor
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor, -1)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        each = (size.batch, 1, 1, 1)
        share = draws.uniform(key, each, *interval(self.factor, symmetric=True))
        return {"rgb_delta": share * (self.value_range[1] - self.value_range[0])}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        return self.clip(images + self.column(transformation["rgb_delta"], images))


@family("layer").register("RandomContrast")
class RandomContrast(ColorLayer):
    """In training, raise or lower the contrast of each image by a random factor.

    Args:
        factor: ``0.2`` draws a factor from 0.8 to 1.2; two numbers, ``(lower, upper)``, one from
            ``1 - lower`` to ``1 + upper``. A value x becomes ``(x - mean) * drawn + mean``, with
            the mean of its channel. (Of a single number, Keras says the same, but draws from 1
            to 1.2.)
        value_range: the darkest and the brightest value a pixel can have; results are cut off
            there.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)`` keep their shape.

    Raises:
        ConfigError: a factor outside 0 to 1, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> x = np.array([100.0, 200.0]).reshape(1, 1, 2, 1)
    >>> bool(np.isclose(np.mean(RandomContrast(0.5)(x)), 150.0))
    True
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.factor = factor
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor, ordered=False)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        pair = self.factor if is_pair(self.factor) else (self.factor, self.factor)
        drawn = draws.uniform(key, (size.batch, 1, 1, 1), 1.0 - pair[0], 1.0 + pair[1])
        return {"contrast_factor": drawn}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        factor = self.column(transformation["contrast_factor"], images)
        return self.clip(color.contrast(images, factor))


@family("layer").register("RandomHue")
class RandomHue(ColorLayer):
    """In training, turn the colours of each image around the colour circle by a random angle.

    Args:
        factor: how far, as a share of half the circle, either way: ``0.2`` draws up to 36 degrees,
            ``(0.1, 0.2)`` from 18 to 36.
        value_range: the darkest and the brightest value a pixel can have.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, 3)`` keep their shape.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, a range that is none.
        ShapeError: images that do not have three channels.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> red = np.array([255.0, 0.0, 0.0]).reshape(1, 1, 1, 3)
    >>> RandomHue((1, 1))(red).ravel().round().tolist()
    [0.0, 255.0, 255.0]
    """

    channels = (3,)

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        low, high = interval(self.factor)
        share = draws.uniform(key, (size.batch, 2))
        turn = (low + share[:, 0] * (high - low)) * 0.5
        return {"factor": jnp.where(share[:, 1] > 0.5, -turn, turn)}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        turn = self.column(transformation["factor"], images)[..., 0]  # (batch, 1, 1)
        unit = color.rescale(images, self.value_range, (0, 1))
        hue, saturation, value = color.rgb_to_hsv(unit)
        turned = jnp.clip(color.hsv_to_rgb(hue + turn, saturation, value), 0, 1)
        return color.rescale(turned, (0, 1), self.value_range)


@family("layer").register("RandomSaturation")
class RandomSaturation(ColorLayer):
    """In training, make the colours of each image stronger or weaker by a random factor.

    Args:
        factor: 0 is grey, 0.5 changes nothing, 1 is as strong as colours get; a single number
            draws from 0 to it, two from the first to the second.
        value_range: the darkest and the brightest value a pixel can have.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, 3)`` keep their shape. The saturation stays between 0 and 1;
    Keras lets it grow to the end of `value_range`, where colours turn negative.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, a range that is none.
        ShapeError: images that do not have three channels.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> red = np.array([200.0, 0.0, 0.0]).reshape(1, 1, 1, 3)
    >>> RandomSaturation((0, 0))(red).ravel().round().tolist()
    [200.0, 200.0, 200.0]
    """

    channels = (3,)

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        drawn = draws.uniform(key, (size.batch,), *interval(self.factor))
        return {"factor": drawn / (1 - drawn + settings.epsilon())}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        factor = self.column(transformation["factor"], images)[..., 0]  # (batch, 1, 1)
        unit = color.rescale(images, self.value_range, (0, 1))
        hue, saturation, value = color.rgb_to_hsv(unit)
        strong = color.hsv_to_rgb(hue, jnp.clip(saturation * factor, 0, 1), value)
        return color.rescale(strong, (0, 1), self.value_range)
