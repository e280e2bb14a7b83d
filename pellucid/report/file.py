"""The report as a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .._core.files import write_atomically
from ..doctor.diagnosis import Diagnosis
from ..record.schema import RunRecord
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
        FileWriteError: no such folder, no permission, or the disk is full.

    >>> import tempfile
    >>> from pellucid.record.schema import RunRecord
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(RunRecord("net"), f"{folder}/run.html").name
    'run.html'
    """
    page = render(record, diagnosis=diagnosis, title=title, class_names=class_names, facts=facts)
    write_atomically(path, page)
    return Path(path)
