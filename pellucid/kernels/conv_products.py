"""Convolution as matrix products: the form for the CPU.

The convolution and its two gradients are each linear in both operands, so that the gradient of
any of the three is made of the other two; a transposed convolution is the second of them. Measured
inside the training loop: gathering whole windows, which the kernel's gradient shares, took 13 %
less time than gathering rows for two networks of up to 128 channels, and as long for MNIST's.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .conv_geometry import Geometry, positions

FEW_CHANNELS = 4
WINDOWS_BUDGET = 2**26
"""Bytes that the gathered windows of one layer may take; more are gathered row by row."""


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
    y: Any = 0
    for lead, patches in _gathered(x, kernel.shape[:-2], sizes, geometry):
        y = y + _forward(patches, kernel[lead], geometry.groups)  # (rows, filters)
    return y.astype(x.dtype).reshape(x.shape[0], *sizes, kernel.shape[-1])


def kernel_gradient(
    x: jax.Array, dy: jax.Array, kernel_shape: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its kernel, at output gradient `dy`."""
    rows = dy.reshape(-1, dy.shape[-1])  # (rows, filters)
    parts = [
        _kernel_part(patches, rows, kernel_shape[-2], geometry.groups)
        for _, patches in _gathered(x, kernel_shape[:-2], dy.shape[1:-1], geometry)
    ]
    return jnp.concatenate(parts).astype(dy.dtype).reshape(*kernel_shape)


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
            return part.reshape(*dy.shape[:-1], part.shape[-1])
        parts = (
            placed(back((*position, p)), axis, (p,), sizes, geometry)
            for p in range(kernel.shape[axis])
        )
        return functools.reduce(jnp.add, parts)

    return back(()).astype(dy.dtype)


def _gathered(
    x: jax.Array, kernel_sizes: Sequence[int], sizes: Sequence[int], geometry: Geometry
) -> Iterator[tuple[tuple[int, ...], jax.Array]]:
    """Positions along the kernel's first axes, and with each the windows that it meets.

    That is (rows, positions along the other axes * inputs). Whole windows where they are not too
    large: one product, and the gradient finds them made. Else those of a row of the kernel.
    """
    kernel_sizes, inputs = tuple(kernel_sizes), x.shape[-1]
    size = x.shape[0] * prod(sizes) * prod(kernel_sizes) * inputs * x.dtype.itemsize
    whole = inputs <= FEW_CHANNELS or size <= WINDOWS_BUDGET
    split = 0 if whole else len(kernel_sizes) - 1
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


# The three products, each group of channels by itself. Partial sums are kept in float32. A program
# for each group ran in 40 % to 70 % of the time, but took half a minute to compile for 32 groups.


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
    """(rows, positions * inputs), (rows, filters) -> (positions * inputs / groups, filters)"""
    if groups == 1:
        return _product(patches, dy, ((0,), (0,)))
    patches = patches.reshape(len(patches), -1, groups, channels)
    dy = dy.reshape(len(dy), groups, -1)
    dk = _product(patches, dy, ((0,), (0,)), ((2,), (1,)))  # (groups, positions, inputs, filters)
    return dk.transpose(1, 2, 0, 3).reshape(-1, groups * dk.shape[-1])


def _input_part(dy: jax.Array, kernel: jax.Array, groups: int) -> jax.Array:
    """(rows, filters), (inputs / groups, filters) -> (rows, inputs)"""
    if groups == 1:
        return _product(dy, kernel, ((1,), (1,)))
    dy = dy.reshape(len(dy), groups, -1)
    kernel = kernel.reshape(len(kernel), groups, -1)
    dx = _product(dy, kernel, ((2,), (2,)), ((1,), (1,)))  # (groups, rows, inputs / groups)
    return dx.transpose(1, 0, 2).reshape(dx.shape[1], -1)
