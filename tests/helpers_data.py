"""The one place that knows where the real data for tests and benchmarks lies."""

from __future__ import annotations

import os
from pathlib import Path

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
