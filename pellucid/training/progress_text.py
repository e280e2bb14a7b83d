"""Numbers and times: measured, and as the progress lines show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def value_text(name: str, value: Any) -> str:
    """One number of the logs, four digits that matter.

    >>> value_text("loss", 0.12344), value_text("loss", 3e-6), value_text("learning_rate", 5e-4)
    ('0.1234', '3.0000e-06', '0.0005')
    """
    value = float(value)
    if "learning_rate" in name:
        return f"{value:.4g}"
    if value == 0 or not np.isfinite(value) or 1e-3 <= abs(value) < 1e6:
        return f"{value:.4f}"
    return f"{value:.4e}"


def logs_text(logs: Mapping[str, Any]) -> list[str]:
    """``name value`` for every single number of the logs.

    >>> logs_text({"loss": 0.5, "per_class": np.zeros(3)})
    ['loss 0.5000']
    """
    return [f"{k} {value_text(k, v)}" for k, v in logs.items() if np.ndim(v) == 0]


def duration_text(seconds: float) -> str:
    """
    >>> duration_text(0.04), duration_text(1.23), duration_text(125), duration_text(7300)
    ('40 ms', '1.2 s', '2 min 05 s', '2 h 01 min')
    """
    if seconds < 0.1:
        return f"{seconds * 1e3:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def step_text(seconds: float) -> str:
    """
    >>> step_text(6.2e-3), step_text(7e-5), step_text(1.5)
    ('6.2 ms/step', '0.070 ms/step', '1.5 s/step')
    """
    if seconds >= 1:
        return f"{seconds:.1f} s/step"
    return f"{seconds * 1e3:.{1 if seconds >= 1e-3 else 3}f} ms/step"


class Pulse:
    """Steps and seconds of one epoch, with compilation kept apart.

    Args:
        clock: seconds, ever growing.
    """

    def __init__(self, clock: Callable[[], float]):
        self.clock = clock
        self.start = self.mark = clock()
        self.compiling = False
        self.compile_seconds = 0.0
        self.done = 0
        self.timed_steps = 0
        self.timed_seconds = 0.0

    def chunk(self, done: int) -> None:
        """Steps up to `done` are over."""
        now = self.clock()
        if not self.compiling:
            self.timed_steps += done - self.done
            self.timed_seconds += now - self.mark
        self.compiling = False
        self.done, self.mark = done, now

    def rest(self) -> None:
        """What happened since the last chunk was no step."""
        self.mark = self.clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self.start

    @property
    def step_seconds(self) -> float | None:
        """Seconds a step, None while every step had a compilation in it."""
        return self.timed_seconds / self.timed_steps if self.timed_steps else None
