"""Adadelta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .base import Optimizer
from .limits import DECAY, NON_NEGATIVE
from .settings import Common
from .transforms import Transformation, moving_average, per_tensor


@family("optimizer").register("Adadelta", "adadelta")
class Adadelta(Optimizer):
    """Steps in the weights' own units: the gradient times rms(past steps) / rms(past gradients).

    Args:
        learning_rate: a number, a schedule, or a callable of the step; the paper's is 1.
        rho: the memory of both averages, 0 to below 1.
        epsilon: added under both roots.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Zeiler, "ADADELTA", 2012, https://arxiv.org/abs/1212.5701

    >>> Adadelta(1.0).hyper()
    {'learning_rate': 1.0, 'rho': 0.95, 'epsilon': 1e-07}
    """

    hyperparameters = (*Optimizer.hyperparameters, "rho", "epsilon")
    limits = {**Optimizer.limits, "rho": DECAY, "epsilon": NON_NEGATIVE}

    slot_order = (("accumulated_grad", "accumulated_delta_var"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.rho = rho
        self.epsilon = epsilon
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        return adadelta(hyper["learning_rate"], hyper["rho"], hyper["epsilon"])


def adadelta(learning_rate: Any, rho: Any, epsilon: Any) -> Transformation:
    """Zeiler's rule, with a learning rate in front."""

    def rule(
        g: jax.Array, w: jax.Array, accumulated_grad: jax.Array, accumulated_delta_var: jax.Array
    ) -> Any:
        squares = moving_average(accumulated_grad, jnp.square(g), rho)
        delta = -g * jnp.sqrt(accumulated_delta_var + epsilon) / jnp.sqrt(squares + epsilon)
        return learning_rate * delta, {
            "accumulated_grad": squares,
            "accumulated_delta_var": moving_average(accumulated_delta_var, jnp.square(delta), rho),
        }

    return per_tensor({"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}, lambda step: rule)
