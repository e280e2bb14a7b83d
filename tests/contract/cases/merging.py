"""Merging."""

from contract.cases.specs import of

CASES: list = [
    of("Concatenate", (4, 3), (4, 2)),
    of("Concatenate", (4, 3), (2, 3), axis=1),
    of("Add", (4, 3), (4, 3), (4, 3)),
    of("Add", (4, 3), (3,)),
    of("Subtract", (4, 3), (4, 3)),
    of("Multiply", (4, 3), (4, 1)),
    of("Average", (4, 3), (4, 3), (4, 3)),
    of("Maximum", (4, 3), (4, 3)),
    of("Minimum", (4, 3), (4, 3)),
    of("Dot", (3,), (3,), axes=1),
    of("Dot", (4, 3), (4, 3), axes=-1, normalize=True, mixes_steps=True),
    of("Dot", (4, 3), (2, 4), axes=[1, 2], mixes_steps=True),
    of("Dot", (4, 3), (3,), axes=[2, 1], mixes_steps=True),
    of("Dot", (2, 4, 3), (3, 2), axes=[-1, 1], mixes_steps=True),
    of("Concatenate", (3,), (2,), (1,)),
    of("Add", (2, 3, 2), (2, 3, 2)),
    of("Subtract", (4, 3), (4, 1)),
    of("Subtract", (3,), (3,)),
    of("Multiply", (4, 3), (4, 3), (4, 3)),
    of("Multiply", (3,), (3,)),
    of("Average", (4, 3), (4, 3)),
    of("Average", (4, 3), (4, 1)),
    of("Maximum", (4, 3), (4, 3), (4, 3)),
    of("Maximum", (3,), (3,)),
    of("Minimum", (4, 3), (4, 3), (4, 3)),
    of("Minimum", (3,), (3,)),
]
