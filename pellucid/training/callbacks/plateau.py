"""`ReduceLROnPlateau`: a smaller learning rate when a number has stopped improving."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from .learning_rate import learning_rate_of
from .messages import say
from .monitor import MonitorCallback


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when a number has not improved for some epochs.

    The learning rate of each epoch joins the logs as ``"learning_rate"``. Nothing is recompiled.

    Args:
        monitor: the number's name in the logs.
        factor: below 1.
        patience: epochs without improvement before the learning rate is reduced.
        verbose: 1 says when it is.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to tell by the metric.
        min_delta: the least change that counts as better.
        cooldown: epochs to wait after a reduction before counting again.
        min_lr: the learning rate does not go below this.

    Raises:
        ConfigError: a `factor` of 1 or more, or a learning rate that follows a schedule.

    >>> ReduceLROnPlateau(monitor="loss", factor=0.5, patience=3).cooldown
    0
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ):
        super().__init__(monitor, mode, min_delta=min_delta)
        if not 0 <= factor < 1:
            raise ConfigError(
                "ReduceLROnPlateau reduces: its factor must be below 1.",
                got=repr(factor),
                expected="0 <= factor < 1",
                fix="factor=0.1 divides the learning rate by ten.",
            )
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.wait = 0
        self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Whether the last reduction was less than `cooldown` epochs ago."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._reset()
        learning_rate_of(self)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rate = learning_rate_of(self)
        value = self.monitored(logs)
        if logs is not None:
            logs["learning_rate"] = rate
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(value, self.best):
            self.best = value
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self._reduce(epoch, rate)

    def _reduce(self, epoch: int, rate: float) -> None:
        reduced = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = reduced
        self.cooldown_counter = self.cooldown
        self.wait = 0
        if self.verbose:
            say(
                f"Epoch {epoch + 1}: {self.monitor} has not improved for {self.patience} epochs, "
                f"learning rate {rate:.4g} -> {reduced:.4g}."
            )
