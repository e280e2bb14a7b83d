"""Dtype policies: which format a layer computes in, and which its weights are kept in.

>>> get("mixed_bfloat16").compute_dtype
'bfloat16'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._core.dtype_map import DTypePolicyMap
from ._core.dtypes import (
    DTypePolicy,
    FloatDTypePolicy,
    dtype_policy,
    policy_from_config,
)
from ._core.errors import ArgumentTypeError, ConfigError
from ._core.lazy import attach
from .utils.session import standardize_dtype

_QUANTIZED = (
    "AWQDTypePolicy",
    "GPTQDTypePolicy",
    "Int4DTypePolicy",
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
)
_WHY = "Pellucid does not quantize networks; 'mixed_bfloat16' saves memory"
_lazy = attach(__name__, {}, absent=dict.fromkeys(_QUANTIZED, _WHY))
__getattr__ = _lazy.getattr

__all__ = [
    "DTypePolicy",
    "DTypePolicyMap",
    "FloatDTypePolicy",
    "deserialize",
    "get",
    "serialize",
]


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """A policy as plain values, in Keras's form.

    >>> serialize(DTypePolicy("float32"))["config"]
    {'name': 'float32'}
    """
    if not isinstance(dtype_policy, DTypePolicy):
        raise ArgumentTypeError(
            "This is not a dtype policy.",
            got=repr(dtype_policy),
            fix="serialize(DTypePolicy('float32')).",
        )
    return {
        "module": "keras",
        "class_name": type(dtype_policy).__name__,
        "config": dtype_policy.get_config(),
        "registered_name": None,
    }


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The policy that `serialize` wrote down.

    Args:
        config: what it returned.
        custom_objects: policy classes of your own by their names.
    """
    own = (custom_objects or {}).get(config.get("class_name", ""))
    return policy_from_config(config) if own is None else own.from_config(config["config"])


def get(identifier: Any) -> DTypePolicy:
    """A policy from itself, its name, a number format, its configuration, or None for the default.

    Raises:
        UnknownNameError: no such policy. ConfigError: none of these.

    >>> get(None).name, get("bfloat16").compute_dtype, get(float).name
    ('float32', 'bfloat16', 'float32')
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return DTypePolicy(identifier)
    try:
        return DTypePolicy(standardize_dtype(identifier))
    except ConfigError as error:
        raise ConfigError(
            "This cannot be understood as a dtype policy.",
            got=repr(identifier),
            expected="a name such as 'mixed_bfloat16', a policy, or a number format",
            fix="get('float32').",
        ) from error
