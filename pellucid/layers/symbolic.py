"""Placeholders that record what is done to them: the functional graph's tensors and nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from .._core.errors import StateError

if TYPE_CHECKING:
    from .base import Layer

Shape = tuple[int | None, ...]


class Node:
    """One call of a layer on symbolic tensors: the edge of the graph."""

    __slots__ = ("args", "kwargs", "layer", "outputs")

    def __init__(self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.layer = layer
        self.args = args
        self.kwargs = kwargs
        self.outputs: Any = None

    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic tensors among the arguments, in order."""
        return [
            leaf for leaf in leaves((self.args, self.kwargs)) if isinstance(leaf, SymbolicTensor)
        ]


class SymbolicTensor:
    """A tensor that has a shape and a dtype but no numbers yet; `shape[0]` is None, the batch."""

    __slots__ = ("dtype", "mask", "name", "node", "shape")

    def __init__(self, shape: Shape, dtype: str, name: str | None = None, node: Node | None = None):
        self.shape = shape
        self.dtype = dtype
        self.name = name
        self.node = node
        self.mask: SymbolicTensor | None = None  # which steps are real, where it is known

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name or ''} shape={self.shape} dtype={self.dtype}>"

    # A property, because JAX asks whether it exists and would not call it.
    @property
    def __jax_array__(self) -> Any:
        raise StateError(
            "A symbolic tensor was given to a JAX function, which needs numbers.",
            got=repr(self),
            fix="wrap the computation: pellucid.layers.Lambda(lambda x: jnp.sin(x))(tensor).",
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.__jax_array__

    def __bool__(self) -> bool:
        raise StateError(
            "A symbolic tensor has no truth value: it holds no numbers while the graph is drawn.",
            fix="use jnp.where inside a Lambda layer, or write a subclass of Layer.",
        )

    def __iter__(self) -> Any:
        raise StateError(
            "A symbolic tensor cannot be iterated over.",
            fix="index it (x[:, 0]) or use Lambda.",
        )


def leaves(tree: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dictionaries; symbolic tensors count as leaves."""
    return jax.tree.leaves(tree, is_leaf=lambda leaf: isinstance(leaf, SymbolicTensor))


def tree_map(function: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """`jax.tree.map` that stops at symbolic tensors."""
    return jax.tree.map(
        function, tree, *rest, is_leaf=lambda leaf: isinstance(leaf, SymbolicTensor)
    )


def has_symbolic(tree: Any) -> bool:
    """Whether a symbolic tensor is among the leaves."""
    return any(isinstance(leaf, SymbolicTensor) for leaf in leaves(tree))


# Two sets of sizes for unknown dimensions, (batch, any other axis): large enough for a
# convolution's kernel. A dimension of the output is unknown where the two disagree.
_PROBES = ((2, 64), (3, 96))


def _sizes(shape: Shape, probe: int) -> tuple[int, ...]:
    batch, other = _PROBES[probe]
    return tuple(
        size if size is not None else (batch if axis == 0 else other)
        for axis, size in enumerate(shape)
    )


def infer(function: Callable[..., Any], args: Any) -> Any:
    """Shapes and dtypes of ``function(args)``, as symbolic tensors without a node.

    Args:
        function: traceable, takes the pytree `args` with arrays in place of symbolic tensors.
        args: pytree with symbolic tensors among its leaves.
    """

    def run(probe: int) -> Any:
        flat, tree = jax.tree.flatten(args, is_leaf=lambda a: isinstance(a, SymbolicTensor))
        structs = [
            jax.ShapeDtypeStruct(_sizes(leaf.shape, probe), jnp.dtype(leaf.dtype))
            for leaf in flat
            if isinstance(leaf, SymbolicTensor)
        ]

        def call(arrays: list[Any]) -> Any:
            supply = iter(arrays)
            filled = [next(supply) if isinstance(a, SymbolicTensor) else a for a in flat]
            return function(jax.tree.unflatten(tree, filled))

        return jax.eval_shape(call, structs)

    first = run(0)
    unknown = any(None in leaf.shape for leaf in leaves(args) if isinstance(leaf, SymbolicTensor))
    second = run(1) if unknown else first

    def merge(a: Any, b: Any) -> SymbolicTensor:
        shape = tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True))
        return SymbolicTensor(shape, a.dtype.name)

    return jax.tree.map(merge, first, second)
