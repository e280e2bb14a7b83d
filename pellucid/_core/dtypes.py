"""Number formats: the default one, and policies that compute in one and keep weights in another."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from .errors import ArgumentTypeError, ConfigError, UnknownNameError
from .registry import did_you_mean

# name -> (format of the arithmetic, format of the weights)
_MIXED = {
    "mixed_bfloat16": ("bfloat16", "float32"),
    "mixed_float16": ("float16", "float32"),  # `compile` scales the loss
}
_FLOATS = ("float32", "bfloat16", "float16", "float64")
_WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool")
_QUANTIZED = ("int4", "int8_from", "float8", "gptq", "awq")


class DTypePolicy:
    """Which format a layer computes in and which its weights are kept in.

    Args:
        name: ``"float32"``, ``"bfloat16"``, ``"mixed_bfloat16"`` (bfloat16 arithmetic, float32
            weights), ``"float16"`` or ``"float64"``; the default policy's by default.

    Raises:
        UnknownNameError: no such policy. ArgumentTypeError: not a name.

    >>> DTypePolicy("mixed_bfloat16").compute_dtype, DTypePolicy("mixed_bfloat16").variable_dtype
    ('bfloat16', 'float32')
    """

    quantization_mode: ClassVar[str | None] = None  # nothing is quantized here

    def __init__(self, name: str | None = None):
        name = dtype_policy().name if name is None else name
        self._name = name
        self._formats = _formats(name)

    @property
    def name(self) -> str:
        """The policy's name."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The format that layers compute in."""
        return self._formats[0]

    @property
    def variable_dtype(self) -> str:
        """The format that weights are kept in."""
        return self._formats[1]

    def get_config(self) -> dict[str, Any]:
        """The policy as plain values; `from_config` takes them back."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A policy from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class FloatDTypePolicy(DTypePolicy):
    """Keras's second name for `DTypePolicy`.

    >>> FloatDTypePolicy("float32") == DTypePolicy("float32")
    True
    """


def _formats(name: Any) -> tuple[str, str]:
    if not isinstance(name, str):
        raise ArgumentTypeError(
            "A dtype policy is named by a string.",
            got=f"{name!r} of type {type(name).__name__}",
            fix="DTypePolicy('mixed_bfloat16').",
        )
    if name in _MIXED:
        return _MIXED[name]
    if name.startswith(_QUANTIZED):
        raise ConfigError(
            "Quantized policies are not supported: Pellucid computes in floats.",
            got=repr(name),
            fix="use 'mixed_bfloat16' for less memory.",
        )
    plain = {"float": floatx(), "int": "int32"}.get(name, name)
    if plain in (*_FLOATS, *_WHOLE):
        return plain, plain
    raise UnknownNameError(
        f"There is no dtype policy called {name!r}.",
        got=repr(name),
        fix=did_you_mean(name, (*_FLOATS, *_MIXED)),
    )


class _Defaults:
    floatx = "float32"
    policy: DTypePolicy | None = None


def floatx() -> str:
    """The default float format, ``"float32"`` unless `set_floatx` changed it."""
    return _Defaults.floatx


def set_floatx(value: str) -> None:
    """Set the default float format: bfloat16, float16, float32 or float64."""
    if value not in _FLOATS:
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
    if not isinstance(policy, (str, DTypePolicy)):
        raise ConfigError(
            "The default dtype policy is a policy or the name of one.",
            got=f"{policy!r} of type {type(policy).__name__}",
            fix="set_dtype_policy('mixed_bfloat16').",
        )
    _Defaults.policy = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)


def resolve_policy(value: Any, path: str | None = None) -> DTypePolicy:
    """A layer's `dtype` argument -> its policy.

    Args:
        value: None, a policy, its name, a format, or the configuration of a policy.
        path: of the layer, by which a map of policies is asked.
    """
    from .dtype_map import DTypePolicyMap

    if value is None:
        value = dtype_policy()
    if isinstance(value, dict) and "config" in value:
        value = policy_from_config(value)
    if isinstance(value, DTypePolicyMap):
        return value.default_policy if path is None else value[path]
    if isinstance(value, DTypePolicy):
        return value
    if not isinstance(value, str):
        import numpy as np

        value = np.dtype(value).name
    if value.startswith(("int", "uint", "bool")) and not value.startswith(_QUANTIZED):
        return DTypePolicy(_Defaults.floatx)
    return DTypePolicy(value)


def policy_from_config(config: dict[str, Any]) -> DTypePolicy:
    """The policy that ``{"class_name", "config"}`` describes."""
    from .dtype_map import DTypePolicyMap

    classes = {cls.__name__: cls for cls in (DTypePolicy, FloatDTypePolicy, DTypePolicyMap)}
    name = config.get("class_name", "DTypePolicy")
    if name not in classes:
        raise ConfigError(
            f"The configuration names a dtype policy {name!r} that is not known here.",
            got=repr(name),
            expected=f"one of {', '.join(classes)}",
            fix="quantized policies are not supported: use 'mixed_bfloat16' for less memory.",
        )
    return classes[name].from_config(config["config"])
