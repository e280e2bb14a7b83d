"""`Activation`: any activation function as a layer of its own."""

from __future__ import annotations

from typing import Any

from ..._core.specs import family, resolve
from .. import checks
from ..base import Layer


@family("layer").register("Activation")
class Activation(Layer):
    """Apply an activation function.

    Args:
        activation: name such as ``"relu"``, or a function of one array.

    Raises:
        UnknownNameError: there is no activation of that name.

    >>> import numpy as np
    >>> Activation("relu")(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    traits = frozenset({"activation", "per_step", "same_shape"})
    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activation
        checks.names(self, ("activation", "activation"))

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return checks.row_wise(self.activation)

    def call(self, inputs: Any) -> Any:
        activation = resolve("activation", self.activation)
        return inputs if activation is None else activation(inputs)
