"""One HTTP transfer into a `.part` file, resumed where an earlier one broke off."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TIMEOUT = 30.0  # seconds without a byte
BLOCK = 2**16  # bytes


class MirrorError(Exception):
    """This mirror will not deliver; says why."""


class BrokenTransferError(Exception):
    """The connection broke; what has come is kept, and asking again may finish it."""


def transfer(url: str, part: Path, label: str) -> None:
    """Complete `part` from `url`, asking only for what is missing.

    Raises:
        MirrorError: the server refuses or cannot be reached.
        BrokenTransferError: the connection ended early; `part` keeps what came.
        OSError: `part` cannot be written.
    """
    import http.client
    import urllib.error
    import urllib.request

    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "pellucid", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        response = urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=TIMEOUT
        )
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:  # nothing is missing, or the part is of another file
            if _total(error.headers) != have:
                part.unlink()
                raise BrokenTransferError(
                    "the server has another length; starting again"
                ) from error
            return
        raise MirrorError(f"HTTP {error.code} {error.reason}") from error
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        raise MirrorError(_reason(error)) from error
    with response:
        start = _start(response.headers) if response.status == 206 else 0
        if start not in (0, have):
            raise MirrorError(f"asked for byte {have}, got byte {start}")
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        size = start
        with (
            open(part, "r+b" if start else "wb") as out,
            _progress(label, start, total) as advance,
        ):
            out.seek(start)
            while True:
                try:
                    block = response.read(BLOCK)
                except (OSError, http.client.HTTPException) as error:
                    raise BrokenTransferError(_reason(error)) from error
                if not block:
                    break
                out.write(block)
                size += len(block)
                advance(len(block))
            out.flush()
            os.fsync(out.fileno())
    if total is not None and size < total:
        raise BrokenTransferError(f"the connection ended after {size:,} of {total:,} bytes")


def _start(headers: Any) -> int:
    """First byte of a 206 answer."""
    match = re.match(r"bytes (\d+)-", headers.get("Content-Range") or "")
    return int(match[1]) if match else -1


def _total(headers: Any) -> int | None:
    """Length of the whole file in a 416 answer, `Content-Range: bytes */1234`."""
    match = re.match(r"bytes \*/(\d+)", headers.get("Content-Range") or "")
    return int(match[1]) if match else None


def _reason(error: BaseException) -> str:
    cause = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}: {cause}" if isinstance(cause, BaseException) else str(cause)


@contextlib.contextmanager
def _progress(label: str, done: int, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal or in a notebook; silence in a pipe or a log."""
    from rich.console import Console

    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):
        yield lambda count: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
    from rich.progress import TransferSpeedColumn as Speed

    columns = (BarColumn(), DownloadColumn(), Speed(), TimeRemainingColumn())
    with Progress("{task.description}", *columns, console=console) as bar:
        task = bar.add_task(f"downloading {label}", total=total, completed=done)
        yield lambda count: bar.advance(task, count)
