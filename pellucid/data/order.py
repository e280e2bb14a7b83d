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
