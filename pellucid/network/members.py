"""The members of a zip file, read with care: bounded sizes, plain names, no writing outside."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, BinaryIO, Self

from .._core.errors import FileFormatError, NoWeightsFileError

_HEADER = struct.Struct("<4s22xHH")  # of a member: its mark, lengths of its name and what follows
_TEXT = 1 << 28  # bytes of a configuration, at most
_SMALL, _EXPANSION = 1 << 24, 200  # a larger member is at most so many times what is stored


class Members:
    """An open zip file.

    Args:
        path: of the file, or a file that is open for reading.

    Raises:
        NoWeightsFileError: no such file. FileFormatError: no zip file, or a damaged one.
    """

    def __init__(self, path: str | os.PathLike[str] | BinaryIO):
        is_file = hasattr(path, "read")
        self.shown = getattr(path, "name", "the file") if is_file else os.fspath(path)  # type: ignore[arg-type]
        if not is_file and not os.path.isfile(self.shown):
            raise NoWeightsFileError(
                f"There is no file {self.shown}.",
                got=self.shown,
                fix="check the path; model.save writes one.",
            )
        given: Any = path
        self._raw: BinaryIO = given if is_file else open(self.shown, "rb")  # noqa: SIM115
        self._owned = not is_file
        try:
            self._zip = zipfile.ZipFile(self._raw)
            self._infos = {info.filename: info for info in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            self.close()
            raise self._damaged(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._owned:
            self._raw.close()

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def is_packed(self, name: str) -> bool:
        """Whether a member is compressed."""
        return self._infos[name].compress_type != zipfile.ZIP_STORED

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The bytes of a member, checked against its sum."""
        info = self._infos.get(name)
        if info is None:
            raise FileFormatError(
                f"{self.shown} is not a model's file: it has no {name}.",
                got=f"{len(self._infos)} members",
                fix="save the model again, with model.save('model.keras').",
            )
        packed = info.file_size > _EXPANSION * max(info.compress_size, 1)
        if (info.file_size > _SMALL and packed) or (limit and info.file_size > limit):
            raise FileFormatError(
                f"{self.shown} claims more of {name} than it can hold.",
                got=f"{info.file_size:,} bytes from {info.compress_size:,}",
                fix="do not use this file, or save the model again.",
            )
        try:
            return self._zip.read(info)
        except Exception as error:  # zipfile and zlib have many
            raise self._damaged(error) from None

    def json(self, name: str) -> Any:
        """A member that is JSON."""
        try:
            return json.loads(self.read(name, _TEXT))
        except (ValueError, RecursionError) as error:
            if isinstance(error, FileFormatError):
                raise
            raise self._damaged(error) from None

    def window(self, name: str) -> BinaryIO:
        """A stored member as a file of its own, read where it lies."""
        info, total = self._infos[name], 0
        self._raw.seek(info.header_offset)
        header = self._raw.read(_HEADER.size)
        if len(header) < _HEADER.size or header[:4] != b"PK\3\4":
            raise self._damaged(ValueError(f"no {name} where it should be"))
        _, name_size, more_size = _HEADER.unpack(header)
        start = info.header_offset + _HEADER.size + name_size + more_size
        window = _Window(self._raw, start, info.file_size)
        while piece := window.read(1 << 20):
            total = zlib.crc32(piece, total)
        if total != info.CRC:
            raise self._damaged(ValueError(f"the sum of {name} is another one"))
        window.seek(0)
        return io.BufferedReader(window)

    def copy(self, folder: str, into: str) -> bool:
        """Copy the members in a folder of the zip into a folder on disk; whether there were any.

        Raises:
            FileFormatError: a name that leads out of the folder.
        """
        names = [name for name in self._infos if name.startswith(f"{folder}/")]
        for name in names:
            inner = PurePosixPath(name[len(folder) + 1 :])
            if ".." in inner.parts or inner.is_absolute() or "\\" in name or ":" in name:
                raise FileFormatError(
                    f"{self.shown} holds a name that leads out of its folder.",
                    got=repr(name),
                    fix="do not use this file.",
                )
            target = Path(into, inner)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not name.endswith("/"):
                target.write_bytes(self.read(name))
        return bool(names)

    def _damaged(self, error: Exception) -> FileFormatError:
        return FileFormatError(
            f"{self.shown} is not a whole model's file.",
            got=str(error) or type(error).__name__,
            fix="copy or save it again; it may have been cut off.",
        )


class _Window(io.RawIOBase):
    """Part of a file as a file."""

    def __init__(self, file: BinaryIO, start: int, size: int):
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        count = max(0, min(len(view), self._size - self._at))
        self._file.seek(self._start + self._at)
        got: int = self._file.readinto(view[:count])  # type: ignore[attr-defined]
        self._at += got
        return got
