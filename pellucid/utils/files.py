"""`get_file`: a file from the network, kept, verified, unpacked."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._core.errors import ConfigError, DownloadError, FileFormatError, WrongFileError
from ..data.download import ATTEMPTS, cache_folder, checksum
from ..data.transfer import BrokenTransferError, MirrorError, transfer


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the network, downloaded if it is not there yet.

    A transfer that breaks off goes on where it ended; no half file is ever left under the name.

    Args:
        fname: its name here; by default the last part of `origin`.
        origin: the address.
        untar: unpack it as a tar file; `extract` does that and more.
        md5_hash: older form of ``file_hash=..., hash_algorithm="md5"``.
        file_hash: what the file must hash to, as hexadecimal digits.
        cache_subdir: folder within `cache_dir`.
        hash_algorithm: ``"sha256"``, ``"md5"``, or ``"auto"`` to tell by the hash's length.
        extract: unpack a tar or zip file; the path is then the folder with what was in it.
        archive_format: ``"tar"``, ``"zip"``, or ``"auto"`` for either.
        cache_dir: where files are kept; by default the user's cache folder.
        force_download: download even if it is there.

    Raises:
        ConfigError: no address, a file name with a folder in it, an unknown hash.
        DownloadError: it cannot be had, or is not what the hash says (also a ValueError).
        FileFormatError: an archive that cannot be unpacked.
    """
    if origin is None:
        raise ConfigError(
            "get_file needs the address of the file.",
            got="origin=None",
            fix="get_file(origin='https://example.org/data.csv').",
        )
    given = os.fspath(fname) if fname else ""
    name = given or os.path.basename(urlsplit(origin).path)
    if not name or os.path.basename(name) != name:
        raise ConfigError(
            "get_file needs a plain file name.",
            got=f"fname={fname!r}, origin={origin!r}",
            fix="fname='data.csv'; the folder goes into cache_dir.",
        )
    wanted = _wanted_hash(file_hash or md5_hash, "md5" if md5_hash else hash_algorithm)
    base = Path(cache_dir).expanduser() if cache_dir else cache_folder("").parent
    folder = base / cache_subdir
    unpacks = extract or untar
    target = folder / name
    into = folder / name
    if unpacks and given and "." in name:
        into = folder / f"{name.partition('.')[0]}_extracted"
    elif unpacks:
        target = folder / f"{name}_archive"
    if force_download or not target.is_file() or not _intact(target, wanted):
        _download(origin, target, wanted)
    if unpacks:
        if force_download or not into.exists():
            _unpack(target, into, "tar" if untar else archive_format)
        return str(into)
    return str(target)


def _wanted_hash(digits: str | None, algorithm: str) -> str | None:
    if digits is None:
        return None
    if algorithm == "auto":
        algorithm = {64: "sha256", 32: "md5"}.get(len(digits), "auto")
    if algorithm not in ("sha256", "md5") or not re.fullmatch("[0-9a-fA-F]+", digits):
        raise ConfigError(
            "get_file does not know this hash.",
            got=f"file_hash={digits!r}, hash_algorithm={algorithm!r}",
            expected="64 hexadecimal digits (SHA-256) or 32 (MD5)",
            fix="sha256sum on the file gives it.",
        )
    return f"{algorithm}:{digits.lower()}"


def _intact(path: Path, wanted: str | None) -> bool:
    return wanted is None or checksum(path, wanted.partition(":")[0]) == wanted


def _download(origin: str, target: Path, wanted: str | None) -> None:
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    if wanted is None:  # nothing would tell that a left-over part is of another file
        part.unlink(missing_ok=True)
    reason = "no attempt"
    for _ in range(ATTEMPTS):
        try:
            transfer(origin, part, label=target.name)
        except BrokenTransferError as error:
            reason = str(error)
            continue
        except MirrorError as error:
            reason = str(error)
            break
        if _intact(part, wanted):
            os.replace(part, target)
            return
        reason = f"wrong checksum: {checksum(part, str(wanted).partition(':')[0])}"
        part.unlink()
    kind = WrongFileError if reason.startswith("wrong checksum") else DownloadError
    raise kind(
        f"{target.name} could not be downloaded.",
        got=f"{origin}: {reason}",
        expected="the file" if wanted is None else f"a file with {wanted}",
        fix=f"check the address and the connection, or put the file at {target}.",
    )


def _unpack(archive: Path, into: Path, archive_format: Any) -> None:
    formats: Any = ("tar", "zip") if archive_format == "auto" else archive_format
    formats = (formats,) if isinstance(formats, str) else formats or ()
    fresh = into.with_name(f"{into.name}.unpacking")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        if "tar" in formats and tarfile.is_tarfile(archive):
            with tarfile.open(archive) as opened:
                opened.extractall(fresh, filter="data")  # nothing outside the folder, no devices
        elif "zip" in formats and zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(fresh)
        else:
            raise FileFormatError(
                f"{archive.name} is not an archive that can be unpacked.",
                got=str(archive),
                expected=f"a file of format {' or '.join(map(str, formats))}",
                fix="extract=False gives the file itself.",
            )
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise FileFormatError(
            f"{archive.name} cannot be unpacked.",
            got=str(error),
            fix="download it anew: force_download=True.",
        ) from None
    shutil.rmtree(into, ignore_errors=True)
    os.replace(fresh, into)
