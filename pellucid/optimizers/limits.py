"""Which numbers an optimiser's or a schedule's argument may take, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .._core.errors import ConfigError


@dataclass(frozen=True)
class Interval:
    """A range of numbers; `str` of it is what error messages say.

    >>> 0.9 in Interval(0, 1, open_high=True), 1.0 in Interval(0, 1, open_high=True)
    (True, False)
    >>> str(Interval(0, 1, open_high=True)), str(Interval(0))
    ('a number from 0 to 1, without 1', 'a number of at least 0')
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    optional: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below and math.isfinite(value)

    def __str__(self) -> str:
        low, high = f"{self.low:g}", f"{self.high:g}"
        if math.isfinite(self.low) and math.isfinite(self.high):
            text = f"a number from {low} to {high}"
            text += f", without {low}" if self.open_low else ""
            text += f", without {high}" if self.open_high else ""
        elif math.isfinite(self.low):
            text = f"a number above {low}" if self.open_low else f"a number of at least {low}"
        elif math.isfinite(self.high):
            text = f"a number below {high}" if self.open_high else f"a number of at most {high}"
        else:
            text = "a finite number"
        return f"{text}, or None" if self.optional else text


NON_NEGATIVE = Interval(0)
POSITIVE = Interval(0, open_low=True)
NON_POSITIVE = Interval(high=0)
OPTIONAL = Interval(0, optional=True)
UNIT = Interval(0, 1)
DECAY = Interval(0, 1, open_high=True)
FINITE = Interval()


class Limited:
    """Mixin: a value outside its attribute's interval is refused whenever it is assigned."""

    limits: ClassVar[Mapping[str, Interval]] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.limits:
            check_number(type(self).__name__, name, value, self.limits[name])
        super().__setattr__(name, value)


def check_number(owner: str, name: str, value: Any, limit: Interval) -> None:
    """Raise `ConfigError` unless `value` is a plain number inside `limit`.

    >>> check_number("Adam", "beta_1", 0.9, DECAY)
    """
    if value is None and limit.optional:
        return
    number = _as_float(value)
    if number is None or number not in limit:
        raise ConfigError(
            f"{owner}: {name}={value!r} cannot be used.",
            got=f"{value!r} ({type(value).__name__})",
            expected=str(limit),
            fix=f"give {name} {limit}" + (", without quotes." if isinstance(value, str) else "."),
        )


def _as_float(value: Any) -> float | None:
    if isinstance(value, (bool, str, bytes)) or getattr(value, "ndim", 0) != 0:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
