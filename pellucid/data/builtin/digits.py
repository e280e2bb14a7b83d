"""Digits: 1,797 handwritten digits, 8x8 grey, from scikit-learn (UCI, Alpaydin and Kaynak 1998)."""

from __future__ import annotations

import numpy as np

from ._common import Splits, stratified_split

TASK = "classification"
class_names = tuple("0123456789")
feature_names: tuple[str, ...] = ()
VALUE_RANGE = (0, 16)


def load_data(test_split: float = 0.2, seed: int = 113) -> Splits:
    """Load the digits that scikit-learn carries; no network needed.

    Args:
        test_split: share of the pictures to hold out, every digit in its proportion.
        seed: of the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 `(n, 8, 8)` with ink from 0 to 16, as the
        source has it (divide by 16 for 0 to 1), and int32 labels `(n,)`.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, y_test.shape, float(x_train.max())
    ((1437, 8, 8), (360,), 16.0)
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    return stratified_split(
        data.images.astype(np.float32), data.target.astype(np.int32), test_split, seed
    )
