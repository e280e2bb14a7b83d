"""Hinge losses: margins instead of probabilities."""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.specs import family

from .base import FunctionLoss
from .shapes import same_shape

_register = family("loss").register
_function = family("loss_function").register


def _signs(y_true):
    """Targets as -1 and 1: a batch that holds only 0 and 1 is converted, as in Keras."""
    zero_or_one = jnp.all((y_true == 0) | (y_true == 1))
    return jnp.where(zero_or_one, 2.0 * y_true - 1.0, y_true)


@_function("hinge")
def hinge(y_true, y_pred):
    """``mean(max(1 - y_true * y_pred, 0))`` over the last axis.

    Args:
        y_true: targets -1 or 1 (a batch of only 0 and 1 is converted), ``(..., outputs)``.
        y_pred: scores of the same shape.

    >>> hinge(jnp.array([[1.0], [-1.0]]), jnp.array([[0.5], [0.5]])).tolist()
    [0.5, 1.5]

    Cortes and Vapnik, "Support-vector networks", 1995.
    """
    y_true, y_pred = same_shape("hinge", y_true, y_pred)
    return jnp.mean(jnp.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


@_function("squared_hinge")
def squared_hinge(y_true, y_pred):
    """``mean(max(1 - y_true * y_pred, 0) ** 2)`` over the last axis; see `hinge`.

    >>> squared_hinge(jnp.array([[1.0], [-1.0]]), jnp.array([[0.5], [0.5]])).tolist()
    [0.25, 2.25]
    """
    y_true, y_pred = same_shape("squared_hinge", y_true, y_pred)
    return jnp.mean(jnp.square(jnp.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


@_function("categorical_hinge")
def categorical_hinge(y_true, y_pred):
    """``max(best wrong score - right score + 1, 0)``, the classes on the last axis.

    Args:
        y_true: one-hot targets, ``(..., classes)``.
        y_pred: scores of the same shape.

    >>> categorical_hinge(jnp.array([[0.0, 1.0]]), jnp.array([[0.25, 0.75]])).tolist()
    [0.5]
    """
    y_true, y_pred = same_shape("categorical_hinge", y_true, y_pred)
    right = jnp.sum(y_true * y_pred, axis=-1)
    wrong = jnp.max((1.0 - y_true) * y_pred, axis=-1)
    return jnp.maximum(wrong - right + 1.0, 0.0)


@_register("Hinge", "hinge")
class Hinge(FunctionLoss):
    """The class of `hinge`.

    >>> float(Hinge()(jnp.array([[1.0], [-1.0]]), jnp.array([[0.5], [0.5]])))
    1.0
    """

    traits = frozenset({"margin", "signs"})
    fn = staticmethod(hinge)
    targets = "signs"

    def __init__(self, reduction="sum_over_batch_size", name="hinge", dtype=None):
        super().__init__(reduction, name, dtype)


@_register("SquaredHinge", "squared_hinge")
class SquaredHinge(FunctionLoss):
    """The class of `squared_hinge`.

    >>> float(SquaredHinge()(jnp.array([[1.0], [-1.0]]), jnp.array([[0.5], [0.5]])))
    1.25
    """

    traits = frozenset({"margin", "signs"})
    fn = staticmethod(squared_hinge)
    targets = "signs"

    def __init__(self, reduction="sum_over_batch_size", name="squared_hinge", dtype=None):
        super().__init__(reduction, name, dtype)


@_register("CategoricalHinge", "categorical_hinge")
class CategoricalHinge(FunctionLoss):
    """The class of `categorical_hinge`.

    >>> float(CategoricalHinge()(jnp.array([[0.0, 1.0]]), jnp.array([[0.25, 0.75]])))
    0.5
    """

    traits = frozenset({"margin"})
    fn = staticmethod(categorical_hinge)
    targets = "one_hot"

    def __init__(self, reduction="sum_over_batch_size", name="categorical_hinge", dtype=None):
        super().__init__(reduction, name, dtype)
