"""Calls on tensors of TensorFlow and PyTorch: of layers, and of anything else with shapes to infer.

Tensors with numbers are made NumPy arrays. For tensors of a TensorFlow graph the shapes and formats
of the result are inferred from symbolic tensors of theirs, and the call itself becomes a node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from .._core import foreign
from . import calling
from .shape_inference import infer
from .symbolic import SymbolicTensor, leaves, tree_map

if TYPE_CHECKING:
    from .base import Layer

# Sizes put in for unknown ones: an axis of the result is unknown where two of them give different
# sizes. Small ones where large ones do not broadcast, ones where only those do.
_SIZES = ((64, 96), (2, 3), (1, 1))
_RANKS = (3, 4, 1, 2, 0, 5)  # tried for tensors of unknown rank, pictures first


def has_foreign(tree: Any) -> bool:
    """Whether a tensor of TensorFlow or PyTorch is among the leaves."""
    return any(map(foreign.is_tensor, leaves(tree)))


def local(tree: Any) -> Any:
    """The tree with such tensors as NumPy arrays; they must have numbers."""
    return tree_map(foreign.to_numpy, tree)


def call_on_foreign(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`layer` called on arguments with tensors of TensorFlow or PyTorch among them."""
    first: Any = args[0] if args else None
    if layer.each_value_alone and foreign.is_ragged(first):
        flat = call_on_foreign(layer, (first.flat_values, *args[1:]), kwargs)
        return first.with_flat_values(_as_tensor(flat, layer.whole_numbers_in_graph))
    if not any(map(foreign.in_graph, leaves((args, kwargs)))):
        if layer.answers_in_kind and foreign.is_ragged(first):
            # Row by row: filled up to one length, the filling would be counted.
            rows = [np.asarray(layer(np.asarray(row), *args[1:], **kwargs)) for row in first]
            return _as_tensor(np.stack(rows), layer.whole_numbers_in_graph)
        found = layer(*local(args), **local(kwargs))
        theirs = layer.answers_in_kind and foreign.is_tensorflow(first)
        return _as_tensor(found, layer.whole_numbers_in_graph) if theirs else found

    if layer.floats_in_graph:
        tf = foreign.tensorflow()
        args = tree_map(
            lambda x: tf.cast(x, layer.compute_dtype) if foreign.in_graph(x) else x, args
        )

    def shapes(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        takes = calling.parameters(type(layer).call)
        if "training" in takes and takes["training"].default is True:
            kwargs = {"training": True, **kwargs}  # as a call by hand has it
        outputs = layer.symbolic_outputs(args, kwargs)
        return tree_map(lambda t: _renamed(t, layer.whole_numbers_in_graph), outputs)

    return in_graph(layer, shapes, args, kwargs, f"Layer {layer.name!r}")


def _as_tensor(array: Any, whole: str | None) -> Any:
    """A result as TensorFlow's tensor: whole numbers in the format given."""
    if foreign.is_tensor(array):
        return array
    array = np.asarray(array)
    wanted = whole if whole and array.dtype.kind in "iu" else array.dtype
    return foreign.tensorflow().constant(array.astype(wanted, copy=False))


def _renamed(tensor: SymbolicTensor, whole: str | None) -> SymbolicTensor:
    if whole is None or tensor.dtype not in ("int32", "uint32"):
        return tensor
    return SymbolicTensor(tensor.shape, whole)


def inferred(function: Callable[..., Any]) -> Callable[..., Any]:
    """The shapes of a function that JAX can trace, as `in_graph` asks for them."""
    return lambda args, kwargs: infer(lambda tree: function(*tree[0], **tree[1]), (args, kwargs))


def in_graph(
    function: Callable[..., Any],
    shapes: Callable[[tuple[Any, ...], dict[str, Any]], Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    name: str,
) -> Any:
    """``function(*args, **kwargs)`` as a node of the TensorFlow graph that the arguments are of.

    Args:
        function: what is computed, on NumPy arrays in place of the tensors.
        shapes: of `args` and `kwargs` with symbolic tensors of known shape in place of the
            tensors, makes the result as symbolic tensors.
        args, kwargs: with tensors among their leaves.
        name: for messages.
    """
    flat, tree = jax.tree.flatten((args, kwargs))
    flat = [foreign.dense(x) if foreign.in_graph(x) else foreign.to_numpy(x) for x in flat]
    places = [place for place, leaf in enumerate(flat) if foreign.in_graph(leaf)]
    tensors = [flat[place] for place in places]

    def filled(values: Any) -> Any:
        parts = list(flat)
        for place, value in zip(places, values, strict=True):
            parts[place] = value
        return jax.tree.unflatten(tree, parts)

    structure = _result(lambda symbols: shapes(*filled(symbols)), tensors)
    found, result_tree = jax.tree.flatten(structure, is_leaf=_is_symbolic)

    def on_host(*arrays: Any) -> list[Any]:
        args, kwargs = filled(arrays)
        return jax.tree.leaves(function(*args, **kwargs))

    outputs = [(tensor.shape, tensor.dtype) for tensor in found]
    results = foreign.graph_call(on_host, tensors, outputs, name)
    return jax.tree.unflatten(result_tree, results)


def _is_symbolic(value: Any) -> bool:
    return isinstance(value, SymbolicTensor)


def _result(function: Callable[[list[SymbolicTensor]], Any], tensors: list[Any]) -> Any:
    """Shapes of the result, by trying sizes for what is unknown of the tensors."""
    errors = []
    for rank, sizes, numbers in _guesses(tensors):
        try:
            first, second = (
                function([_stand_in(tensor, size, rank, numbers) for tensor in tensors])
                for size in sizes
            )
        except Exception as failed:  # another guess may fit; if none does, the first one speaks
            errors.append(failed)
            continue

        def merge(a: Any, b: Any, rank: Any = rank, sizes: Any = sizes) -> SymbolicTensor:
            shape = _agreeing(a.shape, b.shape, sizes[0] == sizes[1]) if rank is None else None
            return SymbolicTensor(shape, a.dtype)

        return jax.tree.map(merge, first, second, is_leaf=_is_symbolic)
    raise errors[0]


def _guesses(tensors: list[Any]) -> Iterator[tuple[int | None, tuple[int, int], bool]]:
    """What to try: a rank for tensors that have none (None where all have), two sizes, and whether
    single whole numbers (a size read off another tensor, most often) are put in as such.
    """
    for numbers in (False, True):
        if numbers and not any(map(_is_whole_number, tensors)):
            return
        if any(tensor.shape.rank is None for tensor in tensors):
            yield from ((rank, _SIZES[0], numbers) for rank in _RANKS)
        elif numbers or not all(tensor.shape.is_fully_defined() for tensor in tensors):
            yield from ((None, sizes, numbers) for sizes in _SIZES)
        else:
            yield None, _SIZES[0], numbers


def _is_whole_number(tensor: Any) -> bool:
    return tensor.shape.rank == 0 and tensor.dtype.is_integer


def _stand_in(tensor: Any, size: int, rank: int | None, numbers: bool) -> Any:
    if numbers and _is_whole_number(tensor):
        return size
    shape = (None,) * (rank or 0) if tensor.shape.rank is None else tuple(tensor.shape)
    return SymbolicTensor(tuple(size if n is None else n for n in shape), tensor.dtype.name)


def _agreeing(first: Any, second: Any, alike: bool) -> tuple[int | None, ...]:
    """The sizes that both have; with nothing to tell them apart, ones may be anything."""
    return tuple(
        None if m != n or (alike and m == 1) else m for m, n in zip(first, second, strict=True)
    )
