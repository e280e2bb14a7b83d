"""`DepthwiseConv1D` and `DepthwiseConv2D`: every channel convolved by itself."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family
from ...kernels.conv import depthwise_conv
from .. import checks
from .base import ConvBase

_register = family("layer").register


class DepthwiseConv(ConvBase):
    """Base of the two: any number of axes."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
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
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        checks.positive_integer(self, "depth_multiplier", depth_multiplier)
        self._check_parts("depthwise")

    def _make_kernels(self, channels: int) -> int:
        shape = (*self._size, channels, self.depth_multiplier)
        self.kernel = self._add("kernel", shape, "depthwise")
        return channels * self.depth_multiplier

    def _convolve(self, x: Any) -> Any:
        return depthwise_conv(x, self.kernel, self._strides, self._padding, self._dilation)


@_register("DepthwiseConv1D")
class DepthwiseConv1D(DepthwiseConv):
    """Convolution of every feature of a sequence by itself: features are not mixed.

    Args:
        kernel_size: steps of a window.
        strides: from one window to the next.
        padding: ``"valid"``, whole windows only; or ``"same"``, zeros on all sides, so that there
            are ``ceil(size / stride)`` outputs.
        depth_multiplier: how many outputs each feature has.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        depthwise_initializer: how the kernel, ``(*kernel_size, features, multiplier)``, starts.
        bias_initializer: how the bias, one number for each output feature, starts.
        depthwise_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        depthwise_constraint, bias_constraint: projections after each update.

    Input ``(batch, steps, features)``, output ``(batch, output_steps, features *
    depth_multiplier)``; with ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: sizes that are not positive whole numbers, an unknown padding.
        ShapeError: an input of another rank or width, or smaller than the window.

    >>> import numpy as np
    >>> layer = DepthwiseConv1D(kernel_size=3, depth_multiplier=2)
    >>> layer(np.ones((2, 10, 5))).shape, layer.kernel.shape
    ((2, 8, 10), (3, 5, 2))
    """

    _space = 1


@_register("DepthwiseConv2D")
class DepthwiseConv2D(DepthwiseConv):
    """Convolution of every channel of an image by itself: channels are not mixed.

    Args:
        kernel_size: rows and columns of a window; one number, or two.
        strides: from one window to the next; one number, or two.
        padding: ``"valid"``, whole windows only; or ``"same"``, zeros on all sides, so that there
            are ``ceil(size / stride)`` outputs.
        depth_multiplier: how many outputs each channel has.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next; one number, or two.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        depthwise_initializer: how the kernel, ``(*kernel_size, channels, multiplier)``, starts.
        bias_initializer: how the bias, one number for each output channel, starts.
        depthwise_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        depthwise_constraint, bias_constraint: projections after each update.

    Input ``(batch, rows, columns, channels)``, output ``(batch, output_rows, output_columns,
    channels * depth_multiplier)``, those of one channel side by side; with ``"channels_first"``
    the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, an unknown padding.
        ShapeError: an input of another rank or width, or smaller than the window.

    >>> import numpy as np
    >>> layer = DepthwiseConv2D(3, padding="same")
    >>> layer(np.ones((2, 8, 8, 5))).shape, layer.kernel.shape
    ((2, 8, 8, 5), (3, 3, 5, 1))
    """

    _space = 2

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            kernel_size,
            strides,
            padding,
            depth_multiplier,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            depthwise_initializer,
            bias_initializer,
            depthwise_regularizer,
            bias_regularizer,
            activity_regularizer,
            depthwise_constraint,
            bias_constraint,
            **kwargs,
        )
