"""Checkpoints of a whole run: what it takes to go on as if nothing had ended it."""

from .callback import BackupAndRestore, Checkpoints
from .folder import CheckpointFolder

__all__ = ["BackupAndRestore", "CheckpointFolder", "Checkpoints"]
