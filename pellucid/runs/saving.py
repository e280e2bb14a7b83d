"""Writing a run folder: it appears complete, by one rename, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any

from .._core.errors import ConfigError, PellucidError
from .._core.files import cannot_write, write_atomically
from .._core.specs import serialize
from ..record.files import save_record
from ..training.weights_file import save_weights
from . import files
from .folder import (
    HISTORY,
    HISTORY_TABLE,
    MODEL,
    NAMES,
    RESULTS,
    SETTINGS,
    VERSION,
    VITALS,
    WEIGHTS,
)


def save_run(
    folder: str | os.PathLike[str],
    model: Any,
    settings: dict[str, Any],
    history: Any,
    results: dict[str, Any],
    force: bool = False,
) -> Path:
    """Write a run folder. It appears complete, by one rename, or not at all.

    Args:
        folder: must not exist, or be empty.
        model: a built model.
        settings: JSON-ready; see `Run`.
        history: what `fit` returned.
        results: JSON-ready.
        force: replace a run that lies there.

    Returns:
        The folder's path.

    Raises:
        ConfigError: something else lies there. DataError: it cannot be written.
    """
    folder = Path(folder)
    check_free(folder, force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = _sibling(folder, "part")
        staging.mkdir()
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        _write(staging / SETTINGS, "pellucid-run", settings)
        _write(staging / MODEL, "pellucid-model", {"model": serialize(model)})
        save_weights(model, staging / WEIGHTS)
        log = {"epoch": history.epoch, "history": history.history}
        _write(staging / HISTORY, "pellucid-history", {**log, "interrupted": history.interrupted})
        write_atomically(staging / HISTORY_TABLE, files.history_csv(history.epoch, history.history))
        _write(staging / RESULTS, "pellucid-results", results)
        if (vitals := getattr(history, "vitals", None)) is not None:
            save_record(staging / VITALS, vitals)
        _put_in_place(staging, folder, force)
    except OSError as error:
        if isinstance(error, PellucidError):
            raise
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return folder


def _write(path: Path, form: str, content: dict[str, Any]) -> None:
    head = {"format": form, "version": VERSION}
    write_atomically(path, files.to_json({**head, **content}))


def _sibling(folder: Path, kind: str) -> Path:
    """A hidden name beside `folder`, on the same disk so that a rename suffices."""
    return folder.absolute().parent / f".{folder.name}.{uuid.uuid4().hex[:8]}.{kind}"


def check_free(folder: Path, force: bool = False) -> None:
    """Refuse a place that a run may not take: before training, so that no work is lost.

    Raises:
        ConfigError: a file, or a folder that is not empty and, with `force`, not just a run.
        DataError: a place that cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(
            f"{folder} is a file, and a run is a folder.",
            got=str(folder),
            fix="pass another place: 'runs/first', say.",
        )
    content = sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []
    if content and not force:
        raise ConfigError(
            f"The folder {folder} is not empty.",
            got=", ".join(content[:6]) + (", ..." if len(content) > 6 else ""),
            expected="a folder that does not exist yet, or an empty one",
            fix="pass another folder, or force=True to replace the run in it.",
        )
    if foreign := [name for name in content if name not in NAMES]:
        raise ConfigError(
            f"{folder} holds more than a run, so it is not replaced.",
            got=", ".join(foreign[:6]) + (", ..." if len(foreign) > 6 else ""),
            expected=f"nothing but {', '.join(NAMES)}",
            fix="pass another folder, or move those files away first.",
        )
    place = folder.absolute().parent
    while not place.exists():
        place = place.parent
    try:  # permissions alone do not tell: disks are mounted read-only, users are root
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        raise cannot_write(folder, error) from error


def _put_in_place(staging: Path, folder: Path, force: bool) -> None:
    check_free(folder, force)  # again: training takes time
    if not folder.exists():
        os.rename(staging, folder)
        return
    if not any(folder.iterdir()):
        folder.rmdir()
        os.rename(staging, folder)
        return
    old = _sibling(folder, "old")
    os.rename(folder, old)
    try:
        os.rename(staging, folder)
    except OSError:
        os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
