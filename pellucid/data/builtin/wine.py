"""Wine: 178 wines of three growers, 13 chemical measures (UCI, Forina 1991), from scikit-learn."""

from __future__ import annotations

import numpy as np

from ._common import Splits, stratified_split

TASK = "classification"
class_names = ("class_0", "class_1", "class_2")
feature_names = (
    "alcohol",
    "malic_acid",
    "ash",
    "alcalinity_of_ash",
    "magnesium",
    "total_phenols",
    "flavanoids",
    "nonflavanoid_phenols",
    "proanthocyanins",
    "color_intensity",
    "hue",
    "od280/od315_of_diluted_wines",
    "proline",
)


def load_data(test_split: float = 0.2, seed: int = 113) -> Splits:
    """Load the table that scikit-learn carries; no network needed.

    Args:
        test_split: share of the rows to hold out, every class in its proportion.
        seed: of the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 `(n, 13)` by `feature_names`, and
        int32 labels `(n,)` by `class_names`.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_test.shape
    ((142, 13), (36,))
    """
    from sklearn.datasets import load_wine

    data = load_wine()
    return stratified_split(
        data.data.astype(np.float32), data.target.astype(np.int32), test_split, seed
    )
