"""A stream of batches, converted to NumPy as they come, over as many epochs as are asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .._core.errors import DataError, PellucidError
from .checks import check_lengths
from .loaders import is_endless, is_indexed, opener, split_batch
from .order import batch_order, epoch_span
from .tree import Tree, named_leaves, to_tree


class Batch(NamedTuple):
    """One batch as NumPy arrays (or trees of them)."""

    x: Tree
    y: Tree = None
    sample_weight: Tree = None

    @property
    def n(self) -> int:
        """How many samples."""
        return len(next(leaf for _, leaf in named_leaves(self.x, "x")))


class StreamSource:
    """Batches that arrive one after the other, converted to NumPy as they come.

    One thread at a time reads it: what looks at the data before training gets the first batch,
    which is kept.

    Args:
        native: the generator, iterable, loader or batch sequence.
        inputs: how many inputs the model has.
        outputs: how many outputs it has.
        floatx: format of floats.
        batch_size: samples in a batch where the stream yields single samples.
        read_x: makes arrays of a batch's `x`, in place of the usual way.
        labels_apart: whether a column `label` of a dictionary is the targets.

    Attributes:
        length: batches in one pass, or None where only the end will tell.
        reiterable: False for a generator, which runs once through all epochs together.
        then: functions `batch -> batch` that every batch goes through: weights, checks.

    >>> import numpy as np
    >>> source = StreamSource([(np.zeros((2, 3)), np.ones(2))] * 4)
    >>> source.length, source.reiterable, [batch.n for batch in source.epoch()]
    (4, True, [2, 2, 2, 2])
    """

    def __init__(
        self,
        native: Any,
        *,
        inputs: int | None = 1,
        outputs: int | None = 1,
        floatx: str | None = None,
        batch_size: int = 32,
        read_x: Callable[[Any], Tree] | None = None,
        labels_apart: bool = True,
    ):
        self.labels_apart = labels_apart
        self.native = native
        self.inputs = inputs
        self.outputs = outputs
        self.floatx = floatx
        self.read_x = read_x
        self.then: list[Callable[[Batch], Batch]] = []
        self._open, self.length, self.reiterable = opener(native, batch_size)
        self.indexed = is_indexed(native)
        self._batches: Iterator[Batch] | None = None
        self._first: Batch | None = None
        self._held = False  # the first batch has been looked at and not been delivered
        self._begun = False
        self._delivered = 0

    def peek(self) -> Batch:
        """The first batch, which the first epoch will still deliver."""
        if self._first is None:
            self.begin()
            if self.indexed:  # a shuffled epoch starts elsewhere, so nothing is held back
                if self.length == 0:
                    raise self._empty()
                self._first = self._convert(self.native[0], 0)
            else:
                self._batches = self._pass() if self._batches is None else self._batches
                self._first = next(self._batches, None)
                if self._first is None:
                    raise self._empty()
                self._held = True
        return self._finished(self._first, 0)

    def require(self, steps: int | None, what: str = "steps_per_epoch") -> None:
        """Raise where an epoch of `steps` steps, or of one pass, would never end.

        Args:
            steps: as the user asked for.
            what: the argument that would say how many.
        """
        if steps is None and is_endless(self.native):
            raise DataError(
                f"This {self.kind} never ends, so {what} has to say how many batches to take.",
                got=f"an infinite data set, {what}=None",
                fix=f"pass {what}, or leave out .repeat().",
            )

    def begin(self) -> None:
        """Tell a data set that has `on_epoch_begin` that an epoch begins; once an epoch."""
        if not self._begun:
            self._begun = True
            if hasattr(self.native, "on_epoch_begin"):
                self.native.on_epoch_begin()

    def end(self) -> None:
        """Likewise `on_epoch_end`."""
        self._begun = False
        if hasattr(self.native, "on_epoch_end"):
            self.native.on_epoch_end()

    def remember(self) -> None:
        """Keep what a stream that runs once gives, so that it can start again."""
        rest = self._open(None)
        kept: list[Any] = []

        def again(order: Any) -> Iterator[Any]:
            yield from list(kept)
            for item in rest:
                kept.append(item)
                yield item

        self._open, self.reiterable = again, True

    def restart(self) -> None:
        """Let the next epoch start at the first batch again, where the stream can do that."""
        if self.reiterable and not self._held:
            self._batches = None

    def epoch(
        self,
        steps: int | None = None,
        *,
        number: int = 0,
        seed: int = 0,
        shuffle: bool = False,
    ) -> Iterator[Batch]:
        """The batches of one epoch.

        Without `steps`, one pass from the start. With `steps`, at most that many, going on from
        where the last epoch ended; the epoch that reaches the end of the data ends there. What is
        indexed finds its place by the epoch's number alone.

        Args:
            steps: batches in this epoch.
            number: the epoch's number from 0.
            seed: the run's seed, for the order of an indexed stream.
            shuffle: visit an indexed stream's batches in random order; other streams have only
                their own order.

        Raises:
            DataError: an empty stream.
        """
        if self.indexed:
            yield from self._by_number(steps, number, seed, shuffle)
            return
        if self._batches is None or (steps is None and self.reiterable and not self._held):
            self._batches = self._pass()
        count = 0
        while steps is None or count < steps:
            batch = self._next()
            if batch is None and self._delivered == 0:
                raise self._empty()
            if batch is None and self.reiterable:
                self._batches = None
                if steps is not None and count == 0:  # the last epoch took the last batch
                    self._batches = self._pass()
                    batch = next(self._batches, None)
            if batch is None:
                return
            yield self._finished(batch, count)
            count += 1
            self._delivered += 1

    def _next(self) -> Batch | None:
        if self._held:
            self._held = False
            return self._first
        return None if self._batches is None else next(self._batches, None)

    def _by_number(
        self, steps: int | None, number: int, seed: int, shuffle: bool
    ) -> Iterator[Batch]:
        if self.length == 0:
            raise self._empty()
        if self.length is None:
            first = 0 if steps is None else number * steps
            places: Any = itertools.count(first) if steps is None else range(first, first + steps)
        else:
            which, first, last = epoch_span(self.length, steps, number)
            places = batch_order(self.length, seed, which, shuffle)[first:last]
        for place, item in zip(places, self._open(places), strict=False):
            yield self._finished(self._convert(item, int(place)), int(place))

    def _pass(self) -> Iterator[Batch]:
        """One run through the native stream."""
        for number, item in enumerate(self._open(None)):
            yield self._convert(item, number)

    def _convert(self, item: Any, number: int) -> Batch:
        x, y, sample_weight = split_batch(item, self.labels_apart)
        weights = 1 if self.outputs == 1 else None
        batch = Batch(
            to_tree(x, "x", self.inputs, self.floatx) if self.read_x is None else self.read_x(x),
            to_tree(y, "y", self.outputs, self.floatx, fewer=True),
            to_tree(sample_weight, "sample_weight", weights, self.floatx),
        )
        check_lengths(f"batch {number} of the {self.kind}", **batch._asdict())
        return batch

    def _finished(self, batch: Batch, number: int) -> Batch:
        try:
            for function in self.then:
                batch = function(batch)
        except PellucidError as error:
            raise error.within(f"Batch {number} of the {self.kind}") from None
        return batch

    @property
    def spent(self) -> bool:
        """Whether it runs once and has given batches: another epoch without any means its end."""
        return not self.reiterable and self._delivered > 0

    @property
    def kind(self) -> str:
        """What the user passed, as messages call it."""
        return type(self.native).__name__

    def _empty(self) -> DataError:
        return DataError(
            f"The {self.kind} yields no batches.",
            got="0 batches",
            expected="at least one batch",
            fix="check the file or filter that it reads from.",
        )

    def __repr__(self) -> str:
        return f"StreamSource({self.kind}, length={self.length}, reiterable={self.reiterable})"
