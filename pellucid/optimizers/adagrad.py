"""Adagrad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .base import Optimizer
from .limits import NON_NEGATIVE
from .settings import Common
from .transforms import Transformation, per_tensor


@family("optimizer").register("Adagrad", "adagrad")
class Adagrad(Optimizer):
    """Steps over the root of all squared gradients so far: `w - lr * g / sqrt(sum(g**2) + eps)`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step; the paper's is 1.
        initial_accumulator_value: what the sum of squares starts from, at least 0.
        epsilon: added under the root.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011,
    https://jmlr.org/papers/v12/duchi11a.html

    >>> Adagrad(0.5).hyper()
    {'learning_rate': 0.5, 'epsilon': 1e-07}
    """

    hyperparameters = (*Optimizer.hyperparameters, "epsilon")
    limits = {
        **Optimizer.limits,
        "epsilon": NON_NEGATIVE,
        "initial_accumulator_value": NON_NEGATIVE,
    }

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        return adagrad(hyper["learning_rate"], hyper["epsilon"], self.initial_accumulator_value)


def adagrad(learning_rate: Any, epsilon: Any, start: float) -> Transformation:
    """Steps over the root of the sum of squared gradients, which starts from `start`."""

    def rule(g: jax.Array, w: jax.Array, accumulator: jax.Array) -> Any:
        total = accumulator + jnp.square(g)
        return -learning_rate * g / jnp.sqrt(total + epsilon), {"accumulator": total}

    return per_tensor({"accumulator": start}, lambda step: rule)
