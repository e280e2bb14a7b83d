"""The doctor's visits while a model trains: one line for a new problem, and a stop if wanted."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from .._core.errors import ConfigError, VitalsWarning
from ..training.callbacks.base import Callback, CallbackList
from ..vitals.loaded import forget_initializers

if TYPE_CHECKING:
    from ..doctor import Diagnosis, Finding

IN_A_ROW = 3
"""Visits in a row that must find a symptom before it is spoken of: runs have bad moments."""
EPOCHS, STEPS = 3, 30
"""What a run must have behind it before its course is judged."""
AT_ONCE = frozenset({"loss-not-finite"})
"""Symptoms that no later epoch can take back."""
CERTAIN = 0.9
"""Confidence from which a problem ends a run that was told to stop."""


def doctor_callbacks(doctor: str | None) -> list[Callback]:
    """The callback for the argument `doctor` of `fit`: none, or one.

    Raises:
        ConfigError: another word.
    """
    if doctor not in ("warn", "stop", None):
        raise ConfigError(
            "doctor must be 'auto', 'warn', 'stop' or None.",
            got=repr(doctor),
            fix="'warn' prints a new problem once, 'stop' ends training on a certain one, None "
            "asks nobody.",
        )
    return [] if doctor is None else [DoctorVisits(stop=doctor == "stop")]


class DoctorVisits(Callback):
    """Examines the run's record after checkups; its last diagnosis is `history.diagnosis`.

    After every one where it may stop the run, else as long as that is cheap, and at the end.

    Args:
        stop: end training on a problem that is certain.

    Attributes:
        can_wait: a visit may take place while the next steps are computed.
        diagnosis: the latest.
        told: rules whose problem was told, or would have been if anything were shown.
    """

    remembers = (
        "told",
        "_in_a_row",
    )

    def __init__(self, stop: bool = False):
        super().__init__()
        self.stop = stop
        self.can_wait = not stop
        self.diagnosis: Diagnosis | None = None
        self.told: set[str] = set()
        self._display: Any = None
        self._in_a_row: dict[str, int] = {}

    def set_callbacks(self, callbacks: CallbackList) -> None:
        """Speak where progress is shown; nowhere if none is."""
        for callback in callbacks.callbacks:
            self._display = getattr(callback, "display", self._display)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.told, self._in_a_row = set(), {}
        if (record := self._record()) is not None:
            forget_initializers(self.model, record)
            self._visit(record, ("static", "data"))

    def on_vitals(self, record: Any) -> None:
        """After a checkup."""
        self._visit(record, ("static", "data", "initial", "training"))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._visit(self._record(), None, over=True)

    def _record(self) -> Any:
        return getattr(getattr(self.model, "history", None), "vitals", None)

    def _visit(self, record: Any, stages: Any, over: bool = False) -> None:
        if record is None:
            return
        try:
            self.diagnosis = self._examined(record, stages)
        except Exception as error:  # who only looks on must never end a training
            warnings.warn(
                f"The doctor could not read this run: {type(error).__name__}: {error}",
                VitalsWarning,
                stacklevel=2,
            )
            return
        self.model.history.diagnosis = self.diagnosis
        problems = self.diagnosis.problems
        found = {finding.rule for finding in problems}
        self._in_a_row = {rule: self._in_a_row.get(rule, 0) + 1 for rule in found}
        for finding in problems:
            if finding.rule not in self.told and self._sure(finding, record, over):
                self._tell(finding)

    def _examined(self, record: Any, stages: Any) -> Diagnosis:
        from ..doctor import examine

        return examine(record, stages)

    def _sure(self, finding: Finding, record: Any, over: bool) -> bool:
        """Whether to speak of it now: a judgement of the run's course waits."""
        from ..doctor import load_rules

        rule = load_rules()[finding.rule]
        if finding.rule in AT_ONCE or not (rule.symptom or rule.stage in ("training", "end")):
            return True
        if len(record.epochs) < EPOCHS or len(record.losses) < STEPS:
            return False
        return over or self._in_a_row[finding.rule] >= IN_A_ROW

    def _tell(self, finding: Finding) -> None:
        self.told.add(finding.rule)
        cause = finding.causes[0] if finding.causes else None
        text = f"doctor: {finding.symptom}"
        if cause is not None and cause.confidence >= 0.5:
            text += f" Likely cause: {cause.symptom}"
        self._say(f"{text} [{finding.rule}] More: print(model.diagnose())")
        if self.stop and finding.confidence >= CERTAIN and not self.model.stop_training:
            self.model.stop_training = True
            self._say("doctor: training is stopped; fit(..., doctor='warn') would go on")

    def _say(self, text: str) -> None:
        if self._display is not None:
            self._display.line(text)
