"""`Softmax`: scores to probabilities, leaving out what a mask hides."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ..._core.errors import ShapeError
from ..._core.specs import family
from .. import checks
from ..base import Layer


@family("layer").register("Softmax")
class Softmax(Layer):
    """``exp(x)`` divided by its sum along `axis`.

    Args:
        axis: axis or list of axes of the classes.

    A mask of the input's shape leaves its False positions out: they get probability 0.

    >>> import numpy as np
    >>> layer = Softmax()
    >>> layer(np.array([[1.0, 1.0, 5.0]]), mask=np.array([[True, True, False]])).tolist()
    [[0.5, 0.5, 0.0]]
    """

    traits = frozenset({"activation", "same_shape"})
    activates = "softmax"
    supports_masking = True

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        for entry in checks.axes_of(axis):
            checks.whole_number(self, "axis", entry)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return all(axis == -1 or axis > 0 for axis in checks.axes_of(self.axis))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        axes = checks.axes_of(self.axis)
        checks.axes_within(self, "axis", axes, inputs.ndim)
        if mask is None:
            return jax.nn.softmax(inputs, axis=axes)
        keep = self._keep(inputs, jnp.asarray(mask))
        scores = jnp.where(
            keep, inputs, jnp.asarray(-3e4 if _narrow(inputs) else -1e9, inputs.dtype)
        )
        return jnp.where(keep, jax.nn.softmax(scores, axis=axes), jnp.zeros((), inputs.dtype))

    def _keep(self, inputs: Any, mask: Any) -> Any:
        """The mask as bool, broadcast to the inputs: per element, or per step."""
        keep = mask if mask.dtype == bool else mask > 0.5
        if keep.ndim < inputs.ndim and keep.shape == inputs.shape[: keep.ndim]:
            keep = keep.reshape(keep.shape + (1,) * (inputs.ndim - keep.ndim))
        try:
            return jnp.broadcast_to(keep, inputs.shape)
        except ValueError:
            raise ShapeError(
                f"The mask of Softmax {self.name!r} does not fit its input.",
                got=f"mask {keep.shape}, input {inputs.shape}",
                expected="a mask of the input's shape, or one per step",
                fix="pass a mask that broadcasts to the input.",
            ) from None


def _narrow(x: Any) -> bool:
    return x.dtype == jnp.float16
