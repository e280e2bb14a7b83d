"""Labels that are not to be counted, told from a function to the loss that calls it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any


class Ignored:
    """Which values of the functions called so far do not count."""

    def __init__(self) -> None:
        self._noted: list[tuple[Any, Any]] = []

    def note(self, values: Any, mask: Any) -> None:
        """Remember that of `values` those count where `mask`, of their shape, is true."""
        self._noted.append((values, mask))

    def mask_of(self, values: Any) -> Any:
        """The mask of that very array, or None."""
        return next((mask for noted, mask in self._noted if noted is values), None)


_listening: ContextVar[Ignored | None] = ContextVar("listening", default=None)


@contextmanager
def ignored_labels() -> Iterator[Ignored]:
    """While a loss's own `call` runs: what `note_ignored` says reaches it.

    A traced array takes no attributes, so the mask cannot ride on the values themselves.
    """
    ignored = Ignored()
    token = _listening.set(ignored)
    try:
        yield ignored
    finally:
        _listening.reset(token)


def note_ignored(values: Any, mask: Any) -> None:
    """Tell the loss that is being computed, if there is one, which of `values` count."""
    listener = _listening.get()
    if listener is not None:
        listener.note(values, mask)
