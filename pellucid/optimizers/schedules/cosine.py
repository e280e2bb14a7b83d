"""Schedules along a cosine."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import PellucidWarning
from ..._core.specs import family
from ..limits import NON_NEGATIVE, POSITIVE, Interval
from .base import LearningRateSchedule, as_float


@family("schedule").register("CosineDecay")
class CosineDecay(LearningRateSchedule):
    """Half a cosine wave down to `alpha` times its top, after an optional linear warm-up.

    Args:
        initial_learning_rate: the value at step 0.
        decay_steps: number of steps of the decay, above 0, warm-up not counted.
        alpha: the end value as a share of the top.
        name: a label.
        warmup_target: the top, reached after `warmup_steps`; None for no warm-up, the top is then
            `initial_learning_rate`.
        warmup_steps: number of steps of the warm-up.

    Raises:
        ConfigError: a number out of range.

    Loshchilov and Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983

    >>> schedule = CosineDecay(0.0, decay_steps=90, warmup_target=0.1, warmup_steps=10)
    >>> [round(float(schedule(step)), 6) for step in (0, 5, 10, 55, 100)]
    [0.0, 0.05, 0.1, 0.05, 0.0]
    """

    limits = {
        "initial_learning_rate": NON_NEGATIVE,
        "decay_steps": POSITIVE,
        "alpha": NON_NEGATIVE,
        "warmup_target": Interval(0, optional=True),
        "warmup_steps": NON_NEGATIVE,
    }

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ):
        if warmup_target is None and warmup_steps:
            warnings.warn(
                f"CosineDecay does not warm up: warmup_steps={warmup_steps} has no effect without "
                "warmup_target. Pass warmup_target=<the learning rate to reach>.",
                PellucidWarning,
                stacklevel=2,
            )
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> jax.Array:
        step = as_float(step)
        if self.warmup_target is None:
            return self.initial_learning_rate * self._decay(step)
        span = self.warmup_target - self.initial_learning_rate
        rising = self.initial_learning_rate + span * (step / (self.warmup_steps or 1))
        falling = self.warmup_target * self._decay(step - self.warmup_steps)
        return jnp.where(step < self.warmup_steps, rising, falling)

    def _decay(self, step: jax.Array) -> jax.Array:
        share = jnp.minimum(step, self.decay_steps) / self.decay_steps
        return (1 - self.alpha) * 0.5 * (1 + jnp.cos(jnp.pi * share)) + self.alpha


@family("schedule").register("CosineDecayRestarts")
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after another, each `t_mul` times longer and `m_mul` times as high.

    Args:
        initial_learning_rate: the value at step 0.
        first_decay_steps: number of steps of the first decay, above 0.
        t_mul: length of a decay over the length of the one before, at least 1.
        m_mul: height of a decay over the height of the one before.
        alpha: the end value of each decay as a share of `initial_learning_rate`.
        name: a label.

    Raises:
        ConfigError: a number out of range.

    Loshchilov and Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983

    >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=10)
    >>> [round(float(schedule(step)), 6) for step in (0, 5, 10, 20, 30)]
    [0.1, 0.05, 0.1, 0.05, 0.1]
    """

    limits = {
        "initial_learning_rate": NON_NEGATIVE,
        "first_decay_steps": POSITIVE,
        "t_mul": Interval(1),
        "m_mul": NON_NEGATIVE,
        "alpha": NON_NEGATIVE,
    }

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> jax.Array:
        periods = as_float(step) / self.first_decay_steps
        if self.t_mul == 1:
            restarts = jnp.floor(periods)
            share = periods - restarts
        else:
            restarts = self._restarts(periods)
            share = (periods - self._started(restarts)) / jnp.power(float(self.t_mul), restarts)
        height = jnp.power(float(self.m_mul), restarts)
        wave = 0.5 * height * (1 + jnp.cos(jnp.pi * share))
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)

    def _started(self, restarts: jax.Array) -> jax.Array:
        """When restart number `restarts` begins, in units of `first_decay_steps`."""
        return (jnp.power(float(self.t_mul), restarts) - 1) / (self.t_mul - 1)

    def _restarts(self, periods: jax.Array) -> jax.Array:
        guess = jnp.floor(jnp.log1p(periods * (self.t_mul - 1)) / jnp.log(float(self.t_mul)))
        # the float32 logarithm can fall just short of a whole number at the very step of a restart
        guess = jnp.where(periods >= self._started(guess + 1), guess + 1, guess)
        return jnp.where(periods < self._started(guess), guess - 1, guess)
