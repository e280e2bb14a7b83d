"""`Wrapper`: the base of layers that hold another layer and change what it does."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from ..._core.specs import family
from ..base import Layer
from ..building import placeholders


@family("layer").register("Wrapper")
class Wrapper(Layer):
    """Base of layers around one other layer: write `call`, which may call `self.layer`.

    Args:
        layer: what is wrapped. Its weights count as the wrapper's.

    Raises:
        ConfigError: `layer` is not a layer.

    >>> import numpy as np
    >>> from pellucid.layers import Dense
    >>> class Twice(Wrapper):
    ...     def call(self, inputs):
    ...         return self.layer(self.layer(inputs))
    >>> Twice(Dense(3))(np.ones((2, 3))).shape
    (2, 3)
    """

    def __init__(self, layer: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.layer = layer
        if not isinstance(layer, Layer):
            raise ConfigError(
                f"{type(self).__name__} {self.name!r} is put around a layer.",
                got=f"{layer!r} ({type(layer).__name__})",
                expected="a layer",
                fix=f"{type(self).__name__}(Dense(10)), say.",
            )

    def build(self, input_shape: Any = None) -> None:
        """Build the wrapped layer for inputs of this shape, batch included."""
        if self.layer.built or input_shape is None:
            return
        dtype = "int32" if self.layer.takes_integers else self.layer.compute_dtype
        self.layer.symbolic_outputs((placeholders(input_shape, dtype),), {})
