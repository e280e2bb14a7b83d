"""One weight per class -> one weight per sample."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core.errors import ConfigError


def class_weight_to_sample_weight(
    y: Any, class_weight: Mapping[int, float], *, whole: bool = True
) -> np.ndarray:
    """The weight of each sample's class; a class that is not listed weighs 1, as in Keras.

    Args:
        y: labels `(samples,)` or `(samples, 1)`, rounded to whole numbers; or `(samples, classes)`,
            of which the largest counts. With further axes between, as for sequences and pictures,
            one weight per position.
        class_weight: class number -> weight.
        whole: `y` is all there is; False for one batch, which may well lack a class.

    Returns:
        float32, `(samples,)`.

    Raises:
        ConfigError: keys that are not class numbers of `y`, or weights that are not finite and
            non-negative.

    >>> class_weight_to_sample_weight(np.array([0, 1, 2, 1]), {0: 2.0, 1: 0.5})
    array([2. , 0.5, 1. , 0.5], dtype=float32)
    """
    labels, classes = _labels(np.asarray(y))
    weights = _checked(class_weight)
    present, inverse = np.unique(labels, return_inverse=True)
    if classes is not None:
        unknown = sorted(key for key in weights if key >= classes)
        known = f"{classes} classes, 0 to {classes - 1}"
    else:
        unknown = [] if set(weights) & set(present.tolist()) else sorted(weights)
        known = f"labels from {present.min()} to {present.max()}" if present.size else "no labels"
        unknown = unknown if whole else []
    if unknown:
        raise ConfigError(
            "class_weight names classes that y does not have.",
            got=f"classes {unknown}",
            expected=f"class numbers of y: {known}",
            fix="use the class numbers as keys: class_weight={0: 1.0, 1: 5.0}.",
        )
    table = np.array([weights.get(int(label), 1.0) for label in present], np.float32)
    return table[inverse].reshape(labels.shape)


def _labels(y: np.ndarray) -> tuple[np.ndarray, int | None]:
    """Class numbers, and how many there are where the targets have a column for each."""
    classes = None
    if y.ndim > 1 and y.shape[-1] == 1:
        y = y[..., 0]
    elif y.ndim > 1:
        classes = y.shape[-1]
        y = y.argmax(axis=-1)
    return np.round(y).astype(np.int64), classes


def _checked(class_weight: Mapping[int, float]) -> dict[int, float]:
    if not isinstance(class_weight, Mapping):
        raise ConfigError(
            "class_weight takes a dictionary: class number -> weight.",
            got=repr(class_weight),
            fix="class_weight={0: 1.0, 1: 5.0}, say; of a list, dict(enumerate(weights)).",
        )
    weights: dict[int, float] = {}
    for key, weight in class_weight.items():
        if not (isinstance(key, numbers.Real) and float(key).is_integer() and key >= 0):
            raise ConfigError(
                "The keys of class_weight must be class numbers.",
                got=repr(key),
                expected="0, 1, 2, ...",
                fix="use the numbers that stand in y, not the classes' names.",
            )
        if not (isinstance(weight, numbers.Real) and math.isfinite(weight) and weight >= 0):
            raise ConfigError(
                f"The weight of class {int(key)} must be a finite number, 0 or more.",
                got=repr(weight),
                fix="a class twice as important weighs 2.0.",
            )
        weights[int(key)] = float(weight)
    return weights
