"""Learning rates that change with the step: pure functions of the step, traced into the program.

The step counts the updates made so far: 0 while the first is computed. Any callable of the step
can be an optimiser's `learning_rate`; these are Keras's.
"""

from typing import Any

from ..._core import specs
from ..._core.custom import knowing
from .base import LearningRateSchedule
from .cosine import CosineDecay, CosineDecayRestarts
from .decay import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

__all__ = [
    "LearningRateSchedule",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "CosineDecay",
    "CosineDecayRestarts",
    "serialize",
    "deserialize",
]


def serialize(learning_rate_schedule: Any) -> Any:
    """A schedule as plain JSON types: ``{"class_name", "config"}``."""
    return specs.serialize(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """A schedule from what `serialize` gave.

    Args:
        config: what it returned.
        custom_objects: name -> class of your own that it may name.

    >>> deserialize(serialize(CosineDecay(0.1, 100)))
    CosineDecay(initial_learning_rate=0.1, decay_steps=100)
    """
    with knowing(custom_objects):
        return specs.deserialize(config)
