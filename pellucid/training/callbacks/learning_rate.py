"""`LearningRateScheduler`, and reading the learning rate that a callback is about to change."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._core.errors import ConfigError
from .base import Callback
from .messages import say


def learning_rate_of(callback: Callback) -> float:
    """The learning rate that `callback` may change.

    Raises:
        ConfigError: it follows a schedule, which a callback would silently override.
    """
    owner, optimizer = type(callback).__name__, callback.model.optimizer
    schedule = getattr(optimizer, "schedule", None)
    if schedule is not None:
        raise ConfigError(
            f"{owner} sets the learning rate, and the optimiser's already follows a schedule.",
            got=f"learning_rate={schedule!r}",
            expected="a plain number",
            fix=f"compile with learning_rate=0.001, say, or leave {owner} out.",
        )
    return float(optimizer.learning_rate)


class LearningRateScheduler(Callback):
    """Set the learning rate at the start of every epoch. Nothing is recompiled.

    The learning rate of each epoch joins the logs as ``"learning_rate"``.

    Args:
        schedule: ``schedule(epoch, learning_rate) -> learning_rate``, or ``schedule(epoch)``;
            epochs count from 0.
        verbose: 1 says what was set.

    Raises:
        ConfigError: `schedule` cannot be called, or returns no learning rate.

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
        learning_rate_of(self)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rate = learning_rate_of(self)
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
        self.model.optimizer.learning_rate = float(new)
        if self.verbose:
            say(f"Epoch {epoch + 1}: learning rate {rate:.4g} -> {float(new):.4g}.")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _takes_two(schedule: Callable[..., Any]) -> bool:
    """Whether `schedule(epoch, rate)` can be called; where its signature is unknown, yes."""
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:  # a built-in without a signature
        return True
    return True
