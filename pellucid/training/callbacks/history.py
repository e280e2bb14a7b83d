"""What `fit` returns: the logs of every epoch."""

from __future__ import annotations

from typing import Any

from .base import Callback


class History(Callback):
    """The record of a training run; `fit` makes one and returns it.

    Attributes:
        history: log name -> one value an epoch.
        epoch: the epochs' numbers.
        interrupted: whether Ctrl-C ended the run; the work until then is kept.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Dense(1)])
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> run = model.fit([[0.0], [1.0]], [[0.0], [1.0]], epochs=3, verbose=0)
    >>> len(run.history["loss"]), run.epoch
    (3, [0, 1, 2])
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self.interrupted = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name}={values[-1]:.4g}" for name, values in self.history.items())
        return f"<History {len(self.epoch)} epochs, last: {last}>"
