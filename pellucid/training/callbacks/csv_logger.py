"""`CSVLogger`: the logs of every epoch as a table on disk."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from ..._core.errors import ConfigError
from .base import Callback


class CSVLogger(Callback):
    """Write the logs to a CSV file, a row an epoch, each on disk as soon as the epoch is over.

    The columns are ``epoch`` and the sorted names of the logs; an epoch that lacks one (because
    `validation_freq` skipped it, say) has ``NA`` there.

    Args:
        filename: the file; its folder is made where it is missing.
        separator: between the columns.
        append: go on with an existing file instead of replacing it.

    Raises:
        ConfigError: `append` to a file that has other columns.

    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> logger = CSVLogger(pathlib.Path(folder.name) / "log.csv")
    >>> logger.on_train_begin(); logger.on_epoch_end(0, {"loss": 0.5})
    >>> logger.filename.read_text().split()
    ['epoch,loss,val_loss', '0,0.5,NA']
    >>> folder.cleanup()
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False):
        super().__init__()
        if not isinstance(separator, str) or len(separator) != 1:
            raise ConfigError(
                "CSVLogger: the separator must be one character.",
                got=repr(separator),
                fix="separator=',' or separator=';' or separator='\\t'.",
            )
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self._columns: list[str] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.filename.parent.mkdir(parents=True, exist_ok=True)
        self._columns = self._columns_on_disk() if self.append else None
        if not self.append:
            self.filename.write_text("")

    def get_state(self) -> dict[str, Any]:
        """The lines so far: those of a run that was killed later are written anew."""
        text = ""
        if self.filename.is_file():
            with open(self.filename, newline="", encoding="utf-8") as file:
                text = file.read()
        return {"text": text, "_columns": self._columns}

    def set_state(self, state: dict[str, Any]) -> None:
        self._columns = state["_columns"]
        with open(self.filename, "w", newline="", encoding="utf-8") as file:
            file.write(state["text"])

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        header = self._columns is None
        if self._columns is None:
            self._columns = _columns(sorted(logs))
        elif self.append and set(logs) - set(self._columns):
            self._refuse(sorted(set(logs) - set(self._columns)))
        # Opened anew every epoch: nothing is left open, or unwritten, if training breaks off.
        with open(self.filename, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file,
                self._columns,
                restval="NA",
                extrasaction="ignore",
                delimiter=self.separator,
            )
            if header:
                writer.writeheader()
            writer.writerow({"epoch": epoch, **{name: _cell(v) for name, v in logs.items()}})

    def _columns_on_disk(self) -> list[str] | None:
        if not self.filename.exists():
            return None
        with open(self.filename, newline="", encoding="utf-8") as file:
            return next(csv.reader(file, delimiter=self.separator), None)

    def _refuse(self, missing: list[str]) -> None:
        raise ConfigError(
            f"CSVLogger cannot append to {self.filename}: it has no column for {missing}.",
            got=f"logs with {missing}",
            expected=f"columns {self._columns}",
            fix="write to another file, or pass append=False to replace this one.",
        )


def _columns(names: list[str]) -> list[str]:
    """Room for validation too: the first epoch may be one without it."""
    if not any(name.startswith("val_") for name in names):
        names = names + [f"val_{name}" for name in names]
    return ["epoch", *names]


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0:
        return value
    return f'"[{", ".join(map(str, value))}]"'
