"""Settings that outlast one call: number formats, caches, how much data a device may hold."""

from __future__ import annotations

from ._core.dtypes import (
    DTypePolicy,
    dtype_policy,
    floatx,
    set_dtype_policy,
    set_floatx,
)
from .training.devices import data_budget, set_compilation_cache, set_data_budget

__all__ = [
    "DTypePolicy",
    "data_budget",
    "dtype_policy",
    "floatx",
    "set_compilation_cache",
    "set_data_budget",
    "set_dtype_policy",
    "set_floatx",
]
