"""`EarlyStopping`: enough is enough, and which epoch's weights remain."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from .messages import number, say
from .monitor import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Stop training when a number has not improved for some epochs.

    Args:
        monitor: the number's name in the logs.
        min_delta: the least change that counts as better.
        patience: epochs without improvement after which training stops.
        verbose: 1 says what was done even where `fit` is silent.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to tell by the metric.
        baseline: training also stops if the number does not get past this one.
        restore_best_weights: give the model the best epoch's weights back when training ends, in
            whichever way it ends (also by Ctrl-C, or because the epochs are over).
        start_from_epoch: epochs, from 0, before this one are not looked at.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch, counted from 0.
        stopped_epoch: the epoch that training was stopped after, 0 if it was not.
        weights_epoch: the epoch that the model's weights are from, once training has ended.

    Raises:
        UnknownNameError: the logs of the first epoch hold no such number.

    >>> from pellucid import Sequential, layers
    >>> stop = EarlyStopping("loss", patience=2, min_delta=1e9)
    >>> model = Sequential([layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> run = model.fit([[0.0]], [[1.0]], epochs=9, callbacks=[stop], verbose=0)
    >>> len(run.epoch), stop.best_epoch, stop.stopped_epoch
    (3, 0, 2)
    """

    remembers = (
        "wait",
        "best",
        "best_epoch",
        "best_weights",
        "stopped_epoch",
        "weights_epoch",
    )

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ):
        super().__init__(monitor, mode, min_delta=min_delta)
        if patience < 0:
            raise ConfigError(
                "EarlyStopping: patience is a number of epochs.",
                got=repr(patience),
                fix="patience=0 stops at the first epoch without improvement.",
            )
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: Any = None
        self.stopped_epoch = 0
        self.weights_epoch: int | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._reset()

    def get_monitor_value(self, logs: dict[str, Any] | None) -> float | None:
        """The watched number of an epoch; None where it has none. A subclass may compute one."""
        return self.monitored(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.weights_epoch = epoch
        value = self.get_monitor_value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.improves(value, self.best):
            self.best = value
            self._keep(epoch)
            # An improvement that does not get past the baseline does not buy more time.
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)  # a first value that is NaN: still better than nothing
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        last = self.weights_epoch
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
            self.weights_epoch = self.best_epoch
        if last is not None and (self.verbose or self.params.get("verbose", 0)):
            self._report(last)

    def _report(self, last: int) -> None:
        if self.stopped_epoch:
            ended = f"Epoch {last + 1}: stopped early, {self.monitor} has not improved"
            ended += f" for {self.wait} epochs" if self.wait > 1 else ""
            if self.baseline is not None:
                ended += f" (baseline {number(self.baseline)})"
        elif self.best_weights is not None:
            ended = f"Epoch {last + 1}: training ended"
        else:
            return
        best = f"epoch {self.best_epoch + 1}, the best ({self.monitor} {number(self.best)})"
        if self.weights_epoch == self.best_epoch:
            say(f"{ended}; the weights are from {best}.")
        else:
            say(
                f"{ended}; the weights are from epoch {last + 1}. {best[0].upper()}{best[1:]}, "
                "comes back with restore_best_weights=True."
            )
