"""Number formats: the default one, and policies that compute in one and keep weights in another."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ConfigError, UnknownNameError
from .registry import did_you_mean

# name -> (format of the arithmetic, format of the weights)
_POLICIES = {
    "float32": ("float32", "float32"),
    "bfloat16": ("bfloat16", "bfloat16"),
    "mixed_bfloat16": ("bfloat16", "float32"),
    "float16": ("float16", "float16"),
    "float64": ("float64", "float64"),
}


@dataclass(frozen=True)
class DTypePolicy:
    """Which format a layer computes in and which its weights are kept in.

    Args:
        name: ``"float32"``, ``"bfloat16"``, ``"mixed_bfloat16"`` (bfloat16 arithmetic, float32
            weights), ``"float16"`` or ``"float64"``.

    >>> DTypePolicy("mixed_bfloat16").compute_dtype, DTypePolicy("mixed_bfloat16").variable_dtype
    ('bfloat16', 'float32')
    """

    name: str

    def __post_init__(self) -> None:
        if self.name == "mixed_float16":
            raise ConfigError(
                "The policy 'mixed_float16' is not supported: its small range needs loss scaling.",
                fix="use 'mixed_bfloat16', which has float32's range.",
            )
        if self.name not in _POLICIES:
            raise UnknownNameError(
                f"There is no dtype policy called {self.name!r}.",
                got=repr(self.name),
                fix=did_you_mean(str(self.name), _POLICIES),
            )

    @property
    def compute_dtype(self) -> str:
        return _POLICIES[self.name][0]

    @property
    def variable_dtype(self) -> str:
        return _POLICIES[self.name][1]


class _Defaults:
    floatx = "float32"
    policy: DTypePolicy | None = None


def floatx() -> str:
    """The default float format, ``"float32"`` unless `set_floatx` changed it."""
    return _Defaults.floatx


def set_floatx(value: str) -> None:
    """Set the default float format: bfloat16, float16, float32 or float64."""
    if value not in ("bfloat16", "float16", "float32", "float64"):
        raise ConfigError(
            "The default float format must be one of bfloat16, float16, float32, float64.",
            got=repr(value),
            fix="set_floatx('float32').",
        )
    _Defaults.floatx = value


def dtype_policy() -> DTypePolicy:
    """The policy that layers take when they are given none."""
    return _Defaults.policy or DTypePolicy(_Defaults.floatx)


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """The policy for layers made from now on, for example ``"mixed_bfloat16"``."""
    _Defaults.policy = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)


def resolve_policy(value: str | DTypePolicy | None) -> DTypePolicy:
    """A layer's `dtype` argument -> its policy."""
    if value is None:
        return dtype_policy()
    if isinstance(value, DTypePolicy):
        return value
    if isinstance(value, dict) and "config" in value:
        return DTypePolicy(value["config"]["name"])
    if not isinstance(value, str):
        import numpy as np

        value = np.dtype(value).name
    if (
        value in _POLICIES
        or value == "mixed_float16"
        or not value.startswith(("int", "uint", "bool"))
    ):
        return DTypePolicy(value)
    return DTypePolicy(_Defaults.floatx)
