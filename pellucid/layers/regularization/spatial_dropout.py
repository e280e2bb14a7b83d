"""`SpatialDropout1D` to `3D`: whole features dropped at random in training."""

from __future__ import annotations

from typing import Any, ClassVar

from ..._core.specs import family
from .. import checks
from ..input_spec import InputSpec
from .dropout import Dropout

_register = family("layer").register


class SpatialDropout(Dropout):
    """Base of the layers that drop a feature everywhere at once. Subclasses say how many axes."""

    batch_safe = True
    data_format: str | None = None
    _space: ClassVar[int]
    _unsaved = frozenset({"noise_shape", "trainable"})  # as in Keras

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(rate, seed=seed, **kwargs)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        first = checks.first_space_axis(self)
        return (*shape[:first], *(1,) * self._space, *shape[first + self._space :])


@_register("SpatialDropout1D")
class SpatialDropout1D(SpatialDropout):
    """In training, drop whole features of a sequence, the same ones at every step.

    Args:
        rate: the share of features that is dropped.
        seed: for a stream of random numbers of this layer's own.
        name, dtype: as for every layer.

    Input and output ``(batch, steps, features)``.

    Raises:
        ConfigError: a rate outside 0 to 1.

    >>> import numpy as np
    >>> y = SpatialDropout1D(0.5)(np.ones((2, 3, 4)), training=True)
    >>> bool((y == y[:, :1]).all())
    True

    Tompson et al., arXiv:1411.4280.
    """

    _space = 1

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed, name=name, dtype=dtype, **kwargs)


@_register("SpatialDropout2D")
class SpatialDropout2D(SpatialDropout):
    """In training, drop whole channels of an image.

    Args:
        rate: the share of channels that is dropped.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.
        name, dtype: as for every layer.

    Input and output ``(batch, rows, columns, channels)``; with ``"channels_first"`` the channels
    come right after the batch.

    Raises:
        ConfigError: a rate outside 0 to 1.

    >>> import numpy as np
    >>> y = SpatialDropout2D(0.5)(np.ones((2, 3, 3, 4)), training=True)
    >>> bool((y == y[:, :1, :1]).all())
    True

    Tompson et al., arXiv:1411.4280.
    """

    _space = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed, name=name, dtype=dtype, **kwargs)
        self.data_format = data_format
        checks.data_format(self)


@_register("SpatialDropout3D")
class SpatialDropout3D(SpatialDropout):
    """In training, drop whole channels of a volume.

    Args:
        rate: the share of channels that is dropped.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.
        seed: for a stream of random numbers of this layer's own.
        name, dtype: as for every layer.

    Input and output ``(batch, depth, rows, columns, channels)``; with ``"channels_first"`` the
    channels come right after the batch.

    Raises:
        ConfigError: a rate outside 0 to 1.

    >>> import numpy as np
    >>> y = SpatialDropout3D(0.5)(np.ones((2, 3, 3, 3, 4)), training=True)
    >>> bool((y == y[:, :1, :1, :1]).all())
    True

    Tompson et al., arXiv:1411.4280.
    """

    _space = 3

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ):
        super().__init__(rate, seed, name=name, dtype=dtype, **kwargs)
        self.data_format = data_format
        checks.data_format(self)
