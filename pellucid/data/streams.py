"""A stream of batches, converted to NumPy as they come, over as many epochs as are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .._core.errors import DataError
from .checks import check_lengths
from .loaders import is_endless, is_indexed, opener, split_batch
from .order import batch_order
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

    Args:
        native: the generator, iterable, loader or batch sequence.
        inputs: how many inputs the model has.
        outputs: how many outputs it has.
        floatx: format of floats.
        batch_size: samples in a batch where the stream yields single samples.
        read_x: makes arrays of a batch's `x`, in place of the usual way.

    Attributes:
        length: batches in one pass, or None where only the end will tell.
        reiterable: False for a generator, which runs once through all epochs together.

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
    ):
        self.native = native
        self.inputs = inputs
        self.outputs = outputs
        self.floatx = floatx
        self.read_x = read_x
        self._open, self.length, self.reiterable = opener(native, batch_size)
        self.indexed = is_indexed(native)
        self._batches: Iterator[Batch] | None = None
        self._peeked: list[Batch] = []
        self._delivered = 0

    def peek(self) -> Batch:
        """The first batch, which the first epoch will still deliver."""
        if self._peeked:
            return self._peeked[0]
        if self.indexed:  # a shuffled epoch may start elsewhere, so nothing is held back
            return self._convert(self.native[0], 0)
        if self._batches is None:
            self._batches = self._pass(None)
        first = next(self._batches, None)
        if first is None:
            raise self._empty()
        self._peeked.append(first)
        return first

    def require(self, epochs: int, steps_per_epoch: int | None) -> None:
        """Raise before training where the stream cannot serve that many epochs."""
        if steps_per_epoch is None and is_endless(self.native):
            raise DataError(
                f"This {self._kind} never ends, so an epoch needs a length.",
                got="an infinite dataset, steps_per_epoch=None",
                fix="pass steps_per_epoch, or leave out .repeat().",
            )
        if not self.reiterable and steps_per_epoch is None and epochs > 1:
            raise DataError(
                f"A {self._kind} runs once, so it cannot serve {epochs} epochs.",
                got=f"x of type {self._kind}, epochs={epochs}, steps_per_epoch=None",
                expected="an iterable that starts again, or an endless generator with "
                "steps_per_epoch",
                fix="pass steps_per_epoch, or an object whose __iter__ makes the generator anew.",
            )

    def epoch(
        self,
        steps: int | None = None,
        *,
        number: int = 0,
        seed: int = 0,
        shuffle: bool = False,
    ) -> Iterator[Batch]:
        """The batches of one epoch.

        Without `steps`, one pass from the start. With `steps`, that many, going on from where the
        last epoch ended; a stream that can start again does so at its end.

        Args:
            steps: batches in this epoch.
            number: the epoch's number from 0, for the order of an indexed stream.
            seed: the run's seed, likewise.
            shuffle: visit an indexed stream's batches in random order; other streams have only
                their own order.

        Raises:
            DataError: an empty stream, or a one-shot one that has run out.
        """
        order = None
        if self.indexed and shuffle and self.length is not None:
            order = batch_order(self.length, seed, number)
        start_again = steps is None and self.reiterable and not self._peeked
        if self._batches is None or start_again:
            self._batches = self._pass(order)
        count = 0
        fresh = False  # guards against starting an empty stream again and again
        while steps is None or count < steps:
            batch = self._peeked.pop() if self._peeked else next(self._batches, None)
            if batch is not None:
                count += 1
                self._delivered += 1
                fresh = False
                yield batch
                continue
            self._batches = None
            if steps is None and count:
                break
            if fresh or (self.reiterable and steps is None):
                raise self._empty()
            if not self.reiterable:
                raise self._exhausted(number, count, steps)
            fresh = True
            self._batches = self._pass(order)

    def _pass(self, order: Any) -> Iterator[Batch]:
        """One run through the native stream."""
        if hasattr(self.native, "on_epoch_begin"):
            self.native.on_epoch_begin()
        for number, item in enumerate(self._open(order)):
            yield self._convert(item, number)
        if hasattr(self.native, "on_epoch_end"):
            self.native.on_epoch_end()

    def _convert(self, item: Any, number: int) -> Batch:
        x, y, sample_weight = split_batch(item)
        weights = 1 if self.outputs == 1 else None
        batch = Batch(
            to_tree(x, "x", self.inputs, self.floatx) if self.read_x is None else self.read_x(x),
            to_tree(y, "y", self.outputs, self.floatx),
            to_tree(sample_weight, "sample_weight", weights, self.floatx),
        )
        check_lengths(f"batch {number} of the {self._kind}", **batch._asdict())
        return batch

    @property
    def _kind(self) -> str:
        return type(self.native).__name__

    def _empty(self) -> DataError:
        return DataError(
            f"The {self._kind} yields no batches.",
            got="0 batches",
            expected="at least one batch",
            fix="check the file or filter that it reads from.",
        )

    def _exhausted(self, epoch: int, count: int, steps: int | None) -> DataError:
        if not self._delivered:
            return self._empty()
        wanted = f"the {steps} that steps_per_epoch asks for" if steps else "another pass"
        return DataError(
            f"The {self._kind} ran out after {self._delivered} batches: epoch {epoch + 1} got "
            f"{count} of {wanted}.",
            got=f"{self._delivered} batches in all",
            expected="an endless generator, or one that yields epochs x steps_per_epoch batches",
            fix="loop inside it (while True: ...), lower epochs or steps_per_epoch, or pass an "
            "object whose __iter__ makes the generator anew.",
        )

    def __repr__(self) -> str:
        return f"StreamSource({self._kind}, length={self.length}, reiterable={self.reiterable})"
