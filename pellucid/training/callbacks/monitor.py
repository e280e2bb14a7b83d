"""Callbacks that watch one number: which way is better, and what to say when it is not there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..._core.errors import ConfigError, UnknownNameError
from ..._core.registry import did_you_mean
from .base import Callback
from .direction import direction


class MonitorCallback(Callback):
    """Base of callbacks that watch one number of the logs, once an epoch.

    Args:
        monitor: its name: ``"loss"``, a metric's name, or either with ``"val_"`` before it.
        mode: ``"min"`` where less is better, ``"max"`` where more is, ``"auto"`` to find out.
        baseline: the value that the first one must beat; None for none.
        min_delta: the least change that counts as better.

    Raises:
        ConfigError: another `mode`.

    A name that is not in the logs raises `UnknownNameError` when the first epoch ends.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ):
        super().__init__()
        owner = type(self).__name__
        if not isinstance(monitor, str):
            raise ConfigError(
                f"{owner}: monitor must be the name of a number in the logs.",
                got=repr(monitor),
                fix="monitor='val_loss', say.",
            )
        if mode not in ("auto", "min", "max"):
            raise ConfigError(
                f"{owner}: there is no mode {mode!r}.",
                got=repr(mode),
                expected="'auto', 'min' or 'max'",
                fix="mode='max' for accuracies, mode='min' for losses, or leave it out.",
            )
        self.monitor = monitor
        self.mode = mode
        self.min_delta = min_delta
        self.best = baseline
        self._seen = False

    def monitored(self, logs: dict[str, Any] | None) -> float | None:
        """The watched number, or None in an epoch without validation.

        Raises:
            UnknownNameError: there is none of that name; the nearest ones are suggested.
        """
        logs = logs or {}
        if self.monitor not in logs:
            if not self._seen:
                self._check_absent(logs)
            return None  # no validation in this epoch: validation_freq, or Ctrl-C
        self._seen = True
        value = logs[self.monitor]
        if np.ndim(value) != 0:
            raise ConfigError(
                f"{type(self).__name__} can only watch a single number, and {self.monitor!r} is "
                "an array.",
                got=f"shape {np.shape(value)}",
                fix="watch another metric, or one that averages over its parts.",
            )
        return float(value)

    def improves(self, value: float, reference: float | None) -> bool:
        """Whether `value` is better than `reference` by more than `min_delta`; NaN never is."""
        if math.isnan(value):
            return False
        if reference is None:
            return True
        least = abs(self.min_delta)
        return value - least > reference if self.upwards() else value + least < reference

    @property
    def monitor_op(self) -> Any:
        """`numpy.greater` where more is better, else `numpy.less`, as Keras has it."""
        return np.greater if self.upwards() else np.less

    def upwards(self) -> bool:
        """Whether more is better."""
        if self.mode != "auto":
            return self.mode == "max"
        found = direction(self.monitor, getattr(self.model, "objective", None))
        if found is None:
            raise ConfigError(
                f"{type(self).__name__} cannot tell whether a larger {self.monitor!r} is better.",
                got="mode='auto'",
                fix="pass mode='max' or mode='min'.",
            )
        return found == "max"

    def _check_absent(self, logs: dict[str, Any]) -> None:
        owner = type(self).__name__
        validated = any(name.startswith("val_") for name in logs)
        if self.monitor.startswith("val_") and not validated:
            plain = self.monitor.removeprefix("val_")
            if not self.params.get("validation"):
                instead = f" or monitor={plain!r}" if plain in logs else ""
                raise UnknownNameError(
                    f"{owner} watches {self.monitor!r}, and there is no validation data.",
                    got=f"logs {list(logs)}",
                    expected="fit(..., validation_data=...) or validation_split=...",
                    fix=f"pass validation_data=(x_val, y_val), validation_split=0.2{instead}.",
                )
            if plain in logs:
                return
        known = list(logs)
        if self.params.get("validation") and not validated:
            known += [f"val_{name}" for name in logs]
        raise UnknownNameError(
            f"{owner} watches {self.monitor!r}, and the logs hold no such number.",
            got=repr(self.monitor),
            expected=f"one of {known}",
            fix=did_you_mean(self.monitor, known),
        )
