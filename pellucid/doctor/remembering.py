"""What several rules ask of the same record is computed once an examination."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# (function, identities of the arguments) -> the arguments, so that they stay, and the answer.
_known: ContextVar[dict[Any, tuple[Any, Any]] | None] = ContextVar("known", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within, `remembered` functions answer a question again without thinking.

    No record may change meanwhile.
    """
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """A pure function of objects, computed once for the same objects within `remembering`.

    >>> calls = []
    >>> note = remembered(calls.append)
    >>> record = object()
    >>> with remembering():
    ...     note(record), note(record)
    (None, None)
    >>> note(record), len(calls)
    (None, 2)
    """

    @wraps(function)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        known = _known.get()
        if known is None or kwargs:
            return function(*args, **kwargs)
        key = (function, *map(id, args))
        if key not in known:
            known[key] = (args, function(*args, **kwargs))
        return known[key][1]

    return once
