"""Averages and sums, and the average over samples of any function of targets and predictions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from pellucid._core import foreign
from pellucid._core.errors import ConfigError
from pellucid._core.registry import snake_case
from pellucid._core.specs import family, resolve
from pellucid.losses.base import Loss
from pellucid.losses.reduction import divide_no_nan, match_rank, merge_mask, repeat_valid_rows

from . import accumulate
from .base import Metric, State, match_last_axis

_register = family("metric").register


def weighted_totals(values: Any, sample_weight: Any) -> tuple[jax.Array, jax.Array]:
    """The sum of weight times value, and of the weights: over samples, mean over other axes.

    Args:
        values: ``(batch, ...)``, or one number.
        sample_weight: None for all 1; ``(batch,)`` or with more of the axes of `values`.
    """
    values = jnp.asarray(values).astype(jnp.float32)
    per_sample = math.prod(values.shape[1:])
    if sample_weight is None:
        samples = values.shape[0] if values.ndim else 1
        return jnp.sum(values) / per_sample, jnp.float32(samples)
    weight = match_rank(jnp.asarray(sample_weight, jnp.float32), values)
    weight = jnp.broadcast_to(weight, values.shape)
    # A filled-up row may hold anything, also NaN, which times 0 would still be NaN.
    weighted = jnp.where(weight == 0, 0.0, values * weight)
    return jnp.sum(weighted) / per_sample, jnp.sum(weight) / per_sample


def empty_mean() -> State:
    """The state of a mean of nothing."""
    return {"total": accumulate.zeros(), "count": accumulate.zeros()}


def add_to_mean(state: State, total: Any, count: Any) -> State:
    """A mean's state with `count` more samples in it, whose values sum to `total`."""
    return {
        "total": accumulate.add(state["total"], total),
        "count": accumulate.add(state["count"], count),
    }


def read_mean(state: State) -> jax.Array:
    """Total over count; 0 before the first sample."""
    return divide_no_nan(accumulate.read(state["total"]), accumulate.read(state["count"]))


@_register("Sum", "sum")
class Sum(Metric):
    """The (weighted) sum of values.

    >>> total = Sum()
    >>> float(total([1, 3, 5, 7])), float(total([1.0], sample_weight=[10.0]))
    (16.0, 26.0)
    """

    def __init__(self, name="sum", dtype=None):
        super().__init__(dtype, name)

    def init_state(self) -> State:
        return {"total": accumulate.zeros()}

    def update(self, state, values, sample_weight=None):  # type: ignore[override]
        values = jnp.asarray(values).astype(jnp.float32)
        if sample_weight is not None:
            weight = match_rank(jnp.asarray(sample_weight, jnp.float32), values)
            values = jnp.where(weight == 0, 0.0, values * weight)
        return {"total": accumulate.add(state["total"], jnp.sum(values))}

    def compute(self, state):
        return accumulate.read(state["total"])

    def update_state(self, values, sample_weight=None):  # type: ignore[override]
        self._take_batch(foreign.to_numpy(values), foreign.to_numpy(sample_weight))


@_register("Mean", "mean")
class Mean(Metric):
    """The (weighted) mean of values.

    >>> mean = Mean()
    >>> float(mean([1, 3, 5, 7])), float(mean([10.0], sample_weight=[4.0]))
    (4.0, 7.0)
    """

    def __init__(self, name="mean", dtype=None):
        super().__init__(dtype, name)

    def init_state(self) -> State:
        return empty_mean()

    def update(self, state, values, sample_weight=None):  # type: ignore[override]
        return add_to_mean(state, *weighted_totals(values, sample_weight))

    def compute(self, state):
        return read_mean(state)

    def update_state(self, values, sample_weight=None):  # type: ignore[override]
        self._take_batch(foreign.to_numpy(values), foreign.to_numpy(sample_weight))


class FunctionMetric(Metric):
    """The mean over samples of the function `fn`: to add a metric, name the function.

    Args:
        name: shown in logs; None for the class's name in snake case.
        dtype: see `Metric`.
    """

    fn: Any
    settings: ClassVar[tuple[str, ...]] = ()  # the attributes that `fn` is called with
    targets: str | None = None  # "classes" where targets have an axis less than predictions

    def __init__(self, name: str | None = None, dtype: Any = None):
        super().__init__(dtype, name)

    def values(self, y_true: Any, y_pred: Any) -> jax.Array:
        """One number per sample, or more, which are averaged."""
        settings = {name: getattr(self, name) for name in self.settings}
        return type(self).fn(y_true, y_pred, **settings)

    def target_mask(self, y_true: Any) -> jax.Array | None:
        """False where a target says that it is not to be counted."""
        return None

    @property
    def row_wise(self) -> bool:
        """Whether each row is looked at by itself: not where `fn` runs along the batch."""
        axis = getattr(self, "axis", -1)
        return 0 not in (axis if isinstance(axis, (tuple, list)) else (axis,))

    def init_state(self) -> State:
        return empty_mean()

    def compute(self, state):
        return read_mean(state)

    def update(self, state, y_true, y_pred, sample_weight=None):
        if self.targets != "classes":
            y_true, y_pred = match_last_axis(y_true, y_pred)
        values = self.values(y_true, y_pred)
        if jnp.ndim(values) == 0:
            return self._update_whole_batch(state, values, y_true, y_pred, sample_weight)
        sample_weight = merge_mask(sample_weight, self.target_mask(y_true))
        return add_to_mean(state, *weighted_totals(values, sample_weight))

    def _update_whole_batch(self, state, value, y_true, y_pred, sample_weight):
        """As in Keras, the mean over batches of a function that gives one number for a batch.

        Such a function cannot leave rows out: rows of weight 0 are replaced by others.
        """
        counts: Any = 1.0
        if sample_weight is not None:
            weight = jnp.asarray(sample_weight)
            present = jnp.any(weight.reshape(len(weight), -1) != 0, axis=1)
            rows = [repeat_valid_rows(x, present) for x in (y_true, y_pred)]
            counts = jnp.any(present).astype(jnp.float32)
            value = jnp.where(counts > 0, self.values(*rows), 0.0)
        return add_to_mean(state, value, counts)


@_register("MeanMetricWrapper", "mean_metric_wrapper")
class MeanMetricWrapper(FunctionMetric):
    """Any function ``(y_true, y_pred) -> one number per sample``, or a loss, as a metric.

    Args:
        fn: the function, a `pellucid.losses.Loss`, or the name that one is registered under.
        name: shown in logs; None for the function's name.
        dtype: see `Metric`.
        **kwargs: further arguments of `fn`.

    Raises:
        ConfigError: arguments that `fn` does not take.

    >>> def distance(y_true, y_pred, scale=1.0):
    ...     return scale * jnp.abs(y_true - y_pred)
    >>> metric = MeanMetricWrapper(distance, scale=2.0)
    >>> metric.name, float(metric([1.0, 1.0], [2.0, 4.0]))
    ('distance', 4.0)
    """

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any):
        if not name:
            own: Any = fn if isinstance(fn, str) else getattr(fn, "name", None)
            name = snake_case(own or getattr(fn, "__name__", type(fn).__name__))
        super().__init__(name, dtype)
        self.fn = fn
        self.kwargs = kwargs
        if kwargs:
            try:
                inspect.signature(self._function).bind(None, None, **kwargs)
            except TypeError as error:
                raise ConfigError(
                    f"The metric function {name} does not take these arguments.",
                    got=", ".join(kwargs),
                    fix=f"check the signature: {error}.",
                ) from None

    @property
    def _function(self) -> Callable[..., Any]:
        fn = self.fn
        for kind in ("loss_function", "metric_function", "metric", "loss"):
            if isinstance(fn, str) and fn in family(kind):
                fn = resolve(kind, fn)
        return fn.call if isinstance(fn, Loss) else fn

    @property
    def targets(self) -> str | None:  # type: ignore[override]
        return getattr(self.fn, "targets", None)

    def values(self, y_true, y_pred):
        return self._function(y_true, y_pred, **self.kwargs)

    def target_mask(self, y_true):
        return self.fn.target_mask(y_true) if isinstance(self.fn, Loss) else None

    def get_config(self):
        return {**super().get_config(), **self.kwargs}
