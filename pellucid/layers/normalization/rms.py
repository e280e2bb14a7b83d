"""`RMSNormalization`: every sample divided by the root mean square of its own features."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import family
from ...kernels.vector_norm import rms_norm, rms_norm_plain
from .. import checks
from ..base import Layer
from .layer import sizes_kept


@family("layer").register("RMSNormalization")
class RMSNormalization(Layer):
    """Divide each sample by the root mean square of its features, and multiply by a learned scale.

    Args:
        axis: the features' axis, or a list of axes that are normalised together.
        epsilon: added to the mean of the squares.

    Input ``(batch, ..., features)``, output the same. Computed in float32 whatever the policy.

    Raises:
        ConfigError: an axis that is not a whole number, or is the batch's.
        ShapeError: an axis the input does not have, or another width than at first.

    >>> import numpy as np
    >>> RMSNormalization(epsilon=0.0)(np.array([[3.0, -3.0]])).tolist()
    [[1.0, -1.0]]

    Zhang and Sennrich, "Root mean square layer normalization", arXiv:1910.07467.
    """

    traits = frozenset({"normalizes"})
    batch_safe = True
    casts_inputs = False

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon
        for entry in checks.axes_of(axis):
            checks.whole_number(self, "axis", entry)
        checks.number(self, "epsilon", epsilon, 0)

    def build(self, input_shape: Any) -> None:
        axes = self._axes(len(input_shape))
        shape = tuple(input_shape[axis] for axis in axes)
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones", autocast=False)
        self.input_spec = sizes_kept(self, input_shape)

    def call(self, inputs: Any) -> Any:
        x = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
        scale = self.scale.astype(x.dtype)
        axes = self._axes(x.ndim)
        if axes == (x.ndim - 1,):
            y = rms_norm(x, scale, self.epsilon)
        else:
            shape = [x.shape[axis] if axis in axes else 1 for axis in range(x.ndim)]
            y = rms_norm_plain(x, scale.reshape(shape), axes, self.epsilon)
        return y.astype(self.compute_dtype)

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes, counted from the front and in order."""
        axes = checks.axes_of(self.axis)
        checks.axes_within(self, "axis", axes, rank)
        axes = tuple(sorted({axis % rank for axis in axes}))
        if 0 in axes:
            raise ConfigError(
                f"RMSNormalization {self.name!r} cannot normalise over the batch.",
                got=f"axis={self.axis}, which includes axis 0",
                fix="name axes of the sample: axis=-1.",
            )
        return axes
