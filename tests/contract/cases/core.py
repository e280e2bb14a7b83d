"""The basic layers."""

from contract.cases.specs import L2, NOISY, Integers, of

CASES: list = [
    of("InputLayer", (5,), shape=(5,), keras=False),
    of("Dense", (5,), units=3),
    of("Dense", (4, 5), units=3, activation="tanh"),
    of("Dense", (2, 3, 5), units=2, use_bias=False, kernel_initializer="he_normal"),
    of("Dense", (5,), units=3, kernel_regularizer=L2, bias_initializer=NOISY),
    of("Embedding", Integers((7,), 10), input_dim=10, output_dim=4),
    of("Embedding", Integers((2, 3), 10), input_dim=10, output_dim=4, mask_zero=True),
    of("Masking", (4, 3)),
    of("Masking", (4, 3), mask_value=1.0),
    of("Identity", (4, 3)),
    of("Lambda", (4, 3), function="contract_square", keras=False),
    of("Operation", (4,), (4,), operation="add", keras=False),
    of("Operation", (4,), (1,), operation="true_divide", keras=False),
    of("Operation", (3, 4), (4, 2), operation="matmul", keras=False),
    of("GetItem", (4, 3), index=[{"slice": [None, None, None]}, -1], keras=False, mixes_steps=True),
    of("GetItem", (4, 3), index=["...", {"slice": [None, 2, None]}], keras=False),
]
