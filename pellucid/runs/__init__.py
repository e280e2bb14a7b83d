"""Runs: from a named data set or a file to a trained network in a folder, and back."""

from .folder import Run, load_run
from .saving import save_run

__all__ = ["Run", "load_run", "save_run"]
