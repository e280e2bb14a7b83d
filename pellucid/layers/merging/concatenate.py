"""`Concatenate`: several tensors side by side."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ShapeError
from ..._core.specs import family
from .. import checks
from .base import Merge


@family("layer").register("Concatenate")
class Concatenate(Merge):
    """Put tensors side by side along one axis.

    Args:
        axis: the axis along which the sizes add up; along every other they must agree.

    Raises:
        ShapeError: sizes that do not agree.

    >>> import numpy as np
    >>> Concatenate()([np.array([[1.0, 2.0]]), np.array([[3.0]])]).tolist()
    [[1.0, 2.0, 3.0]]
    """

    traits = frozenset({"linear"})

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        checks.whole_number(self, "axis", axis)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return self.axis == -1 or self.axis > 0

    def merge(self, arrays: list[Any], masks: list[Any]) -> Any:
        first = arrays[0]
        checks.axes_within(self, "axis", (self.axis,), first.ndim)
        along = self.axis % first.ndim
        for array in arrays[1:]:
            if array.ndim != first.ndim or any(
                a != b
                for axis, (a, b) in enumerate(zip(first.shape, array.shape, strict=True))
                if axis != along
            ):
                raise ShapeError(
                    f"Concatenate {self.name!r} takes inputs that agree on every axis but {along}.",
                    got=", ".join(str(array.shape) for array in arrays),
                    expected=f"{first.ndim} axes, with equal sizes except on axis {along}",
                    fix="bring the inputs to one shape, with Reshape or Flatten, or change axis.",
                )
        return jnp.concatenate(arrays, axis=along)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks side by side; along the features, a step is real if it is real in any."""
        masks = self.masks_of(inputs, mask)
        if all(one is None for one in masks):
            return None
        parts = []
        for array, own in zip(inputs, masks, strict=True):
            shape = _sizes(array.shape, own, masks)
            own = jnp.ones(shape, bool) if own is None else jnp.asarray(own)
            own = own.reshape(own.shape + (1,) * (len(shape) - own.ndim))
            parts.append(jnp.broadcast_to(own, shape))
        return jnp.any(jnp.concatenate(parts, axis=self.axis), axis=-1)


def _sizes(shape: tuple[int | None, ...], own: Any, masks: list[Any]) -> tuple[int, ...]:
    """`shape` with the sizes that a placeholder leaves open taken from its mask, or another's."""
    about = [mask for mask in (own, *masks) if mask is not None]
    return tuple(
        next((mask.shape[axis] for mask in about if mask.ndim > axis), 1) if size is None else size
        for axis, size in enumerate(shape)
    )


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate` as a function: ``concatenate([a, b])``."""
    return Concatenate(axis=axis, **kwargs)(inputs)
