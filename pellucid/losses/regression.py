"""Losses of numbers against numbers: targets and predictions have the same shape."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.specs import family

from .base import FunctionLoss
from .shapes import same_shape

_register = family("loss").register
_function = family("loss_function").register


@_function("mean_squared_error")
def mean_squared_error(y_true, y_pred):
    """``mean((y_true - y_pred) ** 2)`` over the last axis.

    >>> float(mean_squared_error(jnp.array([0.0, 0.0]), jnp.array([1.0, 3.0])))
    5.0
    """
    y_true, y_pred = same_shape("mean_squared_error", y_true, y_pred)
    return jnp.mean(jnp.square(y_true - y_pred), axis=-1)


@_function("mean_absolute_error")
def mean_absolute_error(y_true, y_pred):
    """``mean(|y_true - y_pred|)`` over the last axis.

    >>> float(mean_absolute_error(jnp.array([0.0, 0.0]), jnp.array([1.0, -3.0])))
    2.0
    """
    y_true, y_pred = same_shape("mean_absolute_error", y_true, y_pred)
    return jnp.mean(jnp.abs(y_true - y_pred), axis=-1)


@_function("mean_absolute_percentage_error")
def mean_absolute_percentage_error(y_true, y_pred):
    """``100 * mean(|y_true - y_pred| / |y_true|)`` over the last axis; in percent.

    Targets nearer to zero than 1e-7 count as 1e-7.

    >>> float(mean_absolute_percentage_error(jnp.array([2.0]), jnp.array([1.0])))
    50.0
    """
    y_true, y_pred = same_shape("mean_absolute_percentage_error", y_true, y_pred)
    size = jnp.maximum(jnp.abs(y_true), settings.epsilon())
    return 100.0 * jnp.mean(jnp.abs((y_true - y_pred) / size), axis=-1)


@_function("mean_squared_logarithmic_error")
def mean_squared_logarithmic_error(y_true, y_pred):
    """``mean((log(1 + y_true) - log(1 + y_pred)) ** 2)``; values below zero count as zero.

    >>> float(mean_squared_logarithmic_error(jnp.array([3.0]), jnp.array([3.0])))
    0.0
    """
    y_true, y_pred = same_shape("mean_squared_logarithmic_error", y_true, y_pred)
    log_true = jnp.log(jnp.maximum(y_true, settings.epsilon()) + 1.0)
    log_pred = jnp.log(jnp.maximum(y_pred, settings.epsilon()) + 1.0)
    return jnp.mean(jnp.square(log_pred - log_true), axis=-1)


@_function("huber")
def huber(y_true, y_pred, delta=1.0):
    """Squared for errors up to `delta`, straight beyond it: outliers pull less.

    Args:
        y_true: targets, ``(..., outputs)``.
        y_pred: predictions of the same shape.
        delta: the error, in the targets' units, at which the loss turns straight.

    >>> huber(jnp.zeros((2, 1)), jnp.array([[0.5], [3.0]])).tolist()
    [0.125, 2.5]

    Huber, "Robust estimation of a location parameter", 1964.
    """
    y_true, y_pred = same_shape("huber", y_true, y_pred)
    error = jnp.abs(y_pred - y_true)
    straight = delta * error - 0.5 * delta**2
    return jnp.mean(jnp.where(error <= delta, 0.5 * jnp.square(error), straight), axis=-1)


@_function("log_cosh")
def log_cosh(y_true, y_pred):
    """``mean(log(cosh(y_pred - y_true)))``: like the square near zero, like the error far off.

    >>> float(log_cosh(jnp.array([1.0]), jnp.array([1.0])))
    0.0
    """
    y_true, y_pred = same_shape("log_cosh", y_true, y_pred)
    error = y_pred - y_true
    return jnp.mean(error + jax.nn.softplus(-2.0 * error) - math.log(2.0), axis=-1)


class ElementwiseLoss(FunctionLoss):
    """A loss whose targets have the predictions' shape, and are never reshaped to fit it."""

    targets = "values"


@_register("MeanSquaredError", "mean_squared_error", "mse", "MSE")
class MeanSquaredError(ElementwiseLoss):
    """The class of `mean_squared_error`.

    >>> float(MeanSquaredError()(jnp.zeros((2, 1)), jnp.array([[1.0], [3.0]])))
    5.0
    """

    traits = frozenset({"distance", "squared"})
    fn = staticmethod(mean_squared_error)

    def __init__(self, reduction="sum_over_batch_size", name="mean_squared_error", dtype=None):
        super().__init__(reduction, name, dtype)


@_register("MeanAbsoluteError", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(ElementwiseLoss):
    """The class of `mean_absolute_error`.

    >>> float(MeanAbsoluteError()(jnp.zeros((2, 1)), jnp.array([[1.0], [3.0]])))
    2.0
    """

    traits = frozenset({"distance"})
    fn = staticmethod(mean_absolute_error)

    def __init__(self, reduction="sum_over_batch_size", name="mean_absolute_error", dtype=None):
        super().__init__(reduction, name, dtype)


@_register("MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(ElementwiseLoss):
    """The class of `mean_absolute_percentage_error`.

    >>> float(MeanAbsolutePercentageError()(jnp.array([[2.0]]), jnp.array([[1.0]])))
    50.0
    """

    traits = frozenset({"distance", "relative"})
    fn = staticmethod(mean_absolute_percentage_error)

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_absolute_percentage_error", dtype=None
    ):
        super().__init__(reduction, name, dtype)


@_register("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(ElementwiseLoss):
    """The class of `mean_squared_logarithmic_error`.

    >>> float(MeanSquaredLogarithmicError()(jnp.array([[3.0]]), jnp.array([[3.0]])))
    0.0
    """

    traits = frozenset({"distance", "relative"})
    fn = staticmethod(mean_squared_logarithmic_error)

    def __init__(
        self, reduction="sum_over_batch_size", name="mean_squared_logarithmic_error", dtype=None
    ):
        super().__init__(reduction, name, dtype)


@_register("Huber", "huber", "huber_loss")
class Huber(ElementwiseLoss):
    """The class of `huber`.

    Args:
        delta: the error at which the loss turns from squared to straight, in the targets' units.
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    >>> float(Huber()(jnp.zeros((2, 1)), jnp.array([[0.5], [3.0]])))
    1.3125
    """

    traits = frozenset({"distance"})
    fn = staticmethod(huber)
    settings = ("delta",)

    def __init__(self, delta=1.0, reduction="sum_over_batch_size", name="huber_loss", dtype=None):
        super().__init__(reduction, name, dtype)
        self.delta = delta


@_register("LogCosh", "log_cosh", "logcosh")
class LogCosh(ElementwiseLoss):
    """The class of `log_cosh`.

    >>> float(LogCosh()(jnp.zeros((1, 1)), jnp.zeros((1, 1))))
    0.0
    """

    traits = frozenset({"distance"})
    fn = staticmethod(log_cosh)

    def __init__(self, reduction="sum_over_batch_size", name="log_cosh", dtype=None):
        super().__init__(reduction, name, dtype)
