"""A progress bar for loops of your own."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._core.errors import ConfigError
from ..training.progress_text import duration_text, value_text


class Progbar:
    """A line that shows how far a loop has come, and running means of some numbers.

    On a terminal the line is rewritten; elsewhere only the last one is written.

    Args:
        target: steps in all; None where that is not known.
        width: of the bar, in characters.
        verbose: 0 silent, 1 a bar, 2 only the last line.
        interval: least seconds between two looks of the bar.
        stateful_metrics: names whose values are shown as they are, not averaged.
        stateless_metrics: names that are averaged, where only those are; not both.
        unit_name: what a step is called.

    Raises:
        ConfigError: both `stateful_metrics` and `stateless_metrics`.

    >>> bar = Progbar(2)
    >>> bar.update(1, [("loss", 4.0)])
    >>> bar.update(2, [("loss", 2.0)])  # doctest: +ELLIPSIS
    2/2  ━━━━━━━━━━━━━━━━━━━━  ... loss 3.0000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Sequence[str] | None = None,
        stateless_metrics: Sequence[str] | None = None,
        unit_name: str = "step",
    ):
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ConfigError(
                "Progbar takes the names that are shown as they are, or those that are averaged.",
                got="stateful_metrics and stateless_metrics",
                fix="leave one of the two out.",
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.stateful_metrics = set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self.unit_name = unit_name
        self._sums: dict[str, tuple[float, float]] = {}
        self._seen = 0
        self._start = time.perf_counter()
        self._last = -1e9

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Say how far the loop has come.

        Args:
            current: steps done.
            values: ``[(name, value), ...]`` of the steps since the last call; a value may be
                several numbers, whose mean counts.
            finalize: whether this is the last call; by default where `current` is the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        steps = max(current - self._seen, 1)
        for name, given in values or ():
            value = float(np.mean(given))  # of a list, its mean
            if self._shown_as_is(name):
                self._sums[name] = (value, 1.0)
            else:
                total, count = self._sums.get(name, (0.0, 0.0))
                self._sums[name] = (total + value * steps, count + steps)
        self._seen = current
        self._show(finalize)

    def add(self, n: int, values: Any = None) -> None:
        """Say that `n` more steps are done."""
        self.update(self._seen + n, values)

    def _shown_as_is(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name not in self.stateless_metrics
        return name in self.stateful_metrics

    def _show(self, finalize: bool) -> None:
        now = time.perf_counter()
        live = self.verbose == 1 and sys.stdout.isatty()
        if self.verbose == 0 or not (finalize or live):
            return
        if not finalize and now - self._last < self.interval:
            return
        self._last = now
        line = self._line(now - self._start)
        sys.stdout.write(f"\r\x1b[2K{line}" if live else line)
        sys.stdout.write("\n" if finalize else "")
        sys.stdout.flush()

    def _line(self, seconds: float) -> str:
        parts = [f"{self._seen}/{'?' if self.target is None else self.target}"]
        if self.target and self.verbose == 1:
            filled = min(self.width, self.width * self._seen // self.target)
            parts.append("━" * filled + "─" * (self.width - filled))
        each = f"{duration_text(seconds / max(self._seen, 1))}/{self.unit_name}"
        parts.append(f"{duration_text(seconds)} {each}")
        parts += [f"{n} {value_text(n, total / count)}" for n, (total, count) in self._sums.items()]
        return "  ".join(parts)
