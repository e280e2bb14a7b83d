"""Preprocessing of text and signals."""

CASES: list = []
