"""`GlobalAveragePooling1D`: the mean over the steps of a sequence."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..calling import InputSpec


@family("layer").register("GlobalAveragePooling1D", "GlobalAvgPool1D")
class GlobalAveragePooling1D(Layer):
    """Average each feature over the steps of a sequence, without the masked ones.

    Args:
        data_format: ``"channels_last"``, the default: ``(batch, steps, features)``; or
            ``"channels_first"``: ``(batch, features, steps)``.
        keepdims: keep the axis of the steps, with size 1.

    A sequence whose every step is masked gives NaN, as in Keras.

    >>> import numpy as np
    >>> GlobalAveragePooling1D()(np.array([[[1.0], [3.0]]])).tolist()
    [[2.0]]
    """

    batch_safe = True
    supports_masking = True

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = data_format
        self.keepdims = keepdims
        checks.one_of(self, "data_format", data_format, ("channels_last", "channels_first", None))
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        axis = 2 if self.data_format == "channels_first" else 1
        if mask is None:
            return jnp.mean(inputs, axis=axis, keepdims=self.keepdims)
        real = jnp.expand_dims(jnp.asarray(mask).astype(bool), 3 - axis)  # (batch, steps, 1)
        total = jnp.sum(inputs, axis=axis, keepdims=self.keepdims, where=real)
        count = jnp.sum(real.astype(inputs.dtype), axis=axis, keepdims=self.keepdims)
        return total / count

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """None: there are no steps left to mask."""
        return None
