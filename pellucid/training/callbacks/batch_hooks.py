"""When batch hooks are due: between the compiled steps that they look at."""

from __future__ import annotations

from typing import Any

from .base import CallbackList


class BatchHooks:
    """The batch hooks of one phase, called every so many steps, wherever chunks and blocks end.

    Args:
        callbacks: whose hooks.
        phase: ``"train"``, ``"test"`` or ``"predict"``.

    Attributes:
        every: steps between two calls; None where nobody asks for them.
    """

    def __init__(self, callbacks: CallbackList, phase: str):
        self.callbacks = callbacks
        self.phase = phase
        self.every = callbacks.steps_between(phase)
        self.execution = callbacks.steps_per_execution
        self._begun: int | None = None

    def until_due(self, done: int, available: int) -> int:
        """Of `available` steps those that may run at once, after `done` of the epoch."""
        if self.every is None:
            return available
        return min(available, self.every - done % self.every)

    def begin(self, done: int) -> bool:
        """Before the step `done` of the epoch; whether hooks were called."""
        if self.every is None or self._begun is not None:
            return False
        self._begun = done
        self.callbacks.call(f"on_{self.phase}_batch_begin", done, {})
        return True

    def ends_at(self, done: int) -> bool:
        """Whether the hooks are due after `done` steps of the epoch."""
        return self._begun is not None and self.every is not None and done % self.every == 0

    def end(self, done: int, logs: dict[str, Any]) -> bool:
        """After `done` steps of the epoch, the last of those begun; whether hooks were called.

        The number that hooks are told is that of an execution's last step, as in Keras, even where
        the data ended before it.
        """
        if self._begun is None:
            return False
        first, self._begun = self._begun, None
        steps = -(-(done - first) // self.execution) * self.execution
        self.callbacks.call(f"on_{self.phase}_batch_end", first + steps - 1, logs)
        return True
