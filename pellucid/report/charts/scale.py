"""Axes: from numbers to places, with round numbers at the ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..words import short


@dataclass(frozen=True)
class Scale:
    """Numbers from `low` to `high` onto places from `start` to `end`.

    With `log` by their logarithms; with `whole` only whole numbers have ticks.

    >>> scale = Scale.over([1, 10, 1000], 0, 300, log=True)
    >>> round(scale(10.0)), [text for _, text in scale.ticks(4)]
    (100, ['1', '10', '100', '1,000'])
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    whole: bool = False

    @classmethod
    def over(
        cls, numbers: object, start: float, end: float, log: bool = False, zero: bool = False
    ) -> Scale:
        """For the finite ones of `numbers`; with `zero` it begins at 0."""
        values = np.asarray(numbers, np.float64).ravel()
        values = values[np.isfinite(values)]
        if log:
            values = values[values > 0]
        if not values.size:
            return cls(0.1 if log else 0.0, 1.0, start, end, log)
        low, high = float(values.min()), float(values.max())
        if zero and not log:
            low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            pad = abs(low) * 0.1 or 1.0
            low, high = (low / 2, high * 2) if log else (low - pad, high + pad)
        return cls(low, high, start, end, log)

    def __call__(self, number: float) -> float:
        if self.log:
            number = max(number, 1e-300)
            part = math.log(number / self.low) / math.log(self.high / self.low)
        else:
            part = (number - self.low) / (self.high - self.low)
        return self.start + min(max(part, -0.5), 1.5) * (self.end - self.start)

    def ticks(self, about: int = 5) -> list[tuple[float, str]]:
        """Round numbers within the range, with their text."""
        return self._decades(about) if self.log else self._even(about)

    def _even(self, about: int) -> list[tuple[float, str]]:
        rough = (self.high - self.low) / max(1, about)
        power = 10.0 ** math.floor(math.log10(rough))
        sizes = (1, 2, 5, 10) if self.whole else (1, 2, 2.5, 5, 10)
        step = next((m * power for m in sizes if m * power >= rough), 10 * power)
        step = max(step, 1.0) if self.whole else step
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        # Rounded to the step's own digits: 0.30000000000000004 is no tick.
        places = max(0, 2 - math.floor(math.log10(step)))
        found = [round(i * step, places) for i in range(first, last + 1)]
        return [(number, short(number, 4)) for number in found]

    def _decades(self, about: int) -> list[tuple[float, str]]:
        first, last = math.log10(self.low), math.log10(self.high)
        lowest, highest = math.ceil(first - 1e-9), math.floor(last + 1e-9)
        if highest - lowest >= 2:
            every = max(1, math.ceil((highest - lowest) / about))
            return [(10.0**p, short(10.0**p)) for p in range(lowest, highest + 1, every)]
        found = [
            m * 10.0**p
            for p in range(math.floor(first), math.ceil(last) + 1)
            for m in (1, 2, 5)
            if self.low <= m * 10.0**p <= self.high * (1 + 1e-9)
        ]
        return [(n, short(n)) for n in found] if len(found) > 2 else self._even(about)


def wants_log(numbers: object, ratio: float = 50.0) -> bool:
    """Whether numbers are positive and reach over more than `ratio`.

    >>> wants_log([1, 2, 100]), wants_log([0, 1000]), wants_log([1, 2])
    (True, False, False)
    """
    values = np.asarray(numbers, np.float64).ravel()
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and values.max() / values.min() > ratio)
