"""Arrays that the operations are compared on."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np


def draw(*shape, seed=0, low=None, high=None, dtype="float32"):
    r = np.random.default_rng(seed)
    if low is not None:
        return r.uniform(low, high, shape).astype(dtype)
    return r.normal(size=shape).astype(dtype)


X = draw(3, 4)
Y = draw(3, 4, seed=1)
POSITIVE = draw(3, 4, low=0.1, high=3.0)
UNIT = draw(3, 4, low=-0.9, high=0.9)
ODD = np.array(
    [[0.0, -0.0, np.inf, -np.inf], [np.nan, 1.5, -2.5, 0.5], [3.0, -1.0, 2.0, 7.25]], "f"
)
WITH_NAN = np.where(X > 1, np.nan, X).astype("float32")
INTS = np.random.default_rng(2).integers(-5, 6, (3, 4)).astype("int32")
COUNTS = np.random.default_rng(3).integers(1, 7, (3, 4)).astype("int32")
BYTES = COUNTS.astype("uint8")
SMALL = COUNTS.astype("int8")
BOOLS = INTS > 0
HALF = X.astype(jnp.bfloat16)
COMPLEX = (X + 1j * Y).astype("complex64")
VECTOR, OTHER = draw(5), draw(5, seed=1)
SORTED = np.sort(VECTOR)
CUBE = draw(2, 3, 4)
SQUARE = draw(3, 3) + 3 * np.eye(3, dtype="float32")
STACK = draw(2, 3, 3) + 3 * np.eye(3, dtype="float32")
DEFINITE = (SQUARE @ SQUARE.T).astype("float32")
SCORES = draw(5, 4, seed=4)
PROBABILITIES = np.asarray(jax.nn.softmax(SCORES))
LABELS = np.array([0, 3, 1, 1, 2])
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
SERIES, PICTURE, VOLUME = draw(2, 9, 4), draw(2, 7, 8, 3), draw(2, 4, 5, 4, 2)
FIRST = {"data_format": "channels_first"}


def call(*args, **kwargs):
    """Arguments as they would be written."""
    return args, kwargs


def each(names, cases):
    """The same arguments for several operations."""
    return dict.fromkeys(names.split(), cases)


FORMATS = [call(X), call(INTS), call(BOOLS), call(HALF)]
LISTS = [call([1.0, 2.0]), call(2), call(BYTES)]
FLOATS = [call(X), call(HALF)]
PAIRS = [
    call(X, Y),
    call(X, Y[:1]),
    call(INTS, COUNTS),
    call(INTS, X),
    call(HALF, COUNTS),
    call(BOOLS, COUNTS),
    call(INTS, 2.5),
    call(HALF, 2.5),
]
WHOLE_PAIRS = [call(INTS, COUNTS), call(BYTES, BYTES), call(INTS, 2)]
ALONG = [call(X), call(X, axis=0), call(CUBE, axis=-1, keepdims=True), call(INTS, axis=1)]
REDUCTIONS = [*ALONG, call(CUBE, axis=(0, 2)), call(BOOLS), call(HALF, axis=1), call(BYTES)]
OF_MISSING = [call(WITH_NAN), call(WITH_NAN, axis=1), call(WITH_NAN, axis=0, keepdims=True)]
RUNNING = [
    call(X),
    call(X, axis=0),
    call(INTS, axis=1),
    call(CUBE, axis=-1),
    call(INTS, dtype="float32"),
]
