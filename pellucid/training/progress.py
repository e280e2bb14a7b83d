"""The progress display as a callback: what to say when; `progress_display` knows where."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._core.errors import ConfigError
from .._core.settings import is_interactive_logging_enabled
from .callbacks.base import Callback, CallbackList
from .progress_display import Frame, Lines, choose
from .progress_text import Pulse, duration_text, logs_text, step_text

FEW_EPOCHS, LINE_SECONDS = 20, 0.5
"""Of more epochs than this, lines that follow each other faster are left out, but the last."""
FEW_SAMPLES = 10
"""Held-out samples below which one more right answer moves the accuracy by a tenth or more."""
COMPILING = {
    "train": "compiling the training step ...",
    "test": "compiling the evaluation ...",
    "predict": "compiling the prediction ...",
}
CHUNK_SECONDS = 0.25
"""What a chunk of steps takes where no batch hook shortens it."""
LONG_SECONDS = 0.3
"""An evaluation or prediction shorter than this shows no bar."""


def progress_callbacks(verbose: Any, phase: str) -> list[Callback]:
    """The callbacks that show progress: none, or one.

    Args:
        verbose: 0 silent; 1 and "auto" a bar on a terminal or in a notebook; 2 a line an epoch.
            Into a pipe or a file it is a line an epoch in any case.
        phase: ``"train"``, ``"test"`` or ``"predict"``.

    Raises:
        ConfigError: another `verbose`.
    """
    if verbose not in (0, 1, 2, "auto"):
        raise ConfigError(
            "verbose must be 0, 1, 2 or 'auto'.",
            got=repr(verbose),
            fix="verbose=0 is silent, 1 a progress bar, 2 one line an epoch.",
        )
    if verbose == "auto" and not is_interactive_logging_enabled():
        verbose = 2
    if verbose == 0:
        return []
    display = choose(live=verbose in (1, "auto"))
    if phase == "predict" and not display.live:
        return []
    shown = Progress(phase, display)
    shown.every_line = verbose == 2  # asked for: one line an epoch, however fast
    return [shown]


class Progress(Callback):
    """Shows training, evaluation or prediction on a display; costs nothing between chunks.

    Args:
        phase: ``"train"`` (validation included), ``"test"`` or ``"predict"``.
        display: where to.
        clock: seconds, ever growing.
    """

    def __init__(self, phase: str, display: Lines, clock: Callable[[], float] = time.perf_counter):
        super().__init__()
        self.phase = phase
        self.display = display
        self.clock = clock
        self.others: CallbackList | None = None
        self.label = {"train": "", "test": "Evaluate", "predict": "Predict"}[phase]
        self.pulse = Pulse(clock)
        self._first_epoch = True
        self._epoch: int | None = None
        self._tail = ""
        self.every_line = False
        self._held = ""
        self._line_at = -1e9

    def set_callbacks(self, callbacks: CallbackList) -> None:
        """The list that this callback is in: some of the others are worth a remark."""
        self.others = callbacks

    # --- training

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._first_epoch, self._epoch, self._held = True, None, ""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self.label = f"Epoch {epoch + 1}/{self.params.get('epochs', '?')}"
        self.pulse, self._tail = Pulse(self.clock), ""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        parts = [self.label, *logs_text(logs or {}), *self._times()]
        bad = getattr(self.model, "first_bad_step", -1)
        if isinstance(bad, int) and bad >= 0:
            parts.append(f"(loss not finite since step {bad})")
        self._tell_epoch("  ".join(parts), epoch)
        if self._first_epoch:
            self._remark_on_batch_hooks()
        self._first_epoch = False

    def _tell_epoch(self, text: str, epoch: int) -> None:
        """Leave the epoch's line, or hold it back where epochs are many and fast."""
        epochs = self.params.get("epochs")
        many = isinstance(epochs, int) and epochs > FEW_EPOCHS and not self.every_line
        now = self.clock()
        last = isinstance(epochs, int) and epoch + 1 >= epochs
        if many and not last and now - self._line_at < LINE_SECONDS:
            self._held = text
            self.display.draw(Frame(text))
            return
        self._held, self._line_at = "", now
        self.display.line(text)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._held:  # training ended before the last epoch
            self.display.line(self._held)
            self._held = ""
        self.display.clear()
        history = getattr(self.model, "history", None)
        self._remark_on_few_samples(history)
        if self._epoch is None or not getattr(history, "interrupted", False):
            return
        kept = "the weights trained so far are kept"
        for callback in self.others.callbacks if self.others else ():
            restored = getattr(callback, "best_weights", None) is not None
            if restored and hasattr(callback, "weights_epoch"):
                kept = f"the weights are from epoch {callback.weights_epoch + 1}, the best"
        epochs = self.params.get("epochs", "?")
        self.display.line(f"stopped at epoch {self._epoch + 1} of {epochs} by Ctrl-C: {kept}")

    def _remark_on_few_samples(self, history: Any) -> None:
        plan = getattr(getattr(history, "vitals", None), "plan", None)
        held_out = getattr(plan, "validation_samples", None)
        if held_out and held_out < FEW_SAMPLES:
            samples = "1 sample is" if held_out == 1 else f"{held_out} samples are"
            self.display.line(
                f"{samples} held out: one more right is {1 / held_out:.0%}, validation figures are "
                "mostly chance"
            )

    def _remark_on_batch_hooks(self) -> None:
        callers = self.others.batch_callers("train") if self.others else []
        if not callers or not self.pulse.step_seconds:
            return
        callback, interval = min(callers, key=lambda caller: caller[1])
        steps = self.pulse.done
        undisturbed = max(1, round(steps * self.pulse.step_seconds / CHUNK_SECONDS))
        times = round(-(-steps // interval) / undisturbed)
        if times >= 2:
            every = "every step" if interval == 1 else f"every {interval} steps"
            self.display.line(
                f"callback {type(callback).__name__} is called {every}: "
                f"about {times} times more program calls"
            )

    # --- evaluation and prediction

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.phase == "test":
            self.pulse = Pulse(self.clock)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.phase == "test":
            self.display.line("  ".join([self.label, *logs_text(logs or {}), *self._times()]))

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.pulse = Pulse(self.clock)

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self.display.clear()

    # --- while it runs

    def on_compile(self, phase: str, seconds: float | None) -> None:
        if seconds is None:
            self.pulse.compiling = True
            self._draw(phase, 0, None, COMPILING.get(phase, "compiling ..."), now=True)
        else:
            self.pulse.compile_seconds += seconds

    def on_chunk_end(self, phase: str, done: int, total: int | None, logs: dict[str, Any]) -> None:
        if phase != self.phase:  # validation within fit
            self.pulse.compiling = False
            self.pulse.rest()
            self._draw(phase, done, total, self._tail)
            return
        self.pulse.chunk(done)
        if not self.display.live:
            return
        step = self.pulse.step_seconds
        parts = logs_text(logs)
        if step is not None:
            to_go = (total or done) - done
            left = [f"{duration_text(to_go * step)} left"] if to_go > 0 else []
            parts = [*left, *parts, step_text(step)]
        self._tail = "  ".join([*parts, *self._compile_text()])
        self._draw(phase, done, total, self._tail)

    def _draw(self, phase: str, done: int, total: int | None, tail: str, now: bool = False) -> None:
        if self.phase != "train" and self.pulse.seconds < LONG_SECONDS and not now:
            return
        label = f"{self.label}  validating" if phase != self.phase else self.label
        self.display.draw(Frame(label, done, total, tail), now)

    def _compile_text(self) -> list[str]:
        seconds = self.pulse.compile_seconds
        once = self.phase != "train" or self._first_epoch
        if seconds >= 1.0 or (once and seconds > 0):
            return [f"compiled in {duration_text(seconds)}"]
        return []

    def _times(self) -> list[str]:
        times = [duration_text(self.pulse.seconds)]
        if self.pulse.step_seconds is not None:
            times.append(step_text(self.pulse.step_seconds))
        return times + self._compile_text()
