"""`RandomFlip`: images mirrored at random."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core.specs import family
from ....kernels.images import draws
from ... import checks
from .base import ImageLayer, Size, Transformation

MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@family("layer").register("RandomFlip")
class RandomFlip(ImageLayer):
    """In training, mirror each image with a chance of one half.

    Args:
        mode: ``"horizontal"`` (left and right change places), ``"vertical"`` or
            ``"horizontal_and_vertical"``: both, each with a chance of its own. Keras draws one
            chance for the two, so that it only ever turns images by 180 degrees.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes.

    Raises:
        ConfigError: an unknown mode.

    >>> import numpy as np
    >>> flip = RandomFlip("horizontal", seed=0)
    >>> rows = {tuple(flip(np.arange(3.0).reshape(1, 1, 3, 1)).ravel().tolist()) for _ in range(9)}
    >>> sorted(rows)
    [(0.0, 1.0, 2.0), (2.0, 1.0, 0.0)]
    """

    moves = True

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.mode = mode
        self.seed = seed
        checks.one_of(self, "mode", mode, MODES)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        drawn = draws.uniform(key, (size.batch, 2)) <= 0.5
        across, down = drawn[:, 0], drawn[:, 1]
        if self.mode == "horizontal":
            down = jnp.zeros_like(down)
        elif self.mode == "vertical":
            across = jnp.zeros_like(across)
        return {"flips": across, "vertical_flips": down}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        across, down = (flip.reshape(-1, 1, 1, 1) for flip in self._flips(transformation))
        if "horizontal" in self.mode:
            images = jnp.where(across, images[:, :, ::-1], images)
        if "vertical" in self.mode:
            images = jnp.where(down, images[:, ::-1], images)
        return images

    def augment_boxes(self, boxes: Any, transformation: Transformation, size: Size) -> Any:
        across, down = (flip.reshape(-1, 1) for flip in self._flips(transformation))
        left, top, right, bottom = (boxes[..., i] for i in range(4))
        if "horizontal" in self.mode:
            other = size.width - right, size.width - left
            left, right = jnp.where(across, other[0], left), jnp.where(across, other[1], right)
        if "vertical" in self.mode:
            other = size.height - bottom, size.height - top
            top, bottom = jnp.where(down, other[0], top), jnp.where(down, other[1], bottom)
        return jnp.stack([left, top, right, bottom], axis=-1)

    def _flips(self, transformation: Transformation) -> tuple[Any, Any]:
        """Across and down; Keras's transformations have one entry for both."""
        flips = transformation["flips"]
        return flips, transformation.get("vertical_flips", flips)
