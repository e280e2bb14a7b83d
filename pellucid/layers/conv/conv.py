"""`Conv1D`, `Conv2D` and `Conv3D`: every output is a weighted sum of a small window."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.conv import conv
from .. import checks
from .base import ConvBase

_register = family("layer").register


class Conv(ConvBase):
    """Base of the three: any number of axes."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
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
        self.groups = groups
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint
        checks.positive_integer(self, "filters", filters, 32)
        checks.positive_integer(self, "groups", groups)
        self._check_parts("kernel")
        self._check_strides_and_dilation()
        if filters % groups:
            raise ConfigError(
                f"The filters of {self._called} cannot be shared out equally among its groups.",
                got=f"filters={filters}, groups={groups}",
                expected="filters that groups divides",
                fix=f"filters={-(-filters // groups) * groups}, say.",
            )

    def _make_kernels(self, channels: int) -> int:
        if channels % self.groups:
            raise ShapeError(
                f"The input of {self._called} cannot be shared out equally among its groups.",
                got=f"{channels} channels, groups={self.groups}",
                expected="channels that groups divides",
                fix="groups=1, the usual convolution, or another number of channels before it.",
            )
        shape = (*self._size, channels // self.groups, self.filters)
        self.kernel = self._add("kernel", shape, "kernel")
        return self.filters

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution without bias and activation; to override with another, or to call with
        another kernel.

        Args:
            inputs: ``(batch, *sizes, channels)``, or as `data_format` has it.
            kernel: ``(*kernel_size, channels / groups, filters)``.
        """
        first = self.data_format == "channels_first"
        x = jnp.moveaxis(inputs, 1, -1) if first else inputs  # (batch, *sizes, channels)
        y = conv(x, kernel, self._strides, self._padding, self._dilation, self.groups)
        return jnp.moveaxis(y, -1, 1) if first else y

    def _convolve(self, x: Any) -> Any:
        first = self.data_format == "channels_first"
        y = self.convolution_op(jnp.moveaxis(x, -1, 1) if first else x, self.kernel)
        return jnp.moveaxis(y, 1, -1) if first else y


@_register("Conv1D", "Convolution1D")
class Conv1D(Conv):
    """Convolution over the steps of a sequence: each output sees `kernel_size` steps.

    Args:
        filters: how many features come out.
        kernel_size: steps that an output sees.
        strides: steps from one output to the next.
        padding: ``"valid"``, windows inside the sequence only; ``"same"``, zeros at both ends, so
            that there are ``ceil(steps / strides)`` outputs; ``"causal"``, zeros in front, so that
            no output sees a later step.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one step of the window to the next.
        groups: parts that features and filters fall into, each convolved by itself.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(kernel_size, features / groups, filters)``, starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, bias_constraint: projections after each update.

    Input ``(batch, steps, features)``, output ``(batch, output_steps, filters)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: sizes that are not positive whole numbers, groups that do not divide the
            filters, strides and dilation_rate both above 1, an unknown padding.
        ShapeError: an input of another rank or width, or shorter than the window.

    >>> import numpy as np
    >>> layer = Conv1D(4, kernel_size=3, padding="causal")
    >>> layer(np.ones((2, 10, 5))).shape, layer.kernel.shape
    ((2, 10, 4), (3, 5, 4))
    """

    traits = frozenset({"product"})
    _space = 1
    _paddings = ("valid", "same", "causal")


@_register("Conv2D", "Convolution2D")
class Conv2D(Conv):
    """Convolution over an image: each output sees all channels of a small window.

    Args:
        filters: how many channels come out.
        kernel_size: rows and columns of a window: one number, or two.
        strides: from one window to the next; one number, or two.
        padding: ``"valid"``, windows inside the image only; or ``"same"``, zeros on all sides,
            so that there are ``ceil(size / stride)`` outputs along each axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next; one number, or two.
        groups: parts that channels and filters fall into, each convolved by itself.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(*kernel_size, channels / groups, filters)``, starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, bias_constraint: projections after each update.

    Input ``(batch, rows, columns, channels)``, output ``(batch, output_rows, output_columns,
    filters)``; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, groups that do not divide the
            filters, strides and dilation_rate both above 1, an unknown padding.
        ShapeError: an input of another rank or width, or smaller than the window.

    >>> import numpy as np
    >>> layer = Conv2D(32, 3, activation="relu")
    >>> layer(np.ones((2, 28, 28, 1))).shape, layer.kernel.shape
    ((2, 26, 26, 32), (3, 3, 1, 32))
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
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
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
            groups,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )


@_register("Conv3D", "Convolution3D")
class Conv3D(Conv):
    """Convolution over a volume: each output sees all channels of a small window.

    Args:
        filters: how many channels come out.
        kernel_size: depth, rows and columns of a window: one number, or three.
        strides: from one window to the next; one number, or three.
        padding: ``"valid"``, windows inside the volume only; or ``"same"``, zeros on all sides,
            so that there are ``ceil(size / stride)`` outputs along each axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next; one number, or three.
        groups: parts that channels and filters fall into, each convolved by itself.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(*kernel_size, channels / groups, filters)``, starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, bias_constraint: projections after each update.

    Input ``(batch, depth, rows, columns, channels)``, output the same with its own sizes and
    `filters` channels; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, groups that do not divide the
            filters, strides and dilation_rate both above 1, an unknown padding.
        ShapeError: an input of another rank or width, or smaller than the window.

    >>> import numpy as np
    >>> layer = Conv3D(4, (1, 3, 3), padding="same")
    >>> layer(np.ones((2, 4, 6, 6, 3))).shape, layer.kernel.shape
    ((2, 4, 6, 6, 4), (1, 3, 3, 3, 4))
    """

    traits = frozenset({"product"})
    _space = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1, 1),
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
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
            groups,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
