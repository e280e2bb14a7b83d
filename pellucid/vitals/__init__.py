"""What a run measures about itself: the record that the doctor reads, and what fills it.

`fit` returns it as `History.vitals`, and a run folder holds it as ``vitals.npz``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.errors import VitalsWarning
from .._core.lazy import attach
from ..record.schema import RunRecord

if TYPE_CHECKING:
    from ..record.files import load_record, save_record
    from .configuration import record_of_config
    from .network import record_of

# The doctor reads records alone, and should not load layers for it.
__getattr__, __dir__, _late = attach(
    __name__,
    {
        "load_record": ".record.files",
        "record_of": "network",
        "record_of_config": "configuration",
        "save_record": ".record.files",
    },
)
__all__ = ["RunRecord", "VitalsWarning", *_late]
