"""`Identity`: a placeholder that changes nothing."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family
from ..base import Layer


@family("layer").register("Identity")
class Identity(Layer):
    """Return the input: a stand-in where a layer is expected but none is wanted.

    >>> Identity()(1.5)
    1.5
    """

    traits = frozenset({"keeps_values", "linear", "per_step", "same_shape"})
    batch_safe = True
    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs
