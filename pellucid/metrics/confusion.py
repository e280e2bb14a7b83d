"""True and false positives and negatives at one or more thresholds, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import family
from pellucid.losses.reduction import divide_no_nan, match_rank
from pellucid.losses.shapes import same_shape

from . import accumulate
from .base import Metric, State, match_last_axis

_register = family("metric").register
NOT_IN_TOP_K = -1e10  # Keras's stand-in for minus infinity


def confusion(
    y_true: Any,
    y_pred: Any,
    thresholds: np.ndarray,
    sample_weight: Any = None,
    *,
    per_label: bool = False,
    label_weights: Any = None,
    name: str = "the metric",
) -> dict[str, jax.Array]:
    """Weighted counts of a batch: ``tp``, ``fp``, ``tn`` and ``fn``, each ``(thresholds,)``.

    Args:
        y_true: targets; what is not 0 is positive.
        y_pred: predictions of the same shape; those above a threshold are positive.
        thresholds: ``(thresholds,)``, increasing.
        sample_weight: ``(batch,)`` or with more axes.
        per_label: count each column by itself: ``(thresholds, labels)``.
        label_weights: ``(labels,)``.
        name: for the message.

    Raises:
        ShapeError: targets and predictions of different shapes.
    """
    y_true, y_pred = match_last_axis(y_true, y_pred)
    y_true, y_pred = same_shape(name, y_true, y_pred)
    weight = jnp.ones(y_pred.shape, jnp.float32)
    if sample_weight is not None:
        weight = weight * match_rank(jnp.asarray(sample_weight, jnp.float32), weight)
    if label_weights is not None:
        weight = weight * jnp.asarray(label_weights, jnp.float32)
    columns = y_pred.shape[-1] if per_label else 1
    positive = (y_true != 0).reshape(-1, columns)  # (samples, columns)
    y_pred, weight = y_pred.reshape(-1, columns), weight.reshape(-1, columns)
    yes, no = jnp.where(positive, weight, 0.0), jnp.where(positive, 0.0, weight)
    above = _above_even if _evenly_spread(thresholds) else _above
    tp, fp = above(y_pred, yes, thresholds), above(y_pred, no, thresholds)
    counts = {"tp": tp, "fp": fp, "tn": jnp.sum(no, axis=0) - fp, "fn": jnp.sum(yes, axis=0) - tp}
    return counts if per_label else {key: count[:, 0] for key, count in counts.items()}


def _evenly_spread(thresholds: np.ndarray) -> bool:
    count = len(thresholds)
    return count >= 3 and np.allclose(thresholds, np.arange(count) / (count - 1), atol=1e-7)


def _above(y_pred: jax.Array, weight: jax.Array, thresholds: np.ndarray) -> jax.Array:
    """The weight of the predictions above each threshold, ``(thresholds, columns)``."""
    limits = jnp.asarray(thresholds, jnp.float32)[:, None, None]
    return jnp.sum(jnp.where(y_pred > limits, weight, 0.0), axis=1)


def _above_even(y_pred: jax.Array, weight: jax.Array, thresholds: np.ndarray) -> jax.Array:
    """The same for thresholds 0 to 1 in equal steps: one pass, each prediction into its bucket."""
    count, columns = len(thresholds), y_pred.shape[1]
    bucket = jnp.ceil(jnp.clip(y_pred, 0.0, 1.0) * (count - 1)) - 1
    if thresholds[0] < 0:  # the lowest threshold lies below every prediction, 0 included
        bucket = jnp.maximum(bucket, 0)
    kept = bucket >= 0  # a prediction of 0 is above none
    index = jnp.where(kept, bucket, 0).astype(jnp.int32) * columns + jnp.arange(columns)
    weight = jnp.where(kept, weight, 0.0)
    sums = jax.ops.segment_sum(weight.reshape(-1), index.reshape(-1), count * columns)
    return jnp.cumsum(sums.reshape(count, columns)[::-1], axis=0)[::-1]


def only_top_k(y_pred: jax.Array, k: int) -> jax.Array:
    """Predictions with all but the `k` largest of the last axis set far below any threshold."""
    _, best = jax.lax.top_k(y_pred, k)
    classes = jnp.arange(y_pred.shape[-1])
    kept = jnp.any(best[..., None] == classes, axis=-2)
    return jnp.where(kept, y_pred, NOT_IN_TOP_K)


class ThresholdMetric(Metric):
    """Base of the metrics that need some of the four counts at a few thresholds.

    Args:
        thresholds: a number from 0 to 1 or a list of them; None for 0.5. With a list, the result
            has one value per threshold.
        name: shown in logs; None for the class's name in snake case.
        dtype: see `Metric`.

    Raises:
        ConfigError: a threshold outside 0 to 1.
    """

    counted: ClassVar[tuple[str, ...]]
    top_k: int | None = None
    class_id: int | None = None

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__(dtype, name)
        self.thresholds = thresholds
        for value in thresholds if isinstance(thresholds, Sequence) else [thresholds]:
            if value is not None and not 0 <= value <= 1:
                raise ConfigError(
                    f"Thresholds of {type(self).__name__} lie from 0 to 1.",
                    got=repr(thresholds),
                    fix="thresholds=0.5, or a list of such numbers.",
                )

    @property
    def _limits(self) -> np.ndarray:
        given = self.thresholds
        if given is None:
            given = 0.5 if self.top_k is None else NOT_IN_TOP_K
        return np.atleast_1d(np.asarray(given, np.float32))

    def init_state(self) -> State:
        return {key: accumulate.zeros(len(self._limits)) for key in self.counted}

    def update(self, state, y_true, y_pred, sample_weight=None):
        y_true, y_pred = match_last_axis(y_true, y_pred)
        if self.top_k is not None:
            y_pred = only_top_k(y_pred, self.top_k)
        if self.class_id is not None:
            if y_pred.ndim < 2:
                raise ShapeError(
                    f"{type(self).__name__} with class_id needs one column per class.",
                    got=y_pred.shape,
                    expected="(batch, classes)",
                )
            y_true = y_true[..., self.class_id, None]
            y_pred = y_pred[..., self.class_id, None]
        counts = confusion(y_true, y_pred, self._limits, sample_weight, name=self.name)
        return {key: accumulate.add(state[key], counts[key]) for key in self.counted}

    def compute(self, state):
        values = self.ratio(*(accumulate.read(state[key]) for key in self.counted))
        return values[0] if len(self._limits) == 1 else values

    def ratio(self, *counts: jax.Array) -> jax.Array:
        """The metric from its counts, one value per threshold: by default the (only) count."""
        return counts[0]


@_register("TruePositives", "true_positives")
class TruePositives(ThresholdMetric):
    """How many positives were predicted positive. Arguments: see `ThresholdMetric`.

    >>> float(TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
    2.0
    """

    counted = ("tp",)


@_register("TrueNegatives", "true_negatives")
class TrueNegatives(ThresholdMetric):
    """How many negatives were predicted negative. Arguments: see `ThresholdMetric`.

    >>> float(TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]))
    2.0
    """

    counted = ("tn",)


@_register("FalsePositives", "false_positives")
class FalsePositives(ThresholdMetric):
    """How many negatives were predicted positive. Arguments: see `ThresholdMetric`.

    >>> float(FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1]))
    2.0
    """

    counted = ("fp",)


@_register("FalseNegatives", "false_negatives")
class FalseNegatives(ThresholdMetric):
    """How many positives were predicted negative. Arguments: see `ThresholdMetric`.

    >>> float(FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0]))
    2.0
    """

    counted = ("fn",)


class _Share(ThresholdMetric):
    """The first count over the sum of both."""

    def __init__(self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None):
        super().__init__(thresholds, name, dtype)
        self.top_k = top_k
        self.class_id = class_id

    def ratio(self, *counts):
        return divide_no_nan(counts[0], counts[0] + counts[1])


@_register("Precision", "precision")
class Precision(_Share):
    """The share of positive predictions that are right.

    Args:
        thresholds: a number from 0 to 1 or a list of them; None for 0.5.
        top_k: only the `top_k` largest predictions of a row can be positive.
        class_id: look at this column alone.
        name: shown in logs.
        dtype: see `Metric`.

    >>> round(float(Precision()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    counted = ("tp", "fp")


@_register("Recall", "recall")
class Recall(_Share):
    """The share of positives that were predicted positive. Arguments: see `Precision`.

    >>> round(float(Recall()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    counted = ("tp", "fn")
