"""Which way a number of the logs improves: told by its metric, else by its name."""

from __future__ import annotations

import re
from typing import Any

from ..._core.specs import family

# Class names of metrics that improve upwards; the other metrics of the registry are losses in kind.
_UPWARDS = frozenset(
    [
        "Accuracy",
        "BinaryAccuracy",
        "CategoricalAccuracy",
        "SparseCategoricalAccuracy",
        "TopKCategoricalAccuracy",
        "SparseTopKCategoricalAccuracy",
        "AUC",
        "Precision",
        "Recall",
        "PrecisionAtRecall",
        "RecallAtPrecision",
        "SensitivityAtSpecificity",
        "SpecificityAtSensitivity",
        "TruePositives",
        "TrueNegatives",
        "FBetaScore",
        "F1Score",
        "R2Score",
        "CosineSimilarity",
        "PearsonCorrelation",
        "ConcordanceCorrelation",
        "IoU",
        "BinaryIoU",
        "MeanIoU",
        "OneHotIoU",
        "OneHotMeanIoU",
    ]
)
_UP_NAMES = re.compile(
    r"(^|_)(acc|accuracy|auc|auroc|precision|recall|sensitivity|specificity|r2|iou|f1|fbeta|score"
    r"|similarity|correlation)($|_)"
)
_DOWN_NAMES = re.compile(
    r"(^|_)(loss|error|mse|mae|rmse|mape|msle|entropy|crossentropy|bce|hinge|divergence|kld"
    r"|poisson|logcosh)($|_)"
)


def direction(monitor: str, objective: Any = None) -> str | None:
    """``"max"``, ``"min"``, or None where neither the metric nor its name tells.

    Args:
        monitor: a name of the logs.
        objective: of the compiled model: its metrics are looked up by their names in the logs. A
            metric of your own may say ``direction = "up"`` or ``"down"``.

    >>> direction("val_loss"), direction("val_my_accuracy"), direction("val_frobs")
    ('min', 'max', None)
    """
    name = monitor.removeprefix("val_")
    if name == "loss":
        return "min"
    names = getattr(objective, "metric_names", [])
    if name in names:
        found = _direction_of(objective.metrics[names.index(name)][1])
        if found is not None:
            return found
    if _UP_NAMES.search(name):
        return "max"
    return "min" if _DOWN_NAMES.search(name) else None


def _direction_of(metric: Any) -> str | None:
    said = getattr(metric, "direction", None)
    if said in ("up", "down"):
        return "max" if said == "up" else "min"
    names = [cls.__name__ for cls in type(metric).__mro__]
    if _UPWARDS & set(names):
        return "max"
    if names[0] == "MeanMetricWrapper":
        losses, wrapped = family("loss"), metric.fn
        if isinstance(wrapped, str):
            return "min" if wrapped in losses else None
        return "min" if losses.name_of(wrapped) or losses.name_of(type(wrapped)) else None
    registered = family("metric").name_of(type(metric)) is not None
    return "min" if registered and names[0] not in ("Mean", "Sum") else None
