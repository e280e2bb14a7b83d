"""`RandomColorJitter`: brightness, contrast, saturation and hue in one."""

from __future__ import annotations

from typing import Any

import jax

from ...._core.specs import family
from .arguments import check_value_range
from .base import Size, Transformation
from .color import ColorLayer, RandomBrightness, RandomContrast, RandomHue, RandomSaturation


@family("layer").register("RandomColorJitter")
class RandomColorJitter(ColorLayer):
    """In training, change brightness, contrast, saturation and hue of each image, in this order.

    Args:
        value_range: the darkest and the brightest value a pixel can have.
        brightness_factor: as of `RandomBrightness`; None leaves it as it is.
        contrast_factor: as of `RandomContrast`.
        saturation_factor: as of `RandomSaturation`.
        hue_factor: as of `RandomHue`.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)`` keep their shape; saturation and hue need three
    channels.

    Raises:
        ConfigError: factors that one of the four layers would refuse, a range that is none.

    >>> import numpy as np
    >>> RandomColorJitter(brightness_factor=(0.2, 0.2))(np.zeros((1, 1, 1, 3))).ravel().tolist()
    [51.0, 51.0, 51.0]
    """

    _not_tracked = frozenset({"_steps"})

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        self.seed = seed
        check_value_range(self, value_range)
        self.check_seed(seed)
        made = {
            "random_brightness": (RandomBrightness, brightness_factor),
            "random_contrast": (RandomContrast, contrast_factor),
            "random_saturation": (RandomSaturation, saturation_factor),
            "random_hue": (RandomHue, hue_factor),
        }
        self._steps: dict[str, ColorLayer] = {
            name: cls(factor, value_range=value_range, dtype=self.dtype_policy)
            for name, (cls, factor) in made.items()
            if factor is not None
        }
        if saturation_factor is not None or hue_factor is not None:
            self.channels = (3,)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        return {
            name: step.draw(jax.random.fold_in(key, number), size)
            for number, (name, step) in enumerate(self._steps.items())
        }

    def augment(self, images: Any, transformation: Transformation) -> Any:
        for name, step in self._steps.items():
            images = step.augment(images, transformation[name])
        return images
