"""Networks: stacks, graphs and subclasses; how they are shown and written down."""

from .generation import generate
from .model import Model
from .sampling import Greedy, Sample
from .sequential import Sequential

Functional = Model

__all__ = ["Functional", "Greedy", "Model", "Sample", "Sequential", "generate"]
