"""How much is added to, or taken off, both ends of every axis of space."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._core.errors import ConfigError
from ..base import Layer

Edges = tuple[tuple[int, int], ...]


def edges_of(layer: Layer, argument: str, value: Any, axes: int) -> Edges:
    """One number for all ends, or one or two for every axis -> two for every axis.

    With a single axis, two numbers are its two ends.
    """
    if axes == 1:
        value = [value]
    entries = value if isinstance(value, (tuple, list)) else [value] * axes
    found = [_pair(entry) for entry in entries]
    if len(found) != axes or None in found:
        forms = {
            1: "one number for both ends, or two",
            2: "one number, two (rows, columns), or two pairs ((top, bottom), (left, right))",
            3: "one number, three, or three pairs of numbers",
        }
        raise ConfigError(
            f"The argument {argument!r} of {type(layer).__name__} {layer.name!r} must say how "
            "much at each end.",
            got=repr(value[0] if axes == 1 else value),
            expected=f"{forms[axes]}; whole numbers, 0 or more",
            fix=f"{argument}=1, say, for 1 at every end.",
        )
    return tuple(pair for pair in found if pair is not None)


def _pair(entry: Any) -> tuple[int, int] | None:
    ends = entry if isinstance(entry, (tuple, list)) else (entry, entry)
    whole = len(ends) == 2 and all(
        isinstance(end, (int, np.integer)) and not isinstance(end, bool) and end >= 0
        for end in ends
    )
    return (int(ends[0]), int(ends[1])) if whole else None
