"""`Masking`: steps that hold only one value count as "nothing here"."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.specs import family
from ..base import Layer


@family("layer").register("Masking")
class Masking(Layer):
    """Mask every step whose features all equal `mask_value`, and set it to zero.

    Args:
        mask_value: what the padding was written with.

    Input and output ``(batch, steps, features)``; the mask is ``(batch, steps)``, and the layers
    after this one skip the steps where it is False.

    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0], [9.0, 9.0]]])
    >>> Masking(mask_value=9.0)(x).tolist()
    [[[1.0, 2.0], [0.0, 0.0]]]
    """

    traits = frozenset({"keeps_values", "same_shape"})
    batch_safe = True
    supports_masking = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def call(self, inputs: Any) -> Any:
        real = self._real(inputs)  # (batch, steps)
        return jnp.where(real[..., None], inputs, jnp.zeros((), inputs.dtype))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where a step holds anything but `mask_value` and was not masked before."""
        real = self._real(inputs)
        return real if mask is None else jnp.logical_and(real, mask)

    def _real(self, inputs: Any) -> Any:
        padding = jnp.asarray(self.mask_value, inputs.dtype)
        return jnp.any(inputs != padding, axis=-1)
