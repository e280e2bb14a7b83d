"""Lion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .base import Optimizer
from .limits import DECAY, Interval
from .settings import Common
from .transforms import Transformation, moving_average, per_tensor


@family("optimizer").register("Lion", "lion")
class Lion(Optimizer):
    """Steps of one size for every weight: the sign of a mix of gradient and momentum.

    Args:
        learning_rate: a number, a schedule, or a callable of the step; 3 to 10 times smaller than
            for AdamW, with a weight decay as many times larger.
        beta_1: the momentum's share in the mix, above 0 to 1.
        beta_2: the memory of the momentum, 0 to below 1.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023,
    https://arxiv.org/abs/2302.06675

    >>> Lion().hyper()
    {'learning_rate': 0.001, 'beta_1': 0.9, 'beta_2': 0.99}
    """

    hyperparameters = (*Optimizer.hyperparameters, "beta_1", "beta_2")
    limits = {**Optimizer.limits, "beta_1": Interval(0, 1, open_low=True), "beta_2": DECAY}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        return lion(hyper["learning_rate"], hyper["beta_1"], hyper["beta_2"])


def lion(learning_rate: Any, beta_1: Any, beta_2: Any) -> Transformation:
    """Signs of an interpolated gradient."""

    def rule(g: jax.Array, w: jax.Array, momentum: jax.Array) -> Any:
        mixed = momentum * beta_1 + g * (1 - beta_1)
        return -learning_rate * jnp.sign(mixed), {"momentum": moving_average(momentum, g, beta_2)}

    return per_tensor({"momentum": 0.0}, lambda step: rule)
