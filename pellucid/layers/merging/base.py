"""What layers that take a list of tensors have in common."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, ShapeError
from ..base import Layer


class Merge(Layer):
    """Base of the layers that make one tensor of several.

    Subclasses write ``combine(arrays)``, or ``merge(inputs, masks)`` where masks matter.
    """

    traits = frozenset()
    batch_safe = True
    supports_masking = True
    _least: ClassVar[int] = 1
    _most: ClassVar[int | None] = None

    def _draw(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        # A functional model may be called with one learned row (an array of queries, say) beside
        # the batch; a layer called on numbers may not, as in Keras.
        self.__dict__["_in_graph"] = True
        return super()._draw(args, kwargs)

    def combine(self, arrays: list[Any]) -> Any:
        """The result for arrays of one rank that broadcast against each other."""
        raise NotImplementedError

    def call(self, inputs: Any, mask: Any = None) -> Any:
        arrays = self._arrays(inputs)
        if mask is not None and not isinstance(mask, (list, tuple)):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} takes a list of masks.",
                got=f"a mask of shape {np.shape(mask)}",
                expected=f"a list of {len(arrays)} masks, None for an input without one",
                fix="pass mask=[mask_a, mask_b].",
            )
        return self.merge(arrays, list(mask) if mask is not None else [None] * len(arrays))

    def merge(self, arrays: list[Any], masks: list[Any]) -> Any:
        """The result, given one mask (or None) per input."""
        return self.combine(self._aligned(arrays))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """A step is real if it is real in any input; no mask where an input has none."""
        masks = self.masks_of(inputs, mask)
        if not masks or any(one is None for one in masks):
            return None
        result = masks[0]
        for one in masks[1:]:
            result = jnp.logical_or(result, one)
        return result

    def masks_of(self, inputs: Any, mask: Any) -> list[Any]:
        """One mask, or None, per input; none at all where nothing is masked.

        Raises:
            ConfigError: not a list with as many masks as inputs.
        """
        if mask is None:
            return []
        lists = isinstance(mask, (list, tuple)) and isinstance(inputs, (list, tuple))
        if not lists or len(mask) != len(inputs):
            raise ConfigError(
                f"{type(self).__name__} {self.name!r} takes one mask per input.",
                got=f"inputs {_shown(inputs)}, mask {_shown(mask)}",
                expected="two lists of one length; None for an input without a mask",
                fix="compute_mask([a, b], [mask_a, mask_b]).",
            )
        return list(mask)

    def _arrays(self, inputs: Any) -> list[Any]:
        count = len(inputs) if isinstance(inputs, (list, tuple)) else -1
        if count < self._least or (self._most is not None and count > self._most):
            many = f"{self._least}" if self._most else f"{self._least} or more"
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} is called on a list of {many} tensors.",
                got=f"{count} tensors" if count >= 0 else f"one {type(inputs).__name__}",
                expected=f"a list of {many} tensors",
                fix=f"{type(self).__name__}()([a, b]).",
            )
        return [jnp.asarray(array) for array in inputs]

    def _aligned(self, arrays: list[Any]) -> list[Any]:
        """Arrays of one rank: axes of size 1 are put in after the batch, as Keras does."""
        rank = max(array.ndim for array in arrays)
        aligned = [
            array.reshape(array.shape[:1] + (1,) * (rank - array.ndim) + array.shape[1:])
            for array in arrays
        ]
        for axis in range(rank):
            sizes = {array.shape[axis] for array in aligned}
            unlike = axis == 0 and len(sizes) > 1 and "_in_graph" not in self.__dict__
            if len(sizes - {1}) > 1 or unlike:
                raise ShapeError(
                    f"{type(self).__name__} {self.name!r} cannot combine inputs of these shapes.",
                    got=", ".join(str(array.shape) for array in arrays),
                    expected="equal sizes (or 1) along every axis, and the same batch",
                    fix="bring the inputs to one width, with Dense or Reshape, before this layer.",
                )
        return aligned


def _shown(value: Any) -> str:
    many = isinstance(value, (list, tuple))
    return f"a list of {len(value)}" if many else f"one {type(value).__name__}"
