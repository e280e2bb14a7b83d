"""HDF5 files of arrays in groups, as Keras lays them out; the one place that knows h5py."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from .._core.errors import FileFormatError

if TYPE_CHECKING:
    import h5py

VARIABLES = "vars"  # the group of a part's own variables
_FORMAT = "dtype"  # the attribute that names a format which HDF5 does not know
# A group's arrays may claim this much more than the file holds of them, as compression may explain.
_EXPANSION, _SMALL = 1000, 1 << 24


class NewFile:
    """A file being written: one group of arrays after the other.

    Args:
        file: an open `h5py.File`.
    """

    def __init__(self, file: h5py.File):
        self._file = file

    def group(self, place: str, name: str | None = None) -> NewGroup:
        """The group for the variables of the part at `place`, whose own name is noted."""
        group = self._file.create_group(f"{place}/{VARIABLES}" if place else VARIABLES)
        if name is not None:
            group.attrs["name"] = name
        return NewGroup(group)


class NewGroup(MutableMapping[str, Any]):
    """A group of arrays by name that can be written to, and read back."""

    def __init__(self, group: h5py.Group):
        self._group = group

    def __setitem__(self, name: str, value: Any) -> None:
        array = np.asarray(value)
        dataset = self._group.create_dataset(name, data=array)
        if array.dtype.kind == "V":
            dataset.attrs[_FORMAT] = array.dtype.name

    def __getitem__(self, name: str) -> np.ndarray:
        return _array(self._group[name])

    def __delitem__(self, name: str) -> None:
        del self._group[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._group)

    def __len__(self) -> int:
        return len(self._group)


class Group(Mapping[str, np.ndarray]):
    """The arrays of one part, read when asked for.

    Args:
        datasets: name -> dataset of h5py.
        shown: the file's name for messages.
    """

    def __init__(self, datasets: Mapping[str, Any], shown: str = "the file"):
        self._datasets = datasets
        self._shown = shown

    def __getitem__(self, name: str) -> np.ndarray:
        dataset = self._datasets[name]
        try:
            return _array(dataset)
        except (OSError, RuntimeError, ValueError, TypeError) as error:
            raise damaged(self._shown, error) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._datasets)

    def __len__(self) -> int:
        return len(self._datasets)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an array, without reading it."""
        return tuple(self._datasets[name].shape)

    def format(self, name: str) -> str:
        """The number format of an array, without reading it."""
        return _format(self._datasets[name]).name


@contextmanager
def writing(path: str) -> Iterator[NewFile]:
    """A new file at `path`, closed when the block ends."""
    import h5py

    with h5py.File(path, "w") as file:
        yield NewFile(file)


@contextmanager
def reading(source: str | BinaryIO, shown: str) -> Iterator[dict[str, Group]]:
    """The groups of a file by place, open while the block lasts.

    Args:
        source: a path, or a file open for reading.
        shown: the name for messages.

    Raises:
        FileFormatError: no HDF5 file, a damaged one, or one that leads out of itself.
    """
    import h5py

    try:
        file = h5py.File(source, "r")
    except (OSError, RuntimeError, ValueError) as error:
        raise damaged(shown, error) from None
    with file:
        try:
            groups = _groups(file, shown)
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise damaged(shown, error) from None
        yield groups


def damaged(shown: str, reason: object) -> FileFormatError:
    """The error for a file that is not what its name says, or was cut off."""
    return FileFormatError(
        f"{shown} is not a whole file of weights.",
        got=str(reason).splitlines()[0] if str(reason) else type(reason).__name__,
        fix="copy or save it again; it may have been cut off.",
    )


def _groups(file: h5py.File, shown: str) -> dict[str, Group]:
    """Place -> datasets. Links are followed nowhere: only what hangs in the tree itself counts."""
    import h5py

    found: dict[str, Group] = {}
    waiting: list[tuple[str, h5py.Group]] = [("", file)]
    while waiting:
        place, group = waiting.pop()
        own: dict[str, Any] = {}
        for name in group:
            if group.get(name, getclass=True, getlink=True) is not h5py.HardLink:
                raise FileFormatError(
                    f"{shown} holds a link at {place}/{name}, which files of weights do not.",
                    fix="do not use this file: links can lead to other files.",
                )
            item = group[name]
            if isinstance(item, h5py.Group):
                if place.count("/") > 200:
                    raise FileFormatError(f"{shown} nests its groups without end.", got=place)
                waiting.append((f"{place}/{name}", item))
            elif isinstance(item, h5py.Dataset):
                own[name] = _checked(item, f"{place}/{name}", shown)
        if own:
            where = place.strip("/").removesuffix(VARIABLES).rstrip("/")
            found[where] = Group(own, shown)
    return found


def _checked(dataset: h5py.Dataset, place: str, shown: str) -> h5py.Dataset:
    if dataset.is_virtual or dataset.external:
        raise FileFormatError(
            f"{shown} keeps {place} in another file.",
            fix="do not use this file: a file of weights holds all of them itself.",
        )
    claimed = math.prod(dataset.shape or ()) * dataset.dtype.itemsize
    held = dataset.id.get_storage_size()
    if claimed > _SMALL and claimed > _EXPANSION * held:
        raise FileFormatError(
            f"{shown} claims an array at {place} that it does not hold.",
            got=f"{claimed:,} bytes of shape {dataset.shape} in {held:,} bytes of file",
            fix="copy or save it again; it may have been cut off.",
        )
    return dataset


def _format(dataset: Any) -> np.dtype:
    name = dataset.attrs.get(_FORMAT)
    if name is None:
        return dataset.dtype
    import ml_dtypes

    kind = getattr(ml_dtypes, str(name), None)
    return dataset.dtype if kind is None else np.dtype(kind)


def _array(dataset: Any) -> np.ndarray:
    array, wanted = np.asarray(dataset[()]), _format(dataset)
    if array.dtype == wanted:
        return array
    same_bits = array.dtype.kind == "V" and array.dtype.itemsize == wanted.itemsize
    return array.view(wanted) if same_bits else array.astype(wanted)
