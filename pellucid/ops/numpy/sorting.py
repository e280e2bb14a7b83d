"""Order, membership, counting.

>>> from pellucid import ops
>>> ops.sort([3, 1, 2]).tolist(), ops.argsort([3, 1, 2]).tolist(), ops.unique([2, 1, 2]).tolist()
([1, 2, 3], [1, 2, 0], [1, 2])
"""

from __future__ import annotations

import jax.numpy as jnp

from pellucid.layers.symbolic import SymbolicTensor

from ..._core.errors import ConfigError
from ..op import ALONG, EACH, Tensor, op

__all__ = [
    "argpartition",
    "argsort",
    "bincount",
    "digitize",
    "histogram",
    "isin",
    "searchsorted",
    "sort",
    "unique",
]


@op(rows=ALONG)
def sort(x: Tensor, axis=-1):
    """In rising order along `axis`."""
    return jnp.sort(x, axis)


@op(rows=ALONG)
def argsort(x: Tensor, axis=-1):
    """The places that would put the numbers along `axis` into rising order."""
    return jnp.argsort(x, None if x.ndim == 0 else axis)


@op(rows=ALONG)
def argpartition(x: Tensor, kth, axis=-1):
    """The places with the `kth` number where it would be sorted, smaller ones before it."""
    if axis is None:
        return jnp.argpartition(x.reshape(-1), kth, 0)
    return jnp.argpartition(x, kth, axis)


def _unique_spec(
    x,
    sorted=True,
    return_index=False,
    return_inverse=False,
    return_counts=False,
    axis=None,
    size=None,
    fill_value=None,
):
    shape = (size,) if axis is None else (*x.shape[: axis % x.ndim], size)
    if axis is not None:
        shape += x.shape[axis % x.ndim + 1 :]
    outputs = [SymbolicTensor(shape, x.dtype)]
    along = x.shape if axis is None else (x.shape[axis],)
    for wanted, sizes in (
        (return_index, (size,)),
        (return_inverse, along),
        (return_counts, (size,)),
    ):
        if wanted:
            outputs.append(SymbolicTensor(tuple(sizes), "int32"))
    return tuple(outputs) if len(outputs) > 1 else outputs[0]


@op(spec=_unique_spec)
def unique(
    x: Tensor,
    sorted=True,
    return_index=False,
    return_inverse=False,
    return_counts=False,
    axis=None,
    size=None,
    fill_value=None,
):
    """Every number once.

    Args:
        x: array.
        sorted: accepted for Keras's programs; the result is in rising order.
        return_index: whether to return the place of the first of each as well.
        return_inverse: whether to return which of them every number is.
        return_counts: whether to return how often each occurs.
        axis: along which slices are compared; None for the numbers of the flattened array.
        size: how many to return, so that the result has a fixed shape (needed in compiled code).
        fill_value: what fills up to `size`.
    """
    return jnp.unique(
        x,
        return_index=return_index,
        return_inverse=return_inverse,
        return_counts=return_counts,
        axis=axis,
        equal_nan=False,
        size=size,
        fill_value=fill_value,
        sorted=sorted,
    )


@op
def isin(x1: Tensor, x2: Tensor, assume_unique=False, invert=False):
    """Whether every number of `x1` is among those of `x2` (or is not, with `invert`)."""
    return jnp.isin(x1, jnp.asarray(x2), assume_unique=assume_unique, invert=invert)


@op
def searchsorted(sorted_sequence: Tensor, values: Tensor, side="left"):
    """Where values would have to go to keep a sequence in order.

    Args:
        sorted_sequence: numbers in rising order, ``(n,)``.
        values: the numbers to place.
        side: of numbers that are equal, ``"left"`` or ``"right"``.
    """
    if sorted_sequence.ndim != 1:
        raise ValueError("the sorted sequence must have one axis.")
    return jnp.searchsorted(sorted_sequence, jnp.asarray(values), side=side)


@op(rows=EACH)
def digitize(x: Tensor, bins):
    """Which of the intervals between `bins` every number falls into; 0 is below the first."""
    return jnp.digitize(x, jnp.asarray(bins))


@op
def bincount(x: Tensor, weights: Tensor = None, minlength=0, sparse=False):
    """How often each whole number from 0 up occurs; of a matrix, in every row.

    Args:
        x: whole numbers, ``(n,)`` or ``(batch, n)``.
        weights: how much each counts; None for 1.
        minlength: the least length of the result.
        sparse: not supported; leave it False.
    """
    if sparse:
        raise ValueError("sparse arrays are not supported: leave sparse=False.")
    if x.ndim < 2:
        return jnp.bincount(x, weights, minlength=minlength)
    rows = [None] * len(x) if weights is None else weights
    length = max(minlength, int(jnp.max(x)) + 1)
    return jnp.stack([jnp.bincount(r, w, length=length) for r, w in zip(x, rows, strict=True)])


@op
def histogram(x: Tensor, bins=10, range=None):
    """How many numbers fall into each of `bins` equal intervals, and the limits of these.

    Args:
        x: numbers, ``(n,)``.
        bins: how many intervals.
        range: (lowest, highest) limit; None for those of the numbers.
    """
    if x.ndim > 1:
        raise ValueError("the numbers must lie along one axis: ops.ravel(x).")
    if range is not None and not (len(range) == 2 and range[0] <= range[1]):
        raise ConfigError(
            "The range of ops.histogram is its lower limit and then its upper one.",
            got=repr(range),
            fix=f"range={tuple(sorted(range))!r}." if len(range) == 2 else "range=(0, 1), say.",
        )
    return jnp.histogram(x, bins, range)
