"""Activation layers."""

from contract.cases.specs import NOISY, of

CASES: list = [
    of("Activation", (5,), activation="relu"),
    of("Activation", (4, 5), activation="softmax"),
    of("ReLU", (5,)),
    of("ReLU", (5,), max_value=1.0, negative_slope=0.1, threshold=0.2),
    of("LeakyReLU", (5,)),
    of("LeakyReLU", (5,), negative_slope=0.1),
    of("ELU", (5,)),
    of("ELU", (5,), alpha=0.5),
    of("PReLU", (5,), alpha_initializer=NOISY),
    of("PReLU", (4, 3), alpha_initializer=NOISY, shared_axes=[1]),
    of("Softmax", (5,)),
    of("Softmax", (4, 5), axis=1),
    of("Softmax", (4, 5), axis=[1, 2]),
    of("Activation", (2, 3, 2), activation="tanh"),
    of("ReLU", (4, 3), max_value=6.0),
    of("LeakyReLU", (2, 3, 2), negative_slope=0.0),
    of("ELU", (4, 3), alpha=2.0),
    of("PReLU", (2, 3, 2), alpha_initializer=NOISY, shared_axes=[1, 2]),
]
