"""Which samples occur twice: rows of arrays compared by 64-bit hashes of their bytes."""

from __future__ import annotations

import numpy as np

CHUNK = 2**20  # bytes hashed together, so that they stay in the processor's cache
GLANCE = 512  # bytes in the middle of a wide row that tell most rows apart


def row_keys(arrays: list[np.ndarray]) -> np.ndarray:
    """(rows,) uint64: equal where the rows of all arrays are the same, byte for byte.

    >>> row_keys([np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]])])[[0, 0]].tolist() == row_keys(
    ...     [np.array([[1.0, 2.0], [1.0, 2.0]])]).tolist()
    True
    """
    keys = np.zeros(len(arrays[0]), np.uint64)
    for number, array in enumerate(arrays):
        width = _width(array)
        if not width:
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


def telling_keys(*sets: list[np.ndarray]) -> list[np.ndarray]:
    """Like `row_keys` of each set, where only rows that are alike at a glance are read whole.

    Args:
        sets: of arrays that correspond to each other; keys can be compared between sets.

    >>> first, other = np.zeros((2, 999)), np.ones((2, 999))
    >>> first[1, 0] = 1.0
    >>> keys, others = telling_keys([first], [other])
    >>> len(np.unique(keys)), len(np.unique(others)), np.intersect1d(keys, others).tolist()
    (2, 1, [])
    """
    if all(_width(array) <= 2 * GLANCE for array in sets[0]):
        return [row_keys(arrays) for arrays in sets]
    found = [row_keys([_middle(array) for array in arrays]) for arrays in sets]
    together = np.sort(np.concatenate(found))
    alike = together[1:][together[1:] == together[:-1]]
    for keys, arrays in zip(found, sets, strict=True):
        places = np.flatnonzero(np.isin(keys, alike))
        keys[places] = row_keys([array[places] for array in arrays])
    return found


def _width(array: np.ndarray) -> int:
    """Bytes of a row."""
    return 0 if array.dtype.hasobject else array.dtype.itemsize * int(np.prod(array.shape[1:]))


def _middle(array: np.ndarray) -> np.ndarray:
    """The numbers in the middle of each row, all of a short one."""
    if _width(array) <= GLANCE:
        return array
    flat = array.reshape(len(array), -1)
    numbers = max(1, GLANCE // array.dtype.itemsize)
    start = (flat.shape[1] - numbers) // 2
    return flat[:, start : start + numbers]


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
