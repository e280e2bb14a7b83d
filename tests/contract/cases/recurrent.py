"""Recurrence."""

CASES: list = []
