"""Reshaping."""

from contract.cases.specs import of

CASES: list = [
    of("Flatten", (3, 2, 2)),
    of("Flatten", (3, 2, 2), data_format="channels_first"),
    of("Flatten", ()),
    of("Reshape", (6,), target_shape=(2, 3)),
    of("Reshape", (2, 6), target_shape=(-1, 4)),
    of("Permute", (3, 4), dims=(2, 1)),
    of("RepeatVector", (5,), n=3),
]
