"""`Flatten`: each sample as one row."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec


@family("layer").register("Flatten")
class Flatten(Layer):
    """Turn each sample into one row of numbers.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``; the latter moves
            the channels to the end first, so that both give the same order.

    Input ``(batch, ...)``, output ``(batch, values)``.

    >>> import numpy as np
    >>> Flatten()(np.zeros((2, 28, 28))).shape
    (2, 784)
    """

    traits = frozenset({"keeps_values", "linear"})
    batch_safe = True

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = data_format
        checks.data_format(self)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = jnp.moveaxis(inputs, 1, -1)
        return inputs.reshape(inputs.shape[0], math.prod(inputs.shape[1:]))
