"""Breast cancer: 569 tumours, 30 measures, malignant or benign (UCI, Wolberg 1995)."""

from __future__ import annotations

import numpy as np

from ._common import Splits, stratified_split

TASK = "classification"
class_names = ("malignant", "benign")
MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
feature_names = (
    *(f"mean {measure}" for measure in MEASURES),
    *(f"{measure} error" for measure in MEASURES),
    *(f"worst {measure}" for measure in MEASURES),
)


def load_data(test_split: float = 0.2, seed: int = 113) -> Splits:
    """Load the table that scikit-learn carries; no network needed.

    Args:
        test_split: share of the rows to hold out, every class in its proportion.
        seed: of the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 `(n, 30)` by `feature_names`, and
        int32 labels `(n,)` by `class_names`: 0 malignant, 1 benign.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_test.shape
    ((455, 30), (114,))
    """
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    return stratified_split(
        data.data.astype(np.float32), data.target.astype(np.int32), test_split, seed
    )
