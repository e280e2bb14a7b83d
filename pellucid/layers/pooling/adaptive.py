"""`AdaptiveAveragePooling1D` to `3D` and `AdaptiveMaxPooling1D` to `3D`: a given output size."""

from __future__ import annotations

from typing import Any, ClassVar

from ..._core.specs import family
from ...kernels.pool_adaptive import adaptive_average, adaptive_max
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec

_register = family("layer").register


class AdaptivePooling(Layer):
    """Base of the layers that pool to a given size. Subclasses name axes and operation."""

    traits = frozenset()
    batch_safe = True
    _space: ClassVar[int]
    _along: ClassVar[Any]

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.output_size = output_size
        self.data_format = data_format
        self._sizes = checks.hold_per_axis(self, "output_size", self._space)
        checks.data_format(self)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def call(self, inputs: Any) -> Any:
        first = checks.first_space_axis(self)
        for axis, size in enumerate(self._sizes, start=first):
            inputs = type(self)._along(inputs, axis, size)
        return inputs


@_register("AdaptiveAveragePooling1D")
class AdaptiveAveragePooling1D(AdaptivePooling):
    """Means of as many windows as asked for, whatever the number of steps.

    Args:
        output_size: how many windows. They share the steps as evenly as they can, and overlap
            where the numbers do not divide.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, steps, features)``, output ``(batch, output_size, features)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: a size that is not a positive whole number.
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> AdaptiveAveragePooling1D(2)(np.arange(6.0).reshape(1, 6, 1)).ravel().tolist()
    [1.0, 4.0]
    """

    _space, _along = 1, adaptive_average


@_register("AdaptiveAveragePooling2D")
class AdaptiveAveragePooling2D(AdaptivePooling):
    """Means of as many windows as asked for, whatever the size of the image.

    Args:
        output_size: rows and columns of the output: one number, or two.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, rows, columns, channels)``, output ``(batch, *output_size, channels)``; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers.
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> AdaptiveAveragePooling2D((1, 2))(np.arange(8.0).reshape(1, 2, 4, 1)).ravel().tolist()
    [2.5, 4.5]
    """

    _space, _along = 2, adaptive_average


@_register("AdaptiveAveragePooling3D")
class AdaptiveAveragePooling3D(AdaptivePooling):
    """Means of as many windows as asked for, whatever the size of the volume.

    Args:
        output_size: sizes of the output: one number, or three.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, depth, rows, columns, channels)``, output ``(batch, *output_size, channels)``;
    with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers.
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> AdaptiveAveragePooling3D(1)(np.arange(8.0).reshape(1, 2, 2, 2, 1)).ravel().tolist()
    [3.5]
    """

    _space, _along = 3, adaptive_average


@_register("AdaptiveMaxPooling1D")
class AdaptiveMaxPooling1D(AdaptivePooling):
    """The largest values of as many windows as asked for, whatever the number of steps.

    Args:
        output_size: how many windows. They share the steps as evenly as they can, and overlap
            where the numbers do not divide.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, steps, features)``, output ``(batch, output_size, features)``; with
    ``"channels_first"`` the features come before the steps.

    Raises:
        ConfigError: a size that is not a positive whole number.
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> AdaptiveMaxPooling1D(2)(np.arange(6.0).reshape(1, 6, 1)).ravel().tolist()
    [2.0, 5.0]
    """

    _space, _along = 1, adaptive_max


@_register("AdaptiveMaxPooling2D")
class AdaptiveMaxPooling2D(AdaptivePooling):
    """The largest values of as many windows as asked for, whatever the size of the image.

    Args:
        output_size: rows and columns of the output: one number, or two.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, rows, columns, channels)``, output ``(batch, *output_size, channels)``; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers.
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> AdaptiveMaxPooling2D((1, 2))(np.arange(8.0).reshape(1, 2, 4, 1)).ravel().tolist()
    [5.0, 7.0]
    """

    _space, _along = 2, adaptive_max


@_register("AdaptiveMaxPooling3D")
class AdaptiveMaxPooling3D(AdaptivePooling):
    """The largest values of as many windows as asked for, whatever the size of the volume.

    Args:
        output_size: sizes of the output: one number, or three.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, depth, rows, columns, channels)``, output ``(batch, *output_size, channels)``;
    with ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: sizes that are not positive whole numbers.
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> AdaptiveMaxPooling3D(1)(np.arange(8.0).reshape(1, 2, 2, 2, 1)).ravel().tolist()
    [7.0]
    """

    _space, _along = 3, adaptive_max
