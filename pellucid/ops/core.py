"""Conversion, shapes, and where numbers go: cast, slice, scatter, stop_gradient.

>>> cast([1.7], "int32").tolist(), shape([[1, 2]]), is_tensor([1])
([1], (1, 2), False)
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core import foreign
from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.registry import did_you_mean
from pellucid.layers.symbolic import SymbolicTensor

from .op import ALONG, EACH, Tensor, TensorSizes, number_format, op, tensor

__all__ = [
    "cast",
    "convert_to_numpy",
    "convert_to_tensor",
    "dtype",
    "is_tensor",
    "saturate_cast",
    "scatter",
    "scatter_update",
    "shape",
    "slice",
    "slice_update",
    "stop_gradient",
    "unstack",
]


def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    """Anything array-like as a JAX array; a symbolic tensor stays one.

    Args:
        x: number, list, NumPy or JAX array, weight.
        dtype: number format; None keeps the one it has.
        sparse: not supported; leave it out.
        ragged: not supported; leave it out.

    Raises:
        ConfigError: `sparse` or `ragged`.

    >>> convert_to_tensor([1.0, 2.0]).shape
    (2,)
    """
    if sparse or ragged:
        raise ConfigError(
            "Sparse and ragged tensors are not supported.",
            got=f"sparse={sparse!r}, ragged={ragged!r}",
            fix="leave both arguments out: arrays are dense.",
        )
    if isinstance(x, SymbolicTensor) or foreign.in_graph(x):
        return x if dtype is None else cast(x, dtype)
    x = tensor(foreign.to_numpy(x))
    return x if dtype is None else x.astype(number_format(dtype))


def convert_to_numpy(x):
    """The numbers as a NumPy array of their own.

    >>> convert_to_numpy(jnp.ones(2))
    array([1., 1.], dtype=float32)
    """
    if isinstance(x, SymbolicTensor):
        return np.array(x)
    x = foreign.to_numpy(x)
    texts = isinstance(x, np.ndarray) and x.dtype.kind in "OSU"
    return np.array(x if texts else tensor(x))


def is_tensor(x):
    """Whether `x` is a JAX array (or a tracer of one)."""
    return isinstance(x, jax.Array)


def shape(x):
    """The sizes of the axes as a tuple; of a symbolic tensor None where a size is not known."""
    if foreign.is_tensor(x):
        return foreign.sizes(x)
    return tuple(x.shape) if hasattr(x, "shape") else tensor(x).shape


def dtype(x):
    """The name of the number format.

    >>> dtype([1.0])
    'float32'
    """
    if foreign.is_tensor(x):
        return foreign.format_name(x.dtype)
    return jnp.dtype(x.dtype if hasattr(x, "dtype") else tensor(x).dtype).name


@op(rows=EACH)
def cast(x: Tensor, dtype):
    """The numbers in another format; fractions are cut off where it has none."""
    return x.astype(number_format(dtype))


@op(rows=EACH)
def saturate_cast(x: Tensor, dtype):
    """`cast`, where numbers beyond the new format's limits become its largest and smallest.

    >>> saturate_cast([-1.0, 300.0], "uint8").tolist()
    [0, 255]
    """
    dtype = number_format(dtype)
    if x.dtype == bool:
        return x.astype(dtype)
    (least, most), (new_least, new_most) = _limits(x.dtype), _limits(dtype)
    low = _within(max(least, new_least), x.dtype, dtype)
    high = _within(min(most, new_most), x.dtype, dtype)
    return jnp.clip(x, low, high).astype(dtype)


def _limits(dtype: Any) -> tuple[float, float]:
    """Smallest and largest number, exactly."""
    if jnp.issubdtype(dtype, jnp.bool_):
        return 0, 1
    info: Any = jnp.finfo(dtype) if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype)
    convert: Any = float if jnp.issubdtype(dtype, jnp.floating) else int
    return convert(info.min), convert(info.max)


def _within(limit: float, source: Any, target: Any) -> Any:
    """The number nearest to a limit that the source can write and the target can hold."""
    value = np.asarray(limit).astype(source)
    least, most = _limits(target)
    if not math.isinf(float(value)) and least <= float(value) <= most:
        return value
    return np.nextafter(value, np.asarray(0, source), dtype=source)


@op(rows=EACH)
def stop_gradient(variable: Tensor):
    """The same numbers, through which no gradient flows."""
    return jax.lax.stop_gradient(variable)


# --- parts


def _slice_spec(inputs, start_indices, shape):
    if -1 not in shape:
        return None
    known = not isinstance(start_indices, SymbolicTensor)
    _check_slice(inputs.shape, start_indices if known else [0] * len(inputs.shape), shape)

    def size(axis: int) -> int | None:
        whole = inputs.shape[axis]
        if shape[axis] != -1:
            return shape[axis]
        return whole - int(start_indices[axis]) if known and whole is not None else None

    return SymbolicTensor(tuple(map(size, range(len(inputs.shape)))), inputs.dtype)


def _check_slice(inputs: Any, start_indices: Any, shape: Any) -> None:
    if not len(inputs) == len(start_indices) == len(shape):
        raise ShapeError(
            "ops.slice takes a start and a size for every axis.",
            got=f"{len(start_indices)} starts and {len(shape)} sizes for shape {inputs}",
            fix="start_indices=(0, 2), shape=(-1, 3) for an array of two axes, say.",
        )


@op(spec=_slice_spec)
def slice(inputs: Tensor, start_indices: TensorSizes, shape):
    """A block of the array.

    Args:
        inputs: array.
        start_indices: where the block begins, one number per axis; they may be computed ones.
        shape: its sizes; -1 for all that is left.

    >>> slice([[1, 2, 3], [4, 5, 6]], [0, 1], (2, 2)).tolist()
    [[2, 3], [5, 6]]
    """
    shape = tuple(shape)
    _check_slice(inputs.shape, start_indices, shape)
    if -1 in shape:
        starts = np.asarray(start_indices)  # the size of what is left has to be known
        shape = tuple(
            inputs.shape[axis] - int(starts[axis]) if size == -1 else size
            for axis, size in enumerate(shape)
        )
    return jax.lax.dynamic_slice(inputs, _starts(start_indices), tuple(shape))


@op
def slice_update(inputs: Tensor, start_indices: Tensor, updates: Tensor):
    """The array with a block of it replaced.

    >>> slice_update([1, 2, 3], [1], [7, 8]).tolist()
    [1, 7, 8]
    """
    return jax.lax.dynamic_update_slice(inputs, updates, _starts(start_indices))


def _starts(indices: Any) -> tuple[Any, ...]:
    return tuple(jnp.asarray(indices)[axis] for axis in range(len(indices)))


@op
def scatter(indices: Tensor, values: Tensor, shape):
    """Zeros, with values added at places.

    Args:
        indices: places, ``(..., axes)``.
        values: ``(...)``, or with the axes that the places leave open.
        shape: of the result.

    >>> scatter([[1], [3], [1]], [10, 20, 5], (4,)).tolist()
    [0, 15, 0, 20]
    """
    return jnp.zeros(shape, values.dtype).at[_places(indices)].add(values)


_REDUCTIONS = {"add": "add", "max": "max", "min": "min", "mul": "multiply", None: "set"}


@op
def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction=None):
    """The array with the numbers at places replaced, or combined with others.

    Args:
        inputs: array.
        indices: places, ``(n, axes)``.
        updates: ``(n, ...)``.
        reduction: None to replace; ``"add"``, ``"max"``, ``"min"`` or ``"mul"`` to combine.

    >>> scatter_update([1, 2, 3], [[0], [2]], [7, 8]).tolist()
    [7, 2, 8]
    """
    if reduction not in _REDUCTIONS:
        raise ConfigError(
            "ops.scatter_update does not know this way to combine numbers.",
            got=repr(reduction),
            fix=did_you_mean(str(reduction), [name for name in _REDUCTIONS if name]),
        )
    return getattr(inputs.at[_places(indices)], _REDUCTIONS[reduction])(updates)


def _places(indices: Any) -> tuple[Any, ...]:
    return tuple(jnp.moveaxis(jnp.asarray(indices), -1, 0))


def _unstack_spec(x, num=None, axis=0):
    size = x.shape[_unstack_axis(x.shape, axis)]
    if num is None and size is None:
        raise ShapeError(
            "ops.unstack cannot tell how many slices there are: the size of the axis varies.",
            got=f"shape {x.shape}, axis={axis}",
            fix="say it: ops.unstack(x, num=3, axis=0).",
        )
    at = axis % x.ndim
    shape = x.shape[:at] + x.shape[at + 1 :]
    return [SymbolicTensor(shape, x.dtype) for _ in range(size if num is None else num)]


def _unstack_axis(shape: Any, axis: int) -> int:
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(
            "ops.unstack was given an axis that the array does not have.",
            got=f"axis={axis} for an array of shape {shape}",
            expected=f"from {-len(shape)} to {len(shape) - 1}",
            fix="axis=-1 is the last axis.",
        )
    return axis


@op(rows=ALONG, spec=_unstack_spec)
def unstack(x: Tensor, num=None, axis=0):
    """The slices along `axis`, as a list.

    Args:
        x: array.
        num: how many there are; known from the shape, so it can be left out.
        axis: the axis that is taken apart.
    """
    size = x.shape[axis]
    if num is not None and num != size:
        raise ShapeError(
            "ops.unstack was told another number of slices than there are.",
            got=f"num={num}, and {size} along axis {axis} of shape {x.shape}",
            fix=f"num={size}, or leave it out.",
        )
    return [jax.lax.index_in_dim(x, i, axis, keepdims=False) for i in range(size)]
