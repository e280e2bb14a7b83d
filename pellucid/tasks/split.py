"""The three parts of the samples: to train on, to validate with, and held out until the end."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError
from ..data import train_test_split
from .samples import Pair, Samples
from .targets import Targets

DEFAULT_TEST_SPLIT = 0.2


@dataclass(frozen=True)
class Parts:
    """Samples by what they are for; `validation` and `test` are None where nothing is held out.

    Attributes:
        train, validation, test: `(x, y)`, y encoded.
        description: JSON-ready: how the parts were made, and the test part's fingerprint.
    """

    train: Pair
    validation: Pair | None
    test: Pair | None
    description: dict[str, Any]


def make_parts(
    samples: Samples,
    targets: Targets,
    test_split: float | None,
    validation_split: float,
    seed: int,
) -> Parts:
    """Split samples; the same seed gives the same parts.

    Args:
        samples: data that brings a test part keeps it, unless `test_split` is given.
        targets: encodes the answers; classes keep their shares in each part where they can.
        test_split: share of all samples to hold out; None for the data's own part, else a fifth.
        validation_split: share of the remaining samples.
        seed: of the shuffle.

    Raises:
        ConfigError: shares that leave a part empty.
    """
    if samples.y is None:
        raise DataError(f"{samples.source} holds no answers.", fix="save y beside x.")
    x, y = samples.x, targets.encode(samples.y)
    test: Pair | None = None
    own = samples.held_out is not None and test_split is None
    stratified = True
    if samples.held_out is not None:
        held_x, held_y = samples.held_out[0], targets.encode(samples.held_out[1])
        if held_x.shape[1:] != x.shape[1:]:
            raise DataError(
                f"The test part of {samples.source} does not look like the training part.",
                got=f"samples of shape {held_x.shape[1:]}",
                expected=f"{x.shape[1:]}",
                fix="save both parts in one shape.",
            )
        if own:
            test = (held_x, held_y)
        else:
            x, y = np.concatenate([x, held_x]), np.concatenate([y, held_y])
    share = DEFAULT_TEST_SPLIT if test_split is None else test_split
    if not own and share:
        x, y, *test_part, stratified = _split(x, y, share, seed, targets.task, "test")
        test = (test_part[0], test_part[1])
    validation: Pair | None = None
    if validation_split:
        x, y, vx, vy, stratified = _split(x, y, validation_split, seed, targets.task, "validation")
        validation = (vx, vy)
    description = {
        "seed": seed,
        "test_part": "the data's own" if own else "split off" if test else "none",
        "test_split": None if own else share,
        "validation_split": validation_split,
        "stratified": stratified and targets.task == "classification",
        "train": len(x),
        "validation": 0 if validation is None else len(validation[0]),
        "test": 0 if test is None else len(test[0]),
        "test_sha256": None if test is None else fingerprint(*test),
    }
    return Parts((x, y), validation, test, description)


def _split(
    x: np.ndarray, y: np.ndarray, share: float, seed: int, task: str, what: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, bool]:
    """`(x, y)` of the rest and of the part split off, and whether classes kept their shares."""
    count = max(1, round(len(x) * share))
    if len(x) - count < 1:
        raise ConfigError(
            f"{len(x)} samples are too few to split off a {what} part.",
            got=f"{what} share {share:g}",
            expected="at least one sample on both sides",
            fix=f"bring more samples, or pass {what}_split=0.",
        )
    rows = np.arange(len(x))
    if task == "classification":
        try:
            rest, part = train_test_split(rows, test_size=count, random_state=seed, stratify=y)
            return x[rest], y[rest], x[part], y[part], True
        except DataError:  # a class with a single sample, or more classes than held-out samples
            pass
    rest, part = train_test_split(rows, test_size=count, random_state=seed)
    return x[rest], y[rest], x[part], y[part], False


def fingerprint(x: np.ndarray, y: np.ndarray) -> str:
    """SHA-256 of samples and answers: the same held-out part, the same text."""
    digest = hashlib.sha256()
    for array in (x, y):
        digest.update(f"{array.shape} {array.dtype.str}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
