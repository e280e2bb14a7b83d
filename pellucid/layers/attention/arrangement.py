"""Which axes of the inputs attention runs over, and where masks go: shapes in, shapes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp


@dataclass(frozen=True)
class Arrangement:
    """Arrays of any rank as the kernel wants them: one axis of samples and one of steps.

    Args:
        axes: the input's axes that attention runs over, in order; the others are like the batch.
        rank: of the input, batch and features included.

    >>> import numpy as np
    >>> Arrangement(axes=(1,), rank=4).rows(np.zeros((2, 5, 3, 8))).shape  # over the 5 steps
    (6, 5, 8)
    """

    axes: tuple[int, ...]
    rank: int

    @property
    def rest(self) -> tuple[int, ...]:
        """The axes between batch and features that attention does not run over."""
        return tuple(axis for axis in range(1, self.rank - 1) if axis not in self.axes)

    def rows(self, x: Any) -> Any:
        """(batch, ..., *tail) -> (samples, steps, *tail)."""
        tail = tuple(range(self.rank - 1, x.ndim))
        x = jnp.transpose(x, (0, *self.rest, *self.axes, *tail))
        steps = math.prod(x.shape[1 + len(self.rest) : self.rank - 1])
        return x.reshape(-1, steps, *x.shape[self.rank - 1 :])

    def back(self, y: Any, shape: tuple[int, ...]) -> Any:
        """The inverse of `rows`, for an input of the given shape; the tail may be another."""
        order = (0, *self.rest, *self.axes)
        y = y.reshape(*(shape[axis] for axis in order), *y.shape[2:])
        tail = tuple(range(self.rank - 1, y.ndim))
        return jnp.transpose(y, (*(order.index(axis) for axis in range(self.rank - 1)), *tail))

    def score_shape(self, query: Any, key: Any, heads: int) -> tuple[int, ...]:
        """Shape of the scores that a user sees: (batch, ..., heads, *steps, *source steps)."""
        others = (query.shape[axis] for axis in self.rest)
        steps = (array.shape[axis] for array in (query, key) for axis in self.axes)
        return (query.shape[0], *others, heads, *steps)

    def step_mask(self, mask: Any, shape: tuple[int, ...]) -> Any:
        """A mask per step of an input of the given shape -> (samples, steps)."""
        mask = jnp.asarray(mask).astype(bool)
        mask = mask.reshape(mask.shape + (1,) * (self.rank - 1 - mask.ndim))
        return self.rows(jnp.broadcast_to(mask, shape[: self.rank - 1]))

    def score_mask(self, mask: Any, scores: tuple[int, ...]) -> Any:
        """A mask of scores, which may lack leading axes -> (samples, heads or 1, steps, source)."""
        mask = jnp.asarray(mask).astype(bool)
        last = 2 * len(self.axes)
        missing = (1,) * (len(scores) - mask.ndim)
        mask = mask.reshape(mask.shape[: mask.ndim - last] + missing + mask.shape[-last:])
        # Raises where it does not fit; the sizes of 1 are kept where nothing has to be joined.
        full = jnp.broadcast_shapes(mask.shape, scores)
        if full != scores:
            raise ValueError(f"the mask {mask.shape} is larger than the scores {scores}")
        if len(scores) == 4:
            return mask
        heads = mask.shape[1 + len(self.rest)]
        lead = scores[: 1 + len(self.rest)]
        mask = jnp.broadcast_to(mask, (*lead, heads, *scores[-last:]))
        steps = math.prod(scores[-last : -len(self.axes)])
        return mask.reshape(math.prod(lead), heads, steps, -1)
