"""How far predictions rise and fall with the targets."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.errors import ShapeError
from pellucid._core.specs import family
from pellucid.losses.shapes import same_shape

from .mean import FunctionMetric

_register = family("metric").register
_function = family("metric_function").register


def _pair(name: str, y_true: Any, y_pred: Any, axis: Any) -> tuple[jax.Array, jax.Array]:
    y_true, y_pred = same_shape(name, y_true, y_pred)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    if any(not -y_pred.ndim <= a < y_pred.ndim for a in axes):
        raise ShapeError(
            f"{name} was told to correlate along an axis that is not there.",
            got=f"axis={axis!r}, predictions {y_pred.shape}",
            fix="axis=-1 correlates the outputs of each sample, axis=0 the samples of each output.",
        )
    if all(y_pred.shape[a] == 1 for a in axes):
        raise ShapeError(
            f"{name} of a single value is undefined: nothing varies along the axis.",
            got=f"axis={axis!r}, predictions {y_pred.shape}",
            expected="two values or more along the axis",
            fix="for one output per sample pass axis=0, which correlates over the batch.",
        )
    return y_true, y_pred


@_function("pearson_correlation")
def pearson_correlation(y_true, y_pred, axis=-1):
    """The cosine between the deviations from the mean: 1 on a rising line, -1 on a falling one.

    Args:
        y_true: targets, ``(batch, ...)``.
        y_pred: predictions, of the same shape.
        axis: along which values are correlated; one axis or several.

    Returns:
        The shape without that axis.

    Raises:
        ShapeError: different shapes, or only one value along the axis.

    >>> x = jnp.array([[0.0, 1.0, 0.5]])
    >>> round(float(pearson_correlation(x, 3 * x + 1)[0]), 6)
    1.0
    """
    y_true, y_pred = _pair("pearson_correlation", y_true, y_pred, axis)
    x = y_true - jnp.mean(y_true, axis=axis, keepdims=True)
    y = y_pred - jnp.mean(y_pred, axis=axis, keepdims=True)
    x = x / jnp.std(x, axis=axis, keepdims=True)
    y = y / jnp.std(y, axis=axis, keepdims=True)
    return jnp.mean(x * y, axis=axis)


@_function("concordance_correlation")
def concordance_correlation(y_true, y_pred, axis=-1):
    """Pearson's correlation, less what predictions lie off the line of equal values.

    Args:
        y_true: targets, ``(batch, ...)``.
        y_pred: predictions, of the same shape.
        axis: along which values are correlated; one axis or several.

    Returns:
        The shape without that axis.

    Raises:
        ShapeError: different shapes, or only one value along the axis.

    Lin, "A concordance correlation coefficient to evaluate reproducibility", 1989.

    >>> x = jnp.array([[0.0, 1.0, 0.5]])
    >>> round(float(concordance_correlation(x, 3 * x + 1)[0]), 3)
    0.176
    """
    y_true, y_pred = _pair("concordance_correlation", y_true, y_pred, axis)
    mean_true = jnp.mean(y_true, axis=axis, keepdims=True)
    mean_pred = jnp.mean(y_pred, axis=axis, keepdims=True)
    together = (y_true - mean_true) * (y_pred - mean_pred)
    spread = jnp.var(y_true, axis=axis, keepdims=True) + jnp.var(y_pred, axis=axis, keepdims=True)
    spread = spread + jnp.square(mean_true - mean_pred)
    return jnp.mean(2 * together / (spread + settings.epsilon()), axis=axis)


@_register("PearsonCorrelation", "pearson_correlation")
class PearsonCorrelation(FunctionMetric):
    """The mean of `pearson_correlation` over samples.

    Args:
        name: shown in logs.
        dtype: see `Metric`.
        axis: along which values are correlated.

    >>> round(float(PearsonCorrelation()([[0, 1, 0.5]], [[0.1, 0.9, 0.5]])), 6)
    1.0
    """

    fn = staticmethod(pearson_correlation)
    settings = ("axis",)

    def __init__(self, name="pearson_correlation", dtype=None, axis=-1):
        super().__init__(name, dtype)
        self.axis = axis


@_register("ConcordanceCorrelation", "concordance_correlation")
class ConcordanceCorrelation(FunctionMetric):
    """The mean of `concordance_correlation` over samples. Arguments: see `PearsonCorrelation`.

    >>> round(float(ConcordanceCorrelation()([[0, 1, 0.5]], [[0.1, 0.9, 0.5]])), 4)
    0.9756
    """

    fn = staticmethod(concordance_correlation)
    settings = ("axis",)

    def __init__(self, name="concordance_correlation", dtype=None, axis=-1):
        super().__init__(name, dtype)
        self.axis = axis
