"""Predictions and targets in each other's place: noticed where their values tell."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from pellucid._core.errors import PellucidWarning

LOOKED_AT = 2**16
"""Numbers up to which predictions are looked at."""


class SwappedArgumentsWarning(PellucidWarning):
    """A loss of probabilities was given labels where predictions belong."""


def notice_swapped(loss: str, y_true: Any, y_pred: Any) -> None:
    """Warn where `y_pred` is nothing but 0 and 1, and `y_true` is not, or depends on weights.

    Inside a compiled program there are no values to look at: nothing is said.

    >>> import jax.numpy as jnp
    >>> with warnings.catch_warnings(record=True) as noticed:
    ...     warnings.simplefilter("always")
    ...     notice_swapped("binary_crossentropy", jnp.array([[0.3]]), jnp.array([[1.0]]))
    >>> noticed[0].category.__name__
    'SwappedArgumentsWarning'
    """
    if isinstance(y_pred, jax.core.Tracer) or not 0 < np.size(y_pred) <= LOOKED_AT:
        return
    if not _labels(y_pred) or not (isinstance(y_true, jax.core.Tracer) or not _labels(y_true)):
        return
    warnings.warn(
        f"{loss} was called with predictions that are all 0 or 1, and targets that are not: the "
        f"arguments look swapped.\n  fix: {loss}(y_true, y_pred), targets first.",
        SwappedArgumentsWarning,
        stacklevel=3,
    )


def _labels(values: Any) -> bool:
    array = np.asarray(values)
    return bool(((array == 0) | (array == 1)).all())
