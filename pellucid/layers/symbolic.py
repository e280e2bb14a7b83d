"""Placeholders that record what is done to them: the functional graph's tensors and nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax

from .._core.arraylike import ArrayLike
from .._core.errors import ConfigError, NoNumbersError, NoPythonNumberError
from .._core.placeholder import Placeholder

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


class History(NamedTuple):
    """Where a symbolic tensor comes from."""

    operation: Any
    node_index: int
    tensor_index: int


class SymbolicTensor(Placeholder):
    """A tensor that has a shape and a dtype but no numbers yet: Keras's `KerasTensor`.

    Args:
        shape: sizes, None for one that may vary, as the batch in front.
        dtype: number format.
        sparse: must be False: arrays are dense.
        ragged: must be False, as well.
        record_history: accepted for Keras's programs.
        name: of the tensor.
        node: the call that makes it; None where it stands alone.

    Raises:
        ConfigError: a sparse or ragged tensor.

    >>> import pellucid
    >>> pellucid.ops.sum(pellucid.KerasTensor((None, 3)), axis=-1).shape
    (None,)
    """

    __slots__ = ("_dtype", "_shape", "mask", "name", "node")

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        node: Node | None = None,
    ):
        if sparse or ragged:
            raise ConfigError(
                "Sparse and ragged tensors are not supported.",
                got=f"sparse={sparse!r}, ragged={ragged!r}",
                fix="leave both arguments out: arrays are dense.",
            )
        self._shape = tuple(shape)
        self._dtype = dtype if isinstance(dtype, str) else jax.numpy.dtype(dtype).name
        self.name = name
        self.node = node
        self.mask: SymbolicTensor | None = None  # which steps are real, where it is known

    @property
    def shape(self) -> Shape:
        return self._shape

    @property
    def dtype(self) -> str:
        return self._dtype

    @property
    def _keras_mask(self) -> SymbolicTensor | None:
        """The mask under the name by which Keras's programs read it, as on arrays."""
        return self.mask

    @property
    def _keras_history(self) -> History:
        """The layer that made it, under the name by which Keras's programs ask for it."""
        if self.node is None:
            raise AttributeError("A symbolic tensor that no layer has made has no history.")
        made = leaves(self.node.outputs)
        place = next((i for i, tensor in enumerate(made) if tensor is self), 0)
        return History(self.node.layer, 0, place)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    # No tensor of a graph is sparse or ragged: arrays are dense.
    sparse = False
    ragged = False

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name or ''} shape={self.shape} dtype={self.dtype}>"

    # A property, because JAX asks whether it exists and would not call it.
    @property
    def __jax_array__(self) -> Any:
        raise NoNumbersError(
            "A symbolic tensor was given to a JAX function, which needs numbers.",
            got=repr(self),
            fix="wrap the computation: pellucid.layers.Lambda(lambda x: jnp.sin(x))(tensor).",
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.__jax_array__

    def __bool__(self) -> bool:
        raise NoPythonNumberError(
            "A symbolic tensor has no truth value: it holds no numbers while the graph is drawn.",
            fix="ops.where(condition, a, b) chooses number by number, ops.cond(...) between "
            "functions; or write a subclass of Layer.",
        )

    def __float__(self) -> float:
        raise NoPythonNumberError(
            "A symbolic tensor cannot become a Python number: it holds none while the graph is "
            "drawn.",
            got=repr(self),
            fix="compute with it as it is: x * 2, ops.sum(x).",
        )

    def __int__(self) -> int:
        return int(float(self))

    def __index__(self) -> int:
        return int(float(self))

    def __iter__(self) -> Any:
        raise NoNumbersError(
            "A symbolic tensor cannot be iterated over.",
            fix="index it (x[:, 0]), or take it apart: ops.unstack(x, axis=1).",
        )


KerasTensor = SymbolicTensor


def leaves(tree: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dictionaries; symbolic tensors and variables are
    leaves."""
    return jax.tree.leaves(tree, is_leaf=_is_leaf)


def is_nested(value: Any) -> bool:
    """Whether lists or dictionaries lie in a list or dictionary."""
    parts = value.values() if isinstance(value, dict) else value
    kinds = (dict, list, tuple)
    return isinstance(value, kinds) and any(isinstance(part, kinds) for part in parts)


def tree_map(function: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """`jax.tree.map` that stops at symbolic tensors and variables."""
    return jax.tree.map(function, tree, *rest, is_leaf=_is_leaf)


def _is_leaf(node: Any) -> bool:
    return isinstance(node, (SymbolicTensor, ArrayLike))


def has_symbolic(tree: Any) -> bool:
    """Whether a symbolic tensor is among the leaves."""
    return any(isinstance(leaf, SymbolicTensor) for leaf in leaves(tree))
