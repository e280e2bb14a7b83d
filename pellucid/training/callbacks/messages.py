"""What callbacks tell the user, in lines that never end a training run."""

from __future__ import annotations

import contextlib
import sys


def say(text: str) -> None:
    """Print a line; a closed or odd standard output is no reason to stop training."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        try:
            print(text, flush=True)
        except UnicodeEncodeError:
            encoding = getattr(sys.stdout, "encoding", None) or "ascii"
            print(text.encode(encoding, "replace").decode(encoding), flush=True)


def number(value: float | None) -> str:
    """A monitored value as people read it.

    >>> number(0.123456), number(12.0), number(None)
    ('0.1235', '12', 'nothing')
    """
    return "nothing" if value is None else f"{value:.4g}"
