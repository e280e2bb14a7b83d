"""`GlobalAveragePooling1D` to `3D`, `GlobalMaxPooling1D` to `3D`: one number per feature."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec

_register = family("layer").register


class GlobalPooling(Layer):
    """Base of the layers that reduce all axes of space. Subclasses name how many, and with what.

    Args:
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        keepdims: keep the reduced axes, with size 1.
    """

    traits = frozenset()
    batch_safe = True
    _space: ClassVar[int]
    _reduce: ClassVar[Any]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = data_format
        self.keepdims = keepdims
        checks.data_format(self)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def call(self, inputs: Any) -> Any:
        return type(self)._reduce(inputs, axis=self._axes, keepdims=self.keepdims)

    @property
    def _axes(self) -> tuple[int, ...]:
        first = checks.first_space_axis(self)
        return tuple(range(first, first + self._space))


@_register("GlobalAveragePooling1D", "GlobalAvgPool1D")
class GlobalAveragePooling1D(GlobalPooling):
    """Average each feature over the steps of a sequence, without the masked ones.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, steps, features)``; or
            ``"channels_first"``: ``(batch, features, steps)``.
        keepdims: keep the axis of the steps, with size 1.

    Output ``(batch, features)``. A sequence whose every step is masked gives NaN, as in Keras.

    Raises:
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> GlobalAveragePooling1D()(np.array([[[1.0], [3.0]]])).tolist()
    [[2.0]]
    """

    traits = frozenset({"linear"})
    supports_masking = True
    _space, _reduce = 1, jnp.mean

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        (axis,) = self._axes
        real = jnp.expand_dims(jnp.asarray(mask).astype(bool), 3 - axis)  # (batch, steps, 1)
        total = jnp.sum(inputs, axis=axis, keepdims=self.keepdims, where=real)
        count = jnp.sum(real.astype(inputs.dtype), axis=axis, keepdims=self.keepdims)
        return total / count

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: there are no steps left to mask."""
        return None


@_register("GlobalAveragePooling2D", "GlobalAvgPool2D")
class GlobalAveragePooling2D(GlobalPooling):
    """Average each channel over the whole image.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, rows, columns, channels)``; or
            ``"channels_first"``: ``(batch, channels, rows, columns)``.
        keepdims: keep rows and columns, with size 1.

    Output ``(batch, channels)``.

    Raises:
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> GlobalAveragePooling2D()(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[1.5]]
    """

    traits = frozenset({"linear"})
    _space, _reduce = 2, jnp.mean


@_register("GlobalAveragePooling3D", "GlobalAvgPool3D")
class GlobalAveragePooling3D(GlobalPooling):
    """Average each channel over the whole volume.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, depth, rows, columns,
            channels)``; or ``"channels_first"``, channels right after the batch.
        keepdims: keep the three axes, with size 1.

    Output ``(batch, channels)``.

    Raises:
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> GlobalAveragePooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
    [[3.5]]
    """

    traits = frozenset({"linear"})
    _space, _reduce = 3, jnp.mean


@_register("GlobalMaxPooling1D", "GlobalMaxPool1D")
class GlobalMaxPooling1D(GlobalPooling):
    """The largest value of each feature over the steps of a sequence; masked steps count, too.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, steps, features)``; or
            ``"channels_first"``: ``(batch, features, steps)``.
        keepdims: keep the axis of the steps, with size 1.

    Output ``(batch, features)``.

    Raises:
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> GlobalMaxPooling1D()(np.array([[[1.0], [3.0]]])).tolist()
    [[3.0]]
    """

    _space, _reduce = 1, jnp.max


@_register("GlobalMaxPooling2D", "GlobalMaxPool2D")
class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel of an image.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, rows, columns, channels)``; or
            ``"channels_first"``: ``(batch, channels, rows, columns)``.
        keepdims: keep rows and columns, with size 1.

    Output ``(batch, channels)``.

    Raises:
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> GlobalMaxPooling2D()(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
    [[3.0]]
    """

    _space, _reduce = 2, jnp.max


@_register("GlobalMaxPooling3D", "GlobalMaxPool3D")
class GlobalMaxPooling3D(GlobalPooling):
    """The largest value of each channel of a volume.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, depth, rows, columns,
            channels)``; or ``"channels_first"``, channels right after the batch.
        keepdims: keep the three axes, with size 1.

    Output ``(batch, channels)``.

    Raises:
        ShapeError: an input of another rank.

    >>> import numpy as np
    >>> GlobalMaxPooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
    [[7.0]]
    """

    _space, _reduce = 3, jnp.max
