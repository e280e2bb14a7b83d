"""Kernels and windows that move over an array: convolutions, pools, patches.

Arrays are ``(batch, *sizes, channels)``, of one to three sizes, or ``(batch, channels, *sizes)``
with ``data_format="channels_first"``.

>>> from pellucid import ops
>>> ops.max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).ravel().tolist()
[3.0, 2.0]
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.settings import standardize_data_format
from pellucid.kernels import conv as kernels
from pellucid.kernels.conv_geometry import per_axis
from pellucid.kernels.pool import average_pool as average_kernel
from pellucid.kernels.pool import max_pool as max_kernel
from pellucid.kernels.pool_adaptive import adaptive_average, adaptive_max

from ..op import Tensor, op

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "conv",
    "conv_transpose",
    "depthwise_conv",
    "max_pool",
    "separable_conv",
]

FORMATS = ("channels_last", "channels_first")


def _first(name: str, data_format: str | None) -> bool:
    if data_format not in (None, *FORMATS):
        raise ConfigError(
            f"ops.{name} does not know this data format.",
            got=repr(data_format),
            expected=" or ".join(map(repr, FORMATS)),
        )
    return standardize_data_format(data_format) == "channels_first"


def _padding(name: str, padding: Any) -> str:
    """The padding's name; capitals do not matter."""
    known = isinstance(padding, str) and padding.lower() in ("valid", "same", "causal")
    if not known:
        raise ConfigError(
            f"ops.{name} does not know this padding.",
            got=repr(padding),
            expected="'valid' or 'same'",
        )
    return padding.lower()


def _positive(name: str, **numbers: Any) -> None:
    """Refuse steps and sizes below 1, one number or one per axis."""
    for what, given in numbers.items():
        values = given if isinstance(given, (tuple, list)) else (given,)
        if any(value is not None and value < 1 for value in values):
            raise ShapeError(
                f"{what} of ops.{name} must be 1 or more.",
                got=f"{what}={given!r}",
                fix=f"{what}=1 is the smallest.",
            )


def _convolved(
    name: str,
    inputs: Any,
    window: Any,
    padding: str,
    data_format: Any,
    function: Any,
    dilation: Any = None,
) -> jax.Array:
    """`function` of the inputs with their channels last, and back.

    With `dilation` the window must fit into inputs that are not padded.
    """
    first = _first(name, data_format)
    _positive(name, window=tuple(window))
    x = jnp.moveaxis(inputs, 1, -1) if first else inputs
    if len(window) != x.ndim - 2:
        raise ShapeError(
            f"ops.{name} moves a kernel over {len(window)} axes, but the input has {x.ndim - 2}.",
            got=f"input {inputs.shape}, window {tuple(window)}",
            expected="input (batch, *sizes, channels)",
        )
    spans = [] if dilation is None or padding != "valid" else per_axis(dilation, len(window))
    spans = [(w - 1) * d + 1 for w, d in zip(window, spans, strict=False)]
    if any(span > size for span, size in zip(spans, x.shape[1:-1], strict=False)):
        raise ShapeError(
            f"The window of ops.{name} is larger than its input.",
            got=f"window {tuple(window)}, input {inputs.shape}",
            fix='use padding="same", a smaller window or larger inputs.',
        )
    y = function(x)
    return jnp.moveaxis(y, -1, 1) if first else y


@op
def conv(
    inputs: Tensor, kernel: Tensor, strides=1, padding="valid", data_format=None, dilation_rate=1
):
    """The convolution of a batch with a kernel.

    Args:
        inputs: ``(batch, *sizes, channels)``.
        kernel: ``(*kernel sizes, channels / groups, filters)``; there are as many groups as the
            inputs have more channels.
        strides: steps between outputs; one number, or one per axis.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: steps between the places of the kernel.
    """
    padding = _padding("conv", padding)
    _positive("conv", strides=strides, dilation_rate=dilation_rate)

    def function(x: Any) -> Any:
        groups, rest = divmod(x.shape[-1], kernel.shape[-2])
        if rest or kernel.shape[-1] % groups:
            raise ShapeError(
                "The kernel of ops.conv does not fit its inputs.",
                got=f"{x.shape[-1]} channels, kernel {kernel.shape}",
                expected="kernel (*kernel sizes, channels / groups, filters)",
            )
        return kernels.conv(x, kernel, strides, padding, dilation_rate, groups)

    window = kernel.shape[:-2]
    return _convolved("conv", inputs, window, padding, data_format, function, dilation_rate)


def _check_own_kernels(name: str, x: Any, kernel: Any) -> None:
    if kernel.shape[-2] != x.shape[-1]:
        raise ShapeError(
            f"The kernel of ops.{name} does not fit its inputs.",
            got=f"{x.shape[-1]} channels, kernel {kernel.shape}",
            expected="kernel (*kernel sizes, channels, multiplier)",
        )


@op
def depthwise_conv(
    inputs: Tensor, kernel: Tensor, strides=1, padding="valid", data_format=None, dilation_rate=1
):
    """The convolution of every channel with kernels of its own.

    Args:
        inputs: ``(batch, *sizes, channels)``.
        kernel: ``(*kernel sizes, channels, multiplier)``.
        strides: steps between outputs.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: steps between the places of the kernel.
    """
    padding = _padding("depthwise_conv", padding)
    _positive("depthwise_conv", strides=strides, dilation_rate=dilation_rate)

    def function(x: Any) -> Any:
        _check_own_kernels("depthwise_conv", x, kernel)
        return kernels.depthwise_conv(x, kernel, strides, padding, dilation_rate)

    name, window = "depthwise_conv", kernel.shape[:-2]
    return _convolved(name, inputs, window, padding, data_format, function, dilation_rate)


@op
def separable_conv(
    inputs: Tensor,
    depthwise_kernel: Tensor,
    pointwise_kernel: Tensor,
    strides=1,
    padding="valid",
    data_format=None,
    dilation_rate=1,
):
    """`depthwise_conv`, whose channels a second kernel then mixes at every place.

    Args:
        inputs: ``(batch, *sizes, channels)``.
        depthwise_kernel: ``(*kernel sizes, channels, multiplier)``.
        pointwise_kernel: ``(*ones, channels * multiplier, filters)``.
        strides: steps between outputs.
        padding: ``"valid"`` or ``"same"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: steps between the places of the kernel.
    """
    window, padding = depthwise_kernel.shape[:-2], _padding("separable_conv", padding)
    _positive("separable_conv", strides=strides, dilation_rate=dilation_rate)

    def function(x: Any) -> Any:
        _check_own_kernels("separable_conv", x, depthwise_kernel)
        y = kernels.depthwise_conv(x, depthwise_kernel, strides, padding, dilation_rate)
        if pointwise_kernel.shape[:-1] != (*(1,) * len(window), y.shape[-1]):
            raise ShapeError(
                "The pointwise kernel of ops.separable_conv does not fit the depthwise one.",
                got=f"depthwise {depthwise_kernel.shape}, pointwise {pointwise_kernel.shape}",
                expected=f"pointwise {(*(1,) * len(window), y.shape[-1])} and the filters",
            )
        return kernels.conv(y, pointwise_kernel)

    name = "separable_conv"
    return _convolved(name, inputs, window, padding, data_format, function, dilation_rate)


@op
def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides=1,
    padding="valid",
    output_padding=None,
    data_format=None,
    dilation_rate=1,
):
    """The transposed convolution: from the sizes that a convolution gives to those it takes.

    Args:
        inputs: ``(batch, *sizes, channels)``.
        kernel: ``(*kernel sizes, filters, channels)``.
        strides: by how much the output is larger.
        padding: ``"valid"`` or ``"same"``.
        output_padding: outputs added behind each axis; None for what the padding says.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: steps between the places of the kernel.
    """
    rank, padding = inputs.ndim - 2, _padding("conv_transpose", padding)
    _positive("conv_transpose", strides=strides, dilation_rate=dilation_rate)

    def function(x: Any) -> Any:
        added = None if output_padding is None else per_axis(output_padding, rank)
        if x.shape[-1] != kernel.shape[-1]:
            raise ShapeError(
                "The kernel of ops.conv_transpose does not fit its inputs.",
                got=f"{x.shape[-1]} channels, kernel {kernel.shape}",
                expected="kernel (*kernel sizes, filters, channels)",
            )
        return kernels.conv_transpose(x, kernel, strides, padding, added, dilation_rate)

    return _convolved("conv_transpose", inputs, kernel.shape[:-2], padding, data_format, function)


# --- pools


def _pooled(
    name: str, function: Any, inputs: Any, pool_size: Any, strides: Any, padding: str, format_: Any
) -> Any:
    rank, padding = inputs.ndim - 2, _padding(name, padding)
    _positive(name, pool_size=pool_size, strides=strides)
    window = per_axis(pool_size, rank)
    steps = window if strides is None else per_axis(strides, rank)

    def pool(x: Any) -> Any:
        return function(x, (1, *window, 1), (1, *steps, 1), padding)

    return _convolved(name, inputs, window, padding, format_, pool, 1)


@op
def max_pool(inputs: Tensor, pool_size, strides=None, padding="valid", data_format=None):
    """The largest number of each window.

    Args:
        inputs: ``(batch, *sizes, channels)``.
        pool_size: of the windows; one number, or one per axis.
        strides: from one window to the next; `pool_size` by default.
        padding: ``"valid"``, whole windows only, or ``"same"``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    return _pooled("max_pool", max_kernel, inputs, pool_size, strides, padding, data_format)


@op
def average_pool(inputs: Tensor, pool_size, strides=None, padding="valid", data_format=None):
    """The mean of each window; arguments as of `max_pool`."""
    return _pooled("average_pool", average_kernel, inputs, pool_size, strides, padding, data_format)


def _adapted(name: str, function: Any, inputs: Any, output_size: Any, data_format: Any) -> Any:
    first = 2 if _first(name, data_format) else 1
    for axis, count in enumerate(per_axis(output_size, inputs.ndim - 2), first):
        inputs = function(inputs, axis, count)
    return inputs


@op
def adaptive_max_pool(inputs: Tensor, output_size, data_format=None):
    """The largest number of each of a given number of windows.

    Args:
        inputs: ``(batch, *sizes, channels)``.
        output_size: how many windows; one number, or one per axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
    """
    return _adapted("adaptive_max_pool", adaptive_max, inputs, output_size, data_format)


@op
def adaptive_average_pool(inputs: Tensor, output_size, data_format=None):
    """The mean of each of a given number of windows; arguments as of `adaptive_max_pool`."""
    return _adapted("adaptive_average_pool", adaptive_average, inputs, output_size, data_format)
