"""How a run went: the numbers behind the symptoms, each against the trivial answer."""

from __future__ import annotations

from .course import Course, course, learned, refutes

__all__ = ["Course", "course", "learned", "refutes"]
