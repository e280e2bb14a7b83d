"""Iris: 150 flowers of three species, four lengths each (Fisher 1936), from scikit-learn."""

from __future__ import annotations

import numpy as np

from ._common import Splits, stratified_split

TASK = "classification"
class_names = ("setosa", "versicolor", "virginica")
feature_names = (
    "sepal length (cm)",
    "sepal width (cm)",
    "petal length (cm)",
    "petal width (cm)",
)


def load_data(test_split: float = 0.2, seed: int = 113) -> Splits:
    """Load the table that scikit-learn carries; no network needed.

    Args:
        test_split: share of the rows to hold out, every class in its proportion.
        seed: of the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 `(n, 4)` by `feature_names`, and
        int32 labels `(n,)` by `class_names`.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_test.shape
    ((120, 4), (30,))
    """
    from sklearn.datasets import load_iris

    data = load_iris()
    return stratified_split(
        data.data.astype(np.float32), data.target.astype(np.int32), test_split, seed
    )
