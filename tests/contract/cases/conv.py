"""Convolution."""

CASES: list = []
