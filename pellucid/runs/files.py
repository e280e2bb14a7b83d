"""Writing and reading the files of a run folder: whole or not at all, and never a silent repair."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from .._core.errors import FileFormatError


def to_json(value: dict[str, Any]) -> str:
    """Strict JSON, indented; numbers that are not finite become null."""
    return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def read_json(path: Path, form: str, version: int, keys: tuple[str, ...]) -> dict[str, Any]:
    """A JSON file of the run folder, checked.

    Args:
        path: the file.
        form: what its `"format"` must say.
        version: the newest version that this Pellucid can read.
        keys: keys that must be there.

    Raises:
        FileFormatError: missing, damaged, of another format or from a newer version.
    """
    again = "train again, or copy the whole run folder once more from where it was made."
    if not path.is_file():
        raise FileFormatError(
            f"The run folder {path.parent} has no {path.name}.",
            got=", ".join(sorted(item.name for item in path.parent.iterdir())) or "an empty folder",
            expected=f"a file {path.name}, which `pellucid train` writes",
            fix=f"check that {path.parent} is a run folder; {again}",
        )
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise FileFormatError(
            f"{path} is damaged.",
            got=str(error).splitlines()[0],
            expected="a complete JSON file",
            fix=again,
        ) from error
    if not isinstance(content, dict) or content.get("format") != form:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise FileFormatError(
            f"{path} is not a file of a run folder.",
            got=f"format {found!r}",
            expected=f"format {form!r}",
            fix="pass a folder that `pellucid train` wrote.",
        )
    if not isinstance(content.get("version"), int) or not 1 <= content["version"] <= version:
        raise FileFormatError(
            f"{path} was written by another version of Pellucid.",
            got=f"file version {content.get('version')!r}",
            expected=f"version 1 to {version}",
            fix="update: pip install --upgrade pellucid.",
        )
    if missing := [key for key in keys if key not in content]:
        raise FileFormatError(
            f"{path} is incomplete.",
            got=f"no {', '.join(map(repr, missing))}",
            expected=f"the keys {', '.join(map(repr, keys))}",
            fix=again,
        )
    return content


def history_csv(epochs: list[int], history: dict[str, list[Any]]) -> str:
    """One line per epoch, counted from 1; empty where a log has no value for it."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["epoch", *history])
    for row, epoch in enumerate(epochs):
        values = [column[row] if row < len(column) else "" for column in history.values()]
        table.writerow([epoch + 1, *values])
    return text.getvalue()
