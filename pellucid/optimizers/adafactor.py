"""Adafactor."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from .._core.specs import family
from .base import Optimizer
from .limits import NON_NEGATIVE, NON_POSITIVE, POSITIVE
from .settings import Common
from .transforms import Transformation, filled_like, moving_average, per_tensor

_NUMBERS = {"epsilon_1": NON_NEGATIVE, "epsilon_2": NON_NEGATIVE, "clip_threshold": POSITIVE}


@family("optimizer").register("Adafactor", "adafactor")
class Adafactor(Optimizer):
    """Adaptive steps whose memory of squares is one number per row and column, not per weight.

    Args:
        learning_rate: a number, a schedule, or a callable of the step; the most that the relative
            step `1 / sqrt(t)` is held to.
        beta_2_decay: at most 0; the squares' memory after t updates is `1 - t ** beta_2_decay`.
        epsilon_1: added to the squares.
        epsilon_2: the least size that a tensor is taken to have: steps are relative to it.
        clip_threshold: the largest root mean square of a step before scaling.
        relative_step: accepted for Keras's programs. There as here the step is `1 / sqrt(t)` at
            most in any case.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Shazeer and Stern, "Adafactor", 2018, https://arxiv.org/abs/1804.04235

    >>> import jax.numpy as jnp
    >>> slots = Adafactor().init({"kernel": jnp.ones((30, 20))})["slots"]
    >>> slots["row"]["kernel"].shape, slots["column"]["kernel"].shape
    ((30,), (20,))
    """

    hyperparameters = (*Optimizer.hyperparameters, *_NUMBERS)
    limits = {**Optimizer.limits, **_NUMBERS, "beta_2_decay": NON_POSITIVE}

    slot_order = (("row", "column", "velocity"),)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step
        super().__init__(learning_rate, *common, **named)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Write every variable into `store`; what is not needed of a matrix in Keras's shape."""
        for number, (variable, shape) in enumerate(self._in_full()):
            value = variable.numpy()
            store[str(number)] = np.zeros(shape, value.dtype) if shape else value

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take every variable from a store that `save_own_variables` filled."""
        for number, (variable, shape) in enumerate(self._in_full()):
            if not shape:
                variable.assign(np.asarray(store[str(number)]))

    def _in_full(self) -> list[tuple[Any, tuple[int, ...]]]:
        """Each variable, and the shape that Keras gives it where it is not needed, else ()."""
        weights = [] if self.memory is None else list(self.memory.variables.values())
        last = len(self.variables) - len(self.slot_order[0]) * len(weights)
        velocity = {last + 3 * n + 2: w for n, w in enumerate(weights) if len(w.shape) > 1}
        return [
            (variable, tuple(velocity[n].shape) if n in velocity else ())
            for n, variable in enumerate(self.variables)
        ]

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        numbers = (hyper[name] for name in ("learning_rate", *_NUMBERS))
        return adafactor(*numbers, power=float(self.beta_2_decay))


def _rms(x: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.mean(jnp.square(x)))


# What is not needed for a weight of this rank is a single number.


def _rows(w: Any) -> jax.Array:
    return filled_like(w, 0.0, w.shape[:-1] if w.ndim > 1 else ())


def _columns(w: Any) -> jax.Array:
    return filled_like(w, 0.0, (*w.shape[:-2], w.shape[-1]) if w.ndim > 1 else ())


def _each(w: Any) -> jax.Array:
    return filled_like(w, 0.0, () if w.ndim > 1 else w.shape)


def adafactor(
    learning_rate: Any, epsilon_1: Any, epsilon_2: Any, clip_threshold: Any, *, power: float
) -> Transformation:
    """Shazeer and Stern's rule without momentum; the last two axes of a weight are factored."""

    def rule_at(step: jax.Array) -> Any:
        count = (step + 1).astype(jnp.result_type(float))
        rate = jnp.minimum(learning_rate, 1 / jnp.sqrt(count))
        memory = 1 - count**power

        def rule(g: jax.Array, w: jax.Array, row: Any, column: Any, velocity: Any) -> Any:
            squares = jnp.square(g) + epsilon_1
            if w.ndim > 1:
                row = moving_average(row, jnp.mean(squares, axis=-1), memory)
                column = moving_average(column, jnp.mean(squares, axis=-2), memory)
                share = row / jnp.mean(row, axis=-1, keepdims=True)
                square = share[..., None] * column[..., None, :]
            else:
                square = velocity = moving_average(velocity, squares, memory)
            direction = g / jnp.sqrt(square)
            direction = direction / jnp.maximum(1.0, _rms(direction) / clip_threshold)
            movement = -rate * jnp.maximum(epsilon_2, _rms(w)) * direction
            return movement, {"row": row, "column": column, "velocity": velocity}

        return rule

    return per_tensor({"row": _rows, "column": _columns, "velocity": _each}, rule_at)
