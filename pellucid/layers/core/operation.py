"""Arithmetic between symbolic tensors: each operator becomes a layer of the graph.

``x + y``, ``2 * x``, ``-x``, ``x ** 2``, ``x @ y``, ``x > 0`` record an `Operation`, and
``x[:, 0]`` a `GetItem`, so that a functional model made with them can be saved like any other.
"""

from __future__ import annotations

import operator
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core.errors import UnknownNameError
from ..._core.registry import did_you_mean
from ..._core.specs import family
from ..base import Layer
from ..symbolic import SymbolicTensor

_UNARY = {"negative": operator.neg, "absolute": jnp.abs, "logical_not": jnp.logical_not}
# name -> (function, operator method, whether it also has a reflected method)
_BINARY: dict[str, tuple[Any, str, bool]] = {
    "add": (operator.add, "add", True),
    "subtract": (operator.sub, "sub", True),
    "multiply": (operator.mul, "mul", True),
    "true_divide": (operator.truediv, "truediv", True),
    "floor_divide": (operator.floordiv, "floordiv", True),
    "mod": (operator.mod, "mod", True),
    "power": (operator.pow, "pow", True),
    "matmul": (jnp.matmul, "matmul", True),
    "less": (operator.lt, "lt", False),
    "less_equal": (operator.le, "le", False),
    "greater": (operator.gt, "gt", False),
    "greater_equal": (operator.ge, "ge", False),
    "logical_and": (jnp.logical_and, "and", True),
    "logical_or": (jnp.logical_or, "or", True),
}
_FUNCTIONS = {**_UNARY, **{name: entry[0] for name, entry in _BINARY.items()}}


@family("layer").register("Operation")
class Operation(Layer):
    """One arithmetic operation, on a list of one or two tensors or numbers.

    Args:
        operation: its name, as NumPy calls it: ``"add"``, ``"true_divide"``, ``"negative"``, ...

    Raises:
        UnknownNameError: there is no such operation.

    >>> import numpy as np
    >>> Operation("add")([np.array([1.0]), 2.0]).tolist()
    [3.0]
    """

    supports_masking = True

    def __init__(self, operation: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.operation = operation
        if operation not in _FUNCTIONS:
            raise UnknownNameError(
                f"There is no operation called {operation!r}.",
                got=repr(operation),
                expected=f"one of {', '.join(sorted(_FUNCTIONS))}",
                fix=did_you_mean(str(operation), _FUNCTIONS),
            )

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return self.operation != "matmul"  # a product with a constant on its left mixes rows

    @property
    def name(self) -> str:
        return self._name or self.operation

    def call(self, inputs: Any) -> Any:
        return _FUNCTIONS[self.operation](*inputs)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """A step is real if it is real in any operand that has a mask."""
        present = [mask for mask in previous_mask or () if mask is not None]
        if self.operation == "matmul":  # rows of the left operand are the rows of the result
            return previous_mask[0] if present else None
        if not present or any(mask.shape != present[0].shape for mask in present):
            return None
        result = present[0]
        for mask in present[1:]:
            result = jnp.logical_or(result, mask)
        return result


def _constant(value: Any) -> Any:
    """Lists -> arrays, so that they count as one operand."""
    return np.asarray(value) if isinstance(value, (list, tuple)) else value


def _unary_method(name: str) -> Any:
    def method(self: SymbolicTensor) -> Any:
        return Operation(name)([self])

    return method


def _binary_method(name: str, reflected: bool) -> Any:
    def method(self: SymbolicTensor, other: Any) -> Any:
        other = _constant(other)
        return Operation(name)([other, self] if reflected else [self, other])

    return method


def _install() -> None:
    for name, method in (("negative", "neg"), ("absolute", "abs"), ("logical_not", "invert")):
        setattr(SymbolicTensor, f"__{method}__", _unary_method(name))
    for name, (_, method, has_reflected) in _BINARY.items():
        setattr(SymbolicTensor, f"__{method}__", _binary_method(name, False))
        if has_reflected:
            setattr(SymbolicTensor, f"__r{method}__", _binary_method(name, True))
    # NumPy then leaves `array + tensor` to the tensor.
    SymbolicTensor.__array_ufunc__ = None  # type: ignore[attr-defined]


_install()
