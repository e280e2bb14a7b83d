"""Names of blocks of code, in front of the paths of variables that are made inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_names: ContextVar[tuple[str, ...]] = ContextVar("names of blocks", default=())


@contextmanager
def named(name: str) -> Iterator[str]:
    """Put `name` in front of the paths of variables made inside."""
    token = _names.set((*_names.get(), name))
    try:
        yield name
    finally:
        _names.reset(token)


def path_here(name: str) -> str:
    """The path of a variable called `name` that is made now.

    >>> with named("encoder"), named("dense"):
    ...     path_here("kernel")
    'encoder/dense/kernel'
    """
    return "/".join((*_names.get(), name))
