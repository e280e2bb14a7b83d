"""`RandomPerspective` and `RandomElasticTransform`: images bent out of shape."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...._core.errors import ConfigError
from ...._core.specs import family
from ....kernels.dropout import random_normal
from ....kernels.images import blur, draws, warp
from ... import checks
from ...regularization.streams import key_of
from .affine import Affine
from .arguments import check_factor, check_value_range, interval
from .base import ImageLayer, Size, Transformation


@family("layer").register("RandomPerspective")
class RandomPerspective(Affine):
    """In training, show each image as if seen from another side, with a certain chance.

    Args:
        factor: the chance: two numbers, between which each image's is drawn; a single one stands
            for 0 and itself.
        scale: how far the corners move, from 0 to 1.
        interpolation: ``"bilinear"`` or ``"nearest"``; masks are always sampled by ``"nearest"``.
        fill_value: what stands beyond the border.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and what comes with them as in a dictionary, keep
    their shapes.

    Raises:
        ConfigError: a factor or scale outside 0 to 1, an unknown interpolation.

    >>> import numpy as np
    >>> x = np.arange(4.0).reshape(1, 2, 2, 1)
    >>> RandomPerspective(0.0)(x).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.scale = scale
        self.interpolation = interpolation
        self.fill_value = fill_value
        self.seed = seed
        check_factor(self, "factor", factor)
        checks.number(self, "scale", scale, 0, 1)
        self.check_sampling()

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second = jax.random.split(key)
        right, bottom = size.width - 1.0, size.height - 1.0
        corners = jnp.array([[0.0, 0.0], [right, 0.0], [0.0, bottom], [right, bottom]])
        start = jnp.broadcast_to(corners, (size.batch, 4, 2))
        stretch = draws.uniform(second, (size.batch, 4, 2), -0.5 * self.scale, 0.5 * self.scale)
        return {
            "apply_perspective": draws.happens(first, size.batch, *interval(self.factor)),
            "start_points": start,
            "end_points": start + start * stretch,
        }

    def transform(self, transformation: Transformation, size: Size) -> jax.Array:
        numbers = warp.perspective(transformation["start_points"], transformation["end_points"])
        unchanged = jnp.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
        return jnp.where(transformation["apply_perspective"][:, None], numbers, unchanged)


@family("layer").register("RandomElasticTransform")
class RandomElasticTransform(ImageLayer):
    """In training, distort each image as if printed on rubber, with a certain chance.

    Args:
        factor: the chance: two numbers, between which each image's is drawn; a single one stands
            for 0 and itself.
        scale: strength, from 0 to 1, drawn once a batch; a single number stands for 0 and itself.
        interpolation: ``"bilinear"`` or ``"nearest"``; masks are always sampled by ``"nearest"``.
        fill_mode: what stands beyond the border: ``"reflect"``, ``"wrap"``, ``"constant"``,
            ``"nearest"`` or ``"mirror"``.
        fill_value: of ``fill_mode="constant"``.
        value_range: the darkest and the brightest value a pixel can have; results are cut off
            there.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)``, and masks that come with them in a dictionary,
    keep their shapes and move alike. (In Keras, the two directions share one field of noise, and
    masks are distorted by another field than their images.)

    Raises:
        ConfigError: a factor or scale outside 0 to 1 or reversed, an unknown mode, bounding boxes
            among the data.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> RandomElasticTransform()(np.full((1, 8, 8, 1), 7.0)).round().max().item()
    7.0

    Simard et al., "Best Practices for Convolutional Neural Networks", ICDAR 2003.
    """

    moves = True

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.scale = scale
        self.interpolation = interpolation
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor)
        check_factor(self, "scale", scale)
        check_value_range(self, value_range)
        checks.one_of(self, "interpolation", interpolation, warp.INTERPOLATIONS)
        checks.one_of(self, "fill_mode", fill_mode, warp.FILL_MODES)
        checks.number(self, "fill_value", fill_value)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second, third = jax.random.split(key, 3)
        return {
            "apply_transform": draws.happens(first, size.batch, *interval(self.factor)),
            "distortion_factor": draws.uniform(second, (1,), *interval(self.scale))[0],
            "noise": random_normal(third, (size.batch, 2, size.height, size.width)),
        }

    def augment(self, images: Any, transformation: Transformation) -> Any:
        moved = self._distorted(images, transformation, self.interpolation)
        return jnp.clip(moved, *self.value_range)

    def augment_masks(self, masks: Any, transformation: Transformation) -> Any:
        return self._distorted(masks, transformation, "nearest")

    def _distorted(self, images: Any, transformation: Transformation, interpolation: str) -> Any:
        _, height, width, _ = images.shape
        strength = jnp.asarray(transformation["distortion_factor"])
        sigma = jnp.maximum(min(height, width) * 0.05 * strength, 1e-6)
        largest = int(6 * min(height, width) * 0.05 * interval(self.scale)[1]) | 1
        noise = self._noise(transformation, images.shape) * sigma
        down = blur.gaussian_matrix(height, largest, sigma)
        across = blur.gaussian_matrix(width, largest, sigma)
        field = jnp.einsum("hi,bcij,jw->bchw", down, noise, across)
        field = field * (max(height, width) * 0.1 * strength)
        x, y = warp.grid(height, width)
        applied = jnp.asarray(transformation["apply_transform"])[:, None, None]
        x, y = (p + jnp.where(applied, field[:, i], 0) for i, p in enumerate((x, y)))
        return warp.sample(images, x, y, interpolation, self.fill_mode, self.fill_value)

    def _noise(self, transformation: Transformation, shape: tuple[int, ...]) -> jax.Array:
        """(batch, 2, height, width), across and down; from a seed in Keras's transformations."""
        if "noise" in transformation:
            return jnp.asarray(transformation["noise"])
        batch, height, width, _ = shape
        seed = transformation.get("seed")
        key = jax.random.key(seed) if isinstance(seed, (int, np.integer)) else key_of(self)
        return random_normal(key, (batch, 2, height, width))

    def check_box_format(self) -> None:
        raise ConfigError(
            f"RandomElasticTransform {self.name!r} cannot distort bounding boxes.",
            got="an input with 'bounding_boxes'",
            fix="take the boxes out of its input, or use RandomPerspective.",
        )
