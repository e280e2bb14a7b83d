"""Feeding: order, tails, blocks, and what a failing source does."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from pellucid._core.errors import OutOfDataWarning
from pellucid.data import as_source
from pellucid.training.feed import ArrayFeed, BlockFeed, ahead, host_batches, make_feed
from pellucid.utils import PyDataset


def rows_of(feed, epochs=1, wanted=None):
    """The sample numbers that each batch of each epoch holds, padding left out."""
    seen = []
    for epoch in range(epochs) if isinstance(epochs, int) else epochs:
        batches = []
        for segment in feed.epoch(epoch, wanted):
            x = np.asarray(segment.data[0])
            order = np.arange(len(x)) if segment.order is None else np.asarray(segment.order)
            for number in range(segment.first, segment.last):
                start = number * segment.batch_size
                stop = min(start + segment.batch_size, segment.rows)
                batches.append(x[order[start:stop]].tolist())
        seen.append(batches)
    return seen


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("n", "size"), [(10, 4), (12, 4), (3, 8), (9, 1), (1, 32)])
def test_an_epoch_visits_every_sample_once_resident_or_streamed(n, size, exact):
    source = as_source(np.arange(n, dtype="float32"))
    feed = ArrayFeed(source, size, shuffle=True, seed=5, exact_tail=exact)
    stream = BlockFeed(host_batches(source, min(size, n), True, 5), None, exact_tail=exact)
    resident, streamed = rows_of(feed, epochs=3), rows_of(stream, epochs=3)
    assert resident == streamed
    for epoch in resident:
        assert sorted(row for batch in epoch for row in batch) == list(range(n))
        assert all(len(batch) == min(size, n) for batch in epoch[:-1])


@pytest.mark.filterwarnings("ignore::pellucid._core.errors.OutOfDataWarning")
@pytest.mark.parametrize("wanted", [None, 1, 2, 3, 7])
def test_an_epoch_is_a_function_of_its_number_resident_streamed_and_resumed(wanted):
    """As Keras has it: the epoch that reaches the end of the data ends there."""

    def feeds():
        source = as_source(np.arange(10, dtype="float32"))
        yield ArrayFeed(source, 4, shuffle=True, seed=5)
        yield BlockFeed(host_batches(source, 4, True, 5), 3)
        yield make_feed(as_source(Numbered()), 1, shuffle=True, seed=5)

    whole = [rows_of(feed, 6, wanted) for feed in feeds()]
    resumed = [rows_of(feed, range(3, 6), wanted) for feed in feeds()]
    assert whole[0] == whole[1]
    for run, later in zip(whole, resumed, strict=True):
        assert run[3:] == later
        each = {None: [3] * 6, 1: [1] * 6, 2: [2, 1] * 3, 3: [3] * 6, 7: [3] * 6}[wanted]
        assert [len(epoch) for epoch in run] == each


class Numbered(PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return np.arange(4 * index, min(4 * index + 4, 10), dtype="float32")


def test_steps_beyond_the_data_end_the_epoch_with_a_warning():
    feed = ArrayFeed(as_source(np.arange(10.0)), 4)
    with pytest.warns(OutOfDataWarning, match="1 of 2 steps"):
        first, second = rows_of(feed, epochs=2, wanted=2)
    assert first == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert second == [[8, 9]]


def test_batches_of_other_sizes_have_a_block_of_their_own():
    """One program for each size: once sizes differ, every block holds one batch."""
    lengths = [3, 3, 5, 3, 5, 7]
    batches = [np.full((2, length), number, "float32") for number, length in enumerate(lengths)]
    feed = make_feed(as_source(iter([(batch,) for batch in batches])), 1)
    segments = list(feed.epoch())
    assert [segment.data[0].shape for segment in segments] == [(2, n) for n in lengths]
    for segment, batch in zip(segments, batches, strict=True):
        assert np.array_equal(segment.data[0], batch)
        assert (segment.first, segment.last, segment.rows, segment.batch_size) == (0, 1, 2, 2)


def test_growing_batches_share_a_few_sizes():
    sizes = [3, 5, 6, 7, 8, 2, 9]
    feed = make_feed(as_source(iter([(np.full((n, 1), n),) for n in sizes])), 1)
    segments = list(feed.epoch())
    assert sum(segment.rows for segment in segments) == sum(sizes)
    assert {segment.batch_size for segment in segments} == {3, 8, 16}


def test_only_one_thread_reads_a_stream():
    """Whoever looks at the data while training reads gets the batch that is kept."""
    readers = set()

    def batches():
        for number in range(6):
            readers.add(threading.current_thread().name)
            yield (np.full((2, 1), number, "float32"),)

    source = as_source(batches())
    source.peek()
    readers.clear()
    seen = []
    for segment in make_feed(source, 1).epoch():
        seen.append(segment.last - segment.first)
        assert source.peek().x[0, 0] == 0
    assert readers == {"pellucid-feed"}
    assert sum(seen) == 6


def test_an_error_in_the_source_reaches_the_caller_and_ends_the_thread():
    def broken():
        yield 1
        raise ValueError("broken file")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken file"):
        next(items)
    assert not any(thread.name == "pellucid-feed" for thread in threading.enumerate())


def test_stopping_early_ends_the_thread():
    items = ahead(iter(range(1000)))
    assert next(items) == 0
    items.close()
    assert not any(thread.name == "pellucid-feed" for thread in threading.enumerate())
