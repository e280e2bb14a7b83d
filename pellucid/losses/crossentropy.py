"""Cross-entropies: losses of probabilities, or of the scores behind them.

All compute in float32 at least. Probabilities are kept 1e-7 away from 0 and 1, as in Keras.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.errors import ShapeError
from pellucid._core.specs import family
from pellucid.kernels.cross_entropy import cross_entropy, sparse_cross_entropy

from .base import FunctionLoss
from .ignored import note_ignored
from .shapes import as_float, same_shape
from .swapped import notice_swapped

_register = family("loss").register
_function = family("loss_function").register


def clip(probabilities):
    """Probabilities whose logarithms are finite, as Keras has them."""
    return jnp.clip(probabilities, settings.epsilon(), 1.0 - settings.epsilon())


def elementwise(y_true, y_pred, from_logits):
    """Yes/no cross-entropy of every element."""
    if from_logits:
        yes, no = jax.nn.log_sigmoid(y_pred), jax.nn.log_sigmoid(-y_pred)
    else:
        y_pred = clip(y_pred)
        yes, no = jnp.log(y_pred), jnp.log(1.0 - y_pred)
    return -(y_true * yes + (1.0 - y_true) * no)


def _log_probabilities(y_pred, axis):
    return jnp.log(clip(y_pred / jnp.sum(y_pred, axis=axis, keepdims=True)))


def smooth(y_true, label_smoothing, classes):
    """Targets moved the share `label_smoothing` of the way towards equal probabilities."""
    return y_true * (1.0 - label_smoothing) + label_smoothing / classes


@_function("binary_crossentropy")
def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Yes/no cross-entropy, averaged over `axis`.

    Args:
        y_true: targets from 0 to 1, ``(..., outputs)``.
        y_pred: probabilities, or scores before the sigmoid; same shape.
        from_logits: whether `y_pred` are scores.
        label_smoothing: moves targets this share of the way towards one half.
        axis: the axis averaged over.

    Raises:
        ShapeError: targets and predictions of different shapes.

    >>> round(float(binary_crossentropy(jnp.array([1.0]), jnp.array([0.5]))), 4)
    0.6931
    """
    if not from_logits:
        notice_swapped("binary_crossentropy", y_true, y_pred)
    y_true, y_pred = same_shape("binary_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = smooth(y_true, label_smoothing, 2)
    return jnp.mean(elementwise(y_true, y_pred, from_logits), axis=axis)


@_function("categorical_crossentropy")
def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Cross-entropy of one-hot targets (or of any probabilities) against predicted ones.

    Args:
        y_true: targets, ``(..., classes)``.
        y_pred: probabilities, or scores before the softmax; same shape.
        from_logits: whether `y_pred` are scores.
        label_smoothing: moves targets this share of the way towards equal probabilities.
        axis: the axis of the classes.

    Raises:
        ShapeError: targets and predictions of different shapes.

    >>> y_pred = jnp.array([[0.5, 0.25, 0.25]])
    >>> categorical_crossentropy(jnp.array([[1.0, 0.0, 0.0]]), y_pred).round(4).tolist()
    [0.6930999755859375]
    """
    if not from_logits:
        notice_swapped("categorical_crossentropy", y_true, y_pred)
    y_true, y_pred = same_shape("categorical_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = smooth(y_true, label_smoothing, y_true.shape[axis])
    if from_logits:
        return cross_entropy(jnp.moveaxis(y_pred, axis, -1), jnp.moveaxis(y_true, axis, -1))
    return -jnp.sum(y_true * _log_probabilities(y_pred, axis), axis=axis)


@_function("sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False, ignore_class=None, axis=-1):
    """Cross-entropy of class numbers against predicted probabilities.

    Args:
        y_true: class numbers from 0, ``(...)`` or ``(..., 1)``.
        y_pred: probabilities, or scores before the softmax, ``(..., classes)``.
        from_logits: whether `y_pred` are scores.
        ignore_class: a label that marks "not labelled": its loss is 0 (and the class of this
            function leaves it out of the mean); None for no such label.
        axis: the axis of the classes.

    Raises:
        ShapeError: labels that are not one per prediction.

    >>> y_pred = jnp.array([[0.5, 0.25, 0.25]])
    >>> sparse_categorical_crossentropy(jnp.array([0]), y_pred).round(4).tolist()
    [0.6930999755859375]
    """
    y_pred, labels = as_float(y_pred), jnp.asarray(y_true).astype(jnp.int32)
    if labels.ndim == y_pred.ndim and labels.shape[axis] == 1:
        labels = labels.squeeze(axis)
    expected = list(y_pred.shape)
    del expected[axis]
    if labels.shape != tuple(expected):
        turned = labels.ndim == y_pred.ndim + 1
        raise ShapeError(
            "sparse_categorical_crossentropy needs one class number per prediction.",
            got=f"labels {labels.shape}, predictions {y_pred.shape}",
            expected=f"labels {tuple(expected)}",
            fix="the targets come first: sparse_categorical_crossentropy(y_true, y_pred)."
            if turned
            else "for one-hot targets use categorical_crossentropy, or y.argmax(axis=-1).",
        )
    if ignore_class is not None:
        counted = labels != ignore_class
        labels = jnp.where(counted, labels, -1)  # no class: loss and gradient are 0
        finite = 0 if from_logits else 1
        y_pred = jnp.where(jnp.expand_dims(counted, axis), y_pred, finite)
    if from_logits:
        values = sparse_cross_entropy(jnp.moveaxis(y_pred, axis, -1), labels)
    else:
        numbers = jax.lax.broadcasted_iota(jnp.int32, y_pred.shape, axis % y_pred.ndim)
        # The one-hot targets, never stored: XLA fuses this into the sum.
        chosen = numbers == jnp.expand_dims(labels, axis)
        values = -jnp.sum(jnp.where(chosen, _log_probabilities(y_pred, axis), 0.0), axis=axis)
    if ignore_class is not None:
        note_ignored(values, counted)
    return values


@_register("BinaryCrossentropy", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(FunctionLoss):
    """The class of `binary_crossentropy`, for yes/no targets and a sigmoid (or no activation).

    Args:
        from_logits: whether predictions are scores before the sigmoid.
        label_smoothing: moves targets this share of the way towards one half.
        axis: the axis averaged over.
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    >>> float(BinaryCrossentropy()(jnp.array([[1.0]]), jnp.array([[0.5]])).round(4))
    0.6930999755859375
    """

    traits = frozenset({"crossentropy", "takes_scores", "yes_no"})
    fn = staticmethod(binary_crossentropy)
    settings = ("from_logits", "label_smoothing", "axis")
    targets = "binary"

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@_register("CategoricalCrossentropy", "categorical_crossentropy")
class CategoricalCrossentropy(FunctionLoss):
    """The class of `categorical_crossentropy`, for one-hot targets and a softmax (or nothing).

    Args:
        from_logits: whether predictions are scores before the softmax.
        label_smoothing: moves targets this share of the way towards equal probabilities.
        axis: the axis of the classes.
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    >>> y_true, y_pred = jnp.array([[1.0, 0.0]]), jnp.array([[0.5, 0.5]])
    >>> float(CategoricalCrossentropy()(y_true, y_pred).round(4))
    0.6930999755859375
    """

    traits = frozenset({"crossentropy", "one_of_several", "takes_scores"})
    fn = staticmethod(categorical_crossentropy)
    settings = ("from_logits", "label_smoothing", "axis")
    targets = "one_hot"

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@_register("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(FunctionLoss):
    """The class of `sparse_categorical_crossentropy`, for class numbers and a softmax (or nothing).

    Args:
        from_logits: whether predictions are scores before the softmax.
        ignore_class: a label that marks "not labelled": left out of the mean.
        reduction: see `Loss`.
        axis: the axis of the classes.
        name: shown in logs.
        dtype: see `Loss`.

    >>> float(SparseCategoricalCrossentropy()(jnp.array([0]), jnp.array([[0.5, 0.5]])).round(4))
    0.6930999755859375
    """

    traits = frozenset({"class_numbers", "crossentropy", "one_of_several", "takes_scores"})
    fn = staticmethod(sparse_categorical_crossentropy)
    settings = ("from_logits", "ignore_class", "axis")
    targets = "classes"

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name="sparse_categorical_crossentropy",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def target_mask(self, y_true):
        return None if self.ignore_class is None else jnp.asarray(y_true) != self.ignore_class
