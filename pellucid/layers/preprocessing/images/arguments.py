"""Arguments that image layers share: factors, ranges of values; checked once, in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...._core.errors import ConfigError
from ...base import Layer


def is_number(value: Any) -> bool:
    """Whether `value` is a finite real number."""
    real = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return real and math.isfinite(value)


def is_pair(value: Any) -> bool:
    """Whether `value` is two numbers."""
    return isinstance(value, (tuple, list)) and len(value) == 2 and all(map(is_number, value))


def check_factor(
    layer: Layer,
    argument: str,
    value: Any,
    least: float = 0.0,
    most: float = 1.0,
    ordered: bool = True,
) -> None:
    """Refuse anything but a number, or two in order, from `least` to `most`."""
    values = list(value) if is_pair(value) else [value]
    if not all(is_number(v) and least <= v <= most for v in values):
        raise ConfigError(
            f"The argument {argument!r} of {type(layer).__name__} {layer.name!r} is out of range.",
            got=repr(value),
            expected=f"a number, or two, from {least:g} to {most:g}",
            fix=_hint(argument, values[-1], least, most),
        )
    if ordered and len(values) == 2 and values[0] > values[1]:
        raise ConfigError(
            f"The two numbers of {argument!r} of {type(layer).__name__} {layer.name!r} are "
            "reversed.",
            got=repr(value),
            expected="the smaller one first",
            fix=f"{argument}=({values[1]!r}, {values[0]!r}).",
        )


def _hint(argument: str, value: Any, least: float, most: float) -> str:
    if most == 1 and is_number(value) and 1 < abs(value) <= 100:
        return f"write a share, not a percentage: {argument}={value / 100:g}."
    return f"{argument}={min(max(least, 0.2), most):g}, say."


def interval(value: Any, symmetric: bool = False, least: float = -math.inf) -> tuple[float, float]:
    """What a factor draws between: a pair as it is, a number from 0, or from minus itself.

    >>> interval((0.1, 0.3)), interval(0.2), interval(0.2, symmetric=True)
    ((0.1, 0.3), (0.0, 0.2), (-0.2, 0.2))
    """
    if is_pair(value):
        return float(value[0]), float(value[1])
    size = abs(float(value))
    return (max(-size, least) if symmetric else 0.0), size


def check_value_range(layer: Layer, value: Any) -> None:
    """Refuse anything but two numbers in order."""
    if not is_pair(value) or value[0] >= value[1]:
        raise ConfigError(
            f"The value_range of {type(layer).__name__} {layer.name!r} must be two numbers, the "
            "smaller one first.",
            got=repr(value),
            expected="the darkest and the brightest value that a pixel can have",
            fix="value_range=(0, 255), or (0, 1) for images that were divided by 255.",
        )
