"""`RepeatVector`: one vector as a sequence of copies."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec


@family("layer").register("RepeatVector")
class RepeatVector(Layer):
    """Repeat each vector `n` times, as the steps of a sequence.

    Args:
        n: how often.

    Input ``(batch, features)``, output ``(batch, n, features)``.

    Raises:
        ConfigError: `n` is not a positive whole number.

    >>> import numpy as np
    >>> RepeatVector(3)(np.array([[1.0, 2.0]])).tolist()
    [[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]]
    """

    traits = frozenset({"keeps_values", "linear"})
    batch_safe = True

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.n = n
        checks.positive_integer(self, "n", n, 3)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        batch, features = inputs.shape
        return jnp.broadcast_to(inputs[:, None, :], (batch, self.n, features))
