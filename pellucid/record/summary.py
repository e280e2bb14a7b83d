"""A run's record in a few lines, for whoever prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .schema import RunRecord


def summary(record: RunRecord) -> list[tuple[str, str]]:
    """``(what, how much)`` of everything that the record holds.

    >>> from pellucid.record.schema import RunRecord
    >>> summary(RunRecord("net", losses=np.array([2.0, 1.0])))
    [('steps', '2, loss from 2 to 1')]
    """
    rows = []
    if record.layers:
        size = sum(weight.size for weight in record.weights)
        rows.append(("network", f"{len(record.layers)} layers, {size:,} parameters"))
    if record.plan.samples:
        batch = f", batches of {record.plan.batch_size}" if record.plan.batch_size else ""
        rows.append(("data", f"{record.plan.samples:,} training samples{batch}"))
    if len(record.epochs):
        rows.append(("epochs", f"{len(record.epochs):,}"))
    if len(record.losses):
        first, last = float(record.losses[0]), float(record.losses[-1])
        rows.append(("steps", f"{len(record.losses):,}, loss from {first:.4g} to {last:.4g}"))
    for name, values in record.history.items():
        numbers = np.asarray(values)
        if numbers.ndim == 1 and len(numbers) and numbers.dtype.kind in "fiu":
            rows.append((name, f"{float(numbers[-1]):.4g} after the last epoch"))
    if len(record.checkups):
        rows.append(
            ("checkups", f"{len(record.checkups)}, of {len(record.checkups.layers)} layers")
        )
    if record.bad_step >= 0:
        place = f", first in {record.bad_place}" if record.bad_place else ""
        rows.append(("not finite", f"from step {record.bad_step} on{place}"))
    return rows


def as_text(record: RunRecord) -> str:
    """The summary as aligned lines."""
    rows = summary(record)
    wide = max((len(name) for name, _ in rows), default=0)
    lines = [f"  {name:<{wide}}  {told}" for name, told in rows]
    return "\n".join([f"Vital signs of {record.name!r}", *lines])


def as_markdown(record: RunRecord) -> str:
    """The summary as a table, for notebooks."""
    rows = [f"| {name} | {told} |".replace("\n", " ") for name, told in summary(record)]
    return "\n".join([f"| Vital signs of | `{record.name}` |", "| --- | --- |", *rows])
