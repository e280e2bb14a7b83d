"""Shares of predictions that are right."""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.errors import ShapeError
from pellucid._core.specs import family
from pellucid.losses.shapes import same_shape

from .mean import FunctionMetric

_register = family("metric").register
_function = family("metric_function").register


def _matches(same):
    return same.astype(jnp.float32)


@_function("accuracy")
def accuracy(y_true, y_pred):
    """1 where the prediction equals the target, else 0.

    >>> accuracy(jnp.array([1, 2]), jnp.array([1, 3])).tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = same_shape("accuracy", y_true, y_pred)
    return _matches(y_true == y_pred)


@_function("binary_accuracy")
def binary_accuracy(y_true, y_pred, threshold=0.5):
    """1 where the prediction lies on the right side of `threshold`, else 0.

    Args:
        y_true: targets 0 or 1.
        y_pred: probabilities (or scores, with a threshold to match); same shape.
        threshold: predictions above it mean 1.

    >>> binary_accuracy(jnp.array([1, 0]), jnp.array([0.6, 0.7])).tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = same_shape("binary_accuracy", y_true, y_pred)
    return _matches(y_true == (y_pred > threshold))


@_function("categorical_accuracy")
def categorical_accuracy(y_true, y_pred):
    """1 where the largest prediction is the class of the one-hot target, else 0.

    >>> categorical_accuracy(jnp.array([[0, 1]]), jnp.array([[0.4, 0.6]])).tolist()
    [1.0]
    """
    y_true, y_pred = same_shape("categorical_accuracy", y_true, y_pred)
    return _matches(jnp.argmax(y_true, axis=-1) == jnp.argmax(y_pred, axis=-1))


def _labels(metric, y_true, y_pred):
    """Class numbers as ``(...)`` for predictions ``(..., classes)``."""
    y_true, y_pred = jnp.asarray(y_true), jnp.asarray(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    steps = y_pred.shape[:-1]
    if y_true.shape == (*steps[1:], 1) and steps[:1] == (1,):  # a batch of one, its axis left out
        y_true = y_true[..., 0][None]
    if y_true.shape != y_pred.shape[:-1]:
        raise ShapeError(
            f"{metric} needs one class number per prediction.",
            got=f"labels {y_true.shape}, predictions {y_pred.shape}",
            expected=f"labels {y_pred.shape[:-1]}",
            fix="for one-hot targets use the metric without `sparse` in its name.",
        )
    return y_true, y_pred


@_function("sparse_categorical_accuracy")
def sparse_categorical_accuracy(y_true, y_pred):
    """1 where the largest prediction is the class of the target, a class number; else 0.

    >>> sparse_categorical_accuracy(jnp.array([1]), jnp.array([[0.4, 0.6]])).tolist()
    [1.0]
    """
    y_true, y_pred = _labels("sparse_categorical_accuracy", y_true, y_pred)
    return _matches(y_true == jnp.argmax(y_pred, axis=-1))


def _in_top_k(labels, y_pred, k):
    labels = labels.astype(jnp.int32)[..., None]
    score = jnp.take_along_axis(y_pred, labels, axis=-1)
    score = jnp.where(jnp.isnan(score), -jnp.inf, score)
    return _matches(jnp.sum(y_pred > score, axis=-1) < k)


@_function("top_k_categorical_accuracy")
def top_k_categorical_accuracy(y_true, y_pred, k=5):
    """1 where the class of the one-hot target is among the `k` largest predictions, else 0.

    >>> y_pred = jnp.array([[0.5, 0.3, 0.2]])
    >>> top_k_categorical_accuracy(jnp.array([[0, 1, 0]]), y_pred, k=2).tolist()
    [1.0]
    """
    y_true, y_pred = same_shape("top_k_categorical_accuracy", y_true, y_pred)
    return _in_top_k(jnp.argmax(y_true, axis=-1), y_pred, k)


@_function("sparse_top_k_categorical_accuracy")
def sparse_top_k_categorical_accuracy(y_true, y_pred, k=5, from_sorted_ids=False):
    """1 where the target, a class number, is among the `k` largest predictions, else 0.

    Args:
        y_true: class numbers, ``(...)`` or ``(..., 1)``.
        y_pred: scores, ``(..., classes)``; or class numbers, the best first.
        k: how many guesses are allowed.
        from_sorted_ids: whether `y_pred` are class numbers.

    >>> y_pred = jnp.array([[0.5, 0.3, 0.2]])
    >>> sparse_top_k_categorical_accuracy(jnp.array([1]), y_pred, k=2).tolist()
    [1.0]
    """
    y_true, y_pred = _labels("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        return _matches(jnp.any(y_true[..., None] == y_pred[..., :k], axis=-1))
    return _in_top_k(y_true, y_pred, k)


@_register("Accuracy", "accuracy", "acc")
class Accuracy(FunctionMetric):
    """How often predictions equal targets. In `compile`, "accuracy" means the kind that fits.

    >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    0.75
    """

    fn = staticmethod(accuracy)

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(name, dtype)


@_register("BinaryAccuracy", "binary_accuracy")
class BinaryAccuracy(FunctionMetric):
    """How often predictions lie on the right side of `threshold`.

    Args:
        name: shown in logs.
        dtype: see `Metric`.
        threshold: predictions above it mean 1.

    >>> float(BinaryAccuracy()([1, 1, 0, 0], [0.98, 1, 0, 0.6]))
    0.75
    """

    fn = staticmethod(binary_accuracy)
    settings = ("threshold",)

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        super().__init__(name, dtype)
        self.threshold = threshold


@_register("CategoricalAccuracy", "categorical_accuracy")
class CategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is the class of a one-hot target.

    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    fn = staticmethod(categorical_accuracy)

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(name, dtype)


@_register("SparseCategoricalAccuracy", "sparse_categorical_accuracy")
class SparseCategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is the class that the target, a class number, names.

    >>> float(SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    fn = staticmethod(sparse_categorical_accuracy)
    targets = "classes"

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)


@_register("TopKCategoricalAccuracy", "top_k_categorical_accuracy")
class TopKCategoricalAccuracy(FunctionMetric):
    """How often the class of a one-hot target is among the `k` largest predictions.

    >>> float(TopKCategoricalAccuracy(k=1)([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    fn = staticmethod(top_k_categorical_accuracy)
    settings = ("k",)

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        super().__init__(name, dtype)
        self.k = k


@_register("SparseTopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy")
class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the target, a class number, is among the `k` largest predictions.

    >>> float(SparseTopKCategoricalAccuracy(k=1)([1, 0], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    fn = staticmethod(sparse_top_k_categorical_accuracy)
    settings = ("k", "from_sorted_ids")
    targets = "classes"

    def __init__(
        self, k=5, name="sparse_top_k_categorical_accuracy", dtype=None, from_sorted_ids=False
    ):
        super().__init__(name, dtype)
        self.k = k
        self.from_sorted_ids = from_sorted_ids
