"""`SeparableConv1D` and `SeparableConv2D`: every channel by itself, then all of them mixed."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family
from ...kernels.conv import conv, depthwise_conv
from .. import checks
from .base import ConvBase

_register = family("layer").register


class SeparableConv(ConvBase):
    """Base of the two: any number of axes."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            activity_regularizer,
            bias_constraint,
            **kwargs,
        )
        self.filters = filters
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.pointwise_initializer = pointwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.pointwise_regularizer = pointwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.pointwise_constraint = pointwise_constraint
        checks.positive_integer(self, "filters", filters, 32)
        checks.positive_integer(self, "depth_multiplier", depth_multiplier)
        self._check_parts("depthwise", "pointwise")

    def _make_kernels(self, channels: int) -> int:
        shape = (*self._size, channels, self.depth_multiplier)
        self.depthwise_kernel = self._add("depthwise_kernel", shape, "depthwise")
        shape = (*(1,) * self._space, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = self._add("pointwise_kernel", shape, "pointwise")
        return self.filters

    def _convolve(self, x: Any) -> Any:
        kernel = self.depthwise_kernel
        y = depthwise_conv(x, kernel, self._strides, self._padding, self._dilation)
        return conv(y, self.pointwise_kernel)  # (batch, *output sizes, filters)


@_register("SeparableConv1D", "SeparableConvolution1D")
class SeparableConv1D(SeparableConv):
    """Every feature of a sequence convolved by itself, then the features mixed: a cheaper `Conv1D`.

    Args:
        filters: how many features come out.
        kernel_size: steps of a window.
        strides: from one window to the next.
        padding: ``"valid"``, whole windows only; or ``"same"``, zeros on all sides, so that there
            are ``ceil(size / stride)`` outputs.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next.
        depth_multiplier: how many values each feature has between the two parts.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        depthwise_initializer: how the kernel of single features, ``(*kernel_size, features,
            depth_multiplier)``, starts.
        pointwise_initializer: how the kernel that mixes them starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties, added to the
            loss.
        activity_regularizer: penalty on the output, per sample.
        depthwise_constraint, pointwise_constraint, bias_constraint: projections after each update.

    Input ``(batch, steps, features)``, output ``(batch, output_steps, filters)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: sizes that are not positive whole numbers, an unknown padding.
        ShapeError: an input of another rank or width, or smaller than the window.

    >>> import numpy as np
    >>> layer = SeparableConv1D(4, kernel_size=3)
    >>> layer(np.ones((2, 10, 5))).shape
    (2, 8, 4)
    >>> layer.depthwise_kernel.shape, layer.pointwise_kernel.shape
    ((3, 5, 1), (1, 5, 4))

    Chollet, "Xception: deep learning with depthwise separable convolutions", arXiv:1610.02357.
    """

    traits = frozenset({"product"})
    _space = 1


@_register("SeparableConv2D", "SeparableConvolution2D")
class SeparableConv2D(SeparableConv):
    """Every channel of an image convolved by itself, then the channels mixed: a cheaper `Conv2D`.

    Args:
        filters: how many channels come out.
        kernel_size: rows and columns of a window; one number, or two.
        strides: from one window to the next; one number, or two.
        padding: ``"valid"``, whole windows only; or ``"same"``, zeros on all sides, so that there
            are ``ceil(size / stride)`` outputs.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next; one number, or two.
        depth_multiplier: how many values each channel has between the two parts.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        depthwise_initializer: how the kernel of single channels, ``(*kernel_size, channels,
            depth_multiplier)``, starts.
        pointwise_initializer: how the kernel that mixes them starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties, added to the
            loss.
        activity_regularizer: penalty on the output, per sample.
        depthwise_constraint, pointwise_constraint, bias_constraint: projections after each update.

    Input ``(batch, rows, columns, channels)``, output ``(batch, output_rows, output_columns,
    filters)``; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, an unknown padding.
        ShapeError: an input of another rank or width, or smaller than the window.

    >>> import numpy as np
    >>> layer = SeparableConv2D(4, 3, padding="same", activation="relu")
    >>> layer(np.ones((2, 8, 8, 5))).shape
    (2, 8, 8, 4)
    >>> layer.depthwise_kernel.shape, layer.pointwise_kernel.shape
    ((3, 3, 5, 1), (1, 1, 5, 4))

    Chollet, "Xception: deep learning with depthwise separable convolutions", arXiv:1610.02357.
    """

    traits = frozenset({"product"})
    _space = 2

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            depth_multiplier,
            activation,
            use_bias,
            depthwise_initializer,
            pointwise_initializer,
            bias_initializer,
            depthwise_regularizer,
            pointwise_regularizer,
            bias_regularizer,
            activity_regularizer,
            depthwise_constraint,
            pointwise_constraint,
            bias_constraint,
            **kwargs,
        )
