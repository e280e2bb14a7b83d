"""Settings that outlast one call: number formats, caches, how much data a device may hold."""

from __future__ import annotations

from ._core.dtypes import (
    DTypePolicy,
    dtype_policy,
    floatx,
    set_dtype_policy,
    set_floatx,
)
from ._core.errors import NotOfferedError
from ._core.settings import (
    disable_flash_attention,
    disable_interactive_logging,
    disable_traceback_filtering,
    enable_flash_attention,
    enable_interactive_logging,
    enable_traceback_filtering,
    enable_unsafe_deserialization,
    epsilon,
    image_data_format,
    is_flash_attention_enabled,
    is_interactive_logging_enabled,
    is_traceback_filtering_enabled,
    max_epochs,
    max_steps_per_epoch,
    set_epsilon,
    set_image_data_format,
    set_max_epochs,
    set_max_steps_per_epoch,
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
    "backend",
    "data_budget",
    "disable_flash_attention",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_flash_attention",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "native_kernels",
    "recurrent_cores",
    "set_backend",
    "set_compilation_cache",
    "set_data_budget",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
    "set_native_kernels",
    "set_recurrent_cores",
]


def backend() -> str:
    """What computes: always ``"jax"``.

    >>> backend()
    'jax'
    """
    return "jax"


def set_backend(backend: str) -> None:
    """Accepted where `backend` is ``"jax"``, which is what computes here.

    Raises:
        NotOfferedError: another one.

    >>> set_backend("jax")
    """
    if backend != "jax":
        raise NotOfferedError(
            "Pellucid computes with JAX alone.",
            got=repr(backend),
            expected="'jax'",
            fix="leave the line out, or pass 'jax'.",
        )


def is_nnx_enabled() -> bool:
    """Whether weights are those of Flax's NNX: never.

    >>> is_nnx_enabled()
    False
    """
    return False
