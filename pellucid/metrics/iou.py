"""Intersection over union: how well predicted regions cover the true ones, class by class."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import family
from pellucid.losses.reduction import match_rank

from . import accumulate
from .base import Metric, State, match_last_axis

_register = family("metric").register


def confusion_matrix(
    y_true: jax.Array, y_pred: jax.Array, weight: jax.Array, classes: int
) -> jax.Array:
    """Weight by true class (rows) and predicted class (columns), ``(classes, classes)``.

    Args:
        y_true: class numbers, of any shape; those that are no class are left out.
        y_pred: the same.
        weight: of the same shape.
        classes: how many there are.

    >>> ones = jnp.ones(3)
    >>> confusion_matrix(jnp.array([0, 1, -1]), jnp.array([0, 0, 0]), ones, 2).tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    known = (y_true >= 0) & (y_true < classes) & (y_pred >= 0) & (y_pred < classes)
    cell = jnp.where(known, y_true * classes + y_pred, 0).reshape(-1)
    weight = jnp.where(known, weight, 0.0).reshape(-1)
    return jax.ops.segment_sum(weight, cell, classes**2).reshape(classes, classes)


@_register("IoU", "io_u", "iou")
class IoU(Metric):
    """The overlap of predicted and true regions over their union, averaged over some classes.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes to average over; absent ones do not count.
        name: shown in logs.
        dtype: see `Metric`. Weights count as they are; Keras cuts them to whole numbers unless
            `dtype` is a float format.
        ignore_class: targets of this class do not count, such as 255 for "unlabelled".
        sparse_y_true: whether targets are class numbers; False for one number per class, of which
            the largest is meant.
        sparse_y_pred: the same for predictions.
        axis: where the classes lie, for what is not sparse.

    Raises:
        ConfigError: a class that `num_classes` does not have.
        ShapeError: targets and predictions that do not match.

    >>> round(float(IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(dtype, name)
        if isinstance(num_classes, bool) or not isinstance(num_classes, int) or num_classes < 1:
            raise ConfigError(
                f"{type(self).__name__} needs the number of classes.",
                got=f"num_classes={num_classes!r}",
                fix="num_classes=2 for background and foreground.",
            )
        wanted = target_class_ids if isinstance(target_class_ids, Sequence) else [target_class_ids]
        if not wanted or any(not isinstance(i, int) or not 0 <= i < num_classes for i in wanted):
            raise ConfigError(
                f"{type(self).__name__} cannot average over classes that are not there.",
                got=f"target_class_ids={target_class_ids!r}",
                expected=f"a list of class numbers from 0 to {num_classes - 1}",
                fix=f"target_class_ids={[num_classes - 1]}, or MeanIoU for all classes.",
            )
        self.num_classes = num_classes
        self.target_class_ids = target_class_ids
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis

    def classes_of(self, y_true: jax.Array, y_pred: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Targets and predictions as class numbers."""
        if not self.sparse_y_true:
            y_true = jnp.argmax(y_true, axis=self.axis)
        if not self.sparse_y_pred:
            y_pred = jnp.argmax(y_pred, axis=self.axis)
        return y_true, y_pred

    def init_state(self) -> State:
        return {"total_cm": accumulate.zeros(self.num_classes, self.num_classes)}

    def update(self, state, y_true, y_pred, sample_weight=None):
        shapes = jnp.shape(y_true), jnp.shape(y_pred)
        y_true, y_pred = self.classes_of(jnp.asarray(y_true), jnp.asarray(y_pred))
        y_true, y_pred = match_last_axis(y_true, y_pred)
        if y_true.shape != y_pred.shape:
            raise self._shape_error(*shapes)
        weight = jnp.ones(y_true.shape, jnp.float32)
        if sample_weight is not None:
            weight = weight * match_rank(jnp.asarray(sample_weight, jnp.float32), weight)
        y_true, y_pred = y_true.astype(jnp.int32), y_pred.astype(jnp.int32)
        if self.ignore_class is not None:
            weight = jnp.where(y_true == self.ignore_class, 0.0, weight)
        matrix = confusion_matrix(y_true, y_pred, weight, self.num_classes)
        return {"total_cm": accumulate.add(state["total_cm"], matrix)}

    def compute(self, state):
        matrix = accumulate.read(state["total_cm"])
        both = jnp.diag(matrix)
        union = jnp.sum(matrix, axis=0) + jnp.sum(matrix, axis=1) - both
        chosen = jnp.atleast_1d(jnp.asarray(self.target_class_ids, jnp.int32))
        both, union = both[chosen], union[chosen]
        present = union > 1e-9
        shares = jnp.where(present, both / (union + settings.epsilon()), 0.0)
        return jnp.sum(shares) / (jnp.sum(present) + settings.epsilon())

    def _shape_error(self, y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> ShapeError:
        fix = "make predictions and targets one class number per pixel, or per sample."
        if self.sparse_y_pred and len(y_pred) and y_pred[self.axis] == self.num_classes:
            fix = "the predictions hold one number per class: pass sparse_y_pred=False."
        return ShapeError(
            f"{type(self).__name__} compares class numbers, and the shapes differ.",
            got=f"targets {y_true}, predictions {y_pred}",
            expected="the same shape, apart from an axis of classes that is not sparse",
            fix=fix,
        )


@_register("BinaryIoU", "binary_io_u", "binary_iou")
class BinaryIoU(IoU):
    """The intersection over union of the classes 0 and 1, told apart by a threshold.

    Args:
        target_class_ids: ``[0]``, ``[1]`` or both.
        threshold: predictions of it or more mean class 1.
        name: shown in logs.
        dtype: see `IoU`.

    >>> round(float(BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
    0.3333
    """

    def __init__(self, target_class_ids=(0, 1), threshold=0.5, name=None, dtype=None):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def classes_of(self, y_true, y_pred):
        return y_true, y_pred >= self.threshold


@_register("MeanIoU", "mean_io_u", "mean_iou")
class MeanIoU(IoU):
    """The intersection over union, averaged over all classes. Arguments: see `IoU`.

    >>> round(float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        every = list(range(num_classes)) if isinstance(num_classes, int) else [0]
        super().__init__(
            num_classes, every, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )


@_register("OneHotIoU", "one_hot_io_u", "one_hot_iou")
class OneHotIoU(IoU):
    """`IoU` for one-hot targets and one prediction per class. Arguments: see `IoU`.

    >>> y_true = jnp.array([[0, 1], [1, 0]])
    >>> y_pred = jnp.array([[0.1, 0.9], [0.7, 0.3]])
    >>> round(float(OneHotIoU(num_classes=2, target_class_ids=[0])(y_true, y_pred)), 4)
    1.0
    """

    targets = "one_hot"

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )


@_register("OneHotMeanIoU", "one_hot_mean_io_u", "one_hot_mean_iou")
class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` for one-hot targets and one prediction per class. Arguments: see `IoU`.

    >>> y_true = jnp.array([[0, 1], [1, 0]])
    >>> y_pred = jnp.array([[0.1, 0.9], [0.3, 0.7]])
    >>> round(float(OneHotMeanIoU(num_classes=2)(y_true, y_pred)), 4)
    0.25
    """

    targets = "one_hot"

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
