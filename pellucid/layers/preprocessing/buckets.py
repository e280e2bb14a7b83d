"""Hash buckets of whole numbers and texts, equal to Keras's."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..._core.errors import ConfigError
from ...kernels.fingerprint import fingerprint64, fingerprint_cat64, siphash64
from ...kernels.fingerprint_device import crossed_buckets, integer_buckets, signed_word
from .values import who

CROSS_KEY = 0xDECAFCAFFE  # TensorFlow's


def text_buckets(texts: list[bytes], count: int, salt: tuple[int, int] | None) -> np.ndarray:
    """The bucket of each text, int32.

    >>> text_buckets([b"A", b"B", b"E"], 3, None).tolist()
    [1, 0, 2]
    """
    hashes = fingerprint64(texts) if salt is None else siphash64(texts, salt)
    return (hashes % np.uint64(count)).astype(np.int32)


def bucket_of(values: Any, count: int, salt: tuple[int, int] | None) -> Any:
    """The bucket of each whole number: of the text that it is written as.

    >>> bucket_of(np.array([[100, 200], [300, 400]]), 4, None).tolist()
    [[3, 1], [3, 1]]
    """
    if isinstance(values, jax.Array):
        return integer_buckets(values, count, salt)
    texts = [b"%d" % value for value in values.ravel().tolist()]
    return text_buckets(texts, count, salt).reshape(values.shape)


def cross(columns: list[Any], count: int) -> Any:
    """The bucket of each row of several columns.

    Args:
        columns: lists of texts and int64 arrays of one length; or 32-bit arrays on the device.
        count: of buckets.

    >>> cross([[b"A", b"B"], np.array([101, 101])], 5).tolist()
    [1, 4]
    """
    if all(isinstance(column, jax.Array) for column in columns):
        return crossed_buckets([signed_word(column) for column in columns], count, CROSS_KEY)
    result = np.full(len(columns[0]), CROSS_KEY, np.uint64)
    for column in columns:
        words = fingerprint64(column) if isinstance(column, list) else column.view(np.uint64)
        result = fingerprint_cat64(result, words)
    return (result % np.uint64(count)).astype(np.int32)


def salt_pair(layer: Any, salt: Any) -> tuple[int, int] | None:
    """A salt of one or two whole numbers as two; None stays None."""
    if salt is None:
        return None
    pair = list(salt) if isinstance(salt, (list, tuple)) else [salt, salt]
    whole = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in pair)
    if len(pair) != 2 or not whole:
        raise ConfigError(
            f"The salt of {who(layer)} must be one or two whole numbers.",
            got=repr(salt),
            fix="salt=133, or salt=[133, 137].",
        )
    return int(pair[0]), int(pair[1])
