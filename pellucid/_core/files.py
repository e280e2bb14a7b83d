"""Writing a file: whole or not at all, and one sentence where that cannot be done."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import FileWriteError


def write_atomically(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file so that its name never stands for a part of it.

    Args:
        path: the file; an earlier one is replaced, a link stays a link.
        content: text is written as UTF-8.

    Raises:
        FileWriteError: no such folder, no permission, or the disk is full.
    """
    with replacing(path) as part:
        Path(part).write_bytes(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[str]:
    """The name of a new file beside `path`, which takes its place when the block ends well.

    Args:
        path: the file; an earlier one stays until then, a link stays a link.

    Raises:
        FileWriteError: no such folder, no permission, or the disk is full.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        # Made here, so that a place that cannot be written to is an `OSError` of Python's own.
        part.touch()
        yield str(part)
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise


def cannot_write(path: str | os.PathLike[str], error: OSError) -> FileWriteError:
    """The error for a place that cannot be written to."""
    folder = Path(os.path.realpath(path)).parent
    missing = isinstance(error, FileNotFoundError) and not folder.is_dir()
    return FileWriteError(
        f"{os.fspath(path)} cannot be written.",
        got=f"no folder {folder}"
        if missing
        else f"{type(error).__name__}: {error.strerror or error}",
        expected="a folder that is there and that you may write to, with enough free space",
        fix="make the folder first, or choose another place."
        if missing
        else "choose another place, or change the folder's permissions.",
    )


def json_text(content: Any, path: str | os.PathLike[str] | None = None) -> str:
    """`content` as indented JSON; with `path` also written there.

    Raises:
        FileWriteError: as `write_atomically`.

    >>> json_text({"healthy": True})
    '{\\n  "healthy": true\\n}'
    """
    text = json.dumps(content, indent=2)
    if path is not None:
        write_atomically(path, text + "\n")
    return text
