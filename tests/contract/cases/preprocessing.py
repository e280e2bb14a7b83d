"""Preprocessing of numbers and categories."""

from contract.cases.specs import Integers, of

CASES: list = [
    of("Normalization", (5,)),
    of("Normalization", (5,), mean=[1.0] * 5, variance=[4.0] * 5),
    of("Normalization", (4, 5), axis=None, mean=1.0, variance=4.0, invert=True),
    of("Rescaling", (5,), scale=0.5, offset=-1.0),
    of("Rescaling", Integers((4, 3), 255), scale=1 / 255),
]
