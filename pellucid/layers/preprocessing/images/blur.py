"""`RandomGaussianBlur`: images out of focus, at random."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ...._core.errors import ConfigError
from ...._core.specs import family
from ....kernels.images import blur, draws
from .arguments import check_factor, check_value_range, interval
from .base import Size, Transformation
from .color import ColorLayer


@family("layer").register("RandomGaussianBlur")
class RandomGaussianBlur(ColorLayer):
    """In training, blur each image with a certain chance.

    Args:
        factor: the chance: two numbers, between which each image's is drawn; a single one stands
            for 0 and itself.
        kernel_size: how many pixels are mixed, an odd number; two for width and height.
        sigma: standard deviation of the kernel, from 0 to 1: two numbers, between which each
            image's is drawn; a single one stands for 0 and itself.
        value_range: the darkest and the brightest value a pixel can have.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.

    Images ``(batch, height, width, channels)`` keep their shape. Beyond the border is black.

    Raises:
        ConfigError: a factor outside 0 to 1 or reversed, an even kernel, a range that is none.
        DataError: when training starts, for images whose values are not in the range.

    >>> import numpy as np
    >>> x = np.zeros((1, 3, 3, 1)); x[0, 1, 1, 0] = 100.0
    >>> RandomGaussianBlur((1, 1), sigma=(1, 1))(x)[0, :, :, 0].round().tolist()
    [[8.0, 12.0, 8.0], [12.0, 20.0, 12.0], [8.0, 12.0, 8.0]]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.factor = factor
        self.kernel_size = kernel_size
        self.sigma = sigma
        self.value_range = value_range
        self.seed = seed
        check_factor(self, "factor", factor)
        check_factor(self, "sigma", sigma)
        check_value_range(self, value_range)
        self.check_seed(seed)
        sizes = self._sizes()
        odd = [isinstance(n, int) and not isinstance(n, bool) and n > 0 and n % 2 for n in sizes]
        if len(sizes) != 2 or not all(odd):
            raise ConfigError(
                f"The kernel_size of RandomGaussianBlur {self.name!r} must be odd, so that the "
                "kernel has a middle.",
                got=repr(kernel_size),
                expected="an odd whole number, or two",
                fix="kernel_size=3, say.",
            )

    def _sizes(self) -> tuple[Any, ...]:
        size = self.kernel_size
        return tuple(size) if isinstance(size, (tuple, list)) else (size, size)

    def draw(self, key: jax.Array, size: Size) -> Transformation:
        first, second = jax.random.split(key)
        sigma = draws.uniform(second, (size.batch, 2), *interval(self.sigma)) + 1e-6
        applied = draws.happens(first, size.batch, *interval(self.factor))
        return {"should_apply_blur": applied, "blur_factor": sigma}

    def augment(self, images: Any, transformation: Transformation) -> Any:
        sigma = jnp.asarray(transformation["blur_factor"], jnp.float32).reshape(-1, 2)
        applied = transformation["should_apply_blur"].reshape(-1, 1, 1, 1)
        blurred = blur.gaussian_blur(images, self._sizes(), sigma)
        return self.clip(jnp.where(applied, blurred, images))
