"""What a run measures about itself: the record that the doctor reads, and what fills it.

`fit` returns it as `History.vitals`, and a run folder holds it as ``vitals.npz``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._core.errors import VitalsWarning
from .record import RunRecord

if TYPE_CHECKING:
    from .configuration import record_of_config
    from .files import load_record, save_record
    from .network import record_of

_PLACES = {
    "load_record": "files",
    "record_of": "network",
    "record_of_config": "configuration",
    "save_record": "files",
}

__all__ = [
    "RunRecord",
    "VitalsWarning",
    "load_record",
    "record_of",
    "record_of_config",
    "save_record",
]


def __getattr__(name: str) -> Any:
    # The doctor reads records alone, and should not load layers for it.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
