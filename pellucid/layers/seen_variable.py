"""A variable as the `call` of a layer sees it that assigns variables in Keras's manner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import CodeType
from typing import Any

import jax
import jax.numpy as jnp

from .._core.arraylike import ArrayLike
from .weight import Variable

_ASSIGNING = frozenset({"assign", "assign_add", "assign_sub", "value", "numpy"})


def as_computed(variable: Variable, dtype: Any) -> jax.Array:
    """The array in a layer's compute format, where the variable is to be cast."""
    value = variable.value
    if variable.autocast and jnp.issubdtype(value.dtype, jnp.floating):
        return value.astype(dtype)
    return value


class SeenVariable(ArrayLike):
    """The array in the compute format, with the variable's methods.

    Args:
        variable: what is seen.
        compute_dtype: of the layer.
    """

    __slots__ = ("compute_dtype", "variable")

    def __init__(self, variable: Variable, compute_dtype: Any):
        self.variable = variable
        self.compute_dtype = compute_dtype

    @property
    def value(self) -> Any:
        """The array, as the layer computes with it."""
        return as_computed(self.variable, self.compute_dtype)

    def assign(self, value: Any) -> Any:
        """Replace the value; training carries it on."""
        return self.variable.assign(value)

    def assign_add(self, value: Any) -> Any:
        return self.variable.assign_add(value)

    def assign_sub(self, value: Any) -> Any:
        return self.variable.assign_sub(value)

    def __getattr__(self, name: str) -> Any:
        if name in ("trainable", "name", "path", "regularizer", "constraint"):
            return getattr(self.variable, name)
        return super().__getattr__(name)

    def __repr__(self) -> str:
        return repr(self.variable)


jax.tree_util.register_pytree_node(
    SeenVariable, lambda seen: ((seen.value,), None), lambda _, values: values[0]
)


def assigns_variables(members: Mapping[str, Any]) -> bool:
    """Whether functions among a class's members assign variables, or ask for their values."""
    codes = [member.__code__ for member in members.values() if hasattr(member, "__code__")]
    return any(
        not _ASSIGNING.isdisjoint(inner.co_names) for code in codes for inner in _codes(code)
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
