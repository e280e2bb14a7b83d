"""What looks on while a model trains, and fills the run's record: `History.vitals`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np

from .._core.errors import VitalsWarning
from ..record.schema import RunRecord
from ..training.callbacks.base import CallbackList
from ..training.loop import Observer
from .checkup_schedule import Examining
from .data_of_fit import data_signs
from .first_fault import Replay
from .network import learning_rate, record_of

SHARE = 0.01
"""Of the time of training, what the checkups may take before some are left out; and, of the time
since they were told last, what telling those who can wait may take."""
KEPT_STEPS = 2**22
"""Of a longer run, the losses and gradient norms of the last so many steps are kept."""


class VitalSigns(Observer):
    """Notes every step's loss and gradient norm, and examines the network now and then.

    Args:
        record: to be filled; its static part is there.
        session: of the model in training.
        source, held_out: training and validation data.
        batch_size: samples a step.
        checkup: False leaves the examinations out.
        history: epochs and logs, as `History` collects them.
        notify: called with the record after every checkup.
        notify_later: likewise, while the device computes the next steps; not after the last.

    Attributes:
        record: the run's record; `checkups` are brought up to date by `update`.
        examining: the checkups.
    """

    def __init__(
        self,
        record: RunRecord,
        session: Any,
        source: Any,
        held_out: Any,
        batch_size: int,
        *,
        checkup: bool,
        history: Any,
        notify: Callable[[RunRecord], None] | None = None,
        notify_later: Callable[[RunRecord], None] | None = None,
    ):
        self.record = record
        self.session = session
        self.history = history
        self.notify, self.notify_later = notify, notify_later
        # Code that must run eagerly may not be traceable.
        eager = session.model.run_eagerly or getattr(jax.config, "jax_disable_jit", False)
        self.checkup = checkup and not eager
        self.examining = Examining(session, source, held_out, batch_size)
        self.replay = Replay(session)
        self._data = (source, held_out)
        self._waiting: list[Callable[[], Any]] = []
        self._told_at, self._telling = 0.0, 0.0
        self._signs: list[np.ndarray] = []
        self._trained = 0.0
        self._steps = 0
        self._epochs = 0
        self._every = 1
        self._rate: float | None = None
        self._missing: list[str] = []
        self._told = False

    # --- what the loop calls

    after_first_step = True

    def begin(self) -> None:
        self._steps = int(self.session.state.step)
        self.record.first_step = self._steps
        self._try("place of a first bad step", self.replay.start)
        if self.checkup:
            compiled = self._examine(self._describe_data)
            if compiled:  # training is about to compile as well: what there is to tell comes first
                self.meanwhile()

    def chunk(
        self, segment: Any, first: int, last: int, signs: Any, seconds: float, new: bool
    ) -> None:
        begun = bool(self._signs)
        noted = np.array(signs[:, : last - first])
        self._signs.append(noted)
        if self.record.bad_step < 0:
            look = partial(self._watch_out, noted, segment, first, last, seconds)
            self._try("place of its first bad step", look)
        self._steps += last - first
        self._rate = self._constant_rate()
        if not new:
            self._trained += seconds
        if not begun and self.checkup:
            self._examine()
        self._complain()

    def epoch(self, epoch: int, last: bool) -> None:
        self._epochs += 1
        self._note_rate()
        if self.checkup and (last or self._due()):
            self._examine()

    def meanwhile(self) -> None:
        """Do on the host what can be done while the device computes."""
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()

    def end(self) -> None:
        self._waiting = [work for work in self._waiting if work != self._tell_later]
        self.meanwhile()
        self._try("vital signs", self.update)
        self._complain()
        found = self.examining
        if self.checkup and found.when:
            self.session.examined = self.session.layout.key
        if found.probe is not None:  # the report shows what the network answers on them
            held = found.held_out is not None
            kept = ("validation", found.held_out) if held else ("training", found.probe)
            self.history.samples = kept

    def _due(self) -> bool:
        """Whether this epoch has its checkup: every 2nd, 4th, ... where they would cost much."""
        if self._epochs <= 2:
            return True
        while self.examining.seconds > SHARE * self._trained and self._every < 2**20:
            if self._epochs % (2 * self._every):
                return False
            self._every *= 2
            break
        return self._epochs % self._every == 0

    # --- the record

    def update(self) -> RunRecord:
        """Bring the record's arrays up to date."""
        record = self.record
        signs = self.session.step_signs(self._signs)
        self._signs = [signs] if self._signs else []
        kept = signs[:, -KEPT_STEPS:]
        record.first_step = self._steps - kept.shape[1]
        record.losses, record.gradient_norms = kept
        record.checkups = self.examining.checkups()
        record.epochs = np.asarray(self.history.epoch, np.int64)
        record.history = {name: np.asarray(v) for name, v in self.history.history.items()}
        record.plan.interrupted = bool(self.history.interrupted)
        record.plan.stopped_early = bool(self.session.model.stop_training)
        return record

    def _constant_rate(self) -> float | None:
        """The learning rate of the steps just taken; None where it follows a schedule."""
        optimizer = self.session.model.optimizer
        return None if getattr(optimizer, "schedule", None) else learning_rate(optimizer)

    def _note_rate(self) -> None:
        """Note the rate that the epoch ended with, before callbacks changed it for the next."""
        rate = self._rate
        if rate is None:
            rate = learning_rate(self.session.model.optimizer, max(0, self._steps - 1))
        rates = [*self.record.learning_rates, np.nan if rate is None else rate]
        self.record.learning_rates = np.asarray(rates, np.float32)

    # --- examining

    def _examine(self, *also: Callable[[], Any]) -> bool:
        """Examine the network as it stands now, and tell who wants to know.

        Args:
            also: what is to be done before.

        Returns:
            Whether a program was compiled for it.
        """
        found = self.examining
        compiled = False
        if found.when and found.when[-1][0] == self._steps:
            found.when[-1] = (self._steps, self._epochs)
        else:
            first = not found.when

            def take() -> None:
                nonlocal compiled
                compiled = found.take(self._steps, self._epochs)

            self.checkup = self._try(self._what(), take)
            self._waiting += [self._launch, *also]
            if first and self.checkup:
                self._waiting.append(self._note_use)
        if self.checkup and self.notify is not None:
            self.meanwhile()
            self._tell(self.notify)
        if self.checkup and self._tell_later not in self._waiting and self._due_to_tell():
            self._waiting.append(self._tell_later)
        return compiled

    def _launch(self) -> None:
        self.checkup = self._try(self._what(), self.examining.launch) and self.checkup

    def _due_to_tell(self) -> bool:
        """Whether those who can wait are told now: at first, of bad news, and when it is cheap."""
        if self.notify_later is None:
            return False
        news = self.record.bad_step >= 0 or len(self.examining.when) <= 1
        return news or self._telling <= SHARE * (self._trained - self._told_at)

    def _what(self) -> str:
        return f"checkups from step {self._steps} on"

    def _tell_later(self) -> None:
        if self.notify_later is not None:
            self._telling = self._tell(self.notify_later)
            self._told_at = self._trained

    def _tell(self, notify: Callable[[RunRecord], None]) -> float:
        """Call `notify` with the record brought up to date; returns the seconds that took."""
        start = time.perf_counter()
        self.checkup = self._try(self._what(), self.update)
        notify(self.record)
        taken = time.perf_counter() - start
        if len(self.examining.when) > 1:
            self.examining.seconds += taken
        return taken

    def _note_use(self) -> None:
        """Say of each trained weight whether the loss depends on it."""

        def look() -> None:
            used = self.examining.used()
            for weight in self.record.weights:
                weight.used = used.get(weight.path)

        self.checkup = self._try(self._what(), look)

    def _try(self, what: str, look: Callable[[], Any]) -> bool:
        """Whether `look` came to its end: what only looks on must never end a training."""
        try:
            look()
        except Exception as error:
            self.miss(f"{what}: {str(error).strip() or type(error).__name__}")
            return False
        return True

    def miss(self, what: str) -> None:
        """Note that something will not be in the record, and why."""
        self._missing.append(f"This run has no {what.splitlines()[0]}")

    def _complain(self) -> None:
        """Say the first thing that is missing, once steps were taken.

        Where training itself cannot begin, for the same reason, only its error is of use.
        """
        if self._missing and not self._told:
            self._told = True
            warnings.warn(self._missing[0], VitalsWarning, stacklevel=2)

    def _watch_out(
        self, noted: np.ndarray, segment: Any, first: int, last: int, seconds: float
    ) -> None:
        """Look for the first step whose loss or gradient is not finite, and for the reason."""
        finite = np.isfinite(noted[: self._watched()])
        if finite.all():
            self.replay.note(segment, first, last, seconds)
            return
        bad = np.flatnonzero(~finite.all(axis=0))
        record = self.record
        record.bad_step = self._steps + int(bad[0])
        self.replay.note_only(segment, first, last)
        record.bad_place, record.bad_cause = self.replay.find(record.bad_step)

    def _watched(self) -> int:
        """How many rows of the signs must be finite: none, the loss, or the gradient as well."""
        if self.session.model.overrides("train_step"):  # tells no gradient, and perhaps no loss
            return int(self.session.tells_loss)
        # Gradients that overflow are an everyday matter of loss scaling.
        return 1 if self.record.plan.optimizer == "LossScaleOptimizer" else 2

    def _describe_data(self) -> None:
        def look() -> None:
            self.record.data = data_signs(self.session.model, self.record, *self._data)

        self._try("data statistics", look)


def watch(
    session: Any,
    source: Any,
    held_out: Any,
    watchers: CallbackList,
    history: Any,
    *,
    checkup: bool,
    plan: dict[str, Any],
) -> VitalSigns:
    """The observer of one call of `fit`, its record begun and hung on `history`.

    Callbacks that have a method `on_vitals(record)` are called after every checkup.

    Args:
        session, source, held_out, history: of this call.
        watchers: its callbacks.
        checkup: whether there are checkups.
        plan: from `plan_of`.
    """
    record, unknown = begun(session.model, plan)
    history.vitals = record
    wanted = [c for c in watchers.callbacks if hasattr(c, "on_vitals")]
    later = [c for c in wanted if getattr(c, "can_wait", False)]
    now = [c for c in wanted if c not in later]
    observer = VitalSigns(
        record,
        session,
        source,
        held_out,
        record.plan.batch_size or 1,
        checkup=checkup,
        history=history,
        notify=_all_of(now),
        notify_later=_all_of(later),
    )
    if unknown:
        observer.miss(unknown)
    return observer


def plan_of(
    source: Any,
    held_out: Any,
    feed: Any,
    watchers: CallbackList,
    *,
    sizes: tuple[int, int, int | None],
    weights: tuple[Any, Any],
    shuffle: bool,
) -> dict[str, Any]:
    """What a call of `fit` says of its plan, as fields of `Plan`.

    Args:
        source, held_out, feed, watchers: of this call.
        sizes: samples a step, epochs, steps an epoch as `fit` was told.
        weights: class and sample weights as `fit` was told.
        shuffle: likewise.
    """
    batch_size, epochs, asked = sizes
    class_weight, sample_weight = (given is not None for given in weights)
    return {
        "batch_size": batch_size,
        "epochs": epochs,
        "steps_per_epoch": feed.steps(asked),
        "samples": getattr(source, "n", None),
        "validation_samples": getattr(held_out, "n", None),
        "callbacks": [type(callback).__name__ for callback in watchers.callbacks],
        "class_weight": class_weight,
        "sample_weight": sample_weight,
        "shuffle": bool(shuffle),
    }


def begun(model: Any, plan: dict[str, Any]) -> tuple[RunRecord, str]:
    """A record of what is known before the first step, and what could not be found out.

    Args:
        model: compiled and built.
        plan: from `plan_of`.
    """
    try:
        record, unknown = record_of(model), ""
    except Exception as error:  # a layer of the user's own may describe itself in odd ways
        record, unknown = RunRecord(model.name), f"description of the network: {error}"
    for name, value in plan.items():
        setattr(record.plan, name, value)
    return record, unknown


def _all_of(callbacks: list[Any]) -> Callable[[RunRecord], None] | None:
    """One call for the `on_vitals` of several callbacks; None for none."""

    def notify(record: RunRecord) -> None:
        for callback in callbacks:
            callback.on_vitals(record)

    return notify if callbacks else None
