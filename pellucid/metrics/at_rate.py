"""The best that one rate can be while another is kept: searched over evenly spread thresholds."""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from pellucid._core.errors import ConfigError
from pellucid._core.specs import family
from pellucid.losses.reduction import divide_no_nan

from . import buckets
from .base import Metric, State, match_last_axis
from .confusion import only_class, with_weights

_register = family("metric").register

# rate -> which two counts make it: the first over the sum of both
RATES = {
    "sensitivity": ("tp", "fn"),
    "recall": ("tp", "fn"),
    "specificity": ("tn", "fp"),
    "precision": ("tp", "fp"),
}


class _BestRate(Metric):
    """Base: the largest value of the rate `best` at thresholds where `kept` is high enough."""

    best: ClassVar[str]
    kept: ClassVar[str]

    def __init__(self, least, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(dtype, name)
        owner = type(self).__name__
        if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 <= least <= 1:
            raise ConfigError(
                f"{owner} needs a {self.kept} from 0 to 1.",
                got=f"{self.kept}={least!r}",
                fix=f"{owner}({self.kept}=0.9), say.",
            )
        if not isinstance(num_thresholds, int) or num_thresholds < 1:
            raise ConfigError(
                f"{owner} needs one threshold at least.",
                got=f"num_thresholds={num_thresholds!r}",
                fix="num_thresholds=200, or leave it out.",
            )
        self.num_thresholds = num_thresholds
        self.class_id = class_id

    @property
    def _limits(self) -> np.ndarray:
        if self.num_thresholds == 1:
            return np.array([0.5])
        return np.arange(self.num_thresholds) / (self.num_thresholds - 1)

    def init_state(self) -> State:
        return {"histogram": buckets.empty(self._limits)}

    def update(self, state, y_true, y_pred, sample_weight=None):
        y_true, y_pred = match_last_axis(y_true, y_pred)
        if self.class_id is not None:
            y_true, y_pred = only_class(self, y_true, y_pred, self.class_id)
        y_true, y_pred, weight = with_weights(y_true, y_pred, sample_weight, self.name)
        histogram = buckets.add(state["histogram"], y_true, y_pred, weight, self._limits)
        return {"histogram": histogram}

    def compute(self, state):
        totals = dict(
            zip(("tp", "fp", "tn", "fn"), buckets.counts(state["histogram"]), strict=True)
        )

        def rate(name):
            hits, misses = (totals[key] for key in RATES[name])
            return divide_no_nan(hits, hits + misses)

        feasible = rate(self.kept) >= getattr(self, self.kept)
        return jnp.max(jnp.where(feasible, rate(self.best), 0.0))


@_register("SensitivityAtSpecificity", "sensitivity_at_specificity")
class SensitivityAtSpecificity(_BestRate):
    """The highest share of positives found while a share of the negatives is left alone.

    Args:
        specificity: the least share of negatives that must be predicted negative, 0 to 1.
        num_thresholds: how many thresholds to try, spread evenly from 0 to 1.
        class_id: look at this column alone.
        name: shown in logs.
        dtype: see `Metric`.

    Raises:
        ConfigError: a share outside 0 to 1, no thresholds.

    >>> float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    best, kept = "sensitivity", "specificity"

    def __init__(self, specificity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


@_register("SpecificityAtSensitivity", "specificity_at_sensitivity")
class SpecificityAtSensitivity(_BestRate):
    """The highest share of negatives left alone while a share of the positives is found.

    Arguments: see `SensitivityAtSpecificity`.

    >>> score = SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
    >>> round(float(score), 4)
    0.6667
    """

    best, kept = "specificity", "sensitivity"

    def __init__(self, sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


@_register("PrecisionAtRecall", "precision_at_recall")
class PrecisionAtRecall(_BestRate):
    """The highest precision while the recall is kept. Arguments: see `SensitivityAtSpecificity`.

    >>> float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    best, kept = "precision", "recall"

    def __init__(self, recall, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


@_register("RecallAtPrecision", "recall_at_precision")
class RecallAtPrecision(_BestRate):
    """The highest recall while the precision is kept. Arguments: see `SensitivityAtSpecificity`.

    >>> float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.5
    """

    best, kept = "recall", "precision"

    def __init__(self, precision, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
