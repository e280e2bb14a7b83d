"""Random numbers. One seed; every stream derives from a path, so adding one never shifts another.

On the host (initial weights, shuffling, splits) streams are NumPy generators: no compilation, the
same numbers on every platform. In the compiled step they are JAX keys folded from seed, step, path.
"""

from __future__ import annotations

import os
import random
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


class _SeedState(threading.local):
    """The user's seed and how many seeds have been handed out since it was set."""

    def __init__(self) -> None:
        self.seed = int.from_bytes(os.urandom(4), "little")
        self.handed_out = 0


_state = _SeedState()


def set_random_seed(seed: int) -> None:
    """Seed Python, NumPy and Pellucid: the same program then gives the same numbers.

    Args:
        seed: a non-negative integer below 2**32.

    >>> set_random_seed(7); a = next_seed()
    >>> set_random_seed(7); a == next_seed()
    True
    """
    from .errors import ConfigError

    if not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) < 2**32:
        raise ConfigError(
            "The random seed must be an integer from 0 to 2**32 - 1.",
            got=repr(seed),
            fix="pass an integer such as 42.",
        )
    random.seed(int(seed))
    np.random.seed(int(seed))
    _state.seed = int(seed)
    _state.handed_out = 0


def next_seed() -> int:
    """A fresh 32-bit seed: one for every model, initialiser or shuffle that was given none."""
    _state.handed_out += 1
    sequence = np.random.SeedSequence([_state.seed, _state.handed_out])
    return int(sequence.generate_state(1)[0])


@contextmanager
def own_seeds() -> Iterator[None]:
    """What is built inside draws seeds, and the program around it goes on as if it had not.

    >>> set_random_seed(7); a = next_seed()
    >>> set_random_seed(7)
    >>> with own_seeds():
    ...     b = next_seed()
    >>> a == b == next_seed()
    True
    """
    before = _state.handed_out
    try:
        yield
    finally:
        _state.handed_out = before


@contextmanager
def drawing_from(seed: int, number: int) -> Iterator[None]:
    """What runs inside draws its seeds from the stream (`seed`, `number`), in this thread only.

    >>> with drawing_from(3, 1):
    ...     a = next_seed()
    >>> with drawing_from(3, 1):
    ...     b = next_seed()
    >>> a == b
    True
    """
    before = _state.seed, _state.handed_out
    _state.seed = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    _state.handed_out = 0
    try:
        yield
    finally:
        _state.seed, _state.handed_out = before


def path_hash(path: str) -> int:
    """A stable 32-bit number for a path such as ``"sequential/dense/kernel"``."""
    return zlib.crc32(path.encode())


def host_generator(seed: int, *path: str | int) -> np.random.Generator:
    """A NumPy generator for the stream `path` under `seed`.

    >>> host_generator(1, "dense/kernel").random() == host_generator(1, "dense/kernel").random()
    True
    >>> host_generator(1, "dense/kernel").random() == host_generator(1, "dense/bias").random()
    False
    """
    words = [part if isinstance(part, int) else path_hash(part) for part in path]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
