"""Which samples occur twice: rows of arrays compared by 64-bit hashes of their bytes."""

from __future__ import annotations

import numpy as np

CHUNK = 2**20  # bytes hashed together, so that they stay in the processor's cache


def row_keys(arrays: list[np.ndarray]) -> np.ndarray:
    """(rows,) uint64: equal where the rows of all arrays are the same, byte for byte.

    >>> row_keys([np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]])])[[0, 0]].tolist() == row_keys(
    ...     [np.array([[1.0, 2.0], [1.0, 2.0]])]).tolist()
    True
    """
    keys = np.zeros(len(arrays[0]), np.uint64)
    for number, array in enumerate(arrays):
        width = array.dtype.itemsize * int(np.prod(array.shape[1:]))
        if array.dtype.hasobject or not width:
            continue
        words = -(-width // 8)
        random = np.random.default_rng(number).integers(0, 2**63, words, np.int64)
        factors = random.astype(np.uint64) * np.uint64(2) + np.uint64(1)
        rows = max(1, CHUNK // width)
        for start in range(0, len(array), rows):
            part = np.ascontiguousarray(array[start : start + rows])
            raw = part.reshape(len(part), -1).view(np.uint8)
            if width % 8:
                filled = np.zeros((len(part), 8 * words), np.uint8)
                filled[:, :width] = raw
                raw = filled
            values = raw.view(np.uint64)
            # Signs and exponents lie in the upper bits, which a product alone would push out.
            mixed = values ^ (values >> np.uint64(31))
            keys[start : start + rows] += np.einsum("ij,j->i", mixed, factors)
    return keys


def repeats(inputs: np.ndarray, targets: np.ndarray | None) -> tuple[int, int]:
    """Rows that occur more than once, and rows whose input occurs with another target.

    Args:
        inputs, targets: (rows,) keys; no targets, no conflicts.

    >>> repeats(np.array([1, 1, 2, 2, 3], np.uint64), np.array([7, 7, 7, 8, 7], np.uint64))
    (1, 2)
    """
    own, group = np.unique(inputs, return_inverse=True)
    if targets is None:
        return len(inputs) - len(own), 0
    _, number = np.unique(targets, return_inverse=True)
    # Both numbers are below the count of rows: one product tells the pairs apart.
    pairs = group.astype(np.int64) * (int(number.max(initial=0)) + 1) + number
    kinds = np.unique(pairs)
    answers = np.bincount(kinds // (int(number.max(initial=0)) + 1), minlength=len(own))
    conflicting = int((answers > 1)[group].sum())
    return len(inputs) - len(kinds), conflicting


def shared(training: np.ndarray, other: np.ndarray) -> int:
    """How many rows of `other` are also among the training rows.

    Args:
        training: (rows,) keys in ascending order.
        other: (rows,) keys.

    >>> shared(np.array([1, 2, 5], np.uint64), np.array([5, 7, 5], np.uint64))
    2
    """
    wanted = np.sort(other)
    if not len(training):
        return 0
    places = np.minimum(np.searchsorted(training, wanted), len(training) - 1)
    return int((training[places] == wanted).sum())
