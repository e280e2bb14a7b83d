"""What to do about data of another shape than the network's: a fix that keeps the data intact."""

from __future__ import annotations

import itertools
import math

_MOST_AXES = 5  # orders of axes are tried one by one


def fix_for_shape(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> str:
    """A sentence for data of `shape` where `wanted` is expected, both with the batch.

    Axes in another order are transposed, never reshaped: that would mix the values. Reshaping is
    named only where it takes a sample apart or flattens it, or where axes of size 1 come or go.

    >>> fix_for_shape((2, 3, 8, 8), (None, 8, 8, 3))
    'the axes lie in another order: np.moveaxis(x, 1, -1).'
    >>> fix_for_shape((4, 2, 5), (None, 5, 2))
    'the axes lie in another order: x.transpose(0, 2, 1).'
    >>> fix_for_shape((4, 28, 28), (None, 784))
    'reshape the data: x.reshape(-1, 784).'
    """
    given, target = shape[1:], wanted[1:]
    if len(given) == len(target):
        order = _order(given, target)
        if order is not None:
            return f"the axes lie in another order: {order}."
    sizes = [size for size in target if size is not None]
    same = len(sizes) == len(target) and math.prod(given) == math.prod(sizes)
    flat = len(given) == 1 or len(sizes) == 1
    padded = [size for size in given if size != 1] == [size for size in sizes if size != 1]
    if same and (flat or padded):
        return f"reshape the data: x.reshape({', '.join(map(str, [-1, *sizes]))})."
    return "pass data of the expected shape, or change Input(shape=...) to fit the data."


def _order(given: tuple[int, ...], target: tuple[int | None, ...]) -> str | None:
    """The call that puts the axes in the wanted order; None where no order fits."""
    rank = len(given)
    if rank > _MOST_AXES:
        return None
    first_last = (*range(1, rank), 0)
    last_first = (rank - 1, *range(rank - 1))
    usual = [(first_last, "np.moveaxis(x, 1, -1)"), (last_first, "np.moveaxis(x, -1, 1)")]
    for order, call in usual if rank > 2 else []:
        if _fits(given, target, order):
            return call
    for order in itertools.permutations(range(rank)):
        if order != tuple(range(rank)) and _fits(given, target, order):
            return f"x.transpose({', '.join(map(str, [0, *(axis + 1 for axis in order)]))})"
    return None


def _fits(given: tuple[int, ...], target: tuple[int | None, ...], order: tuple[int, ...]) -> bool:
    return all(
        size is None or given[axis] == size for axis, size in zip(order, target, strict=True)
    )
