"""Settings that outlast one call: number formats, caches, how much data a device may hold."""

from __future__ import annotations

from ._core.dtypes import (
    DTypePolicy,
    dtype_policy,
    floatx,
    set_dtype_policy,
    set_floatx,
)
from .training.devices import (
    data_budget,
    native_kernels,
    recurrent_cores,
    set_compilation_cache,
    set_data_budget,
    set_native_kernels,
    set_recurrent_cores,
)

__all__ = [
    "DTypePolicy",
    "data_budget",
    "dtype_policy",
    "floatx",
    "native_kernels",
    "recurrent_cores",
    "set_compilation_cache",
    "set_data_budget",
    "set_dtype_policy",
    "set_floatx",
    "set_native_kernels",
    "set_recurrent_cores",
]
