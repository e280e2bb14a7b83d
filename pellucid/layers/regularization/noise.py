"""`GaussianNoise` and `GaussianDropout`: noise that is added or multiplied in training."""

from __future__ import annotations

import math
from typing import Any

from ..._core.errors import ConfigError
from ..._core.specs import family
from ...kernels.dropout import random_normal
from .. import checks
from ..base import Layer
from .streams import check_seed, key_of


@family("layer").register("GaussianNoise")
class GaussianNoise(Layer):
    """In training, add normal noise of mean 0.

    Args:
        stddev: standard deviation of the noise, from 0 to 1.
        seed: for a stream of random numbers of this layer's own.

    Raises:
        ConfigError: a standard deviation outside 0 to 1.

    >>> import numpy as np
    >>> GaussianNoise(0.1)(np.zeros((1, 3))).tolist()
    [[0.0, 0.0, 0.0]]
    """

    traits = frozenset({"keeps_values", "per_step", "same_shape"})
    batch_safe = True
    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.stddev = stddev
        self.seed = seed
        checks.number(self, "stddev", stddev, 0, 1)
        check_seed(self, seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.stddev == 0:
            return inputs
        return inputs + random_normal(key_of(self), inputs.shape, inputs.dtype) * self.stddev


@family("layer").register("GaussianDropout")
class GaussianDropout(Layer):
    """In training, multiply by normal noise of mean 1, with the variance that dropout has.

    Args:
        rate: from 0 to below 1; the noise has standard deviation ``sqrt(rate / (1 - rate))``.
        seed: for a stream of random numbers of this layer's own.

    Raises:
        ConfigError: a rate outside 0 to 1, or 1 itself, where the noise would be infinite.

    >>> import numpy as np
    >>> GaussianDropout(0.5)(np.ones((1, 3))).tolist()
    [[1.0, 1.0, 1.0]]

    Srivastava et al., "Dropout", JMLR 2014, section 10.
    """

    traits = frozenset({"dropout", "keeps_values", "linear", "per_step", "same_shape"})
    batch_safe = True
    supports_masking = True

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate = rate
        self.seed = seed
        checks.number(self, "rate", rate, 0, 1)
        if rate == 1:
            raise ConfigError(
                f"GaussianDropout {self.name!r} cannot drop everything: infinite noise.",
                got="rate=1",
                expected="a number from 0 to below 1",
                fix="rate=0.5, say.",
            )
        check_seed(self, seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1 - self.rate))
        return inputs * (1 + random_normal(key_of(self), inputs.shape, inputs.dtype) * stddev)
