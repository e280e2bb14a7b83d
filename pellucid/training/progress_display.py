"""Where progress is shown: a bar that redraws itself on a terminal or in a notebook, or lines."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import progress_guard
from .callbacks.messages import say

REDRAW_SECONDS = 0.1
ERASE = "\r\x1b[2K"
BAR_WIDTH = 24
LEAST_WIDTH = 5


@dataclass(frozen=True)
class Frame:
    """What a bar shows: ``label  bar done/total  tail``."""

    label: str
    done: int = 0
    total: int | None = None
    tail: str = ""

    @property
    def count(self) -> str:
        if self.total is None:
            return f"{self.done} steps" if self.done else ""
        return f"{self.done}/{self.total}"


class Lines:
    """Finished lines only, and no control characters: for pipes, logs and files."""

    live = False

    def draw(self, frame: Frame, now: bool = False) -> None:
        """Show work in progress, if this is a place for it; `now` even if just drawn."""

    def clear(self) -> None:
        """Take the work in progress away."""

    def line(self, text: str) -> None:
        """Leave a line that stays."""
        say(text)


class _Live(Lines):
    """A display that redraws, a few times a second; whatever goes wrong makes it a silent one."""

    live = True

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        self._clock = clock
        self._drawn_at = -1e9
        self._broken = False

    def draw(self, frame: Frame, now: bool = False) -> None:
        if self._broken or (not now and self._clock() - self._drawn_at < REDRAW_SECONDS):
            return
        self._drawn_at = self._clock()
        try:
            self._show(frame)
        except Exception:  # a display must never end a training run
            self._broken = True

    def _show(self, frame: Frame) -> None:
        raise NotImplementedError


class Terminal(_Live):
    """One line at the bottom of a terminal, drawn with Rich.

    While it is on the screen, standard output and error pass through a guard that takes the bar
    away before anyone else's text appears; so prints, warnings and tracebacks stay readable, and
    nothing has to be cleaned up after an exception.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        super().__init__(clock)
        self._stream = progress_guard.behind(sys.stdout)
        self._console: Any = None
        self._shown = False

    def _show(self, frame: Frame) -> None:
        from rich.console import Console

        if self._console is None:
            self._console = Console(file=self._stream, highlight=False)
        if self._console.legacy_windows or self._console.is_dumb_terminal:
            self._broken = True
            return
        if self._console.width < LEAST_WIDTH:
            return
        encoding = self._console.encoding
        text = self._render(frame).encode(encoding, "replace").decode(encoding)
        self._stream.write(ERASE + text)
        self._stream.flush()
        self._shown = True
        progress_guard.install("stdout", self)
        if getattr(sys.stderr, "isatty", bool)():
            progress_guard.install("stderr", self)

    def _render(self, frame: Frame) -> str:
        from rich.text import Text

        console, plain = self._console, not self._console.encoding.startswith("utf")
        text = Text(no_wrap=True, overflow="crop", end="")
        text.append(frame.label + "  ", style="bold")
        if frame.total and console.width >= 60:
            filled = min(BAR_WIDTH, int(BAR_WIDTH * frame.done / frame.total))
            full, empty = ("#", "-") if plain else ("━", "━")
            if not plain and (console.no_color or console.color_system is None):
                full, empty = "█", "░"  # without colours the bar has to move by its shape
            text.append(full * filled, style="bar.complete")
            text.append(empty * (BAR_WIDTH - filled), style="bar.back")
            text.append(" ")
        text.append("  ".join(part for part in (frame.count, frame.tail) if part))
        text.truncate(console.width - 1, overflow="crop" if plain else "ellipsis")
        with console.capture() as capture:
            console.print(text, end="", soft_wrap=True)
        return capture.get()

    def clear(self) -> None:
        if self._shown:
            self._shown = False
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(ERASE)
                self._stream.flush()
        progress_guard.remove(self)

    def line(self, text: str) -> None:
        self.clear()
        say(text)


MOST_LINES = 24
"""Lines of finished epochs that a notebook's output keeps; those in the middle are left out."""


class Notebook(_Live):
    """One output of a cell, updated in place: the lines so far, and the bar beneath them."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        super().__init__(clock)
        self._handle: Any = None
        self._lines: list[str] = []

    def _show(self, frame: Frame) -> None:
        parts = [frame.label, frame.count, frame.tail]
        if frame.total:
            filled = min(BAR_WIDTH, int(BAR_WIDTH * frame.done / frame.total))
            parts.insert(1, "█" * filled + "░" * (BAR_WIDTH - filled))
        self._put("  ".join(part for part in parts if part))

    def _put(self, text: str) -> None:
        kept = self._lines
        if len(kept) > MOST_LINES:
            kept = [kept[0], "...", *kept[2 - MOST_LINES :]]
        data = {"text/plain": "\n".join([*kept, *([text] if text else [])])}
        if self._handle is None:
            display = sys.modules["IPython"].display.display
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def clear(self) -> None:
        if self._handle is not None and not self._broken:
            with contextlib.suppress(Exception):  # as above
                self._put("")
        self._handle, self._lines = None, []  # what follows gets an output of its own

    def line(self, text: str) -> None:
        if self._broken:
            say(text)
            return
        self._lines.append(text)
        try:
            self._put("")
        except Exception:  # as above
            self._broken = True
            say(text)


def in_notebook() -> bool:
    """Whether an IPython kernel runs this; IPython is not imported to find out."""
    find_shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return find_shell is not None and hasattr(find_shell(), "kernel")


def choose(live: bool) -> Lines:
    """The display for where this program runs; `live` False for lines anywhere."""
    if not live:
        return Lines()
    try:
        if in_notebook():
            return Notebook()
        if sys.stdout.isatty() and os.environ.get("TERM", "").lower() not in ("dumb", "unknown"):
            return Terminal()
    except (AttributeError, ValueError):  # no standard output, or a closed one
        pass
    return Lines()
