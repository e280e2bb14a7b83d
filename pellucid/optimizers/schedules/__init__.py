"""Learning rates that change with the step: pure functions of the step, traced into the program.

The step counts the updates made so far: 0 while the first is computed. Any callable of the step
can be an optimiser's `learning_rate`; these are Keras's.
"""

from ..._core.specs import deserialize, serialize
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
