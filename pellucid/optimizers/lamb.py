"""Lamb: Adam's direction, as far in every tensor as the tensor is large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .adam import BETAS
from .base import Optimizer
from .clipping import squared_norm
from .moments import by_moments
from .settings import Common
from .transforms import Transformation, one_minus_power


@family("optimizer").register("Lamb", "lamb")
class Lamb(Optimizer):
    """Adam whose step in each tensor is scaled to the tensor's own norm: for very large batches.

    `w - lr * |w| / |u| * u`, where `u` is Adam's direction with both averages corrected.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        beta_1: the memory of the gradient's average, 0 to below 1.
        beta_2: the memory of the squares' average, 0 to below 1.
        epsilon: added to the corrected root.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", 2020,
    https://arxiv.org/abs/1904.00962

    >>> Lamb(0.002)
    Lamb(learning_rate=0.002)
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
        return lamb(*numbers)


def lamb(learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any) -> Transformation:
    """Adam's direction at each tensor's own scale."""

    def movement_at(count: jax.Array) -> Any:
        of_mean = 1 / one_minus_power(beta_1, count)
        of_square = 1 / one_minus_power(beta_2, count)

        def movement(g: jax.Array, w: jax.Array, mean: jax.Array, square: jax.Array) -> Any:
            direction = of_mean * mean / (jnp.sqrt(of_square * square) + epsilon)
            size, step = jnp.sqrt(squared_norm(w)), jnp.sqrt(squared_norm(direction))
            known = (size > 0) & (step > 0)  # a tensor of zeros has no size to go by
            ratio = jnp.where(known, size / jnp.where(known, step, 1.0), 1.0)
            return -learning_rate * ratio * direction

        return movement

    return by_moments(beta_1, beta_2, movement_at)
