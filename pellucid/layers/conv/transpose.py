"""`Conv1DTranspose` to `Conv3DTranspose`: from small to large, as a convolution's gradient goes."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.conv import conv_transpose
from ...kernels.conv_geometry import transposed
from .. import checks
from .base import ConvBase

_register = family("layer").register


class ConvTranspose(ConvBase):
    """Base of the three: any number of axes."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.output_padding = output_padding
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint
        checks.positive_integer(self, "filters", filters, 32)
        self._check_parts("kernel")
        self._check_strides_and_dilation()
        self._added = None
        if output_padding is not None:
            self._added = checks.hold_per_axis(self, "output_padding", self._space, 0)
            if any(more >= s for more, s in zip(self._added, self._strides, strict=True)):
                raise ConfigError(
                    f"The output_padding of {self._called} must be smaller than its strides.",
                    got=f"output_padding={output_padding!r}, strides={strides!r}",
                    expected="less than the stride, along every axis",
                    fix="leave output_padding out: the output is then `strides` times as large.",
                )

    def _make_kernels(self, channels: int) -> int:
        self.kernel = self._add("kernel", (*self._size, self.filters, channels), "kernel")
        return self.filters

    def _convolve(self, x: Any) -> Any:
        return conv_transpose(
            x, self.kernel, self._strides, self._padding, self._added, self._dilation
        )

    def _check_sizes(self, sizes: tuple[int, ...]) -> None:
        outputs, _ = transposed(
            self._padding, self._added, sizes, self._size, self._strides, self._dilation
        )
        if min(outputs) < 1:
            raise ShapeError(
                f"{self._called} would give an output without any values.",
                got=f"output sizes {outputs} from an input of {sizes}",
                expected="1 or more along every axis",
                fix="leave output_padding out, or use larger inputs.",
            )


@_register("Conv1DTranspose", "Convolution1DTranspose")
class Conv1DTranspose(ConvTranspose):
    """Transposed convolution: a sequence made larger, every value spread over a window.

    The reverse of `Conv1D` in its sizes, and its gradient in its numbers.

    Args:
        filters: how many features come out.
        kernel_size: steps that a value is spread over.
        strides: by how much the output is larger.
        padding: ``"valid"``, all that any window touches; or ``"same"``, ``size * stride`` outputs.
        output_padding: outputs added behind, counted from the least number that the convolution
            would take back to the input's; less than the stride. None for the sizes above.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(*kernel_size, filters, features)``, starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, bias_constraint: projections after each update.

    Input ``(batch, steps, features)``, output ``(batch, output_steps, filters)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: sizes that are not positive whole numbers, output_padding not below the
            strides, strides and dilation_rate both above 1, an unknown padding.
        ShapeError: an input of another rank or width.

    >>> import numpy as np
    >>> layer = Conv1DTranspose(4, kernel_size=3, strides=2, padding="same")
    >>> layer(np.ones((2, 10, 5))).shape, layer.kernel.shape
    ((2, 20, 4), (3, 4, 5))

    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
    """

    traits = frozenset({"product"})
    _space = 1


@_register("Conv2DTranspose", "Convolution2DTranspose")
class Conv2DTranspose(ConvTranspose):
    """Transposed convolution: an image made larger, every value spread over a window.

    The reverse of `Conv2D` in its sizes, and its gradient in its numbers.

    Args:
        filters: how many channels come out.
        kernel_size: rows and columns that a value is spread over; one number, or two.
        strides: by how much the output is larger; one number, or two.
        padding: ``"valid"``, all that any window touches; or ``"same"``, ``size * stride`` outputs.
        output_padding: outputs added behind, counted from the least number that the convolution
            would take back to the input's; less than the stride. None for the sizes above.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next; one number, or two.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(*kernel_size, filters, channels)``, starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, bias_constraint: projections after each update.

    Input ``(batch, rows, columns, channels)``, output ``(batch, output_rows, output_columns,
    filters)``; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, output_padding not below the
            strides, strides and dilation_rate both above 1, an unknown padding.
        ShapeError: an input of another rank or width.

    >>> import numpy as np
    >>> layer = Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")
    >>> layer(np.ones((2, 7, 7, 5))).shape, layer.kernel.shape
    ((2, 14, 14, 4), (3, 3, 4, 5))

    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
    """

    traits = frozenset({"product"})
    _space = 2

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
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
            output_padding,
            data_format,
            dilation_rate,
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


@_register("Conv3DTranspose", "Convolution3DTranspose")
class Conv3DTranspose(ConvTranspose):
    """Transposed convolution: a volume made larger, every value spread over a window.

    The reverse of `Conv3D` in its sizes, and its gradient in its numbers.

    Args:
        filters: how many channels come out.
        kernel_size: depth, rows and columns that a value is spread over; one number, or three.
        strides: by how much the output is larger; one number, or three.
        padding: ``"valid"``, all that any window touches; or ``"same"``, ``size * stride`` outputs.
        output_padding: outputs added behind, counted from the least number that the convolution
            would take back to the input's; less than the stride. None for the sizes above.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        dilation_rate: from one value of a window to the next; one number, or three.
        activation: name or function applied to the result; none by default.
        use_bias: whether there is a bias.
        kernel_initializer: how the kernel, ``(*kernel_size, filters, channels)``, starts.
        bias_initializer: how the bias, ``(filters,)``, starts.
        kernel_regularizer, bias_regularizer: penalties, added to the loss.
        activity_regularizer: penalty on the output, per sample.
        kernel_constraint, bias_constraint: projections after each update.

    Input ``(batch, depth, rows, columns, channels)``, output the same with its own sizes and
    `filters` channels; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, output_padding not below the
            strides, strides and dilation_rate both above 1, an unknown padding.
        ShapeError: an input of another rank or width.

    >>> import numpy as np
    >>> layer = Conv3DTranspose(4, 2, strides=2)
    >>> layer(np.ones((1, 2, 3, 3, 5))).shape, layer.kernel.shape
    ((1, 4, 6, 6, 4), (2, 2, 2, 4, 5))

    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
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
        output_padding: Any = None,
        dilation_rate: Any = (1, 1, 1),
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
            output_padding,
            data_format,
            dilation_rate,
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
