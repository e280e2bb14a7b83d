"""Configurations that stay in this program: functions without a name travel in them as they are.

A copy of a network made here and now (`clone_model`) needs no name for a function, as a file does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LIVE: ContextVar[bool] = ContextVar("configurations stay here", default=False)


def stays_here() -> bool:
    """Whether what is being made is a configuration for this program alone."""
    return _LIVE.get()


@contextmanager
def staying_here() -> Iterator[None]:
    """Let every `get_config` inside the block keep functions that have no name."""
    token = _LIVE.set(True)
    try:
        yield
    finally:
        _LIVE.reset(token)
