"""A record as one `.npz` file: arrays as they are, everything else as JSON text; no pickle."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import types
import typing
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .._core.errors import FileFormatError
from .._core.files import write_atomically
from ..data.npz import load_npz
from . import schema as records
from .schema import SCHEMA, RunRecord

LARGEST = 2**31
"""Bytes of all arrays together that `load_record` is willing to read."""
_JSON = "record"
_AGAIN = "train again, or copy the file once more from where it was made."


def save_record(path: str | os.PathLike[str], record: RunRecord) -> None:
    """Write a record to an `.npz` file, whole or not at all.

    The JSON text lies in the member ``record`` as UTF-8 bytes; an array in it is named by
    ``{"array": member}``.

    Args:
        path: the file; an earlier one is replaced.
        record: of a run.

    Raises:
        FileWriteError: no such folder, no permission, or the disk is full.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_record(f"{folder}/vitals.npz", RunRecord(losses=np.array([2.0, 1.0])))
    ...     load_record(f"{folder}/vitals.npz").losses.tolist()
    [2.0, 1.0]
    """
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(_plain(record, arrays), ensure_ascii=False)
    arrays[_JSON] = np.frombuffer(text.encode(), np.uint8)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    write_atomically(path, content.getvalue())


def load_record(path: str | os.PathLike[str]) -> RunRecord:
    """The record that `save_record` wrote; safe on files from strangers.

    Args:
        path: the file.

    Raises:
        DataError: no such file.
        FileFormatError: damaged, of a newer version, or not a record.
    """
    path = Path(path)
    _check_size(path)
    arrays = load_npz(path)
    text = arrays.pop(_JSON, None)
    if text is None or text.dtype != np.uint8:
        raise FileFormatError(
            f"{path} is not a record of a run.",
            got=f"members {sorted(arrays)[:6]}",
            expected=f"a member {_JSON!r} with JSON text",
            fix="pass a file that Pellucid wrote, vitals.npz of a run folder.",
        )
    try:
        content = json.loads(text.tobytes())
        schema = content.get("schema") if isinstance(content, dict) else None
        if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
            raise ValueError("no schema number")
        if schema > SCHEMA:
            raise FileFormatError(
                f"{path} was written by a newer Pellucid.",
                got=f"schema {schema}",
                expected=f"schema 1 to {SCHEMA}",
                fix="update: pip install --upgrade pellucid.",
            )
        return _with_traits(_built(RunRecord, content, arrays, "record"))
    except (ValueError, RecursionError) as error:
        raise FileFormatError(
            f"{path} is damaged.",
            got=(str(error).strip() or type(error).__name__).splitlines()[0],
            expected="a record as Pellucid writes it",
            fix=_AGAIN,
        ) from error


def _with_traits(record: RunRecord) -> RunRecord:
    """Fill in what files before schema 2 did not say: what the layers' classes declare."""
    if record.schema < 2:
        from ..layers.traits import class_named, written_traits
        from ..losses.traits import written_traits as loss_traits

        for output in record.outputs:
            output.loss_traits = loss_traits(output.loss) if output.loss else None
        for layer in record.layers:
            layer.traits = written_traits(class_named(layer.kind), layer.config)
        record.schema = SCHEMA
    return record


def _check_size(path: Path) -> None:
    """Refuse a small file that would unfold into more memory than any record needs."""
    if not path.is_file():
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # `load_npz` says what is wrong
    if size > LARGEST:
        raise FileFormatError(
            f"{path} claims to hold more than a record can.",
            got=f"{size / 2**30:.1f} GiB",
            expected=f"at most {LARGEST / 2**30:.0f} GiB",
            fix="the file is damaged or forged: write it again.",
        )


def _plain(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """`value` as JSON types; its arrays go into `arrays`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            return [_plain(item, arrays) for item in value.tolist()]
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): _plain(item, arrays) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, arrays) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return repr(value)


def _built(hint: Any, value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    """`value` as the type `hint` says; `ValueError` names the place where it is not."""
    origin = typing.get_origin(hint)
    if hint is Any:
        return _anything(value, arrays, where)
    if origin in (types.UnionType, typing.Union):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        if value is None:
            return None
        return _built(options[0], value, arrays, where)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, value, arrays, where)
    if hint is np.ndarray:
        return _array(value, arrays, where)
    if origin is list:
        item = typing.get_args(hint)[0]
        found = _checked(value, list, where)
        return [_built(item, v, arrays, f"{where}[{i}]") for i, v in enumerate(found)]
    if origin is dict:
        item = typing.get_args(hint)[1]
        found = _checked(value, dict, where)
        return {key: _built(item, v, arrays, f"{where}.{key}") for key, v in found.items()}
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _checked(value, hint, where)


def _dataclass(hint: Any, value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    given = _checked(value, dict, where)
    hints = typing.get_type_hints(hint, vars(records))
    made = {}
    for part in dataclasses.fields(hint):
        if part.name in given:
            inside = f"{where}.{part.name}"
            made[part.name] = _built(hints[part.name], given[part.name], arrays, inside)
        elif part.default is dataclasses.MISSING and part.default_factory is dataclasses.MISSING:
            raise ValueError(f"{where} has no {part.name!r}")
    return hint(**made)


def _checked(value: Any, kind: Any, where: str) -> Any:
    wrong = not isinstance(value, kind) or (kind in (int, float) and isinstance(value, bool))
    if wrong:
        raise ValueError(f"{where} is {type(value).__name__}, not {kind.__name__}")
    return value


def _array(value: Any, arrays: dict[str, np.ndarray], where: str) -> np.ndarray:
    if isinstance(value, list):  # of text, or written by hand
        return np.asarray(value)
    name = value.get("array") if isinstance(value, dict) else None
    if not isinstance(name, str) or name not in arrays:
        raise ValueError(f"{where} names no array of the file")
    return arrays[name]


def _anything(value: Any, arrays: dict[str, np.ndarray], where: str) -> Any:
    if isinstance(value, dict):
        if set(value) == {"array"} and isinstance(value["array"], str):
            return _array(value, arrays, where)
        return {key: _anything(item, arrays, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_anything(item, arrays, where) for item in value]
    return value
