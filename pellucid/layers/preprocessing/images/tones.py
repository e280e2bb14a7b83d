"""Grey, negatives, sharpness, fewer levels: simple changes of the values, at random."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core.specs import family
from ....kernels.images import blur, color, draws
from ... import checks
from .arguments import check_factor, check_value_range, interval
from .base import Size, Transformation
from .color import ColorLayer


@family("layer").register("RandomGrayscale")
class RandomGrayscale(ColorLayer):
    """In training, turn each image grey with a certain chance.

    Args:
        factor: the chance, from 0 to 1.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, 3)`` keep their shape: the three channels become equal.

    Raises:
        ConfigError: a chance outside 0 to 1.
        ShapeError: images that do not have three channels, or one.

    >>> import numpy as np
    >>> RandomGrayscale(1.0)(np.array([100.0, 0, 0]).reshape(1, 1, 1, 3)).ravel().round().tolist()
    [30.0, 30.0, 30.0]
    """

    channels = (1, 3)
    value_range = None

    def __init__(
        self,
        factor: float = 0.5,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.seed = seed
        checks.number(self, "factor", factor, 0, 1)
        self.check_seed(seed)

    def get_random_transformation(
        self, images: Any, training: bool = True, seed: Any = None
    ) -> Transformation | None:
        """As of every layer here; Keras calls the first argument `images` in this one."""
        return super().get_random_transformation(images, training, seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        return {"should_apply": draws.uniform(key, (size.batch,)) < self.factor}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        applied = transformation["should_apply"].reshape(-1, 1, 1, 1)
        return jnp.where(applied, color.grey(images), images).astype(images.dtype)


@family("layer").register("RandomColorDegeneration")
class RandomColorDegeneration(ColorLayer):
    """In training, fade the colours of each image towards grey by a random share.

    Args:
        factor: 0 changes nothing, 1 leaves only grey; a single number draws from 0 to it, two
            from the first to the second.
        value_range: the darkest and the brightest value a pixel can have; results are cut off
            there.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, 3)`` keep their shape.

    Raises:
        ConfigError: a factor outside -1 to 1 or reversed, a range that is none.
        ShapeError: images that do not have three channels, or one.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> red = np.array([100.0, 0, 0]).reshape(1, 1, 1, 3)
    >>> RandomColorDegeneration((1, 1))(red).ravel().round().tolist()
    [30.0, 30.0, 30.0]
    """

    channels = (1, 3)

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
        check_factor(self, "factor", factor, -1)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        return {"factor": draws.uniform(key, (size.batch, 1, 1, 1), *interval(self.factor))}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        share = self.column(transformation["factor"], images)
        return self.clip(color.blend(images, color.grey(images), share))


@family("layer").register("RandomInvert")
class RandomInvert(ColorLayer):
    """In training, turn each image into its negative with a certain chance.

    Args:
        factor: the chance: two numbers, between which each image's is drawn; a single one stands
            for 0 and itself.
        value_range: the darkest and the brightest value a pixel can have.
        seed: for a stream of random numbers of this layer's own.
        data_format: ``"channels_last"`` or ``"channels_first"``.

    Images ``(batch, height, width, channels)`` keep their shape. A value x becomes
    ``value_range[1] - x``.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> RandomInvert((1, 1))(np.array([0.0, 55.0]).reshape(1, 1, 2, 1)).ravel().tolist()
    [255.0, 200.0]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
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
        return {"apply_inversion": draws.happens(key, size.batch, *interval(self.factor))}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        applied = transformation["apply_inversion"].reshape(-1, 1, 1, 1)
        return jnp.where(applied, self.value_range[1] - images, images)


@family("layer").register("RandomSharpness")
class RandomSharpness(ColorLayer):
    """In training, sharpen or soften each image by a random amount.

    Args:
        factor: 0 is soft, 0.5 changes nothing, 1 is sharp; a single number draws from 0 to it,
            two from the first to the second.
        value_range: the darkest and the brightest value a pixel can have; results are cut off
            there.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)`` keep their shape.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> x = np.zeros((1, 3, 3, 1)); x[0, 1, 1, 0] = 130.0
    >>> RandomSharpness((0, 0))(x)[0, :, :, 0].round().tolist()
    [[10.0, 10.0, 10.0], [10.0, 50.0, 10.0], [10.0, 10.0, 10.0]]
    """

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
        return {"factor": draws.uniform(key, (size.batch,), *interval(self.factor))}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        softness = 1 - 2 * self.column(transformation["factor"], images)
        return self.clip(color.blend(images, blur.smooth(images), softness))


@family("layer").register("RandomPosterization")
class RandomPosterization(ColorLayer):
    """In training, keep only a few bits of each value, a random number for each image.

    Args:
        factor: how many bits, from 1 to 8, where 8 changes nothing: two numbers, the fewest and
            the most; a single one stands for 1 and itself.
        value_range: the darkest and the brightest value a pixel can have.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)`` keep their shape.

    Raises:
        ConfigError: bits that are not whole numbers from 1 to 8, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> RandomPosterization((1, 1))(np.array([100.0, 200.0]).reshape(1, 1, 2, 1)).ravel().tolist()
    [0.0, 128.0]
    """

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
        check_factor(self, "factor", factor, 1, 8)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        low, high = interval(self.factor)
        bits = draws.integers(key, (size.batch,), max(int(low), 1), int(high))
        return {"shift_factor": 8 - bits}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        shift = transformation["shift_factor"].reshape(-1, 1, 1, 1)
        full = color.rescale(images, self.value_range, (0, 255))
        return color.rescale(color.posterize(full, shift), (0, 255), self.value_range)


@family("layer").register("Solarization")
class Solarization(ColorLayer):
    """In training, invert the bright values of each image, after brightening it.

    Args:
        addition_factor: how much brighter first, as a share of the range of values; a single
            number draws from 0 to it.
        threshold_factor: where inverting starts, as a share of the range; 0 inverts everything.
        value_range: the darkest and the brightest value a pixel can have.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)`` keep their shape.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> layer = Solarization(threshold_factor=(0.5, 0.5))
    >>> layer(np.array([100.0, 200.0]).reshape(1, 1, 2, 1)).ravel().tolist()
    [100.0, 55.0]
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.addition_factor = addition_factor
        self.threshold_factor = threshold_factor
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "addition_factor", addition_factor)
        check_factor(self, "threshold_factor", threshold_factor)
        check_value_range(self, value_range)
        self.check_seed(seed)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        share = draws.uniform(key, (size.batch, 2))
        names = {"additions": self.addition_factor, "thresholds": self.threshold_factor}
        drawn = {}
        for column, (name, factor) in enumerate(names.items()):
            low, high = interval(factor)
            drawn[name] = 255 * (low + share[:, column] * (high - low))
        return drawn

    def augment(self, images: Any, transformation: Transformation) -> Any:
        addition = self.column(transformation["additions"], images)
        threshold = self.column(transformation["thresholds"], images)
        full = color.rescale(images, self.value_range, (0, 255))
        inverted = color.solarize(full, addition, threshold)
        return color.rescale(inverted, (0, 255), self.value_range)
