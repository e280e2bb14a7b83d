"""What callbacks tell the user, in lines that never end a training run."""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
import textwrap

from ..._core.settings import is_interactive_logging_enabled


def say(text: str) -> None:
    """Print a line; a closed or odd standard output is no reason to stop training.

    Where `pellucid.config.disable_interactive_logging` was called, to the log of that name.
    """
    if not is_interactive_logging_enabled():
        logging.getLogger("pellucid").info(text)
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if sys.stdout.isatty():
            text = folded(text, shutil.get_terminal_size().columns - 1)
        try:
            print(text, flush=True)
        except UnicodeEncodeError:
            encoding = getattr(sys.stdout, "encoding", None) or "ascii"
            print(text.encode(encoding, "replace").decode(encoding), flush=True)


def folded(text: str, width: int) -> str:
    """Text for a terminal: no line is longer than `width`; numbers stay beside their names.

    >>> print(folded("Epoch 1/2  loss 0.1234  accuracy 0.9000  val_loss 0.4321", 50))
    Epoch 1/2  loss 0.1234  accuracy 0.9000
        val_loss 0.4321
    """
    if width < 50 or all(len(line) <= width for line in text.splitlines()):
        return text
    return "\n".join(part for line in text.splitlines() for part in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    lines = [""]
    for part in line.split("  "):
        joined = f"{lines[-1]}  {part}" if lines[-1].strip() else lines[-1] + part
        if len(joined) > width and lines[-1].strip():
            lines.append("    " + part)
        else:
            lines[-1] = joined
    return [
        piece
        for one in lines
        for piece in (textwrap.wrap(one, width, subsequent_indent="    ") or [one])
    ]


def number(value: float | None) -> str:
    """A monitored value as people read it.

    >>> number(0.123456), number(12.0), number(None)
    ('0.1235', '12', 'nothing')
    """
    return "nothing" if value is None else f"{value:.4g}"
