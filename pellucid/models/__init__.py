"""Networks: stacks, graphs and subclasses; how they are shown and written down."""

from .model import Model
from .sequential import Sequential

Functional = Model

__all__ = ["Functional", "Model", "Sequential"]
