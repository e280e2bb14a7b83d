"""Diabetes: 442 patients, ten measures, progression after a year (Efron et al. 2004)."""

from __future__ import annotations

import numpy as np

from ._common import Splits, shuffled_split

TASK = "regression"
class_names: tuple[str, ...] = ()
feature_names = (
    "age",
    "sex",
    "bmi",
    "bp",
    "s1",
    "s2",
    "s3",
    "s4",
    "s5",
    "s6",
)


def load_data(test_split: float = 0.2, seed: int = 113) -> Splits:
    """Load the table that scikit-learn carries; no network needed.

    Args:
        test_split: share of the rows to hold out.
        seed: of the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 `(n, 10)` by `feature_names`, and
        float32 progression `(n,)`. scikit-learn's columns are centred and scaled.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_test.shape
    ((353, 10), (89,))
    """
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    return shuffled_split(
        data.data.astype(np.float32), data.target.astype(np.float32), test_split, seed
    )
