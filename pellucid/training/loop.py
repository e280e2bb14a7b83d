"""The loops of fit and evaluate: epochs of segments of chunks, with observers between."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .._core.errors import DataError, OutOfDataWarning
from . import devices, program
from .callbacks.base import CallbackList
from .callbacks.batch_hooks import BatchHooks
from .feed import ArrayFeed, BlockFeed, Segment
from .session import Pace, Session, timed


class Interrupt:
    """Ctrl-C as a wish: set while a chunk computes, honoured when it ends."""

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def graceful_interrupt() -> Iterator[Interrupt]:
    """Let the first Ctrl-C finish the chunk under way; a second one raises at once."""
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    previous = signal.getsignal(signal.SIGINT)

    def handler(number: int, frame: Any) -> None:
        if interrupt.requested or not callable(previous):
            signal.signal(signal.SIGINT, previous)
            raise KeyboardInterrupt
        interrupt.requested = True

    if previous is signal.SIG_IGN or previous is None:
        yield interrupt
        return
    signal.signal(signal.SIGINT, handler)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, previous)


class Observer:
    """What looks on while `run_fit` trains, between chunks of steps; this one sees nothing."""

    after_first_step: bool = False
    """Whether the first chunk is to be one step, after which the network is looked at."""

    def begin(self) -> None:
        """Before the first step; the session holds the state."""

    def chunk(
        self, segment: Segment, first: int, last: int, signs: Any, seconds: float, new: bool
    ) -> None:
        """After steps `first` to `last - 1` of `segment`.

        Args:
            signs: (2, steps or more) loss and gradient norm of each step.
            seconds: what they took; with the time of compiling where `new`.
        """

    def meanwhile(self) -> None:
        """While the device computes steps; nothing here may look at the weights."""

    def epoch(self, epoch: int, last: bool) -> None:
        """After an epoch and its callbacks; `last` where training ends with it."""

    def end(self) -> None:
        """After the last epoch, before the callbacks of the end."""


def to_floats(logs: dict[str, Any], metric_names: list[str]) -> dict[str, Any]:
    """Scalars as Python floats, anything larger as it is; the loss first, metrics last.

    JAX returns dictionaries sorted by key, which is not the order that `compile` was given.
    """
    first = [name for name in ("loss",) if name in logs]
    middle = [name for name in logs if name not in (*first, *metric_names)]
    return {
        name: float(logs[name]) if np.ndim(logs[name]) == 0 else np.asarray(logs[name])
        for name in [*first, *middle, *metric_names]
        if name in logs
    }


def run_fit(
    session: Session,
    feed: ArrayFeed | BlockFeed,
    callbacks: CallbackList,
    history: Any,
    *,
    epochs: int,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation: Any = None,
    validation_freq: Any = 1,
    observer: Any = None,
) -> None:
    """Train for `epochs - initial_epoch` epochs; the model holds the result whatever happens.

    Args:
        validation: `() -> logs`, run after the epochs that `validation_freq` names.
        observer: looks on, as `Observer` does.
    """
    model = session.model
    model.stop_training = False
    session.start()
    pace = Pace()
    callbacks.call("on_train_begin", {})
    observer = observer or Observer()
    logs: dict[str, Any] = {}
    with graceful_interrupt() as interrupt:
        observer.begin()
        for epoch in range(initial_epoch, epochs):
            if model.stop_training:  # asked for before the first step
                break
            callbacks.call("on_epoch_begin", epoch, {})
            session.refresh()
            session.reset_sums()
            logs, done = _train_epoch(
                session, feed, callbacks, pace, (epoch, steps_per_epoch), interrupt, observer
            )
            if not done:
                _nothing_left(epoch, first=epoch == initial_epoch)
                break
            session.hold_metrics()
            due = validation is not None and _is_due(epoch, validation_freq)
            if due and not interrupt.requested:
                logs.update({f"val_{k}": v for k, v in validation().items()})
            history.interrupted = interrupt.requested
            callbacks.call("on_epoch_end", epoch, logs)
            history.interrupted = interrupt.requested  # Ctrl-C may have come while callbacks acted
            ends = interrupt.requested or model.stop_training
            observer.epoch(epoch, last=ends or epoch + 1 == epochs)
            if ends:
                break
        observer.end()
    session.finish()
    callbacks.call("on_train_end", logs)


def _is_due(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _train_epoch(
    session: Session,
    feed: ArrayFeed | BlockFeed,
    callbacks: CallbackList,
    pace: Pace,
    which: tuple[int, int | None],
    interrupt: Interrupt,
    observer: Observer,
) -> tuple[dict[str, Any], int]:
    """The logs of an epoch (its number, its steps) and how many steps there were."""
    done = 0
    total = feed.steps(which[1])
    logs: dict[str, Any] = {}
    hooks = BatchHooks(callbacks, "train")
    for segment in feed.epoch(*which):
        if not session.totals["sums"] and not session.totals["last"]:
            session.find_log_names(segment)
            session.reset_sums()
        number = segment.first
        kind = session.kind_of("train", segment)
        if pace.step_seconds is None and not observer.after_first_step:
            pace.step_seconds = session.pace(kind)  # an earlier run may have learned it
        while number < segment.last:
            count = min(program.STEPS, pace.steps(hooks.until_due(done, segment.last - number)))
            new = session.is_new(kind)
            if new:
                callbacks.call("on_compile", "train", None)
            if hooks.begin(done):
                session.refresh()
            # What a step takes is learned from the first chunks alone.
            meanwhile = observer.meanwhile if pace.step_seconds is not None else None
            seen, seconds = timed(session.train, segment, number, number + count, meanwhile)
            if new:
                devices.return_freed_memory(seconds)
                callbacks.call("on_compile", "train", seconds)
            pace.learn(count, seconds, new)
            session.note_pace(kind, pace.step_seconds)
            observer.chunk(segment, number, number + count, seen["signs"], seconds, new)
            number += count
            done += count
            logs = to_floats(seen["logs"], session.model.objective.metric_names)
            session.model.first_bad_step = int(seen["bad_step"])
            if hooks.ends_at(done):
                hooks.end(done, logs)
                session.refresh()
            callbacks.call("on_chunk_end", "train", done, total, logs)
            if interrupt.requested or session.model.stop_training:
                break
        if interrupt.requested or session.model.stop_training:
            break
    if hooks.end(done, logs):
        session.refresh()
    return logs, done


def _nothing_left(epoch: int, first: bool) -> None:
    """Training ends where a stream that runs once has run out."""
    if first:
        raise DataError(
            "There was nothing to train on.",
            got="0 batches in the epoch",
            fix="pass at least one sample.",
        )
    warnings.warn(
        f"The data ran out before epoch {epoch + 1}: a generator runs once, through all epochs "
        "together. Let it go on (while True: ...) and pass steps_per_epoch, or pass an object "
        "whose __iter__ makes it anew.",
        OutOfDataWarning,
        stacklevel=2,
    )


def run_evaluate(
    session: Session,
    feed: ArrayFeed | BlockFeed,
    callbacks: CallbackList,
    steps: int | None = None,
) -> dict[str, Any]:
    """Loss and metrics over one pass of `feed`."""
    callbacks.call("on_test_begin", {})
    variables = session.variables()
    objective = session.model.objective
    pace = Pace(seconds=0.5)
    hooks = BatchHooks(callbacks, "test")
    carry: Any = None
    logs: dict[str, Any] = {}
    done, total = 0, feed.steps(steps)
    feed.restart()
    model = session.model
    model.stop_evaluating = False
    for segment in feed.epoch(0, steps):
        if carry is None:
            metrics = objective.init_metrics()
            carry = (metrics, session.test_totals(metrics, segment), session.memory())
        number = segment.first
        kind = session.kind_of("eval", segment)
        if pace.step_seconds is None:
            pace.step_seconds = session.pace(kind)
        while number < segment.last:
            count = pace.steps(hooks.until_due(done, segment.last - number))
            new = session.is_new(kind)
            if new:
                callbacks.call("on_compile", "test", None)
            hooks.begin(done)
            (carry, seen), seconds = timed(
                session.evaluate, variables, carry, segment, number, number + count
            )
            if new:
                devices.return_freed_memory(seconds)
                callbacks.call("on_compile", "test", seconds)
            pace.learn(count, seconds, new)
            session.note_pace(kind, pace.step_seconds)
            number += count
            done += count
            logs = to_floats(devices.on_host(seen), objective.metric_names)
            if hooks.ends_at(done):
                hooks.end(done, logs)
            callbacks.call("on_chunk_end", "test", done, total, logs)
            if model.stop_evaluating:
                break
        if model.stop_evaluating:
            break
    hooks.end(done, logs)
    if not done and feed.spent():
        warnings.warn(
            "The generator that was to be validated or evaluated on has run out: there are no "
            "numbers of it any more. Let it go on (while True: ...).",
            OutOfDataWarning,
            stacklevel=2,
        )
        return {}
    if not done:
        raise DataError(
            "There was nothing to evaluate.", got="0 batches", fix="pass at least one sample."
        )
    session.remember(carry[2])
    objective.hold(carry[0])
    session.model.hold_loss(devices.on_host(carry[1]))
    callbacks.call("on_test_end", logs)
    return logs
