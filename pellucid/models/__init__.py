"""Networks: stacks, graphs and subclasses; how they are shown and written down."""

from .cloning import clone_model
from .files import load_model, save_model
from .generation import generate
from .model import Model
from .sampling import Greedy, Sample
from .sequential import Sequential
from .written import model_from_json

Functional = Model

__all__ = [
    "Functional",
    "Greedy",
    "Model",
    "Sample",
    "Sequential",
    "clone_model",
    "generate",
    "load_model",
    "model_from_json",
    "save_model",
]
