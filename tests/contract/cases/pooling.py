"""Pooling."""

from contract.cases.specs import of

CASES: list = [
    of("GlobalAveragePooling1D", (4, 3)),
    of(
        "GlobalAveragePooling1D",
        (4, 3),
        keepdims=True,
        data_format="channels_first",
        mixes_steps=True,
    ),
]
