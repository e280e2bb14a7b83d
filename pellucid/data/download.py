"""Files from the network: several mirrors, checksums, resumption, and never half a file."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .._core.errors import DownloadError
from .transfer import BrokenTransferError, MirrorError, transfer

ATTEMPTS = 3  # transfers from one mirror, each going on where the last one broke off


@dataclass(frozen=True)
class RemoteFile:
    """A public file: its name, where copies of it lie, and what it must hash to.

    Args:
        name: file name in the cache.
        urls: mirrors, the best first.
        checksum: ``"sha256:..."`` or ``"md5:..."`` of the whole file.
        keras_name: what Keras calls it in its own cache, where that is something else.
    """

    name: str
    urls: tuple[str, ...]
    checksum: str
    keras_name: str | None = None

    def is_intact(self, path: Path) -> bool:
        """True where `path` holds exactly this file."""
        return path.is_file() and checksum(path, self.checksum.split(":")[0]) == self.checksum


def checksum(path: Path, algorithm: str) -> str:
    """``"algorithm:hex digits"`` of a file."""
    with open(path, "rb") as stream:
        return f"{algorithm}:{hashlib.file_digest(stream, algorithm).hexdigest()}"


def cache_folder(dataset: str) -> Path:
    """Where the files of `dataset` are kept: under `$XDG_CACHE_HOME`, else `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pellucid" / "datasets" / dataset


def fetch(dataset: str, choices: Sequence[Sequence[RemoteFile]], folder: Path) -> list[Path]:
    """The files of the first choice that can be had intact, from the cache or a mirror.

    Args:
        dataset: its name, for messages.
        choices: alternative sets of files with the same content, the preferred one first.
        folder: where they are kept; made if need be.

    Returns:
        The paths of one choice's files, each verified against its checksum.

    Raises:
        DownloadError: no mirror delivered; lists what each said and which file to put where.
    """
    for files in choices:
        paths = [_already_there(file, folder) for file in files]
        if all(paths):
            return [path for path in paths if path]
    said: list[str] = []
    for files in choices:
        paths = []
        for file in files:
            path = _already_there(file, folder) or _download(file, folder, said)
            if path is None:
                break
            paths.append(path)
        else:
            return [path for path in paths if path]
    wanted = " or ".join(
        ", ".join(f"{file.name} ({file.checksum})" for file in files) for files in choices
    )
    raise DownloadError(
        f"The data set {dataset} could not be downloaded intact.",
        got="".join(f"\n    {line}" for line in said),
        expected=wanted,
        fix=f"check the connection and try again, or put the file into {folder}, "
        "or pass data_dir= with a folder that holds it.",
    )


def _already_there(file: RemoteFile, folder: Path) -> Path | None:
    """The intact file in our cache, or in the one that Keras keeps."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras").expanduser()
    theirs = [name for name in (file.keras_name, file.name) if name]
    places = [folder / file.name, *(home / "datasets" / name for name in theirs)]
    return next((path for path in places if file.is_intact(path)), None)


def _download(file: RemoteFile, folder: Path, said: list[str]) -> Path | None:
    """The verified file from the first mirror that has it; what went wrong goes to `said`."""
    target = folder / file.name
    part = folder / f"{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one_process(part):
            if file.is_intact(target):  # another process was faster
                part.unlink(missing_ok=True)
                return target
            if target.exists():
                said.append(f"{target}: the cached file is damaged (wrong checksum)")
            for url in file.urls:
                failure = _from_mirror(url, file, part)
                if failure is None:
                    os.replace(part, target)
                    return target
                said.append(f"{url}: {failure}")
    except OSError as error:
        raise DownloadError(
            f"{target} cannot be written.",
            got=f"{type(error).__name__}: {error}",
            expected="a writable folder with enough free space",
            fix="free some space, or pass data_dir= with a folder that you can write to.",
        ) from error
    return None


def _from_mirror(url: str, file: RemoteFile, part: Path) -> str | None:
    """Bring `part` to the whole verified file; the reason where that failed."""
    reason = "no attempt"
    for _ in range(ATTEMPTS):
        resumed = part.exists() and part.stat().st_size > 0
        try:
            transfer(url, part, label=file.name)
        except BrokenTransferError as error:
            reason = str(error)
            continue
        except MirrorError as error:
            return str(error)
        got = checksum(part, file.checksum.split(":")[0])
        if got == file.checksum:
            return None
        part.unlink()
        reason = f"wrong checksum: {got}"
        if not resumed:  # a wrong beginning may have come from elsewhere; a whole file did not
            return reason
    return reason


@contextlib.contextmanager
def _only_one_process(part: Path) -> Iterator[None]:
    """Hold a lock beside `part`: workers that start together must not write into one file."""
    try:
        import fcntl
    except ImportError:  # Windows: the checksum still catches a mixed-up file
        yield
        return
    with open(part.with_suffix(".lock"), "w") as lock:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
