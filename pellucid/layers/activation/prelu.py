"""`PReLU`: a rectifier whose slope is learned."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec


@family("layer").register("PReLU")
class PReLU(Layer):
    """``x`` where positive, ``alpha * x`` elsewhere, with a learned `alpha` per input.

    Args:
        alpha_initializer: how `alpha` starts.
        alpha_regularizer: penalty on `alpha`.
        alpha_constraint: projection of `alpha` after each update.
        shared_axes: axes along which one `alpha` serves all, counted from 1 (0 is the batch):
            ``[1, 2]`` gives one per channel of an image.

    Raises:
        ConfigError: an axis that is not one of the sample's.

    >>> import numpy as np
    >>> PReLU(alpha_initializer="ones")(np.array([[-1.0, 2.0]])).tolist()
    [[-1.0, 2.0]]

    He et al., "Delving deep into rectifiers", arXiv:1502.01852.
    """

    traits = frozenset({"activation", "same_shape"})
    activates = "prelu"
    batch_safe = True
    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.alpha_initializer = alpha_initializer
        self.alpha_regularizer = alpha_regularizer
        self.alpha_constraint = alpha_constraint
        self.shared_axes = shared_axes
        for axis in self._shared():
            checks.positive_integer(self, "shared_axes", axis)
        checks.names(
            self,
            ("initializer", "alpha_initializer"),
            ("regularizer", "alpha_regularizer"),
            ("constraint", "alpha_constraint"),
        )

    def build(self, input_shape: Any) -> None:
        shared = self._shared()
        checks.axes_within(self, "shared_axes", shared, len(input_shape))
        axes = {axis: input_shape[axis] for axis in range(1, len(input_shape))}
        self.alpha = self.add_weight(
            name="alpha",
            shape=tuple(1 if axis in shared else size for axis, size in axes.items()),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        own = {axis: size for axis, size in axes.items() if axis not in shared}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own)

    def call(self, inputs: Any) -> Any:
        return jnp.maximum(inputs, 0) + self.alpha * jnp.minimum(inputs, 0)

    def _shared(self) -> tuple[int, ...]:
        axes = () if self.shared_axes is None else self.shared_axes
        return tuple(axes) if isinstance(axes, (list, tuple)) else (axes,)
