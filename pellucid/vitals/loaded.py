"""Weights that were loaded since they were made: their initialisers say nothing any more."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layers import tree
from ..record.schema import RunRecord

_CONSTANT = frozenset({"constant", "ones", "zeros"})


def forget_initializers(model: Any, record: RunRecord) -> None:
    """Take the constant initialiser off every kernel of `record` that is not constant.

    Args:
        model: whose weights are looked at, if they exist yet.
        record: of the model.

    >>> from pellucid import Sequential, layers
    >>> from pellucid.vitals.network import record_of
    >>> dense = layers.Dense(2, use_bias=False, kernel_initializer="zeros")
    >>> model = Sequential([layers.Input(shape=(3,)), dense])
    >>> model.set_weights([np.arange(6.0).reshape(3, 2)])
    >>> record = record_of(model)
    >>> forget_initializers(model, record)
    >>> record.weights[0].initializer is None
    True
    """
    suspects = {}
    for weight in record.weights:
        name = str((weight.initializer or {}).get("class_name", "")).lower()
        if name in _CONSTANT and len(weight.shape) > 1:
            suspects[weight.path] = weight
    if not suspects:
        return
    start = len(model.name) + 1
    for full, held in tree.index(model).items():
        if (suspect := suspects.get(full[start:])) is None:
            continue
        numbers = np.asarray(held.host_value(), np.float32)
        if numbers.size and numbers.min() != numbers.max():
            suspect.initializer = None
