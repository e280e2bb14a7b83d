"""F scores and the coefficient of determination."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from pellucid._core import settings
from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import family
from pellucid.losses.reduction import match_rank
from pellucid.losses.shapes import same_shape

from . import accumulate
from .base import Metric, State, match_last_axis

_register = family("metric").register
COUNTS = ("true_positives", "false_positives", "false_negatives")


class _PerColumn(Metric):
    """A metric whose state has one number per output column, learnt from the first predictions."""

    _columns: int | None = None

    def build(self, y_pred_shape):
        self._columns = y_pred_shape[-1] if len(y_pred_shape) == 2 else 1

    def _width(self) -> int:
        if self._columns is None:
            raise ConfigError(
                f"{type(self).__name__} does not know the number of outputs yet.",
                fix="call build(y_pred.shape) before init_state().",
            )
        return self._columns

    def _columns_of(self, y_true, y_pred):
        y_true, y_pred = match_last_axis(y_true, y_pred)
        y_true, y_pred = same_shape(self.name, y_true, y_pred)
        if y_pred.ndim == 1:
            return y_true[:, None], y_pred[:, None]
        if y_pred.ndim != 2:
            raise ShapeError(
                f"{type(self).__name__} needs one row per sample and one column per output.",
                got=y_pred.shape,
                expected="(batch, outputs)",
            )
        return y_true, y_pred


def _row_weights(sample_weight, like):
    if sample_weight is None:
        return jnp.ones_like(like)
    return jnp.broadcast_to(match_rank(jnp.asarray(sample_weight, like.dtype), like), like.shape)


@_register("FBetaScore", "fbeta_score", "f_beta_score")
class FBetaScore(_PerColumn):
    """The harmonic mean of precision and recall in which recall counts `beta` times as much.

    Args:
        average: None for one score per class, ``"micro"`` to count all classes together,
            ``"macro"`` for their mean, ``"weighted"`` for their mean by number of positives.
        beta: positive number.
        threshold: predictions above it are positive; None for the row's largest alone.
        name: shown in logs.
        dtype: see `Metric`.

    Raises:
        ConfigError: an unknown average, a beta or threshold out of range.

    >>> score = FBetaScore(average="macro", beta=2.0, threshold=0.5)
    >>> round(float(score([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.8, 0.2], [0.2, 0.8]])), 4)
    0.6944

    van Rijsbergen, Information Retrieval, 1979.
    """

    def __init__(
        self, average=None, beta=1.0, threshold=None, name: Any = "fbeta_score", dtype=None
    ):
        super().__init__(dtype, name)
        if average not in (None, "micro", "macro", "weighted"):
            raise ConfigError(
                f"{type(self).__name__} does not know this average.",
                got=repr(average),
                expected="None, 'micro', 'macro' or 'weighted'",
            )
        if not isinstance(beta, float):
            raise ConfigError("beta is a float.", got=repr(beta), fix="beta=1.0")
        if beta <= 0:
            raise ConfigError("beta must be positive.", got=beta, fix="beta=1.0")
        if threshold is not None and not isinstance(threshold, float):
            raise ConfigError("The threshold is a float.", got=repr(threshold), fix="0.5")
        if threshold is not None and not 0 < threshold <= 1:
            raise ConfigError("The threshold lies above 0 and up to 1.", got=threshold, fix="0.5")
        self.average = average
        self.beta = beta
        self.threshold = threshold

    def init_state(self) -> State:
        shape = () if self.average == "micro" else (self._width(),)
        return {key: accumulate.zeros(*shape) for key in COUNTS}

    def update(self, state, y_true, y_pred, sample_weight=None):
        y_true, y_pred = self._columns_of(y_true, y_pred)  # (batch, classes)
        if self.threshold is None:
            best = y_pred >= jnp.max(y_pred, axis=-1, keepdims=True)
            chosen = best & (jnp.abs(y_pred) > 1e-9)
        else:
            chosen = y_pred > self.threshold
        chosen = chosen.astype(y_true.dtype)
        weight = _row_weights(sample_weight, y_pred)
        axis = None if self.average == "micro" else 0
        counts = {
            "true_positives": chosen * y_true,
            "false_positives": chosen * (1 - y_true),
            "false_negatives": (1 - chosen) * y_true,
        }
        return {
            key: accumulate.add(
                state[key], jnp.sum(jnp.where(weight == 0, 0.0, count * weight), axis=axis)
            )
            for key, count in counts.items()
        }

    def compute(self, state):
        tp, fp, fn = (accumulate.read(state[key]) for key in COUNTS)
        small = settings.epsilon()
        precision, recall = tp / (tp + fp + small), tp / (tp + fn + small)
        square = self.beta**2
        score = (1 + square) * precision * recall / (square * precision + recall + small)
        if self.average == "weighted":
            share = (tp + fn) / (jnp.sum(tp + fn) + small)
            return jnp.sum(score * share)
        return score if self.average is None else jnp.mean(score)


@_register("F1Score", "f1_score")
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall. Arguments: see `FBetaScore`.

    >>> score = F1Score(average="micro", threshold=0.5)
    >>> round(float(score([[1], [1], [0]], [[0.9], [0.2], [0.8]])), 4)
    0.5
    """

    def __init__(self, average=None, threshold=None, name="f1_score", dtype=None):
        super().__init__(average, 1.0, threshold, name, dtype)


@_register("R2Score", "r2_score")
class R2Score(_PerColumn):
    """The share of the targets' variance that the predictions explain.

    Sums are kept about the running mean, so that targets far from zero lose no digits.

    Args:
        class_aggregation: ``"uniform_average"`` over outputs, ``"variance_weighted_average"``,
            or None for one score per output.
        num_regressors: number of predictors, for the adjusted score; 0 for the plain one.
        name: shown in logs.
        dtype: see `Metric`.

    Raises:
        ConfigError: an unknown aggregation, a negative number of predictors.

    >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
    0.5714

    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm", 1979.
    """

    def __init__(
        self, class_aggregation="uniform_average", num_regressors=0, name="r2_score", dtype=None
    ):
        super().__init__(dtype, name)
        known = (None, "uniform_average", "variance_weighted_average")
        if class_aggregation not in known:
            raise ConfigError(
                "R2Score does not know this aggregation.",
                got=repr(class_aggregation),
                expected="one of " + ", ".join(map(repr, known)),
            )
        if num_regressors < 0:
            raise ConfigError(
                "The number of predictors cannot be negative.",
                got=num_regressors,
                fix="num_regressors=0",
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors

    def init_state(self) -> State:
        width = self._width()
        return {
            "weight": accumulate.zeros(width),
            "mean": np.zeros(width, np.float32),
            "spread": accumulate.zeros(width),  # squared distances from the mean
            "error": accumulate.zeros(width),  # squared distances from the predictions
            "values": accumulate.zeros(),
        }

    def update(self, state, y_true, y_pred, sample_weight=None):
        y_true, y_pred = self._columns_of(y_true, y_pred)  # (batch, outputs)
        weight = _row_weights(sample_weight, y_pred)
        y_true = jnp.where(weight == 0, 0.0, y_true)
        y_pred = jnp.where(weight == 0, 0.0, y_pred)
        added = jnp.sum(weight, axis=0)
        some = jnp.where(added == 0, 1.0, added)
        mean = jnp.sum(y_true * weight, axis=0) / some
        spread = jnp.sum(jnp.square(y_true - mean) * weight, axis=0)
        before = accumulate.read(state["weight"])
        total = before + added
        share = jnp.where(total == 0, 0.0, added / jnp.where(total == 0, 1.0, total))
        apart = mean - state["mean"]
        return {
            "weight": accumulate.add(state["weight"], added),
            "mean": state["mean"] + apart * share,
            "spread": accumulate.add(state["spread"], spread + jnp.square(apart) * before * share),
            "error": accumulate.add(
                state["error"], jnp.sum(jnp.square(y_true - y_pred) * weight, axis=0)
            ),
            "values": accumulate.add(state["values"], jnp.sum(weight != 0)),
        }

    def compute(self, state):
        spread, error = accumulate.read(state["spread"]), accumulate.read(state["error"])
        scores = 1.0 - error / spread
        scores = jnp.where(jnp.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            score = jnp.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            score = jnp.sum(spread * scores) / jnp.sum(spread)
        else:
            score = scores
        free = accumulate.read(state["values"]) - 1.0 - self.num_regressors
        if self.num_regressors == 0:
            return score
        adjusted = 1.0 - (1.0 - score) * (free + self.num_regressors) / jnp.where(
            free > 0, free, 1.0
        )
        return jnp.where(free > 0, adjusted, score)  # too few values to adjust
