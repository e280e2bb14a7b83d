"""A folder of checkpoints: written whole or not at all, the last good one never lost."""

from __future__ import annotations

import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from ..._core.errors import DataError, FileFormatError, PellucidWarning
from ..._core.files import cannot_write, replacing
from ...data.npz import load_npz

VERSION = 1
_NAME = re.compile(r"epoch-(\d{6})\.npz")
_FOLDER_MARK = "pellucid-checkpoint"


class CheckpointFolder:
    """Checkpoints by epoch; the newest few are kept.

    Args:
        folder: made on the first `write`.
        keep: how many are kept: 2 survive a disk that damages one.

    >>> import tempfile
    >>> folder = CheckpointFolder(tempfile.mkdtemp())
    >>> folder.write(3, {"w": np.ones(2)}, {"history": {}})
    >>> number, arrays, facts = folder.newest()
    >>> number, arrays["w"].tolist()
    (3, [1.0, 1.0])
    """

    def __init__(self, folder: str | os.PathLike[str], keep: int = 2):
        self.folder = Path(folder)
        self.keep = keep

    def write(self, epochs: int, arrays: dict[str, np.ndarray], facts: dict[str, Any]) -> None:
        """Write the state after so many epochs, then remove those beyond `keep`.

        Raises:
            FileWriteError: no permission, or the disk is full; the earlier ones are still there.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        plain, formats = {}, {}
        for number, (name, array) in enumerate(arrays.items()):
            if array.dtype.kind == "V" or array.dtype.name in ("bfloat16",):
                formats[name] = array.dtype.name
                array = array.view(np.uint16)
            plain[f"a{number}"] = array
        text = json.dumps(
            {"format": _FOLDER_MARK, "version": VERSION, "epochs": epochs,
             "names": list(arrays), "formats": formats, "facts": facts}
        )  # fmt: skip
        plain["about"] = np.frombuffer(text.encode(), np.uint8)
        with replacing(self.folder / f"epoch-{epochs:06d}.npz") as part, open(part, "wb") as file:
            np.savez(file, **plain)  # type: ignore[arg-type]
        _sync(self.folder)
        self._remove_parts()
        for _, path in self._found()[self.keep :]:
            path.unlink(missing_ok=True)

    def newest(self) -> tuple[int, dict[str, np.ndarray], dict[str, Any]] | None:
        """Epochs, arrays and facts of the newest checkpoint that can be read; None without any.

        A damaged one is passed over with a warning.

        Raises:
            FileFormatError: there are some, and none can be read.
        """
        found = self._found()
        for number, (epochs, path) in enumerate(found):
            try:
                return (epochs, *_read(path))
            except (FileFormatError, DataError, KeyError, ValueError, UnicodeDecodeError) as error:
                if number == len(found) - 1:
                    raise FileFormatError(
                        f"No checkpoint in {self.folder} can be read.",
                        got=str(error).splitlines()[0],
                        expected="files that training has written",
                        fix="delete the folder to start anew, or restore it from a copy.",
                    ) from error
                warnings.warn(
                    f"The checkpoint {path} is damaged; the one before it is taken.",
                    PellucidWarning,
                    stacklevel=2,
                )
        return None

    def any(self) -> bool:
        """Whether there is any checkpoint, readable or not."""
        return bool(self._found())

    def clear(self) -> None:
        """Remove all checkpoints, and the folder where nothing else is in it."""
        for _, path in self._found():
            path.unlink(missing_ok=True)
        self._remove_parts()
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _remove_parts(self) -> None:
        """What writes that a killed process had begun have left."""
        for path in self.folder.glob(".epoch-*.npz.*.part"):
            path.unlink(missing_ok=True)

    def _found(self) -> list[tuple[int, Path]]:
        """(epochs, file), the newest first."""
        if not self.folder.is_dir():
            return []
        names = ((_NAME.fullmatch(path.name), path) for path in self.folder.iterdir())
        return sorted(((int(m[1]), path) for m, path in names if m), reverse=True)


def _read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    plain = load_npz(path)
    about = json.loads(bytes(plain["about"]).decode())
    if about.get("format") != _FOLDER_MARK or about.get("version", VERSION + 1) > VERSION:
        raise FileFormatError(f"{path} is no checkpoint that this version reads.")
    arrays = {}
    for number, name in enumerate(about["names"]):
        array = plain[f"a{number}"]
        if name in about["formats"]:
            array = array.view(np.dtype(getattr(ml_dtypes, about["formats"][name])))
        arrays[name] = array
    return arrays, about["facts"]


def _sync(folder: Path) -> None:
    """Let the folder's entries reach the disk, where the system can be told so."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
