"""Errors of numbers against numbers, averaged over samples."""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.specs import family
from pellucid.losses.distances import cosine_similarity
from pellucid.losses.regression import (
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from pellucid.losses.shapes import same_shape

from .mean import FunctionMetric

_register = family("metric").register


def _squared_error(y_true, y_pred):
    y_true, y_pred = same_shape("root_mean_squared_error", y_true, y_pred)
    return jnp.square(y_true - y_pred)


def _cosine(y_true, y_pred, axis=-1):
    return -cosine_similarity(y_true, y_pred, axis)


@_register("MeanSquaredError", "mean_squared_error", "mse", "MSE")
class MeanSquaredError(FunctionMetric):
    """The mean of `pellucid.losses.mean_squared_error` over samples.

    >>> float(MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
    5.0
    """

    fn = staticmethod(mean_squared_error)

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(name, dtype)


@_register("RootMeanSquaredError", "root_mean_squared_error", "rmse", "RMSE")
class RootMeanSquaredError(FunctionMetric):
    """The square root of the mean squared error, in the targets' units.

    >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[1.0], [7.0]]))
    5.0
    """

    fn = staticmethod(_squared_error)

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name, dtype)

    def compute(self, state):
        return jnp.sqrt(super().compute(state))


@_register("MeanAbsoluteError", "mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(FunctionMetric):
    """The mean of `pellucid.losses.mean_absolute_error` over samples.

    >>> float(MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [3.0]]))
    2.0
    """

    fn = staticmethod(mean_absolute_error)

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(name, dtype)


@_register("MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(FunctionMetric):
    """The mean of `pellucid.losses.mean_absolute_percentage_error` over samples, in percent.

    >>> float(MeanAbsolutePercentageError()([[2.0], [2.0]], [[1.0], [2.0]]))
    25.0
    """

    fn = staticmethod(mean_absolute_percentage_error)

    def __init__(self, name="mean_absolute_percentage_error", dtype=None):
        super().__init__(name, dtype)


@_register("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean of `pellucid.losses.mean_squared_logarithmic_error` over samples.

    >>> float(MeanSquaredLogarithmicError()([[2.0]], [[2.0]]))
    0.0
    """

    fn = staticmethod(mean_squared_logarithmic_error)

    def __init__(self, name="mean_squared_logarithmic_error", dtype=None):
        super().__init__(name, dtype)


@_register("LogCoshError", "log_cosh_error", "logcosh", "log_cosh")
class LogCoshError(FunctionMetric):
    """The mean of `pellucid.losses.log_cosh` over samples.

    >>> float(LogCoshError()([[2.0]], [[2.0]]))
    0.0
    """

    fn = staticmethod(log_cosh)

    def __init__(self, name="logcosh", dtype=None):
        super().__init__(name, dtype)


@_register("CosineSimilarity", "cosine_similarity")
class CosineSimilarity(FunctionMetric):
    """The mean cosine of the angle between target and prediction: 1 where they point the same way.

    The loss of the same name is minus this.

    >>> float(CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]]))
    1.0
    """

    fn = staticmethod(_cosine)
    settings = ("axis",)

    def __init__(self, name="cosine_similarity", dtype=None, axis=-1):
        super().__init__(name, dtype)
        self.axis = axis
