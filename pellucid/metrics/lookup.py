"""From what a user writes in ``metrics=[...]`` to a metric object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pellucid._core import specs
from pellucid._core.custom import knowing
from pellucid._core.specs import family
from pellucid.losses.lookup import is_binary_or_sparse

from .base import Metric
from .mean import MeanMetricWrapper


def get(identifier: Any) -> Any:
    """A name, configuration, class, object, loss or plain function -> a metric; None stays None.

    Args:
        identifier: for example ``"mae"``, ``AUC()``, ``mean_absolute_error``, a loss, or your own
            function ``(y_true, y_pred) -> one number per sample``.

    Raises:
        UnknownNameError: no metric (nor loss) has that name; the message suggests the nearest.

    >>> get("mae"), get(lambda y_true, y_pred: abs(y_true - y_pred)).name
    (MeanAbsoluteError(), 'lambda')
    """
    named = isinstance(identifier, str)
    if named and identifier in family("loss") and identifier not in family("metric"):
        identifier = specs.resolve("loss", identifier)
    found = specs.resolve("metric", identifier)
    if found is None or isinstance(found, Metric):
        return found
    for metric in family("metric").entries().values():
        if getattr(metric, "fn", None) is found:
            return metric()
    return MeanMetricWrapper(found)


def serialize(metric: Any) -> Any:
    """A metric as plain JSON types: its name, or ``{"class_name", "config"}``.

    Args:
        metric: the object.
    """
    return specs.serialize(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A metric from what `serialize` gave.

    Args:
        config: a name or a configuration.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        UnknownNameError: a name that is not known.
    """
    with knowing(custom_objects):
        return get(config)


_KINDS = {
    "accuracy": ("binary_accuracy", "sparse_categorical_accuracy", "categorical_accuracy"),
    "crossentropy": (
        "binary_crossentropy",
        "sparse_categorical_crossentropy",
        "categorical_crossentropy",
    ),
}
_SHORT = {"acc": "accuracy", "ce": "crossentropy"}


def resolve_for(
    identifier: Any, y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]
) -> Any:
    """`get`, built for an output; ``"accuracy"`` and ``"crossentropy"`` become the kind that fits.

    A metric given by name is shown under that name, as in Keras.

    Args:
        identifier: see `get`.
        y_true_shape: the targets' shape, batch included (its size may be None).
        y_pred_shape: the predictions' shape.

    >>> metric = resolve_for("acc", (None,), (None, 10))
    >>> type(metric).__name__, metric.name
    ('SparseCategoricalAccuracy', 'acc')
    """
    metric = None
    if isinstance(identifier, str):
        family_name = _SHORT.get(identifier.lower(), identifier.lower())
        if family_name in _KINDS:
            binary, sparse = is_binary_or_sparse(y_true_shape, y_pred_shape)
            metric = get(_KINDS[family_name][0 if binary else 1 if sparse else 2])
    metric = get(identifier) if metric is None else metric
    if metric is not None:
        if isinstance(identifier, str):
            metric.name = identifier
        metric.build(y_pred_shape)
    return metric
