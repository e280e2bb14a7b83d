"""Training, validation and test parts of arrays, frames, and dictionaries of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError
from .._core.rng import next_seed


def train_test_split(
    *arrays: Any,
    test_size: float | int | None = None,
    train_size: float | int | None = None,
    random_state: int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Split arrays of one length into two random parts: scikit-learn's split, for nested data too.

    Args:
        *arrays: arrays, lists, data frames, or dictionaries and tuples of them.
        test_size: share (0 to 1) or number of samples to hold out; default a quarter.
        train_size: share or number to train on; default the rest.
        random_state: seed; None takes the next from `set_random_seed`'s.
        shuffle: False holds out the last samples.
        stratify: class labels, one per sample; every class keeps its share in both parts.

    Returns:
        `[first_train, first_test, second_train, second_test, ...]`.

    Raises:
        DataError: different lengths, or classes too small to stratify.
        ConfigError: sizes that leave a part empty.

    >>> x_train, x_test = train_test_split(np.arange(10), test_size=0.2, random_state=0)
    >>> len(x_train), len(x_test)
    (8, 2)
    """
    n = common_length(arrays)
    train, test = _split_rows(np.arange(n), test_size, train_size, random_state, shuffle, stratify)
    return [part for tree in arrays for part in (take_rows(tree, train), take_rows(tree, test))]


def train_validation_test_split(
    *arrays: Any,
    validation_size: float | int = 0.2,
    test_size: float | int = 0.2,
    random_state: int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Split arrays of one length into three parts; both sizes are shares of the whole.

    Args:
        *arrays: as in `train_test_split`.
        validation_size: share or number of samples for validation.
        test_size: share or number of samples for the test.
        random_state: seed; None takes the next from `set_random_seed`'s.
        shuffle: False takes validation and test from the end, in this order.
        stratify: class labels, one per sample.

    Returns:
        `[first_train, first_validation, first_test, second_train, ...]`.

    >>> [len(part) for part in train_validation_test_split(np.arange(10), random_state=0)]
    [6, 2, 2]
    """
    n = common_length(arrays)
    rows = np.arange(n)
    held = validation_size  # as a count: its share of the whole is not its share of the rest
    if isinstance(held, float):
        held = int(np.ceil(n * held))
    rest, test = _split_rows(rows, test_size, None, random_state, shuffle, stratify)
    kept = None if stratify is None else np.asarray(stratify)[rest]
    train, validation = _split_rows(rest, held, None, random_state, shuffle, kept)
    return [take_rows(tree, part) for tree in arrays for part in (train, validation, test)]


def _split_rows(
    rows: np.ndarray,
    test_size: float | int | None,
    train_size: float | int | None,
    random_state: int | None,
    shuffle: bool,
    stratify: Any,
) -> list[np.ndarray]:
    from sklearn.model_selection import train_test_split as split

    if shuffle and random_state is None:
        random_state = next_seed()
    try:
        return split(
            rows,
            test_size=test_size,
            train_size=train_size,
            random_state=random_state,
            shuffle=shuffle,
            stratify=None if stratify is None else np.asarray(stratify),
        )
    except ValueError as error:
        if stratify is not None and shuffle:
            raise DataError(
                "The samples cannot be split with every class in each part.",
                got=str(error),
                fix="drop or merge the rare classes, hold out more, or pass stratify=None.",
            ) from error
        raise ConfigError(
            f"The {len(rows)} samples cannot be split that way.",
            got=str(error),
            fix="pass a share between 0 and 1 that leaves samples on both sides.",
        ) from error


def common_length(arrays: tuple) -> int:
    lengths = [_length(leaf) for tree in arrays for leaf in _leaves(tree)]
    if not lengths:
        raise DataError("There is nothing to split.", got="no arrays", fix="pass x and y.")
    if len(set(lengths)) > 1:
        raise DataError(
            "The arrays to split differ in length.",
            got=", ".join(map(str, lengths)),
            expected="one length",
            fix="select the same rows of every array.",
        )
    return lengths[0]


def _length(leaf: Any) -> int:
    shape = getattr(leaf, "shape", None)
    return int(shape[0]) if shape else len(leaf)


def _leaves(tree: Any) -> list[Any]:
    if tree is None:
        return []
    if isinstance(tree, Mapping):
        return [leaf for part in tree.values() for leaf in _leaves(part)]
    if isinstance(tree, tuple):
        return [leaf for part in tree for leaf in _leaves(part)]
    return [tree]


def take_rows(tree: Any, rows: np.ndarray) -> Any:
    """The samples `rows`; a list is one sequence of samples, as in scikit-learn."""
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {key: take_rows(tree[key], rows) for key in tree}
    if isinstance(tree, tuple):
        return tuple(take_rows(part, rows) for part in tree)
    if isinstance(tree, list):
        return [tree[i] for i in rows]
    if hasattr(tree, "iloc"):  # pandas indexes rows by label otherwise
        return tree.iloc[rows]
    if hasattr(tree, "schema") and hasattr(tree, "take"):  # pyarrow
        return tree.take(rows)
    return tree[rows]
