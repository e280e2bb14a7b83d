"""Adamax: Adam with the largest gradient in place of the root mean square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax

from .._core.specs import family
from .adam import BETAS
from .base import Optimizer
from .moments import by_moments, largest_size
from .settings import Common
from .transforms import Transformation, one_minus_power


@family("optimizer").register("Adamax", "adamax")
class Adamax(Optimizer):
    """Steps of the averaged gradient over its largest recent size, `u = max(beta_2 * u, |g|)`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        beta_1: the memory of the gradient's average, 0 to below 1.
        beta_2: how fast the largest size is forgotten, 0 to below 1.
        epsilon: added to the largest size.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Kingma and Ba, "Adam", section 7.1, 2015, https://arxiv.org/abs/1412.6980

    >>> Adamax(0.002)
    Adamax(learning_rate=0.002)
    """

    hyperparameters = (*Optimizer.hyperparameters, *BETAS)
    limits = {**Optimizer.limits, **BETAS}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        numbers = (hyper[name] for name in ("learning_rate", "beta_1", "beta_2", "epsilon"))
        return adamax(*numbers)


def adamax(learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any) -> Transformation:
    """Adam's infinity-norm form."""

    def movement_at(count: jax.Array) -> Any:
        rate = learning_rate / one_minus_power(beta_1, count)
        return lambda g, w, mean, size: -rate * mean / (size + epsilon)

    return by_moments(beta_1, beta_2, movement_at, second=("norm", largest_size))
