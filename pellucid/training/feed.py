"""Data to the device: all of it at once where it fits, else block by block while steps compute."""

from __future__ import annotations

import itertools
import queue
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from .._core.errors import OutOfDataWarning
from ..data import ArraySource, StreamSource, batch_order, epoch_span
from ..data import Batch as HostBatch
from . import devices
from .shared_rows import SMALL, share

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
        self._pass = -1  # whose order is on the device
        self._order: Any = None

    @property
    def batches(self) -> int:
        """Batches in one pass, the smaller last one included."""
        return -(-self.source.n // self.batch_size)

    def steps(self, wanted: int | None) -> int | None:
        """Steps in an epoch of `wanted` steps, or of one pass."""
        return self.batches if wanted is None else wanted

    def restart(self) -> None:
        """Nothing is kept between epochs."""

    def spent(self) -> bool:
        """Whether the data ran once and are over: arrays never are."""
        return False

    def epoch(self, number: int = 0, wanted: int | None = None) -> Iterator[Segment]:
        """The segments of an epoch.

        Args:
            number: the epoch's, from 0; where it starts follows from that.
            wanted: steps, going on where the epoch before ended; None for one pass.
        """
        if self._data is None:
            source = self.source
            self._data = jax.tree.map(share, (source.x, source.y, source.sample_weight))
        which, first, last = epoch_span(self.batches, wanted, number)
        if self._pass != which:
            order = self._padded_order(which)
            self._pass, self._order = which, order if order.nbytes <= SMALL else put(order)
        yield from self._segments(first, last)
        if wanted is not None and last - first < wanted:
            warn_of_end("data", last - first, wanted)

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

    def _padded_order(self, which: int) -> np.ndarray:
        order = batch_order(self.source.n, self.seed, which, self.shuffle).astype(np.int32)
        return np.resize(order, self.batches * self.batch_size)


@dataclass
class Block:
    """Batches of one kind (structure, formats, sizes of all axes but the first) on their way.

    Attributes:
        size: rows of a batch; a smaller one is filled up.
        capacity: batches that the block has room for.
        batches: those collected.
    """

    size: int
    capacity: int
    batches: list[Any]


class BlockFeed:
    """Epochs over batches that arrive on the host: collected into blocks, copied ahead of use.

    Batches of one kind share a program. Where kinds change from batch to batch (sequences padded
    per batch, pictures of several sizes) a block holds one batch, so that there is one program for
    each kind.

    Args:
        batches: `(epoch, wanted steps or None) -> iterator of its host batches`.
        length: batches in a pass, where known.
        exact_tail: see `ArrayFeed`.
        stream: where the batches come from, to be told when an epoch begins and ends.
    """

    def __init__(
        self,
        batches: Callable[[int, int | None], Iterator[HostBatch]],
        length: int | None,
        *,
        exact_tail: bool = False,
        stream: StreamSource | None = None,
    ):
        self._batches = batches
        self.length = length
        self.exact_tail = exact_tail
        self.stream = stream
        self._sizes: dict[Any, int] = {}  # kind -> rows of its batches

    def steps(self, wanted: int | None) -> int | None:
        return self.length if wanted is None else wanted

    def restart(self) -> None:
        """Let the next epoch start at the first batch, where the stream can do that."""
        if self.stream is not None:
            self.stream.restart()

    def spent(self) -> bool:
        """Whether the stream runs once and is over."""
        return self.stream is not None and self.stream.spent

    def epoch(self, number: int = 0, wanted: int | None = None) -> Iterator[Segment]:
        """Segments of one epoch; the next block is prepared while this one computes."""
        count = 0
        if self.stream is not None:
            self.stream.begin()
        for segment in ahead(self._blocks(number, wanted)):
            count += segment.last - segment.first
            yield segment
        # Here and not in the thread: only now the steps are done, and it may use the model.
        if self.stream is not None:
            self.stream.end()
        if wanted is not None and 0 < count < wanted:
            warn_of_end("data" if self.stream is None else self.stream.kind, count, wanted)

    def _blocks(self, number: int, wanted: int | None) -> Iterator[Segment]:
        block: Block | None = None
        kind: Any = None
        for batch in self._batches(number, wanted):
            parts, rows = tuple(batch), batch.n
            last_kind, kind = kind, _kind(parts)
            fits = block is not None and kind == last_kind and rows <= block.size
            if block is not None and not fits:
                yield from self._given(block, apart=kind != last_kind)
                block = None
            if block is None:
                block = self._begun(kind, parts, rows)
            if rows < block.size and self.exact_tail:
                yield from self._given(block)
                block = None
                yield Segment(put(parts), None, 0, 1, rows, rows, False)
                continue
            block.batches.append(parts)
            # A short batch ends its block: only a block's last batch may be filled up.
            if rows < block.size or len(block.batches) == block.capacity:
                yield from self._given(block)
                block = None
        if block is not None:
            yield from self._given(block)

    def _begun(self, kind: Any, parts: Any, rows: int) -> Block:
        size = self._sizes.get(kind, 0)
        if rows > size:
            # Where sizes differ, a few programs are to do for all of them.
            grown = bool(size) and not self.exact_tail
            size = self._sizes[kind] = power_of_two(rows) if grown else rows
        if len(self._sizes) > 1:
            return Block(size, 1, [])
        bytes_a_batch = max(1, sum(leaf.nbytes for leaf in jax.tree.leaves(parts)))
        room = min(BLOCK_BATCHES, BLOCK_BYTES // bytes_a_batch, self.length or BLOCK_BATCHES)
        return Block(size, max(1, room), [])

    def _given(self, block: Block, apart: bool = False) -> Iterator[Segment]:
        """The block on the device: as a whole, or batch by batch where kinds change."""
        if not apart:
            if block.batches:
                yield self._segment(block.batches, block.size, block.capacity)
            return
        for parts in block.batches:
            yield self._segment([parts], block.size, 1)

    def _segment(self, batches: list[Any], size: int, room: int) -> Segment:
        capacity = room * size
        rows = (len(batches) - 1) * size + len(jax.tree.leaves(batches[-1])[0])

        def collect(*parts: Any) -> np.ndarray:
            joined = np.concatenate([np.asarray(part) for part in parts])
            # Filling repeats real rows: whatever is computed from them stays finite.
            return joined if rows == capacity else joined[np.arange(capacity) % rows]

        data = jax.tree.map(collect, *batches)
        return Segment(put(data), None, 0, len(batches), rows, size, not self.exact_tail)


def _kind(parts: Any) -> Any:
    """What batches have in common that one program can compute."""
    leaves, structure = jax.tree.flatten(parts)
    return structure, tuple((leaf.shape[1:], leaf.dtype) for leaf in leaves)


def power_of_two(number: int) -> int:
    return 1 << max(0, number - 1).bit_length()


def warn_of_end(kind: str, count: int, wanted: int) -> None:
    """Say that an epoch was shorter than `steps_per_epoch` (or `validation_steps`) asked for."""
    warnings.warn(
        f"The {kind} ran out of batches: {count} of {wanted} steps were done. Ask for fewer steps, "
        "or let the data go on (a generator in a loop, .repeat()).",
        OutOfDataWarning,
        stacklevel=2,
    )


def host_batches(
    source: ArraySource, batch_size: int, shuffle: bool, seed: int
) -> Callable[[int, int | None], Iterator[HostBatch]]:
    """Epochs of `source` as host batches, in the very order that `ArrayFeed` visits."""

    def epoch(number: int, wanted: int | None) -> Iterator[HostBatch]:
        which, first, last = epoch_span(-(-source.n // batch_size), wanted, number)
        order = batch_order(source.n, seed, which, shuffle)
        for start in range(first * batch_size, last * batch_size, batch_size):
            part = source.take(order[start : start + batch_size])
            yield HostBatch(part.x, part.y, part.sample_weight)

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
    return BlockFeed(
        lambda number, wanted: source.epoch(wanted, number=number, seed=seed, shuffle=shuffle),
        source.length,
        exact_tail=exact_tail,
        stream=source,
    )


def steps_of(feed: ArrayFeed | BlockFeed, count: int) -> Iterator[Segment]:
    """Segments of `count` steps, over as many passes as they take."""
    for number in itertools.count():
        before = count
        for segment in feed.epoch(number):
            taken = min(count, segment.last - segment.first)
            yield replace(segment, last=segment.first + taken)
            count -= taken
            if not count:
                return
        if count == before:
            return


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
