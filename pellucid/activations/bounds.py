"""The range of an activation's values, written beside the function itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pellucid._core.specs import family

F = TypeVar("F", bound=Callable[..., Any])


def bounded(low: float, high: float) -> Callable[[F], F]:
    """Decorator: every value of the activation lies from `low` to `high`."""

    def mark(function: F) -> F:
        function.bounds = (low, high)  # type: ignore[attr-defined]
        return function

    return mark


def bounds_of(name: str | None) -> tuple[float, float] | None:
    """The range of the activation called `name`; None where it has none, or is not known.

    >>> bounds_of("tanh"), bounds_of("relu")
    ((-1.0, 1.0), None)
    """
    known = family("activation")
    return getattr(known.get(name), "bounds", None) if name and name in known else None
