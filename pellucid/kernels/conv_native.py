"""Convolution over 1 or 2 axes in C++ (`native/conv.cc`), where that was compiled.

Nothing is gathered: bands of the input stay in the cache, tiles of the result in registers. It
saves most in kernel gradients of few channels, which XLA's library packs for longer than it
computes with them. What that gives against the forms that XLA compiles, this measures:
`python -m benchmarks.forms resnet20 unet cnn --forms chosen no_cpp`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .conv_geometry import Geometry
from .native import available

LANES = 16
"""Numbers to a vector, at most; tests try less."""
LARGE_KERNEL = 2**19
"""Numbers to a kernel whose gradient's sums cost more memory traffic than the form saves."""


def suits(kernel_shape: Sequence[int], geometry: Geometry, dtype: Any, size: int) -> bool:
    """Whether a convolution can be computed here.

    Args:
        kernel_shape: (*kernel sizes, inputs, filters)
        geometry: how it moves.
        dtype: of the input.
        size: how many numbers the result has; empty results are not for this form.
    """
    *kernel, inputs, filters = kernel_shape
    return (
        len(kernel) <= 2
        and geometry.groups == 1
        and min(*kernel, inputs, filters, size) > 0
        and dtype == jnp.float32
        and available()
    )


def suits_kernel(kernel_shape: Sequence[int], geometry: Geometry, dtype: Any, size: int) -> bool:
    """Whether the kernel's gradient can be, and is not faster elsewhere."""
    return prod(kernel_shape) <= LARGE_KERNEL and suits(kernel_shape, geometry, dtype, size)


def suits_input(kernel_shape: Sequence[int], geometry: Geometry, dtype: Any, size: int) -> bool:
    """Whether the input's gradient can be: not with strides and dilation along one axis."""
    moves = zip(geometry.strides, geometry.dilation, strict=True)
    return suits(kernel_shape, geometry, dtype, size) and all(min(pair) == 1 for pair in moves)


def convolve(x: jax.Array, kernel: jax.Array, geometry: Geometry) -> jax.Array:
    """The convolution.

    Args:
        x: (batch, *sizes, inputs)
        kernel: (*kernel sizes, inputs, filters)
        geometry: how it moves.

    Returns:
        (batch, *output sizes, filters)
    """
    sizes = geometry.output_sizes(x.shape[1:-1], kernel.shape[:-2])
    shape = (len(x), *sizes, kernel.shape[-1])
    y = _with_kernel("pellucid_convolve", _pictures(x), _grid(kernel), _spread(shape, 1), geometry)
    return y.reshape(shape)


def input_gradient(
    dy: jax.Array, kernel: jax.Array, sizes: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its input, of the given spatial sizes."""
    shape = (len(dy), *sizes, kernel.shape[-2])
    operands = _pictures(dy), _grid(kernel)
    dx = _with_kernel("pellucid_conv_input_gradient", *operands, _spread(shape, 1), geometry)
    return dx.reshape(shape)


def kernel_gradient(
    x: jax.Array, dy: jax.Array, kernel_shape: Sequence[int], geometry: Geometry
) -> jax.Array:
    """The gradient of `convolve` for its kernel, at output gradient `dy`."""
    shape = _spread(tuple(kernel_shape), 0)
    dk = _call("pellucid_conv_kernel_gradient", _pictures(x), _pictures(dy), shape, geometry)
    return dk.reshape(kernel_shape)


def _call(
    function: str, a: jax.Array, b: jax.Array, shape: tuple[int, ...], geometry: Geometry
) -> jax.Array:
    """A function of the library, for arrays of 4 axes."""
    two = (1,) * (2 - len(geometry.strides))
    before = (0,) * len(two) + tuple(low for low, _ in geometry.padding)
    # Under `jax.vmap` one after the other: each call uses every core.
    call = jax.ffi.ffi_call(
        function, jax.ShapeDtypeStruct(shape, jnp.float32), vmap_method="sequential"
    )
    return call(
        a,
        b,
        strides=np.array(two + geometry.strides, np.int64),
        dilation=np.array(two + geometry.dilation, np.int64),
        before=np.array(before, np.int64),
        lanes=np.int64(LANES),
    )


def _with_kernel(
    function: str, x: jax.Array, kernel: jax.Array, shape: tuple[int, ...], geometry: Geometry
) -> jax.Array:
    """`_call` of pictures and a kernel: under `jax.vmap` one call where the kernel is the same."""

    @jax.custom_batching.custom_vmap
    def run(x: jax.Array, kernel: jax.Array) -> jax.Array:
        return _call(function, x, kernel, shape, geometry)

    @run.def_vmap
    def together(size: int, mapped: list[bool], x: jax.Array, kernel: jax.Array) -> Any:
        if mapped == [True, False]:
            wider = (size * shape[0], *shape[1:])
            y = _with_kernel(function, x.reshape(-1, *x.shape[2:]), kernel, wider, geometry)
            return y.reshape(size, *shape), True
        axes = [0 if each else None for each in mapped]
        call = jax.vmap(lambda x, kernel: _call(function, x, kernel, shape, geometry), axes)
        return call(x, kernel), True

    return run(x, kernel)


# A sequence is a picture of one row.


def _spread(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape if len(shape) == 4 else (*shape[:axis], 1, *shape[axis:])


def _pictures(x: jax.Array) -> jax.Array:
    return x.reshape(_spread(x.shape, 1))


def _grid(kernel: jax.Array) -> jax.Array:
    return kernel.reshape(_spread(kernel.shape, 0))
