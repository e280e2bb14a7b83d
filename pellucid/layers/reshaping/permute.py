"""`Permute`: the axes of each sample in another order."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import family
from ..base import Layer
from ..input_spec import InputSpec


@family("layer").register("Permute")
class Permute(Layer):
    """Reorder the axes of each sample.

    Args:
        dims: the axes of the input in their new order, counted from 1 (0 is the batch).

    Raises:
        ConfigError: `dims` is not an order of 1, 2, ...

    >>> import numpy as np
    >>> Permute((2, 1))(np.zeros((5, 3, 4))).shape
    (5, 4, 3)
    """

    traits = frozenset({"keeps_values", "linear"})
    batch_safe = True

    def __init__(self, dims: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = dims
        given = list(dims) if isinstance(dims, (tuple, list)) else []
        if not given or sorted(given) != list(range(1, len(given) + 1)):
            raise ConfigError(
                f"The argument 'dims' of Permute {self.name!r} must be an order of axes.",
                got=repr(dims),
                expected="each of 1, 2, ... once; the batch, axis 0, stays where it is",
                fix="dims=(2, 1) swaps the two axes of a sample.",
            )
        self.input_spec = InputSpec(ndim=len(given) + 1)

    def call(self, inputs: Any) -> Any:
        return jnp.transpose(inputs, (0, *self.dims))
