"""Focal losses: cross-entropies that spend less on what is already right.

Lin et al., "Focal loss for dense object detection", arXiv:1708.02002.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core.specs import family

from .base import FunctionLoss
from .crossentropy import clip, elementwise, smooth
from .shapes import same_shape

_register = family("loss").register
_function = family("loss_function").register


@_function("binary_focal_crossentropy")
def binary_focal_crossentropy(
    y_true,
    y_pred,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    """Yes/no cross-entropy in which well-classified samples count less.

    Args:
        y_true: targets from 0 to 1, ``(..., outputs)``.
        y_pred: probabilities, or scores before the sigmoid; same shape.
        apply_class_balancing: weigh "yes" by `alpha` and "no" by ``1 - alpha``.
        alpha: the weight of "yes".
        gamma: how sharply easy samples are discounted; 0 gives `binary_crossentropy`.
        from_logits: whether `y_pred` are scores.
        label_smoothing: moves targets this share of the way towards one half.
        axis: the axis averaged over.

    Raises:
        ShapeError: targets and predictions of different shapes.

    >>> round(float(binary_focal_crossentropy(jnp.array([1.0]), jnp.array([0.5]))), 4)
    0.1733
    """
    y_true, y_pred = same_shape("binary_focal_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = smooth(y_true, label_smoothing, 2)
    p = jax.nn.sigmoid(y_pred) if from_logits else y_pred
    right = y_true * p + (1.0 - y_true) * (1.0 - p)
    loss = jnp.power(1.0 - right, gamma) * elementwise(y_true, p, from_logits=False)
    if apply_class_balancing:
        loss = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * loss
    return jnp.mean(loss, axis=axis)


@_function("categorical_focal_crossentropy")
def categorical_focal_crossentropy(
    y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1
):
    """Cross-entropy in which well-classified samples count less.

    Args:
        y_true: targets, ``(..., classes)``.
        y_pred: probabilities, or scores before the softmax; same shape.
        alpha: a factor, or one per class.
        gamma: how sharply easy samples are discounted.
        from_logits: whether `y_pred` are scores.
        label_smoothing: moves targets this share of the way towards equal probabilities.
        axis: the axis of the classes.

    Raises:
        ShapeError: targets and predictions of different shapes.

    >>> y_true, y_pred = jnp.array([1.0, 0.0]), jnp.array([0.5, 0.5])
    >>> round(float(categorical_focal_crossentropy(y_true, y_pred)), 4)
    0.0433
    """
    y_true, y_pred = same_shape("categorical_focal_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = smooth(y_true, label_smoothing, y_true.shape[axis])
    p = jax.nn.softmax(y_pred, axis=axis) if from_logits else y_pred
    p = clip(p / jnp.sum(p, axis=axis, keepdims=True))
    loss = -y_true * jnp.log(p) * jnp.power(1.0 - p, gamma) * jnp.asarray(alpha, p.dtype)
    return jnp.sum(loss, axis=axis)


@_register("BinaryFocalCrossentropy", "binary_focal_crossentropy")
class BinaryFocalCrossentropy(FunctionLoss):
    """The class of `binary_focal_crossentropy`, whose arguments it shares.

    >>> float(BinaryFocalCrossentropy()(jnp.array([[1.0]]), jnp.array([[0.5]])).round(4))
    0.17329999804496765
    """

    traits = frozenset({"crossentropy", "takes_scores", "yes_no"})
    fn = staticmethod(binary_focal_crossentropy)
    settings = (
        "apply_class_balancing",
        "alpha",
        "gamma",
        "from_logits",
        "label_smoothing",
        "axis",
    )
    targets = "binary"

    def __init__(
        self,
        apply_class_balancing=False,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@_register("CategoricalFocalCrossentropy", "categorical_focal_crossentropy")
class CategoricalFocalCrossentropy(FunctionLoss):
    """The class of `categorical_focal_crossentropy`, whose arguments it shares.

    >>> y_true, y_pred = jnp.array([[1.0, 0.0]]), jnp.array([[0.5, 0.5]])
    >>> float(CategoricalFocalCrossentropy()(y_true, y_pred).round(4))
    0.043299999088048935
    """

    traits = frozenset({"crossentropy", "one_of_several", "takes_scores"})
    fn = staticmethod(categorical_focal_crossentropy)
    settings = ("alpha", "gamma", "from_logits", "label_smoothing", "axis")
    targets = "one_hot"

    def __init__(
        self,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_focal_crossentropy",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis
