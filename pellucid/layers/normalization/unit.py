"""`UnitNormalization`: every sample's vectors brought to length 1."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family
from ...kernels.vector_norm import unit_norm
from .. import checks
from ..base import Layer


@family("layer").register("UnitNormalization")
class UnitNormalization(Layer):
    """Divide each vector by its Euclidean length; a vector of zeros stays zeros.

    Args:
        axis: the axis along which a vector lies, or a list of axes.

    Input ``(batch, ..., features)``, output the same.

    Raises:
        ConfigError: an axis that is not a whole number.
        ShapeError: an axis the input does not have.

    >>> import numpy as np
    >>> UnitNormalization()(np.array([[0.0, -5.0]])).tolist()
    [[0.0, -1.0]]
    """

    traits = frozenset({"normalizes", "same_shape"})
    supports_masking = True

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        for entry in checks.axes_of(axis):
            checks.whole_number(self, "axis", entry)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return all(axis == -1 or axis > 0 for axis in checks.axes_of(self.axis))

    def call(self, inputs: Any) -> Any:
        axes = checks.axes_of(self.axis)
        checks.axes_within(self, "axis", axes, inputs.ndim)
        return unit_norm(inputs, axes)
