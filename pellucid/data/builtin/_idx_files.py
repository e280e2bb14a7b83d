"""The four files of MNIST and of the data sets made in its image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..._core.errors import FileFormatError
from ..download import RemoteFile
from ..idx import read_idx
from ._common import Splits

PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def remote_files(mirrors: tuple[str, ...], md5: Mapping[str, str]) -> list[RemoteFile]:
    """The gzipped four at the given addresses."""
    return [
        RemoteFile(f"{part}.gz", tuple(f"{base}{part}.gz" for base in mirrors), f"md5:{md5[part]}")
        for part in PARTS
    ]


def find(folder: Path) -> list[Path] | None:
    """The four files in `folder`, gzipped or not; None where there is none of them.

    Raises:
        FileFormatError: some, but not all four.
    """
    found: dict[str, Path] = {}
    for part in PARTS:
        for name in (
            part,
            part.replace("-idx", ".idx"),
        ):  # the second is how some unpackers name it
            for path in (folder / name, folder / f"{name}.gz"):
                if path.is_file():
                    found.setdefault(part, path)
    if not found:
        return None
    if missing := [part for part in PARTS if part not in found]:
        raise FileFormatError(
            f"The folder {folder} holds only part of the data set.",
            got=", ".join(path.name for path in found.values()),
            expected=", ".join(PARTS) + " (each may end in .gz)",
            fix=f"add {', '.join(missing)}.",
        )
    return [found[part] for part in PARTS]


def read(paths: list[Path]) -> Splits:
    """The arrays of the four files, in the order of `PARTS`."""
    x_train, y_train, x_test, y_test = (read_idx(path) for path in paths)
    for x, y, path in ((x_train, y_train, paths[0]), (x_test, y_test, paths[2])):
        if x.ndim != 3 or y.ndim != 1 or len(x) != len(y):
            raise FileFormatError(
                f"The pictures in {path} do not go with their labels.",
                got=f"pictures of shape {x.shape}, labels of shape {y.shape}",
                expected="(n, rows, columns) and (n,)",
                fix="put the four files of one data set into the folder.",
            )
    return (x_train, y_train), (x_test, y_test)
