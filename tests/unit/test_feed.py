"""Feeding: order, tails, blocks, and what a failing source does."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from pellucid.data import as_source
from pellucid.training.feed import ArrayFeed, BlockFeed, ahead, host_batches


def rows_of(feed, epochs=1, wanted=None):
    """The sample numbers that each batch of each epoch holds, padding left out."""
    seen = []
    for _ in range(epochs):
        batches = []
        for segment in feed.epoch(wanted):
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


def test_steps_per_epoch_go_on_where_the_last_epoch_ended():
    source = as_source(np.arange(10.0))
    feed = ArrayFeed(source, 4, shuffle=False)
    first, second = rows_of(feed, epochs=2, wanted=2)
    assert first == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert second == [[8, 9], [0, 1, 2, 3]]


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
