"""Training: state, compiled steps, data feeding, the loops around them, and who looks on."""

from .state import TrainState
from .step import Batch

__all__ = ["Batch", "TrainState"]
