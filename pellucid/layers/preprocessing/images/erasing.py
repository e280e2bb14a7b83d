"""`RandomErasing`: a rectangle of each image, painted over."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core.errors import ConfigError, ShapeError
from ...._core.specs import family
from ....kernels.dropout import random_normal
from ....kernels.images import crop, draws
from .arguments import check_factor, check_value_range, interval, is_number
from .base import Size, Transformation
from .color import ColorLayer


@family("layer").register("RandomErasing")
class RandomErasing(ColorLayer):
    """In training, paint over a random rectangle of each image, with a certain chance.

    Args:
        factor: the chance: two numbers, between which each image's is drawn; a single one stands
            for 0 and itself.
        scale: the sides of the rectangle, as shares of the image's, are square roots of numbers
            drawn from here; a single number stands for 0 and itself.
        fill_value: what is painted: a number, one per channel, or None for noise.
        value_range: the darkest and the brightest value a pixel can have.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)`` keep their shape; boxes and masks stay as they are.

    Raises:
        ConfigError: a factor or scale outside 0 to 1 or reversed, a range that is none.
        ShapeError: another number of fill values than the images have channels.

    >>> import numpy as np
    >>> layer = RandomErasing((1, 1), scale=(0.25, 0.25), fill_value=9.0)
    >>> int((layer(np.zeros((1, 8, 8, 1))) == 9).sum()) in (16, 20, 25)
    True

    Zhong et al., "Random Erasing Data Augmentation", AAAI 2020.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.scale = scale
        self.fill_value = fill_value
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor)
        check_factor(self, "scale", scale)
        check_value_range(self, value_range)
        self.check_seed(seed)
        several = isinstance(fill_value, (tuple, list)) and all(map(is_number, fill_value))
        if not (fill_value is None or is_number(fill_value) or several):
            raise ConfigError(
                f"The fill_value of RandomErasing {self.name!r} cannot be painted.",
                got=repr(fill_value),
                expected="a number, one per channel, or None for noise",
                fix="fill_value=0.0, say.",
            )

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second, third = jax.random.split(key, 3)
        share = draws.uniform(first, (size.batch, 4))
        low, high = interval(self.scale)
        sides = jnp.sqrt(low + share[:, :2] * (high - low))  # (batch, 2): across, down
        length = sides * jnp.array([size.width, size.height])
        start = share[:, 2:] * (jnp.array([size.width, size.height]) - length)
        corners = (start[:, 0], start[:, 0] + length[:, 0], start[:, 1], start[:, 1] + length[:, 1])
        mask = crop.boxes_mask(*corners, size.height, size.width)
        return {
            "apply_erasing": draws.happens(second, size.batch, *interval(self.factor)),
            "batch_masks": self.to_layout(mask),
            "fill_value": self.to_layout(self._paint(third, size)),
        }

    def _paint(self, key: jax.Array, size: Size) -> jax.Array:
        """What is painted, to broadcast against (batch, height, width, channels)."""
        if self.fill_value is None:
            noise = random_normal(key, tuple(size))
            return self.clip(noise * self.value_range[1])
        values = jnp.asarray(self.fill_value, jnp.float32).reshape(-1)
        if len(values) not in (1, size.channels):
            raise ShapeError(
                f"The fill_value of RandomErasing {self.name!r} does not fit the images.",
                got=f"{len(values)} values for {size.channels} channels",
                expected="one value, or one per channel",
                fix="fill_value=0.0 paints all channels alike.",
            )
        return self.clip(values.reshape(1, 1, 1, -1))

    def augment(self, images: Any, transformation: Transformation) -> Any:
        mask = self.from_layout(jnp.asarray(transformation["batch_masks"]))
        paint = self.from_layout(jnp.asarray(transformation["fill_value"])).astype(images.dtype)
        applied = jnp.asarray(transformation["apply_erasing"]).reshape(-1, 1, 1, 1)
        return jnp.where(mask & applied, paint, images)
