"""Whether samples come sorted: by their targets, or by what the loss does within an epoch."""

from __future__ import annotations

import numpy as np

from ...record.schema import RunRecord

SAWTOOTH = 0.15
ALIKE = 0.8


def sawtooth(record: RunRecord) -> float:
    """How much the loss depends on the place in the epoch, over its mean; 0 where it does not.

    The median over epochs by place, less a straight line; only what neighbouring places share.
    """
    steps = record.plan.steps_per_epoch or 0
    losses = np.asarray(record.losses, np.float64)
    whole = len(losses) // steps if steps >= 6 else 0
    if whole < 1 or not np.isfinite(losses).all():
        return 0.0
    rows = losses[len(losses) - whole * steps :].reshape(whole, steps)
    rows = rows[whole // 2 :] if whole > 3 else rows
    profile = np.median(rows, axis=0)
    place = np.arange(steps)
    rest = profile - np.polyval(np.polyfit(place, profile, 1), place)
    shared = float(np.mean(rest[1:] * rest[:-1]))
    return float(np.sqrt(max(shared, 0.0)) / (abs(profile.mean()) + 1e-12))


def in_order(record: RunRecord) -> float:
    """0 to 1: how much the targets of samples that follow each other are alike."""
    known = [target.neighbours_alike for target in record.data.targets.values()]
    return max((value for value in known if value is not None), default=0.0)


def sorted_samples(record: RunRecord) -> bool:
    """Whether samples are not shuffled, and their order shows."""
    return not record.plan.shuffle and (sawtooth(record) >= SAWTOOTH or in_order(record) >= ALIKE)
