"""FTRL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .base import Optimizer
from .limits import NON_NEGATIVE, NON_POSITIVE
from .settings import Common
from .transforms import Transformation, per_tensor

_STRENGTHS = (
    "l1_regularization_strength",
    "l2_regularization_strength",
    "l2_shrinkage_regularization_strength",
    "beta",
)


@family("optimizer").register("Ftrl", "ftrl")
class Ftrl(Optimizer):
    """Follow the regularised leader: sparse weights for wide, shallow models.

    Args:
        learning_rate: a number, a schedule, or a callable of the step; 0 gives NaN here.
        learning_rate_power: how the rate falls with the sum of squares, at most 0; 0 for not.
        initial_accumulator_value: what the sum of squares starts from, at least 0.
        l1_regularization_strength: at least 0; above 0, small weights become exactly 0.
        l2_regularization_strength: at least 0.
        l2_shrinkage_regularization_strength: at least 0; a penalty on the weights' size that is
            added to the gradient.
        beta: at least 0, the paper's smoothing of the rate.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    McMahan et al., "Ad Click Prediction", 2013, https://research.google/pubs/pub41159/

    >>> Ftrl(0.1, l1_regularization_strength=0.01)
    Ftrl(learning_rate=0.1, l1_regularization_strength=0.01)
    """

    hyperparameters = (*Optimizer.hyperparameters, *_STRENGTHS)
    limits = {
        **Optimizer.limits,
        **dict.fromkeys(_STRENGTHS, NON_NEGATIVE),
        "learning_rate_power": NON_POSITIVE,
        "initial_accumulator_value": NON_NEGATIVE,
    }

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        l1, l2, shrinkage, beta = (hyper[name] for name in _STRENGTHS)
        return ftrl(
            hyper["learning_rate"],
            power=float(self.learning_rate_power),
            start=self.initial_accumulator_value,
            l1=l1,
            l2=l2,
            shrinkage=shrinkage,
            beta=beta,
        )


def ftrl(
    learning_rate: Any, *, power: float, start: float, l1: Any, l2: Any, shrinkage: Any, beta: Any
) -> Transformation:
    """McMahan's rule: the weight that minimises the linear bound so far plus both penalties."""

    def rule(g: jax.Array, w: jax.Array, accumulator: jax.Array, linear: jax.Array) -> Any:
        total = accumulator + jnp.square(g)
        before, after = jnp.power(accumulator, -power), jnp.power(total, -power)
        # the bracket first: both terms are large next to what they leave
        slope = linear + (g + 2 * shrinkage * w - (after - before) / learning_rate * w)
        curvature = (after + beta) / learning_rate + 2 * l2
        leader = (jnp.clip(slope, -l1, l1) - slope) / curvature
        return leader - w, {"accumulator": total, "linear": slope}

    return per_tensor({"accumulator": start, "linear": 0.0}, lambda step: rule)
