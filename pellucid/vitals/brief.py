"""A brief run of `fit` on a network that an earlier run has examined: it is not examined again.

Reinforcement learning, tests and loops written by hand call `fit` over and over for a few steps.
What a first run says of the network still holds, and examining it would take longer than the steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import ConfigError
from ..training.loop import Observer

BRIEF_STEPS = 32
"""Updates in all up to which a later run of a network is brief."""


def check_checkup(checkup: Any) -> None:
    """Refuse other words than `fit` knows for `checkup`."""
    if not isinstance(checkup, (bool, np.bool_)) and checkup != "auto":
        raise ConfigError(
            "checkup must be True, False or 'auto'.",
            got=repr(checkup),
            fix="'auto' examines the network, but for brief later runs of it.",
        )


def is_brief(
    session: Any, steps: int | None, callbacks: list[Any], *, checkup: Any, doctor: Any
) -> bool:
    """Whether a run of `fit` takes no checkups and asks no doctor.

    Args:
        session: of the model, its structure read.
        steps: updates in all; None where that is not known.
        callbacks: the user's; one with `on_vitals` waits for checkups.
        checkup, doctor: as `fit` was told; a run that was asked for either is not brief.
    """
    if checkup != "auto" or doctor not in ("auto", None):
        return False
    if steps is None or steps > BRIEF_STEPS or session.examined != session.layout.key:
        return False
    return not any(hasattr(callback, "on_vitals") for callback in callbacks)


class Brief(Observer):
    """Keeps every step's loss and gradient norm; the record is made when it is asked for.

    Args:
        session: of the model in training.
        history: of this run.
        plan: from `plan_of`.
    """

    def __init__(self, session: Any, history: Any, plan: dict[str, Any]):
        self.session = session
        self.history = history
        self._plan = plan
        self._first = 0
        self._signs: list[np.ndarray] = []
        self._rates: list[float] = []
        self._stopped = False

    def begin(self) -> None:
        self._first = int(self.session.state.step)
        self._plan["learning_rate"] = self._rate(self._first)

    def chunk(
        self, segment: Any, first: int, last: int, signs: Any, seconds: float, new: bool
    ) -> None:
        self._signs.append(np.array(signs[:, : last - first]))

    def epoch(self, epoch: int, last: bool) -> None:
        taken = sum(signs.shape[1] for signs in self._signs)
        rate = self._rate(max(0, self._first + taken - 1))
        self._rates.append(np.nan if rate is None else rate)

    def end(self) -> None:
        self._stopped = bool(self.session.model.stop_training)

    def _rate(self, step: int) -> float | None:
        from .network import learning_rate

        return learning_rate(self.session.model.optimizer, step)

    def record(self) -> Any:
        """The record of the run."""
        from .watch import begun

        record, history = begun(self.session.model, self._plan)[0], self.history
        record.first_step = self._first
        record.losses, record.gradient_norms = self.session.step_signs(self._signs)
        finite = np.isfinite(record.losses)
        if not finite.all():
            record.bad_step = self._first + int(np.argmin(finite))
        record.learning_rates = np.asarray(self._rates, np.float32)
        record.epochs = np.asarray(history.epoch, np.int64)
        record.history = {name: np.asarray(v) for name, v in history.history.items()}
        record.plan.interrupted = bool(history.interrupted)
        record.plan.stopped_early = self._stopped
        return record
