"""What behaves like the array it holds: the variables of layers, optimisers and random streams."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .errors import ArgumentTypeError


class ArrayLike:
    """Operators, indexing, conversions and array attributes, all of `value`.

    A subclass defines `value` (a property) and `assign(value)`. Comparison is by element, as of
    arrays; hashing is by identity, so that variables can be keys.
    """

    __slots__ = ()
    __array_priority__ = 100
    __hash__ = object.__hash__

    @property
    def value(self) -> Any:
        """The array."""
        raise NotImplementedError

    def assign(self, value: Any) -> Any:
        """Replace the value."""
        raise NotImplementedError

    def assign_add(self, value: Any) -> Any:
        """Add to the value."""
        return self.assign(self.value + jnp.asarray(_array(value)))

    def assign_sub(self, value: Any) -> Any:
        """Subtract from the value."""
        return self.assign(self.value - jnp.asarray(_array(value)))

    def numpy(self) -> np.ndarray:
        """A copy as NumPy."""
        return np.array(self.value)

    def __jax_array__(self) -> jax.Array:
        return jnp.asarray(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __getitem__(self, index: Any) -> Any:
        return self.value[_array(index)]

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __index__(self) -> int:
        return operator.index(self.value)

    def __bool__(self) -> bool:
        if self.value.size > 1:
            raise ArgumentTypeError(
                "An array of several numbers has no truth value.",
                got=repr(self),
                fix="ops.any(x) and ops.all(x) have one.",
            )
        return bool(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec) if spec else str(self)

    def __round__(self, digits: int = 0) -> Any:
        return round(self.value, digits)

    def __getattr__(self, name: str) -> Any:
        # Only called for what the class has not: `.T`, `.at`, `.astype`, `.mean`, ...
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        try:
            return getattr(self.value, name)
        except AttributeError:
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}"
            ) from None


def _array(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_array(item) for item in value)
    return value.value if isinstance(value, ArrayLike) else value


def _binary(function: Callable[[Any, Any], Any], turned: bool) -> Any:
    def method(self: ArrayLike, other: Any) -> Any:
        mine, other = self.value, _array(other)
        return function(other, mine) if turned else function(mine, other)

    return method


def _unary(function: Callable[[Any], Any]) -> Any:
    return lambda self: function(self.value)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(ArrayLike, f"__{_name}__", _binary(getattr(operator, _name), False))
    setattr(ArrayLike, f"__r{_name}__", _binary(getattr(operator, _name), True))
for _name, _function in (("and", operator.and_), ("or", operator.or_), ("xor", operator.xor)):
    setattr(ArrayLike, f"__{_name}__", _binary(_function, False))
    setattr(ArrayLike, f"__r{_name}__", _binary(_function, True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(ArrayLike, f"__{_name}__", _binary(getattr(operator, _name), False))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(ArrayLike, f"__{_name}__", _unary(getattr(operator, _name)))
