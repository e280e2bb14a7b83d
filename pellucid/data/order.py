"""The order in which an epoch visits its samples: a function of seed and epoch alone."""

from __future__ import annotations

import numpy as np

from .._core.rng import host_generator


def batch_order(n: int, seed: int, epoch: int, shuffle: bool = True) -> np.ndarray:
    """Sample numbers 0 to n-1 in the order of epoch `epoch`.

    It depends on nothing drawn before, so a resumed run continues with the batches that the
    uninterrupted one would have seen.

    Args:
        n: number of samples.
        seed: the run's seed.
        epoch: epoch number from 0.
        shuffle: False gives 0, 1, 2, ... in every epoch.

    Returns:
        int32 array, `(n,)`.

    >>> batch_order(4, seed=1, epoch=0, shuffle=False)
    array([0, 1, 2, 3], dtype=int32)
    >>> sorted(batch_order(4, seed=1, epoch=0).tolist())
    [0, 1, 2, 3]
    """
    order = np.arange(n, dtype=np.int32 if n <= np.iinfo(np.int32).max else np.int64)
    if shuffle:
        host_generator(seed, "shuffle", epoch).shuffle(order)
    return order


def epoch_span(length: int, steps: int | None, epoch: int) -> tuple[int, int, int]:
    """Which pass over the data an epoch belongs to, and which of its batches it takes.

    With fewer steps than a pass has batches, epochs go on where the last one ended; the epoch that
    reaches the end of the data ends there, and the next one starts anew.

    Args:
        length: batches in a pass.
        steps: steps in an epoch; None for one pass.
        epoch: its number from 0.

    Returns:
        Number of the pass, first batch, and the batch after the last.

    >>> [epoch_span(4, 3, epoch) for epoch in range(3)]
    [(0, 0, 3), (0, 3, 4), (1, 0, 3)]
    >>> epoch_span(4, None, 7)
    (7, 0, 4)
    """
    if steps is None or steps >= length:
        return epoch, 0, length
    number, place = divmod(epoch, -(-length // steps))
    return number, place * steps, min((place + 1) * steps, length)
