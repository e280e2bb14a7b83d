"""Operations on symbolic tensors: each becomes a layer of the graph.

``x + y``, ``2 * x``, ``-x``, ``x ** 2``, ``x @ y``, ``x > 0`` and every ``pellucid.ops`` function
record an `Operation`, and ``x[:, 0]`` a `GetItem`, so that a functional model made with them can be
saved like any other.
"""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core.errors import MaskLostWarning, UnknownNameError
from ..._core.registry import did_you_mean
from ..._core.specs import family
from ..base import Layer
from ..symbolic import SymbolicTensor

# The functions themselves stand higher, in `pellucid.ops`, which is loaded when one is looked up.
_OPS = family("op", home="pellucid.ops")

_UNARY = {"negative": "neg", "absolute": "abs", "logical_not": "invert"}
# name -> (operator method, whether it also has a reflected method)
_BINARY = {
    "add": ("add", True),
    "subtract": ("sub", True),
    "multiply": ("mul", True),
    "true_divide": ("truediv", True),
    "floor_divide": ("floordiv", True),
    "mod": ("mod", True),
    "power": ("pow", True),
    "matmul": ("matmul", True),
    "less": ("lt", False),
    "less_equal": ("le", False),
    "greater": ("gt", False),
    "greater_equal": ("ge", False),
    "logical_and": ("and", True),
    "logical_or": ("or", True),
    "logical_xor": ("xor", True),
    "not_equal": ("ne", False),
}


@family("layer").register("Operation")
class Operation(Layer):
    """One function of `pellucid.ops`, on a list of its arrays (or on its only one).

    Args:
        operation: the function's name: ``"add"``, ``"mean"``, ``"concatenate"``, ...
        arguments: its other arguments by name, such as ``{"axis": -1}``.

    Raises:
        UnknownNameError: there is no such operation.

    >>> import numpy as np
    >>> Operation("add")([np.array([1.0]), 2.0]).tolist()
    [3.0]
    >>> Operation("mean", {"axis": -1})(np.array([[1.0, 3.0]])).tolist()
    [2.0]
    """

    traits = frozenset({"opaque", "operation"})
    supports_masking = True
    casts_inputs = False  # an operation's result has the format that its operands ask for

    def __init__(self, operation: str, arguments: dict[str, Any] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.operation = operation
        self.arguments = arguments
        self._rows = self._row_rule()

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        """Whether rows stay apart: known once the operands are, supposed of numbers before."""
        return self.__dict__.get("_keeps_rows", self._rows == "each")

    def _usual_name(self) -> str:
        return self.operation.rpartition(".")[2]

    def call(self, inputs: Any) -> Any:
        operands = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        settings = {name: _hashable(value) for name, value in (self.arguments or {}).items()}
        return _OPS.get(self.operation).op.run(operands, settings)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """A step is real if it is real in any operand that has a mask."""
        masks = [mask for mask in _flat(previous_mask) if mask is not None]
        if not masks:
            return None
        if self.operation == "matmul":  # rows of the left operand are the rows of the result
            return previous_mask[0]
        alike = all(mask.shape == masks[0].shape for mask in masks)
        rank = max(np.ndim(operand) for operand in _flat(inputs))
        axes = self._axes(rank)
        if not alike or axes is None or any(axis < masks[0].ndim for axis in axes):
            warnings.warn(
                f"Operation {self.name!r} works across the steps of a mask, which it cannot use: "
                "padded steps count like real ones from here on.\n  fix: use a layer that knows "
                "masks, or multiply the padded steps away before it.",
                MaskLostWarning,
                stacklevel=2,
            )
            return None
        result = masks[0]
        for mask in masks[1:]:
            result = jnp.logical_or(result, mask)
        return result

    def _draw(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        operands = _flat(args[0])
        symbolic = [leaf for leaf in operands if isinstance(leaf, SymbolicTensor)]
        rank = max(leaf.ndim for leaf in symbolic)
        axes = self._axes(rank)
        # Broadcasting must not lay the batch, or a constant of as many rows, along another axis.
        aligned = all(leaf.ndim == rank for leaf in symbolic) and all(
            np.ndim(leaf) < rank or np.shape(leaf)[:1] in ((), (1,))
            for leaf in operands
            if not isinstance(leaf, SymbolicTensor)
        )
        apart = aligned and axes is not None and 0 not in axes
        self.__dict__["_keeps_rows"] = apart or self._multiplies_rows(operands)
        return super()._draw(args, kwargs)

    def symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        operands = args[0] if isinstance(args[0], (list, tuple)) else [args[0]]
        signature = _OPS.get(self.operation).op
        known = signature.outputs(operands, self.arguments or {})
        return super().symbolic_outputs(args, kwargs) if known is None else known

    def _multiplies_rows(self, operands: list[Any]) -> bool:
        """Whether it is a product with a constant matrix on the right, or of stacks of matrices."""
        if self.operation != "matmul":
            return False
        left, right = operands
        if not isinstance(right, SymbolicTensor):
            return left.ndim >= 2 and np.ndim(right) <= 2
        return isinstance(left, SymbolicTensor) and left.ndim == right.ndim >= 3

    def _axes(self, rank: int) -> list[int] | None:
        """Along which axes of an array of that rank the operation works; None where unknown."""
        if self._rows == "each":
            return []
        if self._rows not in ("along", "new"):
            return None
        rank += self._rows == "new"
        parameters = _OPS.get(self.operation).op.parameters
        axis = (self.arguments or {}).get("axis", parameters["axis"].default)
        if axis is None:
            return None
        return [a % rank for a in (axis if isinstance(axis, (list, tuple)) else [axis])]

    def _row_rule(self) -> str:
        if self.operation in _UNARY or (self.operation in _BINARY and self.operation != "matmul"):
            return "each"  # without loading the operations
        try:
            return _OPS.get(self.operation).op.rows
        except UnknownNameError:
            known = _OPS.entries()
            raise UnknownNameError(
                f"There is no operation called {self.operation!r}.",
                got=repr(self.operation),
                expected="the name of a function of pellucid.ops",
                fix=did_you_mean(str(self.operation), known),
            ) from None


def _flat(operands: Any) -> list[Any]:
    """The operands, those in a list of their own among them."""
    if not isinstance(operands, (list, tuple)):
        return [operands]
    return [leaf for operand in operands for leaf in _flat(operand)]


def _hashable(value: Any) -> Any:
    """Lists, as a configuration has them, -> the tuples that JAX wants."""
    return tuple(_hashable(item) for item in value) if isinstance(value, list) else value


def dtype_name(dtype: Any) -> str:
    """A number format by its name."""
    return jnp.dtype(dtype).name


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


def _reshape(self: SymbolicTensor, newshape: Any, *more: int) -> Any:
    """The same numbers in another shape, the batch included: `ops.reshape`."""
    sizes = (newshape, *more) if isinstance(newshape, int) else newshape
    return Operation("reshape", {"newshape": list(sizes)})([self])


def _squeeze(self: SymbolicTensor, axis: Any = None) -> Any:
    """Without axes of size 1: `ops.squeeze`."""
    return Operation("squeeze", {"axis": axis})([self])


def _astype(self: SymbolicTensor, dtype: Any) -> Any:
    """In another number format: `ops.cast`."""
    return Operation("cast", {"dtype": dtype_name(dtype)})([self])


def _round(self: SymbolicTensor, ndigits: int | None = None) -> Any:
    return Operation("round", {"decimals": ndigits or 0})([self])


def _install() -> None:
    methods = {"reshape": _reshape, "squeeze": _squeeze, "astype": _astype, "__round__": _round}
    for name, written in methods.items():
        setattr(SymbolicTensor, name, written)
    for name, method in _UNARY.items():
        setattr(SymbolicTensor, f"__{method}__", _unary_method(name))
    for name, (method, has_reflected) in _BINARY.items():
        setattr(SymbolicTensor, f"__{method}__", _binary_method(name, False))
        if has_reflected:
            setattr(SymbolicTensor, f"__r{method}__", _binary_method(name, True))
    SymbolicTensor.__hash__ = object.__hash__  # type: ignore[method-assign]
    # NumPy then leaves `array + tensor` to the tensor.
    SymbolicTensor.__array_ufunc__ = None  # type: ignore[attr-defined]


_install()
