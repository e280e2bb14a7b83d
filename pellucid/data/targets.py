"""What targets are: classes or quantities. The one place that decides it, from values and loss.

What the loss asks for comes as its traits, as its class declares them (`losses.traits`).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np

KINDS = ("labels", "binary", "one_hot", "distribution", "values")
MOST_LABELS = 2**16
"""Whole numbers from here on are no class numbers."""
FEW_CLASSES = 20
"""As many different whole numbers are classes where nothing else says what they are."""


def kind_of(
    targets: Any,
    asks: Collection[str] | None = None,
    width: int | None = None,
    metrics: Collection[str] = (),
) -> str:
    """What the targets of one output are.

    The loss decides first: one for class numbers makes whole numbers labels, one that measures
    distances makes them quantities (counts, years, grades), unless the output has several units
    for one number, or accuracy is asked for. Columns of 0 and 1 are classes to every loss. Where
    no loss is known, few different whole numbers are classes.

    Args:
        targets: ``(samples, ...)``, or some rows of them.
        asks: traits of the loss: ``("distance", "squared")``; None where there is no loss, or
            one of the user's own that declares nothing.
        width: units of the output: the last axis of the predictions; None where it is not known.
        metrics: names of the metrics on this output.

    Returns:
        ``"labels"``: one class number (or text) each; ``"binary"``: 0 or 1 in each column;
        ``"one_hot"``; ``"distribution"``: shares of classes; ``"values"``: quantities.

    >>> quality = np.array([5, 6, 7, 5, 6, 3])
    >>> kind_of(quality, {"distance"}, 1), kind_of(quality, {"quantity"}, 1)
    ('values', 'values')
    >>> kind_of(quality, {"class_numbers"}, 10), kind_of(quality, None, 10)
    ('labels', 'labels')
    """
    array = np.asarray(targets)
    if array.dtype.kind in "USO":
        return "labels"
    if array.dtype.kind not in "biuf" or not array.size or not np.isfinite(array).all():
        return "values"
    low, high = float(array.min()), float(array.max())
    single = math.prod(array.shape[1:]) == 1
    columns = array.shape[-1] if array.ndim > 1 else 1
    whole = array.dtype.kind in "biu" or bool((array == np.rint(array)).all())
    if asks and "class_numbers" in asks and whole and low >= 0 and high < MOST_LABELS:
        return "labels"
    signed = asks is not None and not {"signs", "margin"}.isdisjoint(asks)
    if single and signed and np.isin(array, (-1, 1)).all():
        return "binary"
    if whole and low >= 0 and high <= 1:
        if columns > 1 and bool((array.sum(axis=-1) == 1).all()):
            return "one_hot"
        return "binary"
    if single and whole and low >= 0:
        return "labels" if _are_labels(array, high, asks, width, metrics) else "values"
    if columns > 1 and low >= 0 and high <= 1 and np.allclose(array.sum(axis=-1), 1, atol=1e-3):
        return "distribution"
    return "values"


def _are_labels(
    array: np.ndarray,
    high: float,
    asks: Collection[str] | None,
    width: int | None,
    metrics: Collection[str],
) -> bool:
    """Whether whole numbers, one a sample, number classes."""
    if high >= MOST_LABELS:
        return False
    if measures_quantities(asks):
        counted = any("acc" in str(name).lower() for name in metrics)
        return (width or 1) > 1 or (counted and high < 100 and array.dtype.kind in "iu")
    if asks and not {"crossentropy", "margin"}.isdisjoint(asks):
        return high < 100 or (width or 1) > 1
    if width is not None:  # no loss, or one of the user's own
        return width > 1
    return are_few(array)


def are_few(array: np.ndarray) -> bool:
    """Whether whole numbers are so few different ones, often enough each, that they are classes.

    >>> are_few(np.array([3, 1, 3, 1])), are_few(np.arange(30))
    (True, False)
    """
    return len(np.unique(array)) <= min(FEW_CLASSES, len(array) / 2)


def measures_quantities(asks: Collection[str] | None) -> bool:
    """Whether a loss with these traits wants quantities, not classes.

    >>> measures_quantities({"distance", "squared"}), measures_quantities({"margin"})
    (True, False)
    """
    return bool(asks) and not {"distance", "quantity"}.isdisjoint(asks or ())
