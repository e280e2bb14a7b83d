"""Standard output and error while a bar is on the screen: others' text comes first."""

from __future__ import annotations

import sys
from collections import deque
from typing import Any


class Guard:
    """A standard stream that takes the bar away before anything else is written.

    Args:
        stream: what it stands for.
        owner: the display, whose `clear` removes the bar and this guard.
    """

    def __init__(self, stream: Any, owner: Any):
        self.stream, self.owner = stream, owner

    def write(self, text: str) -> Any:
        self.owner.clear()
        return self.stream.write(text)

    def writelines(self, lines: Any) -> None:
        self.owner.clear()
        self.stream.writelines(lines)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # whoever asks for it is about to write
            self.owner.clear()
        return getattr(self.stream, name)


# `print` holds no reference to the stream that it writes to: a guard that takes itself away while
# it is written to must not be freed before the print is over (CPython 3.11 would crash).
_recent: deque[Guard] = deque(maxlen=8)


def behind(stream: Any) -> Any:
    """The real stream; a bar that an exception left behind is taken away."""
    while isinstance(stream, Guard):
        stream.owner.clear()
        stream = stream.stream
    return stream


def install(name: str, owner: Any) -> None:
    """Put a guard of `owner` before ``sys.stdout`` or ``sys.stderr``, if none is there."""
    stream = getattr(sys, name)
    if not isinstance(stream, Guard):
        _recent.append(Guard(stream, owner))
        setattr(sys, name, _recent[-1])


def remove(owner: Any) -> None:
    """Take the guards of `owner` away, as far as nobody has put something before them."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, Guard) and stream.owner is owner:
            setattr(sys, name, stream.stream)
