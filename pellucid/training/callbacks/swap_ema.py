"""`SwapEMAWeights`: measure and save the averaged weights, train the others."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError, StateError
from .base import Callback


class SwapEMAWeights(Callback):
    """Put the averaged weights into the model for validation, and the trained ones back after it.

    The optimiser keeps the average: compile with `use_ema=True`.

    Args:
        swap_on_epoch: leave the averaged weights in the model from the end of an epoch to the
            beginning of the next, so that callbacks listed after this one, such as
            `ModelCheckpoint`, see them.

    Raises:
        ConfigError: the optimiser keeps no average.

    >>> SwapEMAWeights(swap_on_epoch=True).swap_on_epoch
    True
    """

    remembers = ("_trained",)

    def __init__(self, swap_on_epoch: bool = False):
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._trained: dict[str, Any] | None = None

    def _swap_in(self) -> None:
        if self._trained is not None:
            return
        session = self.model.session
        if session.state is None:
            raise StateError(
                "SwapEMAWeights has no averaged weights to put in: training has not started.",
                fix="call fit first.",
            )
        averages = self.model.optimizer.averages(session.state.optimizer)
        if averages is None:
            raise ConfigError(
                "SwapEMAWeights needs an optimiser that averages the weights.",
                got=repr(self.model.optimizer),
                fix="compile with an optimiser made with use_ema=True, such as Adam(use_ema=True).",
            )
        weights = session.layout.weights
        self._trained = {path: weights[path].donatable() for path in averages}
        for path, array in averages.items():
            weights[path].assign(array)

    def _swap_out(self) -> None:
        if self._trained is None:
            return
        for path, array in self._trained.items():
            self.model.session.layout.weights[path].take(array)
        self._trained = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._trained = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._swap_out()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._swap_in()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._trained = None  # what the model holds now is the average, for good

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._swap_in()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._swap_out()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._swap_in()

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self._swap_out()
