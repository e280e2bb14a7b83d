"""What the built-in data sets share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ..._core.errors import ConfigError, FileFormatError
from ..download import RemoteFile, cache_folder, fetch
from ..npz import read_npz

Pair = tuple[np.ndarray, np.ndarray]
Splits = tuple[Pair, Pair]  # (x_train, y_train), (x_test, y_test)
PathLike = str | os.PathLike
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def check_test_split(test_split: float) -> None:
    if not 0 <= test_split < 1:
        raise ConfigError(
            "test_split must be at least 0 and below 1.",
            got=repr(test_split),
            fix="pass test_split=0.2 to hold out a fifth.",
        )


def shuffled_split(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> Splits:
    """Keras's split: shuffle by the legacy generator under `seed`, then cut."""
    check_test_split(test_split)
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    cut = int(len(x) * (1 - test_split))
    train, test = order[:cut], order[cut:]
    return (x[train], y[train]), (x[test], y[test])


def stratified_split(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> Splits:
    """A random split that keeps every class's share; for the small tables."""
    from ..splits import train_test_split

    check_test_split(test_split)
    if test_split == 0:
        return shuffled_split(x, y, 0, seed)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test_split, random_state=seed, stratify=y
    )
    return (x_train, y_train), (x_test, y_test)


def file_path(dataset: str, file: RemoteFile, path: PathLike, data_dir: PathLike | None) -> Path:
    """Where the one file of `dataset` lies: the user's file as it is, else ours, downloaded.

    A file in `data_dir`, or at an absolute `path`, belongs to the user: it is read as it is, and
    never replaced. One in our cache must have the right checksum.
    """
    folder = Path(data_dir).expanduser() if data_dir is not None else cache_folder(dataset)
    own = folder / path
    if (data_dir is not None or Path(path).is_absolute()) and own.is_file():
        return own
    named = RemoteFile(own.name, file.urls, file.checksum)
    return fetch(dataset, [[named]], own.parent)[0]


def members(path: Path, names: tuple[str, ...], **options: Any) -> list[np.ndarray]:
    """The arrays `names` of the .npz file at `path`."""
    arrays = read_npz(path, **options)
    if missing := [name for name in names if name not in arrays]:
        raise FileFormatError(
            f"{path} is not the file it should be.",
            got=f"arrays {', '.join(arrays)}",
            expected=f"arrays {', '.join(names)}",
            fix=f"it lacks {', '.join(missing)}: delete it and load the data set again.",
        )
    return [arrays[name] for name in names]
