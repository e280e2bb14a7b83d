"""The report as a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._core.errors import DataError
from ..doctor.diagnosis import Diagnosis
from ..vitals.record import RunRecord
from .page import render


def write(
    record: RunRecord,
    path: str | os.PathLike[str],
    *,
    diagnosis: Diagnosis | None = None,
    title: str | None = None,
    class_names: Sequence[str] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Path:
    """Write the report of a run: one HTML file, whole or not at all.

    Args:
        record: from `History.vitals`, a run folder, or a configuration alone.
        path: the file; an earlier one is replaced.
        diagnosis, title, class_names, facts: as for `render`.

    Returns:
        The file's path.

    Raises:
        DataError: the folder is not there.

    >>> import tempfile
    >>> from pellucid.vitals.record import RunRecord
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(RunRecord("net"), f"{folder}/run.html").name
    'run.html'
    """
    target = Path(os.path.realpath(path))
    if target.is_dir() or not target.parent.is_dir():
        raise DataError(
            f"The report cannot be written to {path}.",
            got="a folder" if target.is_dir() else f"no folder {target.parent}",
            expected="a file in a folder that is there",
            fix="name a file: run.html.",
        )
    page = render(record, diagnosis=diagnosis, title=title, class_names=class_names, facts=facts)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return Path(path)
