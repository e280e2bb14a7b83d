"""`UpSampling1D` to `3D`: larger sequences, images and volumes."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from ..._core.specs import family
from ...kernels.resize import INTERPOLATIONS, repeat, resize
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec

_register = family("layer").register


class UpSampling(Layer):
    """Base of the layers that repeat values along axes of space. Subclasses say how many axes."""

    traits = frozenset({"linear"})
    batch_safe = True
    _space: ClassVar[int]

    def __init__(self, size: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = size
        self.data_format = data_format
        if self._space > 1:
            self._times = checks.hold_per_axis(self, "size", self._space)
        else:  # a plain number, as in Keras
            self._times = checks.per_axis(self, "size", size, self._space)
        checks.data_format(self)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def call(self, inputs: Any) -> Any:
        # Along the last axis first, while the array is small.
        for axis, times in reversed(list(enumerate(self._times, checks.first_space_axis(self)))):
            inputs = repeat(inputs, times, axis)
        return inputs


@_register("UpSampling1D")
class UpSampling1D(UpSampling):
    """Repeat each step of a sequence.

    Args:
        size: how often.

    Input ``(batch, steps, features)``, output ``(batch, steps * size, features)``.

    Raises:
        ConfigError: `size` is not a positive whole number.

    >>> import numpy as np
    >>> UpSampling1D(2)(np.array([[[1.0], [2.0]]])).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    _space = 1
    _unsaved = frozenset({"data_format"})  # there is one order of axes only

    def __init__(self, size: int = 2, **kwargs: Any):
        super().__init__(size, "channels_last", **kwargs)
        checks.positive_integer(self, "size", size, 2)


@_register("UpSampling2D")
class UpSampling2D(UpSampling):
    """Enlarge images by whole factors.

    Args:
        size: factors for rows and columns: one number, or two.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        interpolation: ``"nearest"`` repeats rows and columns; or ``"bilinear"``, ``"bicubic"``,
            ``"lanczos3"``, ``"lanczos5"``.

    Input ``(batch, rows, columns, channels)``, output the same with larger sizes; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: factors that are not positive whole numbers, or another interpolation.

    >>> import numpy as np
    >>> UpSampling2D((1, 2))(np.array([[[[1.0], [2.0]]]])).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    traits = frozenset({"linear"})
    _space = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ):
        super().__init__(size, data_format, **kwargs)
        self.interpolation = interpolation
        checks.one_of(self, "interpolation", interpolation, INTERPOLATIONS)

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return super().call(inputs)
        channels = 1 if self.data_format == "channels_first" else 3
        images = jnp.moveaxis(inputs, channels, 3)  # (batch, rows, columns, channels)
        rows, columns = (
            size * times for size, times in zip(images.shape[1:3], self._times, strict=True)
        )
        return jnp.moveaxis(resize(images, (rows, columns), self.interpolation), 3, channels)


@_register("UpSampling3D")
class UpSampling3D(UpSampling):
    """Enlarge volumes by whole factors, repeating values.

    Args:
        size: factors for the three axes: one number, or three.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, depth, rows, columns, channels)``, output the same with larger sizes; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: factors that are not positive whole numbers.

    >>> import numpy as np
    >>> UpSampling3D()(np.ones((1, 2, 3, 4, 5))).shape
    (1, 4, 6, 8, 5)
    """

    _space = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any):
        super().__init__(size, data_format, **kwargs)
