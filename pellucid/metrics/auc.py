"""The area under a curve of two rates, by counting at fixed thresholds."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from pellucid._core import settings
from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import family
from pellucid.losses.reduction import divide_no_nan

from . import buckets
from .base import Metric, State
from .confusion import with_weights


@family("metric").register("AUC", "auc")
class AUC(Metric):
    """Area under the ROC curve (or the precision-recall curve), approximated at thresholds.

    Args:
        num_thresholds: how many thresholds, spread evenly from 0 to 1; more are more exact.
        curve: ``"ROC"``, ``"PR"`` (precision over recall) or ``"PRGAIN"``.
        summation_method: ``"interpolation"`` between thresholds (for PR, of the true positives,
            not of the precision), or the bounds ``"minoring"`` and ``"majoring"``.
        name: shown in logs; None for "auc".
        dtype: see `Metric`.
        thresholds: your own, from 0 to 1, in place of `num_thresholds`.
        multi_label: one area per column, then their mean; else all columns count together.
        num_labels: columns, for `multi_label`; None to learn it from the first predictions.
        label_weights: ``(labels,)``, weights of the columns.
        from_logits: whether predictions are scores before the sigmoid.

    Raises:
        ConfigError: an unknown curve or method, fewer than two thresholds, labels without
            `multi_label`.

    >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.75

    Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006;
    Flach and Kull, "Precision-recall-gain curves", NeurIPS 2015.
    """

    def __init__(
        self,
        num_thresholds=200,
        curve="ROC",
        summation_method="interpolation",
        name=None,
        dtype=None,
        thresholds=None,
        multi_label=False,
        num_labels=None,
        label_weights=None,
        from_logits=False,
    ):
        super().__init__(dtype, name)
        _one_of("curve", curve, ("ROC", "PR", "PRGAIN"))
        _one_of("summation_method", summation_method, ("interpolation", "minoring", "majoring"))
        if thresholds is None and num_thresholds < 2:
            raise ConfigError("AUC needs two thresholds at least.", got=num_thresholds, fix="200")
        if num_labels and not multi_label:
            raise ConfigError(
                "AUC takes num_labels only with multi_label=True.",
                got=num_labels,
                fix="AUC(multi_label=True, num_labels=...), or leave num_labels out.",
            )
        self.num_thresholds = num_thresholds
        self.curve = curve
        self.summation_method = summation_method
        self.thresholds = thresholds
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits
        self._columns = num_labels

    @property
    def _limits(self) -> np.ndarray:
        if self.thresholds is None:
            inner = np.arange(1, self.num_thresholds - 1) / (self.num_thresholds - 1)
        else:
            inner = np.sort(np.asarray(self.thresholds, np.float64))
        return np.concatenate([[-settings.epsilon()], inner, [1.0 + settings.epsilon()]])

    def build(self, y_pred_shape):
        if self.multi_label:
            if len(y_pred_shape) != 2:
                raise ShapeError(
                    "AUC with multi_label=True needs one column per label.",
                    got=tuple(y_pred_shape),
                    expected="(batch, labels)",
                )
            self._columns = y_pred_shape[-1]

    def init_state(self) -> State:
        if self.multi_label and self._columns is None:
            raise ConfigError(
                "AUC with multi_label=True does not know the number of labels yet.",
                fix="AUC(multi_label=True, num_labels=...), or call build(y_pred.shape).",
            )
        columns = self._columns if self.multi_label else 1
        return {"histogram": buckets.empty(self._limits, columns)}

    def update(self, state, y_true, y_pred, sample_weight=None):
        y_true, y_pred, weight = with_weights(y_true, y_pred, sample_weight, self.name)
        if self.from_logits:
            y_pred = jax.nn.sigmoid(y_pred)
        if self.label_weights is not None and not self.multi_label:
            weight = weight * jnp.asarray(self.label_weights, jnp.float32)
        histogram = buckets.add(state["histogram"], y_true, y_pred, weight, self._limits)
        return {"histogram": histogram}

    def compute(self, state):
        tp, fp, tn, fn = buckets.counts(state["histogram"])  # (thresholds, labels)
        curve = self.curve.upper()
        if curve == "PR" and self.summation_method.lower() == "interpolation":
            areas = _interpolated_precision_recall(tp, fp, fn)
        else:
            x, y = _CURVES[curve](tp, fp, tn, fn)
            heights = {
                "interpolation": (y[:-1] + y[1:]) / 2.0,
                "minoring": jnp.minimum(y[:-1], y[1:]),
                "majoring": jnp.maximum(y[:-1], y[1:]),
            }[self.summation_method.lower()]
            areas = (x[:-1] - x[1:]) * heights  # (thresholds - 1, labels)
        area = jnp.sum(areas, axis=0)  # (labels,)
        if self.label_weights is None or not self.multi_label:
            return jnp.mean(area)
        weights = jnp.asarray(self.label_weights, jnp.float32)
        return divide_no_nan(jnp.sum(area * weights), jnp.sum(weights))


def _roc(tp, fp, tn, fn):
    return divide_no_nan(fp, fp + tn), divide_no_nan(tp, tp + fn)


def _pr(tp, fp, tn, fn):
    return divide_no_nan(tp, tp + fn), divide_no_nan(tp, tp + fp)


def _pr_gain(tp, fp, tn, fn):
    scale = divide_no_nan(tp + fn, tn + fp)
    recall_gain = jnp.where(tp == 0, 0.0, 1.0 - scale * divide_no_nan(fn, tp))
    precision_gain = jnp.where(tp == 0, 1.0, 1.0 - scale * divide_no_nan(fp, tp))
    return jnp.maximum(recall_gain, 0.0), precision_gain


_CURVES = {"ROC": _roc, "PR": _pr, "PRGAIN": _pr_gain}


def _interpolated_precision_recall(tp, fp, fn):
    """Areas between thresholds along which true positives, not precision, change linearly."""
    found = tp + fp  # predicted positive
    d_tp, d_found = tp[:-1] - tp[1:], found[:-1] - found[1:]
    slope = divide_no_nan(d_tp, jnp.maximum(d_found, 0))
    intercept = tp[1:] - slope * found[1:]
    both = (found[:-1] > 0) & (found[1:] > 0)
    ratio = jnp.where(both, divide_no_nan(found[:-1], jnp.maximum(found[1:], 0)), 1.0)
    area = slope * (d_tp + intercept * jnp.log(ratio))
    return divide_no_nan(area, jnp.maximum(tp[1:] + fn[1:], 0))


def _one_of(argument: str, value: Any, known: tuple[str, ...]) -> None:
    if str(value).lower() not in {name.lower() for name in known}:
        raise ConfigError(
            f"AUC does not know this {argument}.",
            got=repr(value),
            expected="one of " + ", ".join(map(repr, known)),
        )
