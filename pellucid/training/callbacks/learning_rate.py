"""`LearningRateScheduler`, and reading the learning rate that a callback is about to change."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..._core.errors import ArgumentTypeError, ConfigError
from ...layers.tree import unique
from .base import Callback
from .messages import say


class Rate(NamedTuple):
    """One learning rate of a model: whose it is, what it is called in the logs, its value."""

    optimizer: Any
    name: str
    value: float


def rated(optimizer: Any) -> dict[str, Any]:
    """The optimiser, or each of several inside of it, by what its learning rate is called."""
    parts = optimizer.rated
    if len(parts) == 1:
        return {"learning_rate": parts[0]}
    found: dict[str, Any] = {}
    for part in parts:
        found[unique(f"learning_rate_{part.name}", set(found))] = part
    return found


def learning_rates(callback: Callback) -> list[Rate]:
    """The learning rates that `callback` may change: one, or one for each of several optimisers.

    Raises:
        ArgumentTypeError: one follows a schedule, which a callback would silently override.
    """
    owner = type(callback).__name__
    found = []
    for name, optimizer in rated(callback.model.optimizer).items():
        if optimizer.schedule is not None:
            raise ArgumentTypeError(
                f"{owner} sets the learning rate, and the optimiser's already follows a schedule.",
                got=f"learning_rate={optimizer.schedule!r}",
                expected="a plain number",
                fix=f"compile with learning_rate=0.001, say, or leave {owner} out.",
            )
        found.append(Rate(optimizer, name, float(optimizer.learning_rate)))
    return found


class LearningRateScheduler(Callback):
    """Set the learning rate at the start of every epoch. Nothing is recompiled.

    The learning rate of each epoch joins the logs as ``"learning_rate"``; of a `MultiOptimizer`
    each part's is set, and called ``"learning_rate_adam"`` by the part's name.

    Args:
        schedule: ``schedule(epoch, learning_rate) -> learning_rate``, or ``schedule(epoch)``;
            epochs count from 0.
        verbose: 1 says what was set.

    Raises:
        ConfigError: `schedule` cannot be called, or returns no learning rate.
        ArgumentTypeError: the optimiser follows a schedule of its own.

    >>> halving = LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    >>> halving.schedule(3, 0.2)
    0.1
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0):
        super().__init__()
        if not callable(schedule):
            raise ConfigError(
                "LearningRateScheduler takes a function of the epoch and the learning rate.",
                got=repr(schedule),
                fix="LearningRateScheduler(lambda epoch, rate: rate * 0.9).",
            )
        self.schedule = schedule
        self.verbose = verbose

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        learning_rates(self)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for optimizer, name, rate in learning_rates(self):
            optimizer.learning_rate = new = self._next(epoch, rate)
            if self.verbose:
                called = name.replace("_", " ", 2)
                say(f"Epoch {epoch + 1}: {called} {rate:.4g} -> {new:.4g}.")

    def _next(self, epoch: int, rate: float) -> float:
        both = _takes_two(self.schedule)
        new = self.schedule(epoch, rate) if both else self.schedule(epoch)
        number = isinstance(new, (int, float)) or (
            hasattr(new, "dtype") and np.ndim(new) == 0 and np.issubdtype(new.dtype, np.number)
        )
        if isinstance(new, bool) or not number or not 0 <= float(new) < math.inf:
            raise ConfigError(
                f"The schedule of LearningRateScheduler gave no learning rate for epoch {epoch}.",
                got=repr(new),
                expected="a number of at least 0",
                fix="return the learning rate as a float, in every case.",
            )
        return float(new)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs.update({name: rate for _, name, rate in learning_rates(self)})


def _takes_two(schedule: Callable[..., Any]) -> bool:
    """Whether `schedule(epoch, rate)` can be called; where its signature is unknown, yes."""
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:  # a built-in without a signature
        return True
    return True
