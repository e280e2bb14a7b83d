"""What `fit` was given -> one of two things: arrays of one length, or a stream of batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError
from .checks import check_finite, check_lengths
from .loaders import is_sample_table, is_stream, table_of_samples
from .streams import StreamSource
from .tree import Tree, map_tree, named_leaves, to_tree


@dataclass(frozen=True, eq=False)
class ArraySource:
    """Samples in arrays: `x`, and perhaps `y` and `sample_weight`, of one length.

    Each is an array, or a list or dictionary of arrays for several inputs or outputs; NumPy, or
    JAX where the user's arrays were already on a device.

    >>> source = as_source(np.zeros((10, 3)), np.zeros(10, int))
    >>> source.n, source.x.dtype, source.y.dtype
    (10, dtype('float32'), dtype('int32'))
    """

    x: Tree
    y: Tree = None
    sample_weight: Tree = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many samples."""
        return len(next(leaf for _, leaf in named_leaves(self.x, "x")))

    @property
    def nbytes(self) -> int:
        """The size of all arrays together, in bytes."""
        return sum(
            leaf.nbytes for tree in self.trees.values() for _, leaf in named_leaves(tree, "")
        )

    @property
    def trees(self) -> dict[str, Tree]:
        """The three trees under the names that messages use."""
        return {"x": self.x, "y": self.y, "sample_weight": self.sample_weight}

    def take(self, rows: slice | np.ndarray) -> ArraySource:
        """The samples `rows` (a slice or an array of numbers), in that order."""

        def pick(leaf: Any, _: str) -> Any:
            return leaf[rows]

        return replace(self, **{k: map_tree(pick, tree, k) for k, tree in self.trees.items()})

    def check_finite(self) -> None:
        """Raise `DataError` where x, y or sample_weight hold NaN or infinity."""
        for name, tree in self.trees.items():
            check_finite(tree, name, self.columns)

    def __len__(self) -> int:
        return self.n

    def __repr__(self) -> str:
        shown = [
            f"{name}: {tuple(leaf.shape)} {leaf.dtype}"
            for key, tree in self.trees.items()
            for name, leaf in named_leaves(tree, key)
        ]
        return f"ArraySource({', '.join(shown)})"


def as_source(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    inputs: int | None = 1,
    outputs: int | None = 1,
    floatx: str | None = None,
    batch_size: int = 32,
    where: str = "",
    read_x: Callable[[Any], Tree] | None = None,
    labels_apart: bool = True,
) -> ArraySource | StreamSource:
    """The data of `fit`, `evaluate` or `predict` in a form the engine can use.

    Args:
        x: arrays, lists, data frames, tensors, or dictionaries of them; or a stream of batches:
            a generator, an iterable, a PyTorch DataLoader, a tf.data.Dataset, an object with
            `__getitem__` and `__len__` that gives batches (Keras's PyDataset). A Hugging Face
            dataset becomes a dictionary of columns, its `label` column the targets.
        y: targets; None for a stream, whose batches carry them.
        sample_weight: one weight per sample (or one array per output).
        inputs: how many inputs the model has. With 1, a list is one array; with more, a list
            holds one array per input. None: decided by what the list holds.
        outputs: the same for `y`.
        floatx: format of floats, default float32.
        batch_size: for a stream that yields single samples (Hugging Face's streaming datasets).
        read_x: makes arrays of `x`, or of each batch's, in place of the usual way.
        labels_apart: whether a column `label` of a stream of dictionaries is the targets.

    Returns:
        `ArraySource` or `StreamSource`. Finiteness is not checked here: call `check_finite`.

    Raises:
        DataError: different lengths, no data, text, ragged lists, unreadable objects.

    >>> as_source([[1.0, 2.0], [3.0, 4.0]], [0, 1])
    ArraySource(x: (2, 2) float32, y: (2,) int32)
    >>> two = as_source([np.zeros((4, 2)), np.zeros((4, 3))], np.zeros(4), inputs=2)
    >>> len(two.x), two.n
    (2, 4)
    """
    if isinstance(x, (ArraySource, StreamSource)):
        return x
    if isinstance(x, (str, bytes)) or hasattr(x, "__fspath__"):
        raise DataError(
            "x is a path or a text, not data.",
            got=repr(x),
            fix="read the file first, for example polars.read_csv(path) or "
            "pellucid.data.load_npz(path).",
        )
    if is_sample_table(x):
        x, labels = table_of_samples(x, with_labels=y is None)
        y = labels if y is None else y
    elif is_stream(x):
        for name, value in (("y", y), ("sample_weight", sample_weight)):
            if value is not None:
                raise DataError(
                    f"{name} cannot be given beside a stream of batches: it would not line up.",
                    got=f"x of type {type(x).__name__}, {name} of type {type(value).__name__}",
                    expected="a stream whose batches are (x, y) or (x, y, sample_weight)",
                    fix=f"let every batch carry its own {name}.",
                )
        return StreamSource(
            x,
            inputs=inputs,
            outputs=outputs,
            floatx=floatx,
            batch_size=batch_size,
            read_x=read_x,
            labels_apart=labels_apart,
        )
    columns: dict[str, tuple[str, ...]] = {}
    weights = 1 if outputs == 1 else None  # for several outputs: one array, or one for each
    source = ArraySource(
        x=read_x(x) if read_x is not None else to_tree(x, "x", inputs, floatx, columns),
        y=to_tree(y, "y", outputs, floatx, columns, fewer=True),
        sample_weight=to_tree(sample_weight, "sample_weight", weights, floatx, columns),
        columns=columns,
    )
    check_lengths(x=source.x)
    check_lengths(where, **source.trees)
    return source


def split_validation(
    source: ArraySource | StreamSource, fraction: float
) -> tuple[ArraySource, ArraySource]:
    """Training and validation samples: the last `fraction`, taken before any shuffling.

    Args:
        source: arrays; a stream has no end to take from.
        fraction: share of the samples, above 0 and below 1.

    Raises:
        ConfigError: a fraction that is not between 0 and 1, or leaves one side empty.
        DataError: a stream.

    >>> train, validation = split_validation(as_source(np.arange(10.0)), 0.2)
    >>> train.n, validation.x.tolist()
    (8, [8.0, 9.0])
    """
    if not isinstance(source, ArraySource):
        raise DataError(
            "validation_split needs arrays: a stream of batches has no last part to hold out.",
            got=f"x of type {type(source.native).__name__}",
            fix="pass validation_data=another_stream.",
        )
    if not 0 < fraction < 1:
        raise ConfigError(
            "validation_split must be above 0 and below 1.",
            got=repr(fraction),
            fix="pass validation_split=0.2 to hold out the last fifth.",
        )
    cut = math.floor(source.n * (1.0 - fraction))
    if cut in (0, source.n):
        raise ConfigError(
            f"validation_split={fraction} of {source.n} samples leaves nothing to "
            f"{'train' if cut == 0 else 'validate'} on.",
            got=f"{cut} training and {source.n - cut} validation samples",
            fix="pass more data, another fraction, or validation_data.",
        )
    return source.take(slice(0, cut)), source.take(slice(cut, None))
