"""What every metric is: pure init, update and compute, with Keras's stateful calls on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.dtypes import resolve_policy
from pellucid.losses.base import Named

State = dict[str, Any]  # of arrays


class Metric(Named):
    """Base of the metrics. To write one, define `init_state`, `update` and `compute`.

    These three are pure, so that they run inside the compiled training loop; `update_state`,
    `result` and `reset_state` keep a state on the object, for use by hand.

    Args:
        dtype: number format of `result`; None for float32. States are always float32.
        name: shown in logs; None for the class's name in snake case.

    >>> class Largest(Metric):
    ...     def init_state(self):
    ...         return {"largest": jnp.float32(-jnp.inf)}
    ...     def update(self, state, y_true, y_pred, sample_weight=None):
    ...         return {"largest": jnp.maximum(state["largest"], jnp.max(y_pred))}
    ...     def compute(self, state):
    ...         return state["largest"]
    >>> float(Largest()([0.0, 0.0], [1.0, 3.0]))
    3.0
    """

    _state: State | None = None

    def __init__(self, dtype: Any = None, name: str | None = None):
        super().__init__(name)
        self.dtype = dtype

    def build(self, y_pred_shape: Sequence[int | None]) -> None:
        """Learn the width of the output, where the state's shape depends on it."""

    def init_state(self) -> State:
        """The state before the first sample: a dictionary of float32 arrays."""
        raise NotImplementedError(f"{type(self).__name__} does not define init_state().")

    def update(self, state: State, y_true: Any, y_pred: Any, sample_weight: Any = None) -> State:
        """`state` with one more batch in it; can be traced.

        Args:
            state: from `init_state` or `update`.
            y_true: targets, ``(batch, ...)``.
            y_pred: predictions, ``(batch, ...)``.
            sample_weight: ``(batch,)`` or with more axes. Rows of weight 0 leave no trace, so
                that a batch filled up to full size counts as the smaller one.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define update().")

    def compute(self, state: State) -> jax.Array:
        """The metric's value for `state`; can be traced."""
        raise NotImplementedError(f"{type(self).__name__} does not define compute().")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add one batch to the state kept on this object."""
        y_pred = jnp.asarray(y_pred)
        if self._state is None:
            self.build(y_pred.shape)
            self._state = self.init_state()
        self._state = self.update(self._state, jnp.asarray(y_true), y_pred, sample_weight)

    def result(self) -> jax.Array:
        """The value over all batches since the last `reset_state`."""
        value = self.compute(self.init_state() if self._state is None else self._state)
        if self.dtype is None:
            return value
        return value.astype(resolve_policy(self.dtype).compute_dtype)

    def reset_state(self) -> None:
        """Forget all batches."""
        self._state = None

    def __call__(self, *args: Any, **kwargs: Any) -> jax.Array:
        self.update_state(*args, **kwargs)
        return self.result()


def match_last_axis(y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    """Both as arrays, with a trailing axis of length 1 that only one of them has added or dropped.

    >>> [x.shape for x in match_last_axis(jnp.zeros(4), jnp.zeros((4, 1)))]
    [(4, 1), (4, 1)]
    """
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.ndim + 1 == y_pred.ndim and y_pred.shape[-1] == 1:
        y_true = y_true[..., None]
    elif y_true.ndim == y_pred.ndim + 1 and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    return y_true, y_pred
