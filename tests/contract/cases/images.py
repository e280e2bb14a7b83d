"""Preprocessing and augmentation of images."""

CASES: list = []
