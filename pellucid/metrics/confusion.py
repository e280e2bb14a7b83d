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
    y_true: Any, y_pred: Any, thresholds: np.ndarray, sample_weight: Any, name: str
) -> dict[str, jax.Array]:
    """Weighted counts of a batch: ``tp``, ``fp``, ``tn`` and ``fn``, each ``(thresholds,)``.

    Args:
        y_true: targets; what is not 0 is positive.
        y_pred: predictions of the same shape; those above a threshold are positive.
        thresholds: ``(thresholds,)``.
        sample_weight: None, ``(batch,)`` or with more axes.
        name: the metric's, for the message.

    Raises:
        ShapeError: targets and predictions of different shapes.
    """
    y_true, y_pred, weight = with_weights(y_true, y_pred, sample_weight, name)
    positive = (y_true != 0).reshape(-1)
    yes = jnp.where(positive, weight.reshape(-1), 0.0)
    no = jnp.where(positive, 0.0, weight.reshape(-1))
    limits = jnp.asarray(thresholds, jnp.float32)[:, None]
    above = y_pred.reshape(-1) > limits  # (thresholds, samples)
    tp, fp = (jnp.sum(jnp.where(above, count, 0.0), axis=1) for count in (yes, no))
    return {
        "true_positives": tp,
        "false_positives": fp,
        "true_negatives": jnp.sum(no) - fp,
        "false_negatives": jnp.sum(yes) - tp,
    }


def with_weights(
    y_true: Any, y_pred: Any, sample_weight: Any, name: str
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Targets, predictions and weights, all of the same shape."""
    y_true, y_pred = match_last_axis(y_true, y_pred)
    y_true, y_pred = same_shape(name, y_true, y_pred)
    weight = jnp.ones(y_pred.shape, jnp.float32)
    if sample_weight is not None:
        weight = weight * match_rank(jnp.asarray(sample_weight, jnp.float32), weight)
    return y_true, y_pred, weight


def only_top_k(y_pred: jax.Array, k: int) -> jax.Array:
    """Predictions with all but the `k` largest of the last axis set far below any threshold."""
    _, best = jax.lax.top_k(y_pred, k)
    classes = jnp.arange(y_pred.shape[-1])
    kept = jnp.any(best[..., None] == classes, axis=-2)
    return jnp.where(kept, y_pred, NOT_IN_TOP_K)


def only_class(
    metric: Metric, y_true: jax.Array, y_pred: jax.Array, class_id: int
) -> tuple[jax.Array, jax.Array]:
    """The column `class_id` of targets and predictions, as ``(..., 1)``."""
    for array in (y_true, y_pred):
        if array.ndim < 2 or not 0 <= class_id < array.shape[-1]:
            raise ShapeError(
                f"{type(metric).__name__} with class_id={class_id} needs one column per class.",
                got=f"targets {y_true.shape}, predictions {y_pred.shape}",
                expected=f"(batch, classes), with more than {class_id} classes",
                fix="make the targets one-hot with utils.to_categorical, or leave class_id out.",
            )
    return y_true[..., class_id, None], y_pred[..., class_id, None]


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
        several = isinstance(thresholds, Sequence)
        for value in thresholds if several else [thresholds]:
            if (value is None and several) or (value is not None and not 0 <= value <= 1):
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
            y_true, y_pred = only_class(self, y_true, y_pred, self.class_id)
        counts = confusion(y_true, y_pred, self._limits, sample_weight, self.name)
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

    counted = ("true_positives",)


@_register("TrueNegatives", "true_negatives")
class TrueNegatives(ThresholdMetric):
    """How many negatives were predicted negative. Arguments: see `ThresholdMetric`.

    >>> float(TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]))
    2.0
    """

    counted = ("true_negatives",)


@_register("FalsePositives", "false_positives")
class FalsePositives(ThresholdMetric):
    """How many negatives were predicted positive. Arguments: see `ThresholdMetric`.

    >>> float(FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1]))
    2.0
    """

    counted = ("false_positives",)


@_register("FalseNegatives", "false_negatives")
class FalseNegatives(ThresholdMetric):
    """How many positives were predicted negative. Arguments: see `ThresholdMetric`.

    >>> float(FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0]))
    2.0
    """

    counted = ("false_negatives",)


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

    counted = ("true_positives", "false_positives")


@_register("Recall", "recall")
class Recall(_Share):
    """The share of positives that were predicted positive. Arguments: see `Precision`.

    >>> round(float(Recall()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    counted = ("true_positives", "false_negatives")
