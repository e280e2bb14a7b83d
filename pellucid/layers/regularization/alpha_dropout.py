"""`AlphaDropout`: dropout that keeps mean and variance, for self-normalising networks."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import family
from ...kernels.dropout import keep_mask
from .dropout import Dropout
from .streams import key_of

# What SELU tends to for large negative inputs: the value of a unit that is switched off.
FLOOR = -1.6732632423543772 * 1.0507009873554805


@family("layer").register("AlphaDropout")
class AlphaDropout(Dropout):
    """In training, set a random share of the values to SELU's floor, then restore the scale.

    Mean and variance stay as they were, which networks of `selu` activations live by.

    Args:
        rate: the share that is dropped, from 0 to below 1.
        noise_shape: shape of the random mask, None where it is the input's, as for `Dropout`.
        seed: for a stream of random numbers of this layer's own.

    Raises:
        ConfigError: a rate outside 0 to 1, or 1 itself: no values would be left to restore.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(1, 10000))
    >>> y = AlphaDropout(0.2, seed=0)(x, training=True)
    >>> bool(abs(y.mean()) < 0.05), bool(abs(y.std() - 1) < 0.05)
    (True, True)

    Klambauer et al., "Self-normalizing neural networks", arXiv:1706.02515.
    """

    traits = frozenset({"dropout", "keeps_values", "linear", "same_shape"})

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ):
        super().__init__(rate, noise_shape, seed, **kwargs)
        if rate == 1:
            raise ConfigError(
                f"AlphaDropout {self.name!r} cannot drop everything and keep the variance.",
                got="rate=1",
                expected="a number from 0 to below 1",
                fix="rate=0.1, say.",
            )

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        keep = keep_mask(key_of(self), self.rate, self.mask_shape(inputs.shape))
        factor = ((1 - self.rate) * (1 + self.rate * FLOOR**2)) ** -0.5
        values = jnp.where(keep, inputs, jnp.asarray(FLOOR, inputs.dtype))
        return values * factor - factor * FLOOR * self.rate
