"""Attention and Transformer blocks."""

CASES: list = []
