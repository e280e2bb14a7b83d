"""`ReduceLROnPlateau`: a smaller learning rate when a number has stopped improving."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from .learning_rate import Rate, learning_rates
from .messages import say
from .monitor import MonitorCallback


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when a number has not improved for some epochs.

    The learning rate of each epoch joins the logs as ``"learning_rate"``; of a `MultiOptimizer`
    each part's is reduced, and called ``"learning_rate_adam"`` by the part's name. Nothing is
    recompiled.

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
        ConfigError: a `factor` of 1 or more.
        ArgumentTypeError: the optimiser follows a schedule.

    >>> ReduceLROnPlateau(monitor="loss", factor=0.5, patience=3).cooldown
    0
    """

    remembers = (
        "best",
        "wait",
        "cooldown_counter",
    )

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
        learning_rates(self)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rates = learning_rates(self)
        value = self.monitored(logs)
        if logs is not None:
            logs.update({name: rate for _, name, rate in rates})
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
            high = [rate for rate in rates if rate.value > self.min_lr]
            if self.wait >= self.patience and high:
                self._reduce(epoch, high)

    def _reduce(self, epoch: int, rates: list[Rate]) -> None:
        self.cooldown_counter = self.cooldown
        self.wait = 0
        for optimizer, name, rate in rates:
            optimizer.learning_rate = reduced = max(rate * self.factor, self.min_lr)
            if self.verbose:
                say(
                    f"Epoch {epoch + 1}: {self.monitor} has not improved for {self.patience} "
                    f"epochs, {name.replace('_', ' ', 2)} {rate:.4g} -> {reduced:.4g}."
                )
