"""Losses of overlapping areas, for segmentation: how much of what is there was found.

Without an `axis` these are one number for the whole batch, as in Keras: every pixel of every sample
goes into one fraction, so a sample with a small object counts less. ``axis=(1, 2, 3)`` gives one
number per sample.
"""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.specs import family

from .base import FunctionLoss
from .shapes import same_shape

_register = family("loss").register
_function = family("loss_function").register


def _axes(axis):
    return tuple(axis) if isinstance(axis, list) else axis  # a configuration has no tuples


@_function("dice")
def dice(y_true, y_pred, axis=None):
    """One minus twice the common area, divided by the sum of both.

    Args:
        y_true: 0 or 1 for every pixel (or anything between), ``(batch, ...)``.
        y_pred: probabilities of the same shape.
        axis: the axes that are one area; None for all of them, the batch included.

    Raises:
        ShapeError: targets and predictions of different shapes.

    >>> round(float(dice(jnp.array([1.0, 1.0, 0.0]), jnp.array([1.0, 0.0, 0.0]))), 4)
    0.3333

    Milletari, Navab and Ahmadi, "V-Net", arXiv:1606.04797.
    """
    y_true, y_pred = same_shape("dice", y_true, y_pred)
    axis = _axes(axis)
    common = jnp.sum(y_true * y_pred, axis=axis)
    both = jnp.sum(y_true, axis=axis) + jnp.sum(y_pred, axis=axis)
    return 1.0 - 2.0 * common / (both + settings.epsilon())


@_function("tversky")
def tversky(y_true, y_pred, alpha=0.5, beta=0.5, axis=None):
    """`dice` with a price for each kind of mistake.

    Args:
        y_true: 0 or 1 for every pixel (or anything between), ``(batch, ...)``.
        y_pred: probabilities of the same shape.
        alpha: the price of an area that is there and was not found.
        beta: the price of an area that was found and is not there.
        axis: the axes that are one area; None for all of them, the batch included.

    Keras's documentation has the two prices the other way round; its numbers are these.

    Raises:
        ShapeError: targets and predictions of different shapes.

    >>> round(float(tversky(jnp.array([1.0, 1.0]), jnp.array([1.0, 0.0]), alpha=1.0)), 4)
    0.5

    Salehi, Erdogmus and Gholipour, arXiv:1706.05721.
    """
    y_true, y_pred = same_shape("tversky", y_true, y_pred)
    axis = _axes(axis)
    common = jnp.sum(y_true * y_pred, axis=axis)
    missed = jnp.sum(y_true * (1.0 - y_pred), axis=axis)
    invented = jnp.sum((1.0 - y_true) * y_pred, axis=axis)
    return 1.0 - common / (common + alpha * missed + beta * invented + settings.epsilon())


class _Overlap(FunctionLoss):
    """What the two have in common: rows that only fill up the last batch are empty areas."""

    targets = "binary"
    axis: object

    def batch_values(self, y_true, y_pred, valid):
        if valid is None:
            return super().batch_values(y_true, y_pred, valid)
        real = valid.reshape((-1,) + (1,) * (y_pred.ndim - 1))
        values = self.call(jnp.where(real, y_true, 0), jnp.where(real, y_pred, 0))
        # Without the axis of the batch there is nothing left to leave out.
        keeps_batch = values.ndim == 0 or 0 not in self._reduced(y_pred.ndim)
        return values, None, valid if keeps_batch else None

    def _reduced(self, rank):
        axes = self.axis if isinstance(self.axis, (list, tuple)) else (self.axis,)
        return {axis % rank for axis in axes if axis is not None}


@_register("Dice", "dice")
class Dice(_Overlap):
    """The class of `dice`, for segmentation with a sigmoid or softmax at the end.

    Args:
        reduction: see `Loss`; it has something to reduce where `axis` leaves the batch.
        name: shown in logs.
        axis: the axes that are one area: ``(1, 2, 3)`` for one number per image; None for one
            number for the whole batch.
        dtype: see `Loss`.

    >>> y_true, y_pred = jnp.array([[1.0, 1.0], [0.0, 1.0]]), jnp.array([[1.0, 0.0], [0.0, 1.0]])
    >>> round(float(Dice()(y_true, y_pred)), 2), round(float(Dice(axis=1)(y_true, y_pred)), 4)
    (0.2, 0.1667)
    """

    traits = frozenset()

    fn = staticmethod(dice)
    settings = ("axis",)

    def __init__(self, reduction="sum_over_batch_size", name="dice", axis=None, dtype=None):
        super().__init__(reduction, name, dtype)
        self.axis = axis


@_register("Tversky", "tversky")
class Tversky(_Overlap):
    """The class of `tversky`.

    Args:
        alpha: the price of an area that is there and was not found.
        beta: the price of an area that was found and is not there.
        reduction: see `Loss`; it has something to reduce where `axis` leaves the batch.
        name: shown in logs.
        axis: the axes that are one area; see `Dice`.
        dtype: see `Loss`.

    >>> y_true, y_pred = jnp.array([[1.0, 1.0]]), jnp.array([[1.0, 0.0]])
    >>> round(float(Tversky(alpha=1.0)(y_true, y_pred)), 2)
    0.5
    """

    traits = frozenset()

    fn = staticmethod(tversky)
    settings = ("alpha", "beta", "axis")

    def __init__(
        self,
        alpha=0.5,
        beta=0.5,
        reduction="sum_over_batch_size",
        name="tversky",
        axis=None,
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.alpha = alpha
        self.beta = beta
        self.axis = axis
