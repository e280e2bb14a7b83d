"""Schedule-free AdamW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError
from .._core.specs import family
from .base import Optimizer
from .limits import DECAY, NON_NEGATIVE, Interval
from .moments import mean_square
from .settings import Common
from .transforms import Transformation, copied, one_minus_power, per_tensor

# Dividing by beta_1 recovers the average, so it cannot be 0.
_BETAS = {
    "beta_1": Interval(0, 1, open_low=True, open_high=True),
    "beta_2": DECAY,
    "epsilon": NON_NEGATIVE,
}


@family("optimizer").register("ScheduleFreeAdamW", "schedulefreeadamw", "schedule_free_adamw")
class ScheduleFreeAdamW(Optimizer):
    """AdamW that needs no decay of the learning rate: it averages the weights as it goes.

    The weights in training lie between the point that the gradients move, `momentum`, and the
    average of all such points: `beta_1` of the way to the average.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        beta_1: how near to the average gradients are taken, above 0 to below 1.
        beta_2: the memory of the squares' average, 0 to below 1.
        epsilon: added to the corrected root.
        warmup_steps: updates over which the learning rate rises from 0.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Defazio et al., "The Road Less Scheduled", 2024, https://arxiv.org/abs/2405.15682

    >>> ScheduleFreeAdamW(warmup_steps=100)
    ScheduleFreeAdamW(warmup_steps=100)
    """

    hyperparameters = (*Optimizer.hyperparameters, *_BETAS)
    limits = {**Optimizer.limits, **_BETAS}

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        *common: Any,
        **named: Unpack[Common],
    ):
        if isinstance(warmup_steps, bool) or not isinstance(warmup_steps, int) or warmup_steps < 0:
            raise ConfigError(
                "ScheduleFreeAdamW: warmup_steps is a whole number of updates.",
                got=repr(warmup_steps),
                fix="warmup_steps=1000, or 0 for none.",
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.warmup_steps = warmup_steps
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        numbers = (hyper[name] for name in ("learning_rate", *_BETAS))
        return schedule_free_adam(*numbers, warmup=self.warmup_steps)


def schedule_free_adam(
    learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any, *, warmup: int = 0
) -> Transformation:
    """Adam's step on one sequence of weights, gradients between it and its running mean."""

    def rule_at(step: jax.Array) -> Any:
        count = (step + 1).astype(jnp.result_type(float))
        rate = learning_rate * jnp.minimum(count / warmup, 1.0) if warmup else learning_rate
        root = jnp.sqrt(one_minus_power(beta_2, count))

        def rule(g: jax.Array, w: jax.Array, momentum: jax.Array, velocity: jax.Array) -> Any:
            square = mean_square(velocity, g, beta_2)
            moved = momentum - rate * g / (jnp.sqrt(square) / root + epsilon)
            mean = (w - (1 - beta_1) * momentum) / beta_1
            mean = mean + (moved - mean) / count
            between = (1 - beta_1) * moved + beta_1 * mean
            return between - w, {"momentum": moved, "velocity": square}

        return rule

    return per_tensor({"momentum": copied, "velocity": 0.0}, rule_at)
