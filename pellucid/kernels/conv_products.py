"""Convolution as matrix products: the form for the CPU.

Inside a compiled loop XLA's own convolution is some thirty times slower there. The convolution and
its two gradients are each linear in both operands, so that the gradient of any of the three is made
of the other two; a transposed convolution is the second of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .conv_geometry import Geometry, positions

WINDOWS_UP_TO, ROWS_UP_TO = 4, 8
"""Most input channels for which whole windows, or their rows, are gathered into one product."""


def convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The convolution.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, inputs / groups, filters)
        geometry: how it moves.

    Returns:
        (batch, *output sizes, filters)
    """
    sizes = geometry.output_sizes(x.shape[1:-1], kernel.shape[:-2])
    split = 0 if x.shape[-1] <= WINDOWS_UP_TO else len(sizes) - 1
    y: Any = 0
    for lead, patches in _gathered(x, kernel.shape[:-2], split, sizes, geometry):
        y = y + _forward(patches, kernel[lead], geometry.groups)  # (rows, filters)
    return y.astype(x.dtype).reshape(x.shape[0], *sizes, kernel.shape[-1])


def kernel_gradient(
    x: jax.Array, dy: jax.Array, kernel_shape: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its kernel, at output gradient `dy`."""
    sizes = dy.shape[1:-1]
    split = len(sizes) - 1 if x.shape[-1] <= ROWS_UP_TO else len(sizes)
    # Turned round once and for all: products over the rows of both sides take half as long again.
    turned = lax.optimization_barrier(dy.reshape(-1, dy.shape[-1]).T)  # (filters, rows)
    parts = [
        _kernel_part(patches, turned, kernel_shape[-2], geometry.groups)
        for _, patches in _gathered(x, kernel_shape[:-2], split, sizes, geometry)
    ]  # of (filters, positions * inputs / groups)
    return jnp.concatenate(parts, axis=1).T.astype(dy.dtype).reshape(*kernel_shape)


def input_gradient(
    dy: jax.Array, kernel: jax.Array, sizes: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its input, of the given spatial sizes.

    One product per kernel position, each moved to where it came from, and all added: those of a
    row first.
    """
    rows = dy.reshape(-1, dy.shape[-1])  # (rows, filters)

    def back(position: tuple[int, ...]) -> jax.Array:
        """What the kernel positions that begin so contribute, over the axes they do not name."""
        axis = len(position)
        if axis == len(sizes):
            part = _input_part(rows, kernel[position], geometry.groups)  # (rows, inputs)
            return part.reshape(*dy.shape[:-1], -1)
        parts = (
            placed(back((*position, p)), axis, (p,), sizes, geometry)
            for p in range(kernel.shape[axis])
        )
        return functools.reduce(jnp.add, parts)

    return back(()).astype(dy.dtype)


def _gathered(
    x: jax.Array,
    kernel_sizes: tuple[int, ...],
    split: int,
    sizes: Sequence[int],
    geometry: Geometry,
) -> Iterator[tuple[tuple[int, ...], jax.Array]]:
    """The kernel's positions along the axes before `split`, and with each what it meets.

    That is (rows, positions along the other axes * inputs): whole windows for a split of 0, single
    positions where it comes after the last axis.
    """
    padded = pad(x, geometry.padding)
    # Gathered once along the axes behind the split, over the whole of the axes before it.
    behind = positions(kernel_sizes[split:])
    pieces = [met(padded, split, position, sizes, geometry) for position in behind]
    patches = jnp.concatenate(pieces, axis=-1) if len(pieces) > 1 else pieces[0]
    for lead in positions(kernel_sizes[:split]):
        block = met(patches, 0, lead, sizes, geometry)
        yield lead, block.reshape(-1, block.shape[-1])


def pad(x: jax.Array, padding: Sequence[tuple[int, int]]) -> jax.Array:
    """Zeros around the spatial axes; a negative number cuts off."""
    if not any(map(any, padding)):
        return x
    config = [(0, 0, 0), *((low, high, 0) for low, high in padding), (0, 0, 0)]
    return lax.pad(x, jnp.zeros((), x.dtype), config)


def met(
    padded: jax.Array, first: int, position: Sequence[int], sizes: Sequence[int], geometry: Geometry
) -> jax.Array:
    """What a kernel position meets at every output position, for the axes from `first` on."""
    starts, limits, strides = [0] * padded.ndim, list(padded.shape), [1] * padded.ndim
    for axis, p in enumerate(position, first):
        stride = geometry.strides[axis]
        starts[axis + 1] = p * geometry.dilation[axis]
        limits[axis + 1] = starts[axis + 1] + (sizes[axis] - 1) * stride + 1
        strides[axis + 1] = stride
    return lax.slice(padded, starts, limits, strides)


def placed(
    part: jax.Array, first: int, position: Sequence[int], sizes: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The reverse of `met`: values at output positions put where the kernel position met them."""
    config = [(0, 0, 0)] * part.ndim
    for axis, p in enumerate(position, first):
        stride = geometry.strides[axis]
        low = p * geometry.dilation[axis] - geometry.padding[axis][0]
        high = sizes[axis] - low - ((part.shape[axis + 1] - 1) * stride + 1)
        config[axis + 1] = (low, high, stride - 1)
    return lax.pad(part, jnp.zeros((), part.dtype), config)


# The three products, each group of channels by itself. Partial sums are kept in float32.


def _product(a: jax.Array, b: jax.Array, contract: Any, batch: Any = ((), ())) -> jax.Array:
    wide = jnp.promote_types(a.dtype, jnp.float32)
    return lax.dot_general(a, b, (contract, batch), preferred_element_type=wide)


def _forward(patches: jax.Array, kernel: jax.Array, groups: int) -> jax.Array:
    """(rows, positions * inputs), (*positions, inputs / groups, filters) -> (rows, filters)"""
    if groups == 1:
        return _product(patches, kernel.reshape(-1, kernel.shape[-1]), ((1,), (0,)))
    channels = kernel.shape[-2]
    patches = patches.reshape(len(patches), -1, groups, channels)
    kernel = kernel.reshape(-1, channels, groups, kernel.shape[-1] // groups)
    y = _product(
        patches, kernel, ((1, 3), (0, 1)), ((2,), (2,))
    )  # (groups, rows, filters / groups)
    return y.transpose(1, 0, 2).reshape(len(patches), -1)


def _kernel_part(patches: jax.Array, dy: jax.Array, channels: int, groups: int) -> jax.Array:
    """(rows, positions * inputs), (filters, rows) -> (filters, positions * inputs / groups)"""
    if groups == 1:
        return _product(dy, patches, ((1,), (0,)))
    patches = patches.reshape(len(patches), -1, groups, channels)
    dy = dy.reshape(groups, -1, dy.shape[1])
    dk = _product(dy, patches, ((2,), (0,)), ((0,), (2,)))  # (groups, filters, positions, inputs)
    return dk.reshape(-1, dk.shape[2] * channels)


def _input_part(dy: jax.Array, kernel: jax.Array, groups: int) -> jax.Array:
    """(rows, filters), (inputs / groups, filters) -> (rows, inputs)"""
    if groups == 1:
        return _product(dy, kernel, ((1,), (1,)))
    dy = dy.reshape(len(dy), groups, -1)
    kernel = kernel.reshape(len(kernel), groups, -1)
    dx = _product(dy, kernel, ((2,), (2,)), ((1,), (1,)))  # (groups, rows, inputs / groups)
    return dx.transpose(1, 0, 2).reshape(dx.shape[1], -1)
