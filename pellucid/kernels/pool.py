"""The largest value, or the mean, of windows that move over some axes of an array.

On CPU one axis at a time, with a gradient written by hand: XLA's own for a maximum
(select-and-scatter) took 10 to 40 times as long, forward and backward, inside the device loop, and
its window sums 1 to 40 times. The axes in turn took up to 6 times less than whole windows at once
(3x3 windows with stride 1). Pooling the last axis first keeps the rule for ties: the first of the
largest values, row by row, takes the gradient.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .platform import on_cpu

Sizes = tuple[int, ...]


def output_size(size: int, window: int, stride: int, padding: str) -> int:
    """How many windows fit along an axis; none or less where one is larger than the axis.

    >>> output_size(5, 2, 2, "valid"), output_size(5, 2, 2, "same")
    (2, 3)
    """
    return -(-size // stride) if padding == "same" else (size - window) // stride + 1


def max_pool_plain(x: jax.Array, window: Sizes, strides: Sizes, padding: str) -> jax.Array:
    """What `max_pool` computes, in XLA's own words."""
    return lax.reduce_window(x, _lowest(x.dtype), lax.max, window, strides, padding.upper())


def average_pool_plain(x: jax.Array, window: Sizes, strides: Sizes, padding: str) -> jax.Array:
    """What `average_pool` computes, in XLA's own words."""

    def total(values: jax.Array) -> jax.Array:
        zero = np.zeros((), values.dtype)[()]
        return lax.reduce_window(values, zero, lax.add, window, strides, padding.upper())

    return total(x) / total(jnp.ones_like(x))


def max_pool(x: jax.Array, window: Sizes, strides: Sizes, padding: str = "valid") -> jax.Array:
    """The largest value of each window.

    Args:
        x: array of any rank.
        window: size along each axis of `x`; 1 for the batch and the channels.
        strides: from one window to the next along each axis.
        padding: ``"valid"``, whole windows only; or ``"same"``, windows may stick out on both
            sides, where nothing counts.

    The first of several equal values takes the gradient.

    >>> max_pool(jnp.array([[1.0, 3.0, 2.0, 5.0]]), (1, 2), (1, 2)).tolist()
    [[3.0, 5.0]]
    """
    if not on_cpu():
        return max_pool_plain(x, window, strides, padding)
    for axis in reversed(range(x.ndim)):
        x = max_along(x, axis, window[axis], strides[axis], padding)
    return x


def average_pool(x: jax.Array, window: Sizes, strides: Sizes, padding: str = "valid") -> jax.Array:
    """The mean of each window, of what lies inside the array; arguments as for `max_pool`.

    >>> average_pool(jnp.array([[1.0, 3.0, 2.0]]), (1, 2), (1, 2), "same").tolist()
    [[2.0, 2.0]]
    """
    if not on_cpu():
        return average_pool_plain(x, window, strides, padding)
    for axis in reversed(range(x.ndim)):
        x = average_along(x, axis, window[axis], strides[axis], padding)
    return x


class _Windows(NamedTuple):
    """Windows along one axis of an array."""

    axis: int
    size: int  # of the axis
    window: int
    stride: int
    padding: str

    @property
    def amount(self) -> int:
        return output_size(self.size, self.window, self.stride, self.padding)

    @property
    def margins(self) -> tuple[int, int]:
        """How far windows stick out before and behind the axis."""
        if self.padding != "same":
            return 0, 0
        total = max((self.amount - 1) * self.stride + self.window - self.size, 0)
        return total // 2, total - total // 2

    def real(self) -> np.ndarray:
        """How many values of the array each window holds."""
        starts = np.arange(self.amount) * self.stride - self.margins[0]
        return np.minimum(starts + self.window, self.size) - np.maximum(starts, 0)


def max_along(x: jax.Array, axis: int, window: int, stride: int, padding: str) -> jax.Array:
    """`max_pool` along one axis."""
    if window == stride == 1:
        return x
    return _max_along(x, _Windows(axis, x.shape[axis], window, stride, padding))


def average_along(x: jax.Array, axis: int, window: int, stride: int, padding: str) -> jax.Array:
    """`average_pool` along one axis."""
    if window == stride == 1:
        return x
    windows = _Windows(axis, x.shape[axis], window, stride, padding)
    return _sum_along(x, windows) / _along(windows.real(), axis, x.ndim).astype(x.dtype)


def sum_along(x: jax.Array, axis: int, window: int, stride: int) -> jax.Array:
    """The sum of each whole window along one axis.

    >>> sum_along(jnp.array([1.0, 2.0, 3.0, 4.0]), 0, 2, 2).tolist()
    [3.0, 7.0]
    """
    return _sum_along(x, _Windows(axis, x.shape[axis], window, stride, "valid"))


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _max_along(x: jax.Array, windows: _Windows) -> jax.Array:
    return _max_forward(x, windows)[0]


def _max_forward(x: jax.Array, windows: _Windows) -> tuple[jax.Array, jax.Array]:
    best, *others = _shifted(x, _lowest(x.dtype), windows)
    # Which place of its window the largest value has: a byte where that is enough.
    place = jnp.zeros(best.shape, jnp.int8 if windows.window < 128 else jnp.int32)
    for number, candidate in enumerate(others, start=1):
        place = jnp.where(candidate > best, jnp.array(number, place.dtype), place)
        best = jnp.maximum(best, candidate)  # where one is not a number, so is the result
    return best, place


def _max_backward(windows: _Windows, place: jax.Array, dy: jax.Array) -> tuple[jax.Array]:
    return (_spread(dy, place, windows),)


_max_along.defvjp(_max_forward, _max_backward)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _sum_along(x: jax.Array, windows: _Windows) -> jax.Array:
    return functools.reduce(jnp.add, _shifted(x, 0, windows))


def _sum_forward(x: jax.Array, windows: _Windows) -> tuple[jax.Array, None]:
    return _sum_along(x, windows), None


def _sum_backward(windows: _Windows, saved: None, dy: jax.Array) -> tuple[jax.Array]:
    return (_spread(dy, None, windows),)


_sum_along.defvjp(_sum_forward, _sum_backward)


def _shifted(x: jax.Array, filling: Any, windows: _Windows) -> list[jax.Array]:
    """The first values of all windows, the second ones, and so on."""
    axis, stride = windows.axis, windows.stride
    if any(windows.margins):
        margins = [(*windows.margins, 0) if a == axis else (0, 0, 0) for a in range(x.ndim)]
        x = lax.pad(x, jnp.array(filling, x.dtype), margins)
    reach = (windows.amount - 1) * stride + 1
    return [
        lax.slice_in_dim(x, first, first + reach, stride, axis) for first in range(windows.window)
    ]


def _spread(dy: jax.Array, place: jax.Array | None, windows: _Windows) -> jax.Array:
    """What each value of the input gets back from all the windows that hold it.

    Seen in blocks of a stride's width, a value lies in the window that begins with its block, in
    the one before, and so on. Each is brought to the block's width and added where the window
    reaches, and where `place`, if there is one, says that the value was taken from here.
    """
    axis, size, window, stride, _ = windows
    low, _ = windows.margins
    blocks = -(-(size + low) // stride)

    def shifted(values: jax.Array, filling: int, back: int) -> jax.Array:
        fits = (back, blocks - back - windows.amount, 0)
        margins = [fits if a == axis else (0, 0, 0) for a in range(values.ndim)]
        moved = lax.pad(values, jnp.array(filling, values.dtype), margins)
        return jnp.expand_dims(moved, axis + 1)  # (..., blocks, 1, ...)

    total: Any = 0
    for back in range(-(-window // stride)):
        part = shifted(dy, 0, back)
        offsets = np.arange(stride) + back * stride  # of the block's values within the window
        takes = _along(offsets < window, axis + 1, part.ndim)
        if place is not None:
            wanted = _along(np.minimum(offsets, window), axis + 1, part.ndim)
            takes = takes & (shifted(place, -1, back) == wanted.astype(place.dtype))
        total = total + jnp.where(takes, part, jnp.zeros((), dy.dtype))
    merged = (*dy.shape[:axis], blocks * stride, *dy.shape[axis + 1 :])
    return lax.slice_in_dim(total.reshape(merged), low, low + size, axis=axis)


def _along(vector: np.ndarray, axis: int, rank: int) -> jax.Array:
    """A vector as an array of the given rank, lying along `axis`."""
    return jnp.asarray(vector).reshape([-1 if a == axis else 1 for a in range(rank)])


def _lowest(dtype: Any) -> Any:
    """What every number of the format is at least."""
    if jnp.issubdtype(dtype, jnp.floating):
        return np.array(-np.inf, dtype)[()]
    return np.array(jnp.iinfo(dtype).min, dtype)[()]
