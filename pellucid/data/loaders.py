"""What yields batches, by what it can do: no library is imported to recognise its loaders."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._core.errors import DataError
from .arrays import is_array_like
from .tree import Tree

LABEL_COLUMNS = ("label", "labels")  # what Hugging Face calls the targets


def is_stream(value: Any) -> bool:
    """True for what yields batches, False for arrays, tables, lists of numbers, dictionaries."""
    if isinstance(value, (list, tuple)):
        return _is_list_of_batches(value)
    if isinstance(value, (Mapping, range)) or is_array_like(value) or hasattr(value, "__array__"):
        return False
    if hasattr(value, "as_numpy_iterator") or hasattr(value, "__next__"):
        return True
    if hasattr(value, "__arrow_c_stream__") or hasattr(value, "collect_schema"):
        return False  # a data frame
    return hasattr(value, "__iter__") or is_indexed(value)


def is_sample_table(value: Any) -> bool:
    """True for a Hugging Face dataset that lies on disk: rows by number, columns by name."""
    if not (hasattr(value, "with_format") and hasattr(value, "num_rows")):
        return False
    if isinstance(value, Mapping):
        raise DataError(
            "x is a dictionary of splits, not one of them.",
            got=f"splits {', '.join(map(repr, value))}",
            fix=f"pass one, for example x[{next(iter(value), 'train')!r}].",
        )
    return True


def table_of_samples(dataset: Any, with_labels: bool = True) -> tuple[Tree, Tree]:
    """A Hugging Face dataset's columns as `(x, y)`; y is its label column, if it has one."""
    columns = dataset.with_format("numpy")[:]
    return _split_columns(columns) if with_labels else (dict(columns), None)


def split_batch(item: Any, labels_apart: bool = True) -> tuple[Any, Any, Any]:
    """A batch `x`, `(x,)`, `(x, y)`, `(x, y, sample_weight)` or dictionary -> its three parts.

    A bare dictionary with a column `label` or `labels` is taken apart as Hugging Face means it,
    unless `labels_apart` is False: then it is `x`, as in Keras.
    """
    if isinstance(item, Mapping):
        if not labels_apart:
            return dict(item), None, None
        return (*_split_columns(item), None)
    if isinstance(item, list) and not any(is_array_like(p) or isinstance(p, list) for p in item):
        return item, None, None
    if isinstance(item, (list, tuple)):
        if not 1 <= len(item) <= 3:
            raise DataError(
                f"A batch has {len(item)} parts.",
                got=f"a {type(item).__name__} of {len(item)}",
                expected="x, (x, y) or (x, y, sample_weight)",
                fix="group several inputs: yield ((x1, x2), y).",
            )
        return (*item, *([None] * (3 - len(item))))
    return item, None, None


def _split_columns(columns: Mapping) -> tuple[Any, Any]:
    label = next((name for name in LABEL_COLUMNS if name in columns), None)
    if label is None:
        return dict(columns), None
    rest = {name: columns[name] for name in columns if name != label}
    x = next(iter(rest.values())) if len(rest) == 1 else rest
    return x, columns[label]


def is_indexed(value: Any) -> bool:
    """A sequence of batches by number, which knows how many, and has no better way to iterate."""
    return (
        not isinstance(value, (list, tuple, Mapping))
        and hasattr(value, "__getitem__")
        and (hasattr(value, "__len__") or hasattr(type(value), "num_batches"))
        and (not hasattr(value, "__iter__") or hasattr(value, "on_epoch_end"))
    )


def _is_list_of_batches(value: list | tuple) -> bool:
    """A list of `(x, y)` tuples of arrays; a list of anything else is data."""
    return bool(value) and all(
        isinstance(item, tuple) and 2 <= len(item) <= 3 and all(map(is_array_like, item))
        for item in value
    )


def opener(native: Any, batch_size: int) -> tuple[Callable[[Any], Iterator[Any]], int | None, bool]:
    """How to start a pass (given an order or None), its length, whether it can start again."""
    for base in type(native).__mro__:
        if base.__module__.startswith("torch.utils.data") and base.__name__.endswith("Dataset"):
            raise DataError(
                "A PyTorch Dataset yields single samples, not batches.",
                got=f"x of type {type(native).__name__}",
                expected="a DataLoader",
                fix="pass torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True).",
            )
    length = _length(native)
    if hasattr(native, "as_numpy_iterator"):
        return lambda order: iter(native.as_numpy_iterator()), length, True
    if hasattr(native, "with_format") and hasattr(native, "iter"):  # Hugging Face, streaming
        numpy = native.with_format("numpy")
        return lambda order: iter(numpy.iter(batch_size=batch_size)), None, True
    if is_indexed(native):

        def by_number(order: Any) -> Iterator[Any]:
            if order is None:
                order = itertools.count() if length is None else range(length)
            return (native[int(i)] for i in order)

        return by_number, length, True
    if not hasattr(native, "__iter__"):
        raise DataError(
            "x is not data that Pellucid can read.",
            got=f"an object of type {type(native).__name__}",
            expected="arrays, data frames, or an iterable of batches",
            fix="give its class an __iter__ that yields (x, y) batches.",
        )
    # An iterator is its own iterator; what it has given is gone.
    return lambda order: iter(native), length, not hasattr(native, "__next__")


def is_endless(native: Any) -> bool:
    """True for what says that it never ends: a tf.data.Dataset, a PyDataset without a number."""
    if hasattr(native, "cardinality"):
        return int(native.cardinality()) == -1
    return is_indexed(native) and _length(native) is None


def _length(native: Any) -> int | None:
    if hasattr(native, "cardinality"):
        cardinality = int(native.cardinality())
        return cardinality if cardinality >= 0 else None
    if hasattr(type(native), "num_batches"):
        count = native.num_batches
        return None if count is None else int(count)
    try:
        return len(native)
    except (TypeError, NotImplementedError):  # torch's and Keras's answers to "unknown"
        return None
