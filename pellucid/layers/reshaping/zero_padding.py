"""`ZeroPadding1D` to `3D`: zeros around sequences, images and volumes."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp

from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from .edges import edges_of

_register = family("layer").register


class ZeroPadding(Layer):
    """Base of the layers that put zeros around their input. Subclasses say how many axes."""

    traits = frozenset({"linear"})
    batch_safe = True
    _space: ClassVar[int]

    def __init__(self, padding: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.padding = padding
        self.data_format = data_format
        self._edges = edges_of(self, "padding", padding, self._space)
        checks.data_format(self)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def call(self, inputs: Any) -> Any:
        first = checks.first_space_axis(self)
        around = [(0, 0)] * inputs.ndim
        around[first : first + self._space] = self._edges
        return jnp.pad(inputs, around)


@_register("ZeroPadding1D")
class ZeroPadding1D(ZeroPadding):
    """Zeros before and after the steps of a sequence.

    Args:
        padding: how many steps at both ends, or two numbers: before, after.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, steps, features)``, output the same with more steps; with ``"channels_first"``
    the features come before the steps.

    Raises:
        ConfigError: numbers that are not whole, or negative.

    >>> import numpy as np
    >>> ZeroPadding1D((0, 2))(np.array([[[1.0], [2.0]]])).ravel().tolist()
    [1.0, 2.0, 0.0, 0.0]
    """

    _space = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(padding, data_format, **kwargs)


@_register("ZeroPadding2D")
class ZeroPadding2D(ZeroPadding):
    """Zeros around images.

    Args:
        padding: how many at every side; or two numbers: rows at top and bottom, columns at both
            sides; or two pairs, ``((top, bottom), (left, right))``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, rows, columns, channels)``, output the same with more rows and columns; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: numbers that are not whole, or negative.

    >>> import numpy as np
    >>> ZeroPadding2D(((0, 1), (1, 0)))(np.ones((1, 1, 1, 1)))[0, :, :, 0].tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """

    _space = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any):
        super().__init__(padding, data_format, **kwargs)


@_register("ZeroPadding3D")
class ZeroPadding3D(ZeroPadding):
    """Zeros around volumes.

    Args:
        padding: how many at every side; or three numbers, one for each axis; or three pairs, the
            two ends of each axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, depth, rows, columns, channels)``, output the same with larger sizes; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: numbers that are not whole, or negative.

    >>> import numpy as np
    >>> ZeroPadding3D()(np.ones((1, 2, 2, 2, 1))).shape
    (1, 4, 4, 4, 1)
    """

    _space = 3

    def __init__(
        self,
        padding: Any = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(padding, data_format, **kwargs)
