"""`MaxPooling1D` to `3D` and `AveragePooling1D` to `3D`: one number for each window."""

from __future__ import annotations

from typing import Any, ClassVar

from ..._core.errors import ShapeError
from ..._core.specs import family
from ...kernels.pool import average_pool, max_pool, output_size
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from ..looked_up import hold_sizes

_register = family("layer").register


class Pooling(Layer):
    """Base of the layers that move a window over the input. Subclasses name axes and operation."""

    traits = frozenset()
    batch_safe = True
    _space: ClassVar[int]
    _pool: ClassVar[Any]

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(name=name, **kwargs)
        self.pool_size = pool_size
        self.strides = strides
        self.padding = padding
        self.data_format = data_format
        self._window = checks.hold_per_axis(self, "pool_size", self._space)
        if strides is None:
            self._steps = self._window
            hold_sizes(self, "strides", self._window)
        else:
            self._steps = checks.hold_per_axis(self, "strides", self._space)
        checks.one_of(self, "padding", padding, ("valid", "same"))
        checks.data_format(self)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def call(self, inputs: Any) -> Any:
        first = checks.first_space_axis(self)
        sizes = inputs.shape[first : first + self._space]
        for size, window, stride in zip(sizes, self._window, self._steps, strict=True):
            if output_size(size, window, stride, self.padding) < 1:
                raise ShapeError(
                    f"The windows of {type(self).__name__} {self.name!r} are larger than its "
                    "input.",
                    got=f"pool_size={self._window}, input {inputs.shape}: {sizes} to pool over",
                    expected="windows that fit, along every axis",
                    fix="use fewer or smaller pools, larger inputs, or padding='same'.",
                )
        before, behind = (1,) * first, (1,) * (inputs.ndim - first - self._space)
        windows = (*before, *self._window, *behind)
        strides = (*before, *self._steps, *behind)
        return type(self)._pool(inputs, windows, strides, self.padding)


@_register("MaxPooling1D", "MaxPool1D")
class MaxPooling1D(Pooling):
    """The largest value of each window of steps, feature by feature.

    Args:
        pool_size: steps in a window.
        strides: steps from one window to the next; `pool_size` when missing.
        padding: ``"valid"``, whole windows only; or ``"same"``, windows may stick out at both
            ends, so that there are ``ceil(steps / strides)`` of them.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, steps, features)``, output ``(batch, pooled_steps, features)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: sizes that are not positive whole numbers, another padding.
        ShapeError: windows larger than the input, or an input of another rank.

    >>> import numpy as np
    >>> MaxPooling1D(2)(np.array([[[1.0], [3.0], [2.0], [0.0]]])).ravel().tolist()
    [3.0, 2.0]
    """

    _space, _pool = 1, max_pool

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@_register("MaxPooling2D", "MaxPool2D")
class MaxPooling2D(Pooling):
    """The largest value of each window of an image, channel by channel.

    Args:
        pool_size: rows and columns of a window: one number, or two.
        strides: rows and columns from one window to the next; `pool_size` when missing.
        padding: ``"valid"``, whole windows only; or ``"same"``, windows may stick out on all
            sides, so that there are ``ceil(size / stride)`` of them along each axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, rows, columns, channels)``, output ``(batch, pooled_rows, pooled_columns,
    channels)``; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, another padding.
        ShapeError: windows larger than the input, or an input of another rank.

    >>> import numpy as np
    >>> MaxPooling2D()(np.arange(16.0).reshape(1, 4, 4, 1)).ravel().tolist()
    [5.0, 7.0, 13.0, 15.0]
    """

    _space, _pool = 2, max_pool

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@_register("MaxPooling3D", "MaxPool3D")
class MaxPooling3D(Pooling):
    """The largest value of each window of a volume, channel by channel.

    Args:
        pool_size: sizes of a window: one number, or three.
        strides: from one window to the next; `pool_size` when missing.
        padding: ``"valid"``, whole windows only; or ``"same"``, windows may stick out on all
            sides, so that there are ``ceil(size / stride)`` of them along each axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, depth, rows, columns, channels)``, output the same with pooled sizes; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, another padding.
        ShapeError: windows larger than the input, or an input of another rank.

    >>> import numpy as np
    >>> MaxPooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1)).ravel().tolist()
    [7.0]
    """

    _space, _pool = 3, max_pool

    def __init__(
        self,
        pool_size: Any = (2, 2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@_register("AveragePooling1D", "AvgPool1D")
class AveragePooling1D(Pooling):
    """The mean of each window of steps, feature by feature.

    Args:
        pool_size: steps in a window.
        strides: steps from one window to the next; `pool_size` when missing.
        padding: ``"valid"`` or ``"same"``, as for `MaxPooling1D`; what sticks out does not count.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, steps, features)``, output ``(batch, pooled_steps, features)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: sizes that are not positive whole numbers, another padding.
        ShapeError: windows larger than the input, or an input of another rank.

    >>> import numpy as np
    >>> AveragePooling1D(2)(np.array([[[1.0], [3.0], [2.0], [0.0]]])).ravel().tolist()
    [2.0, 1.0]
    """

    traits = frozenset({"linear"})
    _space, _pool = 1, average_pool


@_register("AveragePooling2D", "AvgPool2D")
class AveragePooling2D(Pooling):
    """The mean of each window of an image, channel by channel.

    Args:
        pool_size: rows and columns of a window: one number, or two.
        strides: rows and columns from one window to the next; `pool_size` when missing.
        padding: ``"valid"`` or ``"same"``, as for `MaxPooling2D`; what sticks out does not count.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, rows, columns, channels)``, output ``(batch, pooled_rows, pooled_columns,
    channels)``; with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, another padding.
        ShapeError: windows larger than the input, or an input of another rank.

    >>> import numpy as np
    >>> AveragePooling2D(2)(np.arange(16.0).reshape(1, 4, 4, 1)).ravel().tolist()
    [2.5, 4.5, 10.5, 12.5]
    """

    traits = frozenset({"linear"})
    _space, _pool = 2, average_pool


@_register("AveragePooling3D", "AvgPool3D")
class AveragePooling3D(Pooling):
    """The mean of each window of a volume, channel by channel.

    Args:
        pool_size: sizes of a window: one number, or three.
        strides: from one window to the next; `pool_size` when missing.
        padding: ``"valid"`` or ``"same"``, as for `MaxPooling3D`; what sticks out does not count.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        name: of the layer.

    Input ``(batch, depth, rows, columns, channels)``, output the same with pooled sizes; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers, another padding.
        ShapeError: windows larger than the input, or an input of another rank.

    >>> import numpy as np
    >>> AveragePooling3D(2)(np.arange(8.0).reshape(1, 2, 2, 2, 1)).ravel().tolist()
    [3.5]
    """

    traits = frozenset({"linear"})
    _space, _pool = 3, average_pool
