"""RMSprop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .base import Optimizer
from .limits import DECAY, NON_NEGATIVE, UNIT
from .settings import Common
from .transforms import Transformation, moving_average, per_tensor


@family("optimizer").register("RMSprop", "rmsprop")
class RMSprop(Optimizer):
    """Steps over the root of a moving average of squared gradients: `lr * g / sqrt(v + eps)`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        rho: the memory of the averages, 0 to below 1.
        momentum: the share of the last movement that is kept; 0 keeps none.
        epsilon: added under the root.
        centered: divide by the estimated variance, `v - mean(g)**2`, in place of `v`.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Hinton, "Neural Networks for Machine Learning", lecture 6, 2012,
    https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf

    >>> RMSprop(momentum=0.5).hyper()
    {'learning_rate': 0.001, 'rho': 0.9, 'momentum': 0.5, 'epsilon': 1e-07}
    """

    hyperparameters = (*Optimizer.hyperparameters, "rho", "momentum", "epsilon")
    limits = {**Optimizer.limits, "rho": DECAY, "momentum": UNIT, "epsilon": NON_NEGATIVE}

    slot_order = (("velocity",), ("momentum",), ("average_gradient",))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        return rmsprop(
            hyper["learning_rate"],
            hyper["rho"],
            hyper["epsilon"],
            momentum=hyper.get("momentum"),
            centered=self.centered,
        )


def rmsprop(
    learning_rate: Any, rho: Any, epsilon: Any, *, momentum: Any = None, centered: bool = False
) -> Transformation:
    """Steps over the root mean square of recent gradients."""

    def rule(g: jax.Array, w: jax.Array, velocity: jax.Array, **optional: jax.Array) -> Any:
        slots = {"velocity": moving_average(velocity, jnp.square(g), rho)}
        variance = slots["velocity"]
        if centered:
            mean = moving_average(optional["average_gradient"], g, rho)
            slots["average_gradient"] = mean
            variance = variance - jnp.square(mean)
        step = learning_rate * g / jnp.sqrt(variance + epsilon)
        if momentum is not None:
            step = momentum * optional["momentum"] + step
            slots["momentum"] = step
        return -step, slots

    names = ["velocity"]
    names += ["average_gradient"] if centered else []
    names += ["momentum"] if momentum is not None else []
    return per_tensor(dict.fromkeys(names, 0.0), lambda step: rule)
