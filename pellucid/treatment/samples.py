"""What there is to train on and to judge by, and what a treatment may change about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from .._core.errors import ConfigError, DataError
from ..data import ArraySource, as_source
from ..data.splits import take_rows
from ..training.preparation import counts

HELD_OUT = 0.2


@dataclass(frozen=True)
class Samples:
    """Training and validation samples, in the structure that `fit` takes.

    Attributes:
        x, y, weight: ``(samples, ...)`` each; y and weight may be None.
        x_val, y_val: held out, never trained on.
        split: whether they were taken from the samples, rather than given.
    """

    x: Any
    y: Any
    weight: Any
    x_val: Any
    y_val: Any
    split: bool = False

    @property
    def size(self) -> int:
        """Number of training samples."""
        return len(jax.tree.leaves(self.x)[0])

    def keep(self, train: np.ndarray, held_out: np.ndarray) -> Samples:
        """The samples whose flag is True."""
        rows, others = np.flatnonzero(train), np.flatnonzero(held_out)
        if not len(rows) or not len(others):
            raise DataError(
                "No samples are left.",
                got=f"{len(rows)} to train on, {len(others)} to judge by",
                fix="fill the gaps instead of dropping the samples.",
            )
        return replace(
            self,
            x=_rows(self.x, rows),
            y=_rows(self.y, rows),
            weight=_rows(self.weight, rows),
            x_val=_rows(self.x_val, others),
            y_val=_rows(self.y_val, others),
        )

    def with_targets(self, change: Any) -> Samples:
        """The same change in the training and the validation targets."""
        return replace(self, y=change(self.y), y_val=change(self.y_val))


def read_samples(model: Any, data: Any, validation_data: Any, seed: int) -> Samples:
    """The samples in what a user passed.

    Args:
        model: to be trained on them.
        data: ``(x, y)`` or ``(x, y, sample_weight)``, arrays or data frames.
        validation_data: ``(x, y)``; None holds out a fifth of `data`, drawn with `seed`.

    Raises:
        ConfigError: another form. DataError: a stream, or arrays of different lengths.
    """
    source = _arrays(model, data, "data")
    if validation_data is not None:
        other = _arrays(model, validation_data, "validation_data")
        return Samples(source.x, source.y, source.sample_weight, other.x, other.y)
    held = round(source.n * HELD_OUT)
    if held < 2:
        raise DataError(
            "There are too few samples to hold some out.",
            got=f"{source.n} samples",
            fix="pass validation_data=(x_val, y_val).",
        )
    order = np.random.default_rng(seed).permutation(source.n)
    rows, others = np.sort(order[held:]), np.sort(order[:held])
    return Samples(
        _rows(source.x, rows),
        _rows(source.y, rows),
        _rows(source.sample_weight, rows),
        _rows(source.x, others),
        _rows(source.y, others),
        split=True,
    )


def whole_samples(model: Any, data: Any) -> Samples:
    """All samples to train on, none held out."""
    source = _arrays(model, data, "(x, y)")
    return Samples(source.x, source.y, source.sample_weight, None, None)


def _arrays(model: Any, data: Any, what: str) -> ArraySource:
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        raise ConfigError(
            f"{what} must be (x, y) or (x, y, sample_weight).",
            got=f"{len(data)} parts" if isinstance(data, (tuple, list)) else type(data).__name__,
            fix=f"pass {what}=(x, y); a stream of batches is to be collected into arrays first.",
        )
    inputs, outputs = counts(model)
    x, *rest = data
    if model.takes_raw:  # text stays text: every copy looks it up by itself
        x = np.arange(len(data[0]))
    source = as_source(x, *rest, inputs=inputs, outputs=outputs, where=what)
    if not isinstance(source, ArraySource):
        raise DataError(
            f"{what} must be arrays: every candidate is trained on the same samples.",
            got="a stream of batches",
            fix="collect the batches into arrays first.",
        )
    return replace(source, x=np.asarray(data[0])) if model.takes_raw else source


def _rows(tree: Any, rows: np.ndarray) -> Any:
    if tree is None:
        return None
    return jax.tree.map(lambda array: take_rows(array, rows), tree)


def finite_rows(*trees: Any) -> np.ndarray:
    """(samples,) whether every number of a sample is finite."""
    flags: Any = None
    for leaf in jax.tree.leaves(trees):
        array = np.asarray(leaf)
        if array.dtype.kind not in "fc":
            continue
        good = np.isfinite(array).reshape(len(array), -1).all(axis=1)
        flags = good if flags is None else flags & good
    size = len(jax.tree.leaves(trees)[0])
    return np.ones(size, bool) if flags is None else flags


def unseen_rows(x: Any, x_val: Any) -> np.ndarray:
    """(samples,) whether a training sample is none of the validation samples."""

    def texts(tree: Any) -> list[bytes]:
        parts = [np.ascontiguousarray(leaf) for leaf in jax.tree.leaves(tree)]
        return [b"".join(part[i].tobytes() for part in parts) for i in range(len(parts[0]))]

    held = set(texts(x_val))
    return np.array([text not in held for text in texts(x)])
