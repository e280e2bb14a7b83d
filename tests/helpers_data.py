"""The one place that knows where the real data for tests and benchmarks lies."""

from __future__ import annotations

import io
import os
import pickle
import struct
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def find_shared_data(name: str = "") -> Path | None:
    """The file or folder `name` of the shared data, or None on a machine without it.

    Looked for in the folder that the variable PELLUCID_TEST_DATA names, else in `shared/data`
    beside the repository.
    """
    base = os.environ.get("PELLUCID_TEST_DATA") or ROOT.parent / "shared" / "data"
    path = Path(base) / name
    return path if path.exists() else None


def shared_data(name: str) -> Path:
    """`find_shared_data`, skipping the test where there is none."""
    path = find_shared_data(name)
    if path is None:
        import pytest

        pytest.skip(f"needs the real data {name!r}: set PELLUCID_TEST_DATA to the folder with it")
    return path


_PurePython: Any = pickle._Pickler  # can be told how to write text


class _Python2Pickler(_PurePython):
    """Writes text and bytes as the strings of Python 2, as CIFAR-10's files have them."""

    dispatch = dict(_PurePython.dispatch)

    def _save_string(self, value: str | bytes) -> None:
        data = value if isinstance(value, bytes) else value.encode("ascii")
        self.write(b"T" + struct.pack("<i", len(data)) + data)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = _save_string


def python2_pickle(value: Any) -> bytes:
    """`value` as Python 2's pickle, protocol 2, would have written it."""
    out = io.BytesIO()
    _Python2Pickler(out, protocol=2).dump(value)
    return out.getvalue()
