"""What a call gives, as far as it can be told before the sizes of every axis are known.

The call is traced with stand-ins for the unknown sizes, twice: an axis of the result on which the
two traces disagree is unknown as well. Sizes that meet known ones, or that have to be small, or
divisible, are looked for where the usual stand-ins do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from .._core.traces import inferring
from .symbolic import Shape, SymbolicTensor, leaves

# Sizes for (the batch, any other axis): large enough for a convolution's kernel.
_USUAL = ((2, 64), (3, 96))
_ONE = (1, 1)
# Where the usual ones do not fit: numbers with many divisors, and small ones.
_OTHERS = ((60, 5040), (120, 10080), (2, 2), (3, 3), _ONE)
_MOST_KNOWN_SIZES = 8

Sizes = list[tuple[int, ...]]  # one shape for each symbolic tensor


def infer(function: Callable[..., Any], args: Any) -> Any:
    """Shapes and dtypes of ``function(args)``, as symbolic tensors without a node.

    Args:
        function: traceable, takes the pytree `args` with arrays in place of symbolic tensors.
        args: pytree with symbolic tensors among its leaves.

    Raises:
        Exception: what the function raises for the usual stand-ins, if no sizes fit.
    """
    flat, tree = jax.tree.flatten(args, is_leaf=lambda a: isinstance(a, SymbolicTensor))
    tensors = [leaf for leaf in flat if isinstance(leaf, SymbolicTensor)]

    def call(arrays: list[Any]) -> Any:
        supply = iter(arrays)
        filled = [next(supply) if isinstance(a, SymbolicTensor) else a for a in flat]
        return function(jax.tree.unflatten(tree, filled))

    def run(sizes: Sizes) -> Any:
        structs = [
            jax.ShapeDtypeStruct(shape, jax.dtypes.canonicalize_dtype(tensor.dtype))
            for shape, tensor in zip(sizes, tensors, strict=True)
        ]
        with inferring():
            return jax.eval_shape(call, structs)

    if not any(None in tensor.shape for tensor in tensors):
        return _merged([run([tensor.shape for tensor in tensors])])  # type: ignore[misc]
    try:
        found = [run(_filled(tensors, sizes)) for sizes in _USUAL]
    except (TypeError, ValueError):
        found = _fitting(run, _alternatives(flat, tensors))
        if not found:
            raise
    else:
        if _claims_new_sizes(_merged(found), tensors):
            found += _fitting(run, [_filled(tensors, _ONE)])
    return _merged(found)


def _filled(tensors: list[SymbolicTensor], sizes: tuple[int, int]) -> Sizes:
    batch, other = sizes
    return [
        tuple(
            size if size is not None else (other if axis else batch)
            for axis, size in enumerate(tensor.shape)
        )
        for tensor in tensors
    ]


def _fitting(run: Callable[[Sizes], Any], candidates: Any) -> list[Any]:
    """The results for those of the candidates that can be run."""
    found = []
    for sizes in candidates:
        try:
            found.append(run(sizes))
        except (TypeError, ValueError, ArithmeticError, LookupError):
            continue
    return found


def _alternatives(flat: list[Any], tensors: list[SymbolicTensor]) -> Iterator[Sizes]:
    """Sizes to try where the usual stand-ins do not fit, the likeliest first."""
    shapes = [tuple(leaf.shape) for leaf in flat if hasattr(leaf, "shape")]
    for usual in _USUAL:
        for from_end in (True, False):
            yield _aligned(tensors, shapes, usual, from_end)
    known = {size for shape in shapes for size in shape if size is not None and size > 1}
    for size in sorted(known)[:_MOST_KNOWN_SIZES]:
        for batch, other in _USUAL:
            yield _filled(tensors, (batch, size))
            yield _filled(tensors, (size, other))
    for sizes in _OTHERS:
        yield _filled(tensors, sizes)


def _aligned(
    tensors: list[SymbolicTensor], shapes: list[Shape], usual: tuple[int, int], from_end: bool
) -> Sizes:
    """An unknown size is the known one that another operand has at the same place."""
    filled = _filled(tensors, usual)
    for number, tensor in enumerate(tensors):
        sizes = list(filled[number])
        for axis, size in enumerate(tensor.shape):
            place = axis - tensor.ndim if from_end else axis
            if size is None:
                sizes[axis] = max(
                    (s for shape in shapes if (s := _at(shape, place)) is not None and s > 1),
                    default=sizes[axis],
                )
        filled[number] = tuple(sizes)
    return filled


def _at(shape: Shape, place: int) -> int | None:
    return shape[place] if -len(shape) <= place < len(shape) else None


def _claims_new_sizes(outputs: Any, tensors: list[SymbolicTensor]) -> bool:
    """Whether a size in the result came with none of the tensors, and may be a bound only.

    ``x[:, :20]`` has twenty columns for both of the usual stand-ins.
    """
    inner = any(None in tensor.shape[1:] for tensor in tensors)
    known = {size for tensor in tensors for size in tensor.shape}
    return any(
        size not in known
        for leaf in leaves(outputs)
        for size in (leaf.shape if inner else leaf.shape[:1])
    )


def _merged(found: list[Any]) -> Any:
    """What all results have in common; those of another structure than the first do not count."""
    first = found[0]
    alike = [result for result in found if _kind(result) == _kind(first)]

    def merge(*results: Any) -> SymbolicTensor:
        sizes = zip(*(result.shape for result in results), strict=True)
        shape = tuple(same[0] if len(set(same)) == 1 else None for same in sizes)
        return SymbolicTensor(shape, np.dtype(results[0].dtype).name)

    return jax.tree.map(merge, *alike)


def _kind(result: Any) -> Any:
    flat, tree = jax.tree.flatten(result)
    return tree, [len(leaf.shape) for leaf in flat]
