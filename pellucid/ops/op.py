"""`@op`: a short function over `jax.numpy` becomes a public operation.

The operation takes lists, numbers, NumPy and JAX arrays, weights and symbolic tensors wherever the
function's annotation says `Tensor` (or `Tensors`, for several in a list); symbolic tensors record a
layer of the graph, and what goes wrong inside JAX is said in one sentence.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core import foreign
from pellucid._core.arraylike import ArrayLike
from pellucid._core.dtypes import floatx
from pellucid._core.specs import family
from pellucid.layers.foreign_calls import has_foreign
from pellucid.layers.symbolic import SymbolicTensor

F = TypeVar("F", bound=Callable[..., Any])
Tensor = Any  # in an annotation: an argument that is an array
Tensors = Any  # a list of them
TensorSizes = Any  # whole numbers that shapes depend on: known ones stay known in compiled code

OPS = family("op", home="pellucid.ops")

# What an operation does to the rows of a batch.
EACH = "each"  # treats every number by itself
ALONG = "along"  # works along its axis, which may or may not be the batch
NEW = "new"  # makes a new axis at its axis
MIXED = "mixed"  # anything else


class Signature:
    """What is known of an operation: its arguments, the arrays among them, what it does to rows."""

    def __init__(self, function: Callable[..., Any], rows: str, spec: Any = None):
        self.name = function.__name__
        self.spec = spec  # what it gives for symbolic tensors, where a trace cannot tell
        self.operation = function  # the public form, once `op` has made it
        self.rows = rows
        self.parameters = dict(inspect.signature(function).parameters)
        kinds = {name: str(p.annotation) for name, p in self.parameters.items()}
        self.operands = tuple(name for name, kind in kinds.items() if kind.startswith("Tensor"))
        self.lists = frozenset(n for n in self.operands if kinds[n].startswith("Tensors"))
        names = list(self.parameters)
        self.sizes = frozenset(n for n in self.operands if kinds[n] == "TensorSizes")
        self.positions = [(i, self.converter(n)) for i, n in enumerate(names) if n in self.operands]
        self.spread = next(  # an operation on any number of arrays: einsum, meshgrid
            (n for n, p in self.parameters.items() if p.kind is p.VAR_POSITIONAL), None
        )

    def converter(self, name: str) -> Callable[[Any, int], Any]:
        """What makes an array of the argument `name`, at a position."""
        if name in self.lists:
            return _several
        return _sizes if name in self.sizes else _one

    @property
    def leading(self) -> list[str]:
        """The arguments that may be given without their names."""
        return [n for n, p in self.parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]

    def outputs(self, operands: Any, settings: dict[str, Any]) -> Any:
        """Symbolic results by the operation's own rule; None where a trace tells them."""
        if self.spec is None:
            return None
        return self.spec(**dict(zip(self.operands, operands, strict=False)), **settings)

    def run(self, operands: Any, settings: dict[str, Any]) -> Any:
        """The operation on arrays, as a layer of a graph has them."""
        given = {**dict(zip(self.operands, operands, strict=False)), **settings}
        if self.spread is None:
            return self.operation(**given)
        spread = given.pop(self.spread)
        return self.operation(*[given.pop(name) for name in self.leading], *spread, **given)


def op(function: F | None = None, *, rows: str = MIXED, spec: Any = None) -> Any:
    """Decorator: the function under its own name as an operation.

    Args:
        function: over `jax.numpy`; its array arguments are annotated `Tensor` or `Tensors`.
        rows: `EACH`, `ALONG`, `NEW` or `MIXED`.
        spec: takes the same arguments, symbolic tensors among them, and returns symbolic tensors;
            for an operation whose shape depends on numbers. It may return None for a trace.

    >>> @op(rows=EACH)
    ... def double(x: Tensor):
    ...     return 2 * x
    >>> double([1, 2]).tolist()
    [2, 4]
    """
    if function is None:
        return functools.partial(op, rows=rows, spec=spec)
    signature = Signature(function, rows, spec)
    positions, operands = signature.positions, signature.operands
    spread = signature.spread

    @functools.wraps(function)
    def operation(*args: Any, **kwargs: Any) -> Any:
        if is_symbolic(args) or (kwargs and is_symbolic(tuple(kwargs.values()))):
            from .record import record

            return record(signature, args, kwargs)
        if foreign.loaded() and has_foreign((args, kwargs)):
            from .foreign import called

            return called(signature, args, kwargs)
        try:
            if spread is not None:
                given = [tensor(arg) if not isinstance(arg, str) else arg for arg in args]
            else:
                given = list(args)
                for position, converted in positions:
                    if position < len(given):
                        given[position] = converted(given[position], position)
            for name in kwargs.keys() & operands:
                kwargs[name] = signature.converter(name)(kwargs[name], operands.index(name))
            return function(*given, **kwargs)
        except (TypeError, ValueError, IndexError, ZeroDivisionError, NotImplementedError) as error:
            from .explain import explained

            raise explained(signature, args, kwargs, error) from None

    operation.op = signature  # type: ignore[attr-defined]
    operation.autograph_info__ = {}  # type: ignore[attr-defined]  # TensorFlow: not to be rewritten
    signature.operation = operation
    return OPS.register(signature.name)(operation)


def _several(value: Any, position: int) -> Any:
    if isinstance(value, (list, tuple)):
        return [tensor(item) for item in value]
    return _one(value, position)


def _sizes(value: Any, position: int) -> Any:
    known = isinstance(value, (list, tuple)) and all(isinstance(item, int) for item in value)
    return np.asarray(value) if known or isinstance(value, np.ndarray) else tensor(value)


def _one(value: Any, position: int) -> Any:
    # A Python number after the first operand stays one: it is then as weak as it looks.
    if position and isinstance(value, (int, float, complex)):
        return value
    return tensor(value)


def tensor(value: Any) -> Any:
    """Anything array-like -> a JAX array; None stays None."""
    if value is None or isinstance(value, jax.Array):
        return value
    if foreign.loaded():
        value = foreign.to_numpy(value)
    if isinstance(value, str):
        raise TypeError(f"{value!r} is text, not a number.")
    return jnp.asarray(value.value) if isinstance(value, ArrayLike) else jnp.asarray(value)


def is_symbolic(value: Any) -> bool:
    """Whether a symbolic tensor is in `value`, a tensor or nested lists of them."""
    if isinstance(value, SymbolicTensor):
        return True
    if isinstance(value, dict):
        return any(is_symbolic(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(is_symbolic(item) for item in value)


def floating(x: jax.Array) -> jax.Array:
    """`x` in floating point: whole numbers and truth values in the default format."""
    return x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(floatx())


def number_format(dtype: Any, default: Any = None) -> Any:
    """A dtype argument as JAX has it: 64 bits become 32 unless JAX was told otherwise."""
    if dtype is None:
        dtype = default
    dtype = foreign.format_name(dtype)
    return dtype if dtype is None else jax.dtypes.canonicalize_dtype(dtype)


def table(module: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Makers of operations ``name(x)`` and ``name(x1, x2)`` that are functions of JAX by a name.

    Args:
        module: `__name__` of the module that the operations belong to.

    Each takes a name, JAX's function, one line of documentation, and `rows`; the first also
    `floats`: whether whole numbers are made floating point before.
    """

    def finish(function: Any, name: str, line: str, rows: str) -> Any:
        function.__name__ = function.__qualname__ = name
        function.__doc__, function.__module__ = line, module
        return op(function, rows=rows)

    def unary(name: str, jax_function: Any, line: str, floats: bool = False, rows: str = EACH):
        if floats:

            def function(x: Tensor):
                return jax_function(floating(x))

        else:

            def function(x: Tensor):
                return jax_function(x)

        return finish(function, name, line, rows)

    def binary(name: str, jax_function: Any, line: str, rows: str = EACH):
        def function(x1: Tensor, x2: Tensor):
            return jax_function(x1, x2)

        return finish(function, name, line, rows)

    return unary, binary
