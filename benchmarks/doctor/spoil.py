"""What goes wrong in data: each takes a data set and gives its faulty variant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .data import Data


def scaled(factor: float, offset: float = 0.0) -> Any:
    """Inputs times a factor: nobody scaled them."""
    return lambda data: data.both(lambda x: (x * factor + offset).astype("float32"))


def uneven(data: Data) -> Data:
    """Columns with scales from 1 to 100,000, far from zero: a table as it came."""
    scale = np.geomspace(1, 1e5, data.x.shape[1]).astype("float32")
    return data.both(lambda x: x * scale + 3 * scale)


def targets(factor: float) -> Any:
    """Targets times a factor."""
    return lambda data: replace(data, y=data.y * factor, y_val=data.y_val * factor)


def with_nan(share: float) -> Any:
    """Missing numbers left in the training inputs."""

    def spoil(data: Data) -> Data:
        x = data.x.copy()
        x[np.random.default_rng(4).random(x.shape) < share] = np.nan
        return replace(data, x=x)

    return spoil


def shuffled(data: Data) -> Data:
    """Training targets in another order than their inputs."""
    return replace(data, y=data.y[np.random.default_rng(5).permutation(len(data.y))])


def shifted(data: Data) -> Data:
    """Every training target belongs to the sample before."""
    return replace(data, y=np.roll(data.y, 1, axis=0))


def constant(data: Data) -> Data:
    """Every sample is the same: a reader that forgot to move on."""
    return data.both(lambda x: np.broadcast_to(x[:1], x.shape).copy())


def in_order(data: Data) -> Data:
    """Sorted by target."""
    order = np.argsort(data.y.reshape(len(data.y), -1)[:, 0], kind="stable")
    return replace(data, x=data.x[order], y=data.y[order])


def few(count: int) -> Any:
    """Only the first samples."""
    return lambda data: replace(data, x=data.x[:count], y=data.y[:count])


def repeated(data: Data) -> Data:
    """The validation samples are among the training samples."""
    return replace(
        data, x=np.concatenate([data.x, data.x_val]), y=np.concatenate([data.y, data.y_val])
    )


def leaked(data: Data) -> Data:
    """One column is the target."""

    def add(x: Any, y: Any) -> Any:
        return np.concatenate([x, y.reshape(len(y), -1)[:, :1]], 1).astype("float32")

    return replace(data, x=add(data.x, data.y), x_val=add(data.x_val, data.y_val))


def from_one(data: Data) -> Data:
    """Labels from 1 to 10 for 10 answers."""
    return replace(data, y=data.y + 1, y_val=data.y_val + 1)


def flipped(data: Data) -> Data:
    """The validation pictures lie on their sides: prepared in another way than the others."""
    return replace(data, x_val=np.ascontiguousarray(1 - data.x_val))


def mostly(label: int, share: float) -> Any:
    """Only a share of the training samples of the other classes is left."""

    def spoil(data: Data) -> Data:
        flat = data.y.reshape(-1)
        keep = (flat == label) | (np.random.default_rng(6).random(len(flat)) < share)
        return replace(data, x=data.x[keep], y=data.y[keep], rare=True)

    return spoil
