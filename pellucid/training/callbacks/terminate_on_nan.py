"""`TerminateOnNaN`: no more steps once the loss is not a number."""

from __future__ import annotations

from typing import Any

from ..._core.errors import StateError
from .base import Callback
from .messages import say


class TerminateOnNaN(Callback):
    """Stop training when the loss becomes NaN or infinite, and say at which step.

    The compiled loop itself notes the first such step, so watching costs nothing; training ends
    with the chunk of steps under way, mostly within a second.

    Args:
        raise_error: raise instead of stopping in good order.

    Attributes:
        bad_step: the first step whose loss was not finite, counted from 0 since `compile`; None
            while there is none.

    >>> TerminateOnNaN().bad_step is None
    True
    """

    def __init__(self, raise_error: bool = False):
        super().__init__()
        self.raise_error = raise_error
        self.bad_step: int | None = None
        self._epoch = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.bad_step = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_chunk_end(self, phase: str, done: int, total: int | None, logs: dict[str, Any]) -> None:
        step = getattr(self.model, "first_bad_step", -1)
        if phase != "train" or step < 0 or self.bad_step is not None:
            return
        self.bad_step = step
        what = f"The loss is not finite since step {step}, in epoch {self._epoch + 1}"
        if self.raise_error:
            raise StateError(
                f"{what}.",
                got=f"loss {logs.get('loss')}",
                fix="lower the learning rate, clip gradients (clipnorm=1.0), or look for NaN and "
                "very large values in the data.",
            )
        say(f"{what}: training ends here.")
        self.model.stop_training = True
