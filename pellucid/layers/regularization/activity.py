"""`ActivityRegularization`: a penalty on what passes through."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from ..._core.specs import family
from ...regularizers import L1L2
from .. import checks
from ..base import Layer


@family("layer").register("ActivityRegularization")
class ActivityRegularization(Layer):
    """Add a penalty on the values that pass through to the loss; they themselves stay as they are.

    Args:
        l1: factor of the sum of absolute values.
        l2: factor of the sum of squares.

    The penalty is divided by the batch size, as every penalty on activities.

    Raises:
        ConfigError: a negative factor.

    >>> import numpy as np
    >>> ActivityRegularization(l2=0.01)(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """

    traits = frozenset({"keeps_values", "same_shape"})
    batch_safe = True
    supports_masking = True
    _unsaved = frozenset({"activity_regularizer"})

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        if "activity_regularizer" in kwargs:
            raise ConfigError(
                "ActivityRegularization makes its penalty from l1 and l2.",
                got=f"activity_regularizer={kwargs['activity_regularizer']!r}",
                fix="pass l1 and l2 only.",
            )
        super().__init__(**kwargs)
        self.l1 = l1
        self.l2 = l2
        checks.number(self, "l1", l1, 0)
        checks.number(self, "l2", l2, 0)
        self.activity_regularizer = L1L2(l1=l1, l2=l2)

    def call(self, inputs: Any) -> Any:
        return inputs
