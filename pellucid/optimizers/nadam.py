"""Nadam: Adam with Nesterov momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from .._core.specs import family
from .adam import BETAS
from .base import Optimizer
from .moments import by_moments
from .settings import Common
from .transforms import Transformation, one_minus_power, scalar_beside


@family("optimizer").register("Nadam", "nadam")
class Nadam(Optimizer):
    """Adam that looks one step ahead; its momentum warms up, `u_t = beta_1 (1 - 0.96**t / 2)`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        beta_1: the memory of the gradient's average, 0 to below 1.
        beta_2: the memory of the squares' average, 0 to below 1.
        epsilon: added to the corrected root.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Dozat, "Incorporating Nesterov Momentum into Adam", 2015,
    https://cs229.stanford.edu/proj2015/054_report.pdf

    >>> Nadam(0.002)
    Nadam(learning_rate=0.002)
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
        return nadam(*numbers)


def nadam(learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any) -> Transformation:
    """Dozat's rule. Its state also holds the product of all momentums so far, `u_product`."""

    def moments(now: Any, ahead: Any, product: Any) -> Transformation:
        def movement_at(count: jax.Array) -> Any:
            of_mean = ahead / (1 - product * ahead)
            of_gradient = (1 - now) / (1 - product)
            root = jnp.sqrt(one_minus_power(beta_2, count))

            def movement(g: jax.Array, w: jax.Array, mean: jax.Array, square: jax.Array) -> Any:
                direction = of_mean * mean + of_gradient * g
                return -learning_rate * direction / (jnp.sqrt(square) / root + epsilon)

            return movement

        return by_moments(beta_1, beta_2, movement_at)

    def init(params: Any) -> Any:
        return {
            "u_product": scalar_beside(params, np.ones((), jnp.result_type(float))),
            **moments(0.0, 0.0, 0.0).init(params),
        }

    def update(gradients: Any, state: Any, params: Any, *, step: jax.Array, **_: Any) -> Any:
        state = dict(state)
        now, ahead = (beta_1 * (1 - 0.5 * jnp.power(0.96, step + n)) for n in (1, 2))
        product = state.pop("u_product") * now
        inner = moments(now, ahead, product)
        updates, state = inner.update(gradients, state, params, step=step)
        return updates, {"u_product": product, **state}

    return Transformation(init, update)
