"""Batches that `fit` takes: a class to write them, windows of a series, steps on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError, NotDefinedError
from .._core.rng import next_seed
from ..data.arrays import to_array
from ..data.dataset import Dataset
from ..data.order import batch_order


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """`x`, `(x, y)` or `(x, y, sample_weight)`: no more parts than there are.

    A tuple or list of inputs stays together: ``((a, b),)``.

    >>> pack_x_y_sample_weight("x"), pack_x_y_sample_weight("x", "y")
    ('x', ('x', 'y'))
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """`(x, y, sample_weight)` of a batch, None for what is missing.

    Raises:
        DataError: a tuple of more than three parts.

    >>> unpack_x_y_sample_weight(("x", "y"))
    ('x', 'y', None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise DataError(
            "A batch is x, (x, y) or (x, y, sample_weight).",
            got=f"a tuple of {len(data)}",
            fix="group several inputs: ((x1, x2), y).",
        )
    return (*data, *[None] * (3 - len(data)))


class PyDataset:
    """Base of data sets of your own: batches by number.

    A subclass defines `__getitem__(self, index)`, which gives one batch, and `__len__` (or a
    property `num_batches`, None for no end), the number of batches. `fit` visits them in a new
    order every epoch (`shuffle=True`), and prepares the next ones in a thread while the device
    computes.

    Args:
        workers, use_multiprocessing, max_queue_size: accepted for Keras's programs; the engine
            reads ahead by itself.

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, index):
    ...         x = np.arange(index * 4, index * 4 + 4.0)
    ...         return x, x**2
    >>> Squares()[1][1].tolist()
    [16.0, 25.0, 36.0, 49.0]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise NotDefinedError(
            f"{type(self).__name__} does not define __getitem__(self, index).",
            fix="return the batch of that number: (x, y).",
        )

    @property
    def num_batches(self) -> int | None:
        """How many batches; None for a data set without an end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotDefinedError(
            f"{type(self).__name__} does not define __len__(self).",
            fix="return the number of batches, there or from a property `num_batches`.",
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch, and before the first batch is looked at."""

    def on_epoch_end(self) -> None:
        """Called after the last step of each epoch, whatever `steps_per_epoch` is."""


Sequence = PyDataset  # Keras's older name


BatchDataset = Dataset  # its older name here


def check_format(format: str | None) -> None:
    """Refuse what is none of Keras's kinds of data sets, all of which `data.Dataset` stands for."""
    if format not in ("tf", "grain", None):
        raise ConfigError(
            "There is no such format of a data set.",
            got=repr(format),
            expected="'tf' or 'grain'",
            fix="leave format out.",
        )


def batches_of(
    samples: int,
    batch_size: int | None,
    load: Callable[[np.ndarray], Any],
    *,
    shuffle: bool,
    seed: int | None,
    class_names: list[str] | None = None,
    file_paths: list[str] | None = None,
) -> Dataset:
    """A data set whose batches `load` makes from sample numbers; one sample each without a size."""
    if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
        raise ConfigError(
            "batch_size is a positive whole number, or None for single samples.",
            got=repr(batch_size),
            fix="batch_size=32.",
        )
    start = next_seed() if seed is None else int(seed)
    size = batch_size or 1

    def passes(number: int) -> Iterator[Any]:
        order = batch_order(samples, start, number, shuffle)
        for first in range(0, samples, size):
            batch = load(order[first : first + size])
            yield batch if batch_size is not None else _single(batch)

    made = Dataset(passes, -(-samples // size), class_names, file_paths)
    made._open_batch = batch_size is not None
    return made


def _single(batch: Any) -> Any:
    return tuple(part[0] for part in batch) if isinstance(batch, tuple) else batch[0]


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str | None = "tf",
) -> Dataset:
    """Windows of a series, with a target each.

    Args:
        data: steps, ``(steps, ...)``.
        targets: `targets[i]` belongs to the window that begins at step i; None for none.
        sequence_length: steps in a window.
        sequence_stride: steps from one window's beginning to the next's.
        sampling_rate: steps from one value of a window to the next.
        batch_size: windows in a batch; None for windows one by one.
        shuffle: in a new order every pass.
        seed: of that order.
        start_index, end_index: only steps from the one to before the other are used.
        format: accepted for Keras's programs; the result is a `data.Dataset` in any case.

    Returns:
        Batches of windows ``(batch, sequence_length, ...)``, or of ``(windows, targets)``.

    Raises:
        ConfigError: numbers that leave no window.

    >>> windows = timeseries_dataset_from_array(np.arange(6.0), None, 3, batch_size=2)
    >>> [batch.tolist() for batch in windows]
    [[[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0], [3.0, 4.0, 5.0]]]
    """
    check_format(format)
    series = np.asarray(to_array(data, "data", None))
    start = 0 if start_index is None else start_index
    end = len(series) if end_index is None else end_index
    numbers = {
        "sequence_length": sequence_length,
        "sequence_stride": sequence_stride,
        "sampling_rate": sampling_rate,
    }
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ConfigError(
                f"timeseries_dataset_from_array: {name} is a positive whole number.",
                got=repr(value),
                fix=f"{name}={10 if name == 'sequence_length' else 1}.",
            )
    if not 0 <= start < end <= len(series):
        raise ConfigError(
            "timeseries_dataset_from_array: start_index and end_index leave no steps.",
            got=f"start_index={start_index}, end_index={end_index}, {len(series)} steps",
            expected="0 <= start_index < end_index <= steps",
            fix="leave them out to use the whole series.",
        )
    count = end - start - (sequence_length - 1) * sampling_rate
    labels = None
    if targets is not None:
        labels = np.asarray(to_array(targets, "targets", None))[start:end]
        count = min(count, len(labels))
    if count < 1:
        raise ConfigError(
            "timeseries_dataset_from_array: the series is too short for one window.",
            got=f"{end - start} steps, windows over {(sequence_length - 1) * sampling_rate + 1}",
            fix="choose a smaller sequence_length or sampling_rate, or pass more steps.",
        )
    first = np.arange(0, count, sequence_stride)
    steps = np.arange(sequence_length) * sampling_rate
    used = series[start:end]

    def load(numbers: np.ndarray) -> Any:
        begins = first[numbers]
        windows = used[begins[:, None] + steps]  # (batch, sequence_length, ...)
        return windows if labels is None else (windows, labels[begins])

    return batches_of(len(first), batch_size, load, shuffle=shuffle, seed=seed)
