"""Preprocessing of numbers and categories."""

from contract.cases.specs import Integers, Strings, nested, of

# Keras computes lookups and hashes with TensorFlow, which is not installed here: its constructors
# are compared, its numbers are recorded as facts in tests/unit/test_layers_preprocessing.py.
HASHED = {"keras": False}
KEYS = {"vocabulary": [12, 3, 7]}

CASES: list = [
    of("Normalization", (5,)),
    of("Normalization", (5,), mean=[1.0] * 5, variance=[4.0] * 5),
    of("Normalization", (4, 5), axis=None, mean=1.0, variance=4.0, invert=True),
    of("Rescaling", (5,), scale=0.5, offset=-1.0),
    of("Rescaling", (2, 3), scale=[1.0, 2.0, 0.5], offset=[0.0, 1.0, 2.0]),
    of("Rescaling", Integers((4, 3), 255), scale=1 / 255),
    of("Discretization", (3,), bin_boundaries=[-0.5, 0.0, 1.0]),
    of("Discretization", (1,), bin_boundaries=[0.0], output_mode="one_hot"),
    of("Discretization", (2, 3), bin_boundaries=[-1.0, 0.0], output_mode="multi_hot"),
    of("Discretization", (5,), bin_boundaries=[-1.0, 0.0, 0.5], output_mode="count"),
    of("CategoryEncoding", Integers((3,), 4), num_tokens=4),
    of("CategoryEncoding", Integers((1,), 4), num_tokens=4, output_mode="one_hot"),
    of("CategoryEncoding", Integers((3,), 4), num_tokens=4, output_mode="one_hot"),
    of("CategoryEncoding", Integers((5,), 4), num_tokens=6, output_mode="count"),
    of("IntegerLookup", Integers((3,), 9), **KEYS, **HASHED),
    of("IntegerLookup", Integers((3,), 9, -9), **KEYS, num_oov_indices=2, mask_token=0, **HASHED),
    of("IntegerLookup", Integers((1,), 9), **KEYS, output_mode="one_hot", mask_token=0, **HASHED),
    of("IntegerLookup", Integers((3,), 4), **KEYS, invert=True, **HASHED),
    of(
        "IntegerLookup",
        Integers((4,), 99, -99),
        **KEYS,
        num_oov_indices=3,
        oov_method="farmhash",
        output_mode="count",
        max_tokens=9,
        pad_to_max_tokens=True,
        **HASHED,
    ),
    of(
        "IntegerLookup",
        Integers((4,), 9),
        **KEYS,
        idf_weights=[0.5, 0.25, 2.0],
        output_mode="tf_idf",
        **HASHED,
    ),
    of("Hashing", Integers((3,), 10**6, -(10**6)), num_bins=5, **HASHED),
    of("Hashing", Integers((3,), 5), num_bins=4, mask_value=2, salt=[133, 137], **HASHED),
    of("Hashing", Integers((3,), 99), num_bins=4, output_mode="multi_hot", **HASHED),
    of("Hashing", Strings((3,)), num_bins=4, mask_value="a", **HASHED),
    of("Hashing", Strings((1,)), num_bins=4, salt=133, output_mode="one_hot", **HASHED),
    of("HashedCrossing", Integers((1,), 9), Integers((1,), 9), num_bins=5, **HASHED),
    of(
        "HashedCrossing",
        Integers((), 9, -9),
        Integers((), 9),
        num_bins=4,
        output_mode="one_hot",
        **HASHED,
    ),
    of("HashedCrossing", Strings((1,)), Integers((1,), 9), Strings((1,)), num_bins=5, **HASHED),
    of("Pipeline", (5,), layers=[nested("Rescaling", scale=0.5, offset=1.0)]),
    of(
        "Pipeline",
        (5,),
        layers=[
            nested("Rescaling", scale=2.0),
            nested("Discretization", bin_boundaries=[0.0, 1.0], output_mode="one_hot"),
        ],
    ),
    of(
        "Pipeline",
        Strings((3,)),
        layers=[
            nested("StringLookup", vocabulary=["a", "b"]),
            nested("CategoryEncoding", num_tokens=3),
        ],
        keras=False,  # text: see above
    ),
]
