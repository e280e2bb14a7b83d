"""Helpers that tutorials use: one-hot labels, normalising, padding, splitting, seeding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import ops
from .._core.arraylike import ArrayLike
from .._core.errors import ConfigError, DataError
from .._core.placeholder import Placeholder
from .._core.rng import host_generator, next_seed, set_random_seed
from ..data.arrays import is_array_like, to_array
from ..data.dataset import Dataset
from ..data.splits import (
    common_length,
    take_rows,
    train_test_split,
    train_validation_test_split,
)

__all__ = [
    "to_categorical",
    "normalize",
    "pad_sequences",
    "set_random_seed",
    "split_dataset",
    "train_test_split",
    "train_validation_test_split",
]


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Class numbers as rows with a single 1, for the categorical cross-entropy.

    Args:
        x: whole numbers from 0, of any shape; a last axis of length 1 is dropped.
        num_classes: length of the rows; None takes the largest label plus one.

    Returns:
        float32, the shape of `x` with `num_classes` appended; a JAX array where one was given.

    Raises:
        DataError: negative, fractional or too large labels, text, or nothing to count from.

    >>> to_categorical([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    if isinstance(x, (jax.core.Tracer, Placeholder)) and num_classes:  # no numbers to check
        given: Any = x
        rows = given.shape[1:] and given.shape[-1] == 1
        return ops.one_hot(ops.squeeze(given, -1) if rows else given, num_classes)
    labels = _whole_numbers(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.size and labels.min() < 0:
        raise DataError(
            "to_categorical needs class numbers from 0.",
            got=f"the label {labels.min()}",
            expected="0, 1, 2, ...",
            fix="renumber them: classes, labels = np.unique(labels, return_inverse=True).",
        )
    if not num_classes:
        if not labels.size:
            raise DataError(
                "to_categorical cannot count the classes of no labels.",
                got=f"shape {labels.shape}",
                fix="pass num_classes.",
            )
        num_classes = int(labels.max()) + 1
    if labels.size and labels.max() >= num_classes:
        raise DataError(
            f"to_categorical found a label that {num_classes} classes do not have.",
            got=f"the label {labels.max()}",
            expected=f"0 to {num_classes - 1}",
            fix=f"pass num_classes={labels.max() + 1}, or correct the label.",
        )
    rows = np.zeros((labels.size, num_classes), np.float32)
    rows[np.arange(labels.size), labels.reshape(-1)] = 1.0
    return _as_given(x, rows.reshape(*labels.shape, num_classes))


def _whole_numbers(x: Any) -> np.ndarray:
    """`x` as integers; Keras would cut 1.7 down to 1 without a word."""
    values = np.asarray(x) if np.isscalar(x) else np.asarray(to_array(x, "x", "float64"))
    if values.dtype.kind in "iub":
        return values.astype(np.int64)
    if values.dtype.kind != "f":
        raise DataError(
            "to_categorical needs class numbers, not text.",
            got=repr(x),
            fix="number the classes: classes, labels = np.unique(labels, return_inverse=True).",
        )
    wrong = ~np.isfinite(values)
    wrong |= np.where(wrong, 0.0, values) % 1 != 0
    if wrong.any():
        raise DataError(
            "to_categorical needs whole numbers.",
            got=f"{int(wrong.sum())} other values, the first {values[wrong].flat[0]:g}",
            expected="0, 1, 2, ...",
            fix="pass class numbers; to split measurements into classes use np.digitize.",
        )
    return values.astype(np.int64)


def normalize(x: Any, axis: int = -1, order: float = 2) -> Any:
    """Divide each vector along `axis` by its norm; a vector of zeros stays.

    Args:
        x: numbers.
        axis: the axis that each vector lies along.
        order: 2 for the length, 1 for the sum of absolute values, `np.inf` for the largest.

    Returns:
        An array of the same shape, in a float format; a JAX array where one was given.

    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(x, (jax.Array, ArrayLike, Placeholder)):  # inside a step and a graph as well
        return ops.normalize(x, axis=axis, order=order)
    values = np.atleast_1d(np.asarray(x))
    if values.dtype.kind not in "fiub":
        raise DataError(
            "normalize needs numbers.",
            got=f"{values.dtype} values",
            fix="convert them: x.astype('float32').",
        )
    norm = np.linalg.norm(values, ord=order, axis=axis, keepdims=True)
    return _as_given(x, values / np.where(norm == 0, 1, norm))


def _as_given(x: Any, result: np.ndarray) -> Any:
    """The result as a JAX array where one was given, as Keras does."""
    return jnp.asarray(result) if isinstance(x, jax.Array) else result


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences of different lengths as one array, padded and cut to one length.

    Args:
        sequences: a list of sequences of numbers (or of equally shaped rows).
        maxlen: the length; None takes the longest.
        dtype: format of the result.
        padding: ``"pre"`` pads in front, ``"post"`` behind.
        truncating: ``"pre"`` cuts off the front of too long a sequence, ``"post"`` its end.
        value: what to pad with.

    Returns:
        `(sequences, maxlen)`, or with the rows' shape appended.

    Raises:
        ConfigError: another word for padding or truncating, or a maxlen below 1.
        DataError: something that is not a sequence, or rows of different shapes.

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    for name, word in (("padding", padding), ("truncating", truncating)):
        if word not in ("pre", "post"):
            raise ConfigError(
                f"{name} must be 'pre' or 'post'.", got=repr(word), fix=f"{name}='post'."
            )
    if maxlen is not None and maxlen < 1:
        raise ConfigError("maxlen must be at least 1.", got=repr(maxlen), fix="maxlen=None.")
    sequences = list(sequences)
    row_shape: tuple[int, ...] | None = None
    for i, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise DataError(
                "pad_sequences needs a list of sequences.",
                got=f"{sequence!r} at position {i}",
                expected="lists or arrays",
                fix="wrap a single sequence: pad_sequences([sequence]).",
            )
        if not len(sequence):
            continue
        shape = np.shape(sequence)[1:]
        row_shape = shape if row_shape is None else row_shape
        if shape != row_shape:
            raise DataError(
                "The sequences to pad have rows of different shapes.",
                got=f"{shape} at position {i}, {row_shape} before",
                fix="give every row the same number of features.",
            )
    length = maxlen or max((len(sequence) for sequence in sequences), default=0)
    padded = np.full((len(sequences), length, *(row_shape or ())), value, dtype)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[-length:] if truncating == "pre" else sequence[:length]
        if len(kept):
            where = slice(None, len(kept)) if padding == "post" else slice(-len(kept), None)
            row[where] = np.asarray(kept, dtype)
    return padded


def split_dataset(
    dataset: Any,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Cut arrays of one length in two, the left part first.

    Args:
        dataset: an array, or a tuple, list or dictionary of arrays.
        left_size: share (float, 0 to 1) or number (int) of samples on the left.
        right_size: the same for the right; None takes what the left leaves.
        shuffle: shuffle first.
        seed: of the shuffle; None takes the next from `set_random_seed`'s.
        preferred_backend: accepted for Keras's programs; the parts are in the form of `dataset`.

    Returns:
        `(left, right)`, each in the form of `dataset`; of a data set (ours or `tf.data`'s), whose
        elements are split, two of `data.Dataset`.

    Raises:
        ConfigError: no size, or sizes that do not fit.

    >>> left, right = split_dataset(np.arange(10), left_size=0.7)
    >>> left, right
    (array([0, 1, 2, 3, 4, 5, 6]), array([7, 8, 9]))
    """
    if hasattr(dataset, "as_numpy_iterator"):
        return _split_elements(dataset, left_size, right_size, shuffle, seed)
    several = isinstance(dataset, list) and any(map(is_array_like, dataset))
    tree = tuple(dataset) if several else dataset
    n = common_length((tree,))
    left, right = _sizes(n, left_size, right_size)
    order = np.arange(n)
    if shuffle:
        host_generator(next_seed() if seed is None else seed, "split").shuffle(order)
    parts = take_rows(tree, order[:left]), take_rows(tree, order[n - right :])
    return (list(parts[0]), list(parts[1])) if several else parts


def _split_elements(
    dataset: Any, left_size: Any, right_size: Any, shuffle: bool, seed: int | None
) -> tuple[Any, Any]:
    """A data set's elements, read once and kept, as two data sets."""
    rows = list(dataset.as_numpy_iterator())
    left, right = _sizes(len(rows), left_size, right_size)
    if shuffle:
        order = np.arange(len(rows))
        host_generator(next_seed() if seed is None else seed, "split").shuffle(order)
        rows = [rows[place] for place in order]
    return Dataset.from_elements(rows[:left]), Dataset.from_elements(rows[len(rows) - right :])


def _sizes(n: int, left: float | int | None, right: float | int | None) -> tuple[int, int]:
    def count(size: float | int) -> int:
        return round(size * n) if isinstance(size, float) else int(size)

    if left is not None:
        counts = (count(left), n - count(left) if right is None else count(right))
    elif right is not None:
        counts = (n - count(right), count(right))
    else:
        raise ConfigError(
            "split_dataset needs a size.",
            got="left_size=None, right_size=None",
            fix="split_dataset(data, left_size=0.8).",
        )
    if min(counts) < 1 or sum(counts) > n:
        raise ConfigError(
            "These sizes do not split the data in two.",
            got=f"{counts[0]} on the left and {counts[1]} on the right of {n} samples",
            expected="at least one sample on each side, and no more than there are",
            fix="pass a share such as left_size=0.8.",
        )
    return counts
