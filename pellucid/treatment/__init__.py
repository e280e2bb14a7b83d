"""Treatment: the doctor's changes, tried on copies of a network. Reached as `doctor.treat`."""

from __future__ import annotations

from .attempt import Attempt
from .result import Treatment
from .treating import treat

__all__ = ["Attempt", "Treatment", "treat"]
