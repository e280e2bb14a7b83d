"""Schedules that fall by a power, a ratio or in stairs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import family
from ..limits import NON_NEGATIVE, POSITIVE, check_number
from .base import LearningRateSchedule, as_float


@family("schedule").register("ExponentialDecay")
class ExponentialDecay(LearningRateSchedule):
    """Falls by a factor every `decay_steps`: `initial * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: number of steps, above 0.
        decay_rate: the factor per `decay_steps`.
        staircase: round `step / decay_steps` down, so that the value falls in stairs.
        name: a label.

    Raises:
        ConfigError: a number out of range.

    >>> round(float(ExponentialDecay(0.1, decay_steps=100, decay_rate=0.5)(200)), 6)
    0.025
    """

    limits = {
        "initial_learning_rate": NON_NEGATIVE,
        "decay_steps": POSITIVE,
        "decay_rate": NON_NEGATIVE,
    }

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> jax.Array:
        periods = as_float(step) / self.decay_steps
        if self.staircase:
            periods = jnp.floor(periods)
        return self.initial_learning_rate * jnp.power(float(self.decay_rate), periods)


@family("schedule").register("InverseTimeDecay")
class InverseTimeDecay(LearningRateSchedule):
    """Falls as one over time: `initial / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: number of steps, above 0.
        decay_rate: the growth of the denominator per `decay_steps`.
        staircase: round `step / decay_steps` down.
        name: a label.

    Raises:
        ConfigError: a number out of range.

    >>> round(float(InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5)(2)), 6)
    0.05
    """

    limits = ExponentialDecay.limits

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> jax.Array:
        periods = as_float(step) / self.decay_steps
        if self.staircase:
            periods = jnp.floor(periods)
        return self.initial_learning_rate / (1 + self.decay_rate * periods)


@family("schedule").register("PiecewiseConstantDecay")
class PiecewiseConstantDecay(LearningRateSchedule):
    """Constant between boundaries: `values[i]` up to and including step `boundaries[i]`.

    Args:
        boundaries: strictly increasing steps.
        values: one learning rate more than there are boundaries.
        name: a label.

    Raises:
        ConfigError: lengths that do not fit, boundaries out of order, a value out of range.

    >>> schedule = PiecewiseConstantDecay([100, 200], [0.1, 0.01, 0.001])
    >>> [round(float(schedule(step)), 6) for step in (0, 100, 101, 201)]
    [0.1, 0.1, 0.01, 0.001]
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ):
        if len(values) != len(boundaries) + 1:
            raise ConfigError(
                "PiecewiseConstantDecay needs one value more than it has boundaries.",
                got=f"{len(boundaries)} boundaries and {len(values)} values",
                fix=f"give {len(boundaries) + 1} values, the last for every step after the last "
                "boundary.",
            )
        for value in values:
            check_number("PiecewiseConstantDecay", "values", value, NON_NEGATIVE)
        if any(a >= b for a, b in itertools.pairwise(boundaries)):
            raise ConfigError(
                "PiecewiseConstantDecay needs boundaries in increasing order.",
                got=f"boundaries={list(boundaries)!r}",
                fix="sort the boundaries, with their values, and drop repeated ones.",
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> jax.Array:
        values = jnp.asarray(self.values, float)  # (intervals,)
        if len(self.boundaries) == 0:
            return values[0]
        return values[jnp.sum(jnp.asarray(step) > jnp.asarray(self.boundaries))]


@family("schedule").register("PolynomialDecay")
class PolynomialDecay(LearningRateSchedule):
    """From `initial_learning_rate` to `end_learning_rate` along `(1 - step/decay_steps) ** power`.

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: number of steps until the end value, above 0.
        end_learning_rate: the value at and after `decay_steps`.
        power: 1 is a straight line, 0.5 a square root.
        cycle: past the end, start again from `decay_steps` stretched to the next multiple.
        name: a label.

    Raises:
        ConfigError: a number out of range.

    >>> round(float(PolynomialDecay(0.1, 100, end_learning_rate=0.0)(25)), 6)
    0.075
    """

    limits = {
        "initial_learning_rate": NON_NEGATIVE,
        "decay_steps": POSITIVE,
        "end_learning_rate": NON_NEGATIVE,
        "power": NON_NEGATIVE,
    }

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> jax.Array:
        step = as_float(step)
        if self.cycle:
            share = step / (self.decay_steps * jnp.maximum(1, jnp.ceil(step / self.decay_steps)))
        else:
            share = jnp.minimum(step, self.decay_steps) / self.decay_steps
        span = self.initial_learning_rate - self.end_learning_rate
        return span * jnp.power(1 - share, float(self.power)) + self.end_learning_rate
