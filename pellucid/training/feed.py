"""Data to the device: all of it at once where it fits, else block by block while steps compute."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..data import ArraySource, StreamSource, batch_order
from ..data import Batch as HostBatch
from . import devices
from .shared_rows import share

BLOCK_BYTES = 32 * 2**20
"""A streamed block's size: large enough that a chunk of steps hides its copy."""
BLOCK_BATCHES = 64


@dataclass(frozen=True)
class Segment:
    """A run of steps over arrays that lie on the device.

    Attributes:
        data: `(x, y, sample_weight)`, arrays with a common first axis, or `SharedRows`.
        order: int32 row numbers in visiting order, padded to whole batches; None for in place.
        first, last: batch numbers to run, `first <= number < last`.
        rows: how many rows of the order are real.
        batch_size: rows a batch.
        padded: whether the last batch may hold rows that only fill it up.
    """

    data: Any
    order: Any
    first: int
    last: int
    rows: int
    batch_size: int
    padded: bool


class ArrayFeed:
    """Epochs over arrays that fit on the device.

    Args:
        source: the samples.
        batch_size: rows a batch.
        shuffle: a new order every epoch, from `seed` and the epoch's number alone.
        seed: of the order.
        exact_tail: run the last, smaller batch as a program of its own size, for networks whose
            rows are not known to be independent; else it is filled up and the filling masked.
    """

    def __init__(
        self,
        source: ArraySource,
        batch_size: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
        exact_tail: bool = False,
    ):
        self.source = source
        self.batch_size = min(batch_size, source.n)
        self.shuffle = shuffle
        self.seed = seed
        self.exact_tail = exact_tail
        self._data: Any = None
        self._pass = 0
        self._position = 0
        self._order: Any = None

    @property
    def batches(self) -> int:
        """Batches in one pass, the smaller last one included."""
        return -(-self.source.n // self.batch_size)

    def steps(self, wanted: int | None) -> int | None:
        """Steps in an epoch of `wanted` steps, or of one pass."""
        return self.batches if wanted is None else wanted

    def skip_to(self, epoch: int) -> None:
        """Go on as a run that has already done `epoch` passes."""
        self._pass = epoch

    def epoch(self, wanted: int | None = None) -> Iterator[Segment]:
        """The segments of one epoch: one pass, or `wanted` steps from where the last one ended."""
        if self._data is None:
            source = self.source
            self._data = jax.tree.map(share, (source.x, source.y, source.sample_weight))
        left = self.batches if wanted is None else wanted
        if wanted is None:
            self._position = 0
        while left:
            if self._position == 0:
                self._order = put(self._padded_order())
            take = min(left, self.batches - self._position)
            yield from self._segments(self._position, self._position + take)
            left -= take
            self._position += take
            if self._position == self.batches:
                self._pass, self._position = self._pass + 1, 0

    def _segments(self, first: int, last: int) -> Iterator[Segment]:
        n, size = self.source.n, self.batch_size
        whole, tail = divmod(n, size)
        if not (self.exact_tail and tail):
            yield Segment(self._data, self._order, first, last, n, size, bool(tail))
            return
        if first < whole:
            yield Segment(self._data, self._order, first, min(last, whole), n, size, False)
        if last > whole:
            order = self._order[whole * size : whole * size + tail]
            yield Segment(self._data, order, 0, 1, n, tail, False)

    def _padded_order(self) -> np.ndarray:
        order = batch_order(self.source.n, self.seed, self._pass, self.shuffle).astype(np.int32)
        return np.resize(order, self.batches * self.batch_size)


class BlockFeed:
    """Epochs over batches that arrive on the host: collected into blocks, copied ahead of use.

    Args:
        batches: `(wanted steps or None) -> iterator of host batches` of one epoch.
        length: batches in an epoch, where known.
        exact_tail: see `ArrayFeed`.
    """

    def __init__(
        self,
        batches: Callable[[int | None], Iterator[HostBatch]],
        length: int | None,
        *,
        exact_tail: bool = False,
    ):
        self._batches = batches
        self.length = length
        self.exact_tail = exact_tail
        self._block_batches = 0
        self._size = 0

    def steps(self, wanted: int | None) -> int | None:
        return self.length if wanted is None else wanted

    def skip_to(self, epoch: int) -> None:
        """Streams go on from where they are."""

    def epoch(self, wanted: int | None = None) -> Iterator[Segment]:
        """Segments of one epoch; the next block is prepared while this one computes."""
        return ahead(self._blocks(wanted))

    def _blocks(self, wanted: int | None) -> Iterator[Segment]:
        pending: list[Any] = []
        for batch in self._batches(wanted):
            rows = batch.n
            if not self._size or rows > self._size:
                if pending:
                    yield self._segment(pending)
                    pending = []
                self._resize(batch, rows)
            if rows < self._size and self.exact_tail:
                if pending:
                    yield self._segment(pending)
                    pending = []
                yield Segment(put(tuple(batch)), None, 0, 1, rows, rows, False)
                continue
            pending.append(tuple(batch))
            # A short batch ends its block: only a block's last batch may be filled up.
            if rows < self._size or len(pending) == self._block_batches:
                yield self._segment(pending)
                pending = []
        if pending:
            yield self._segment(pending)

    def _resize(self, batch: HostBatch, rows: int) -> None:
        size = max(1, sum(leaf.nbytes for leaf in jax.tree.leaves(tuple(batch))))
        self._size = rows
        self._block_batches = max(1, min(BLOCK_BATCHES, BLOCK_BYTES // size, self.length or 10**9))

    def _segment(self, pending: list[Any]) -> Segment:
        capacity = self._block_batches * self._size
        rows = (len(pending) - 1) * self._size + len(jax.tree.leaves(pending[-1])[0])

        def collect(*parts: Any) -> np.ndarray:
            joined = np.concatenate([np.asarray(part) for part in parts])
            # Filling repeats real rows: whatever is computed from them stays finite.
            return joined if rows == capacity else joined[np.arange(capacity) % rows]

        data = jax.tree.map(collect, *pending)
        return Segment(put(data), None, 0, len(pending), rows, self._size, not self.exact_tail)


def host_batches(
    source: ArraySource, batch_size: int, shuffle: bool, seed: int
) -> Callable[[int | None], Iterator[HostBatch]]:
    """Epochs of `source` as host batches, in the very order that `ArrayFeed` visits."""
    position = {"pass": 0, "row": 0}

    def epoch(wanted: int | None) -> Iterator[HostBatch]:
        left = -(-source.n // batch_size) if wanted is None else wanted
        if wanted is None:
            position["row"] = 0
        while left:
            order = batch_order(source.n, seed, position["pass"], shuffle)
            while left and position["row"] < source.n:
                rows = order[position["row"] : position["row"] + batch_size]
                part = source.take(rows)
                yield HostBatch(part.x, part.y, part.sample_weight)
                left -= 1
                position["row"] += batch_size
            if position["row"] >= source.n:
                position["pass"], position["row"] = position["pass"] + 1, 0

    return epoch


def make_feed(
    source: ArraySource | StreamSource,
    batch_size: int,
    *,
    shuffle: bool = False,
    seed: int = 0,
    exact_tail: bool = False,
) -> ArrayFeed | BlockFeed:
    """The feed for `source`: resident on the device when it fits the budget, else streamed."""
    if isinstance(source, ArraySource):
        if source.nbytes <= devices.data_budget():
            return ArrayFeed(source, batch_size, shuffle=shuffle, seed=seed, exact_tail=exact_tail)
        size = min(batch_size, source.n)
        return BlockFeed(
            host_batches(source, size, shuffle, seed), -(-source.n // size), exact_tail=exact_tail
        )
    epochs = iter(range(10**9))
    return BlockFeed(
        lambda wanted: source.epoch(wanted, number=next(epochs), seed=seed, shuffle=shuffle),
        source.length,
        exact_tail=exact_tail,
    )


def put(data: Any) -> Any:
    """Arrays to the device."""
    return jax.device_put(data)


def ahead(items: Iterator[Any], depth: int = 1) -> Iterator[Any]:
    """`items`, produced by a thread that stays up to `depth` ahead of the consumer."""
    ready: queue.Queue[Any] = queue.Queue(maxsize=depth)
    stop = threading.Event()
    end = object()

    def offer(item: Any) -> None:
        while not stop.is_set():
            try:
                ready.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def produce() -> None:
        try:
            for item in items:
                offer((item, None))
                if stop.is_set():
                    return
            offer((end, None))
        except BaseException as error:  # handed to the consumer, which raises it
            offer((end, error))

    thread = threading.Thread(target=produce, name="pellucid-feed", daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is end:
                return
            yield item
    finally:
        stop.set()
        thread.join()
