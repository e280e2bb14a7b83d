"""One setting of a training as a field that explains itself: its help, its range, its group.

Whatever asks for settings (the options of the command line, a form, a docstring) reads these, so
that a setting is described once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

from .._core.errors import ConfigError

NETWORK, TRAINING, DATA = "The network", "The training", "The data and the result"


@dataclass(frozen=True)
class Setting:
    """What a person is told of a setting, and which numbers it takes.

    Attributes:
        help: one sentence for people.
        group: the heading it stands under.
        unset: what is chosen where it is None, in words.
        least, most: inclusive bounds of a number; None for no bound.
        below: exclusive upper bound.
        above: exclusive lower bound.
        example: a value that works for most, for messages.
    """

    help: str
    group: str
    unset: str | None = None
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    example: Any = None

    @property
    def range(self) -> str:
        """The numbers that it takes, in words.

        >>> Setting("", DATA, least=0, below=1).range
        'at least 0 and below 1'
        """
        bounds = (
            ("at least", self.least),
            ("above", self.above),
            ("at most", self.most),
            ("below", self.below),
        )
        return " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)

    def takes(self, value: float) -> bool:
        """Whether a number lies in the range; infinities and NaN never do.

        >>> Setting("", DATA, above=0).takes(0), Setting("", DATA, least=0).takes(0)
        (False, True)
        """
        return (
            math.isfinite(value)
            and (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )


def setting(default: Any, help: str, group: str, **rest: Any) -> Any:
    """A field of a dataclass that carries a `Setting`.

    Args:
        default: what holds where nothing is said; None means that the data decides.
        help, group, rest: of `Setting`.
    """
    return field(default=default, metadata={"setting": Setting(help, group, **rest)})


def settings_of(cls: type) -> dict[str, Setting]:
    """Name -> setting, in their order, of a dataclass."""
    return {f.name: f.metadata["setting"] for f in fields(cls) if "setting" in f.metadata}


def check_ranges(values: Any) -> None:
    """Refuse numbers outside of their setting's range.

    Args:
        values: an instance of a dataclass with settings.

    Raises:
        ConfigError: naming the argument, its range and a value that works.
    """
    for name, known in settings_of(type(values)).items():
        value = getattr(values, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or known.takes(value):
            continue
        raise ConfigError(
            f"`{name}` is out of range. {known.help}",
            got=f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}",
            expected=known.range,
            fix=f"pass {name}={known.example}, say.",
        )
