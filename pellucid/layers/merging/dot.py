"""`Dot`: the product of two tensors, sample by sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from ..._core import settings
from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ...kernels.vector_norm import unit_norm
from .. import checks
from .base import Merge


@family("layer").register("Dot")
class Dot(Merge):
    """Multiply two tensors and sum along one axis of each, sample by sample.

    Args:
        axes: the axis that is summed over, or a pair: of the first input, of the second.
        normalize: bring the vectors along the axes to length 1 first: the result is their cosine.

    Inputs ``[(batch, ...), (batch, ...)]``; the output has the other axes of the first, then those
    of the second: two vectors a sample give ``(batch, 1)``.

    Raises:
        ConfigError: axes that are not one or two whole numbers, or include the batch's.
        ShapeError: sizes along the axes that do not agree.

    >>> import numpy as np
    >>> Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[11.0]]
    """

    _least, _most = 2, 2

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.axes = axes
        self.normalize = normalize
        pair = checks.axes_of(axes)
        whole = all(isinstance(a, (int, np.integer)) and not isinstance(a, bool) for a in pair)
        if not whole or len(pair) != (2 if isinstance(axes, (tuple, list)) else 1):
            raise ConfigError(
                f"The argument 'axes' of Dot {self.name!r} must name one axis of each input.",
                got=repr(axes),
                expected="a whole number, or a pair of them",
                fix="axes=-1, or axes=(1, 2), say.",
            )

    def merge(self, arrays: list[Any], masks: list[Any]) -> Any:
        axes = [self._axis(array, side) for side, array in enumerate(arrays)]
        sizes = [array.shape[axis] for array, axis in zip(arrays, axes, strict=True)]
        if sizes[0] != sizes[1] or arrays[0].shape[0] != arrays[1].shape[0]:
            raise ShapeError(
                f"Dot {self.name!r} cannot multiply inputs of these shapes along these axes.",
                got=f"{sizes[0]} values on axis {axes[0]} of {arrays[0].shape}, {sizes[1]} on "
                f"axis {axes[1]} of {arrays[1].shape}",
                expected="as many values along both axes, and the same batch",
                fix="name other axes, or bring the inputs to one width, with Dense say.",
            )
        if self.normalize:
            arrays = [
                unit_norm(array, (axis,), settings.epsilon())
                for array, axis in zip(arrays, axes, strict=True)
            ]
        first, second = arrays
        y = lax.dot_general(first, second, (((axes[0],), (axes[1],)), ((0,), (0,))))
        return y if y.ndim > 1 else y[:, None]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: what the steps held is summed over."""
        return None

    def _axis(self, array: Any, side: int) -> int:
        axis = self.axes[side] if isinstance(self.axes, (tuple, list)) else self.axes
        checks.axes_within(self, "axes", (axis,), array.ndim)
        axis %= array.ndim
        if axis == 0:
            raise ConfigError(
                f"Dot {self.name!r} multiplies within samples and cannot sum over the batch.",
                got=f"axes={self.axes}, which is axis 0 of an input of shape {array.shape}",
                fix="name axes of the sample, from 1 on: axes=1, or axes=-1.",
            )
        return axis


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """`Dot` as a function: ``dot([a, b], axes=1)``."""
    return Dot(axes=axes, **kwargs)(inputs)
