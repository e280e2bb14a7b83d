"""`Reshape`: the same numbers in another shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ..base import Layer
from ..symbolic import SymbolicTensor


@family("layer").register("Reshape")
class Reshape(Layer):
    """Give each sample another shape.

    Args:
        target_shape: shape of one sample, without the batch; one size may be -1 (or None) and is
            then worked out.

    Raises:
        ConfigError: `target_shape` is not a shape.
        ShapeError: the sample holds another number of values than the target.

    >>> import numpy as np
    >>> Reshape((2, -1))(np.zeros((5, 6))).shape
    (5, 2, 3)
    """

    traits = frozenset({"keeps_values", "linear"})
    batch_safe = True

    def __init__(self, target_shape: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.target_shape = target_shape
        given = target_shape if isinstance(target_shape, (tuple, list)) else None
        open_sizes = 0
        for size in given or ():
            if size is None or size == -1:
                open_sizes += 1
            elif isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 0:
                given = None
                break
        if given is None or open_sizes > 1:
            raise ConfigError(
                f"The argument 'target_shape' of Reshape {self.name!r} must be a shape.",
                got=repr(target_shape),
                expected="a tuple of whole numbers, one of which may be -1",
                fix="target_shape=(28, 28), say: the sample's shape without the batch.",
            )

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shape and format of the output; sizes not yet known are those that the target needs."""
        inputs: Any = args[0] if args else None
        shape: tuple[Any, ...] = getattr(inputs, "shape", ())
        if None in shape[1:] and not {None, -1} & set(self.target_shape):
            known = math.prod(size for size in shape[1:] if size is not None)
            values = math.prod(self.target_shape)
            if known and values % known == 0:
                rest = iter([values // known])
                sizes = (next(rest, 1) if size is None else size for size in shape[1:])
                filled = SymbolicTensor((shape[0], *sizes), inputs.dtype)
                filled.mask = inputs.mask
                args = (filled, *args[1:])
        return super().compute_output_spec(*args, **kwargs)

    def call(self, inputs: Any) -> Any:
        return inputs.reshape(inputs.shape[0], *self._target(inputs.shape[1:]))

    def _target(self, sample: tuple[int, ...]) -> tuple[int, ...]:
        target = [-1 if size is None else int(size) for size in self.target_shape]
        values = math.prod(sample)
        fixed = math.prod(size for size in target if size != -1)
        if -1 in target and fixed > 0 and values % fixed == 0:
            target[target.index(-1)] = values // fixed
        elif -1 in target or fixed != values:
            raise ShapeError(
                f"Reshape {self.name!r} cannot give a sample of {values} values the shape "
                f"{tuple(self.target_shape)}.",
                got=f"sample shape {sample}, {values} values",
                expected=f"{'a multiple of ' if -1 in target else ''}{fixed} values",
                fix="choose a target whose sizes multiply to the sample's number of values.",
            )
        return tuple(target)
