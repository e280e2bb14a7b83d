"""What lies where in a checkup's vector, and from the vectors of a run to its `Checkups`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..record.schema import Checkups

WIDEST = 8192
"""Units of a layer that are told apart, at most."""


@dataclass
class Span:
    """A layer's columns in a group, and whether its activation is bounded."""

    path: str
    start: int
    stop: int
    bounded: bool


@dataclass
class OutputColumns:
    """Layers whose outputs have equally many positions, side by side."""

    positions: int
    spans: list[Span]


@dataclass
class WeightRows:
    """A weight's rows in the packed weights; `used` of its `size` numbers are there."""

    path: str
    start: int
    stop: int
    used: int
    size: int
    trained: bool


@dataclass
class Layout:
    """Where everything lies in the vector that a checkup returns.

    Attributes:
        samples: of the probe.
        names: in order, with offset and shape.
        order: the layers in the order of computation.
        groups, weights: in the order of the histograms.
    """

    samples: int = 0
    size: int = 0
    names: dict[Any, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    groups: list[OutputColumns] = field(default_factory=list)
    weights: list[WeightRows] = field(default_factory=list)

    def add(self, name: Any, shape: tuple[int, ...]) -> None:
        self.names[name] = (self.size, tuple(shape))
        self.size += math.prod(shape)

    def part(self, vectors: np.ndarray, name: Any) -> np.ndarray:
        """(checkups, size) -> (checkups, *shape of the part)"""
        offset, shape = self.names[name]
        return vectors[:, offset : offset + math.prod(shape)].reshape(len(vectors), *shape)


def checkups_of(
    layout: Layout, vectors: np.ndarray, steps: list[int], epochs: list[int], root: str
) -> Checkups:
    """The vital signs of a run.

    Args:
        layout: of the vectors.
        vectors: (checkups, size) float32.
        steps, epochs: of each checkup.
        root: the model's name, with which the paths of weights begin.
    """
    found = Checkups(step=np.asarray(steps, np.int64), epoch=np.asarray(epochs, np.int64))
    for name in layout.names:
        if name[0] in ("train", "validation", "training_mode"):
            getattr(found, name[0])[name[1]] = layout.part(vectors, name)
        elif name[0] == "outputs":
            found.outputs.setdefault(name[1], {})[name[2]] = layout.part(vectors, name)
    counts = layout.part(vectors, "histogram")
    ranges = layout.part(vectors, "histogram_range")
    row = 0
    for number, group in enumerate(layout.groups):
        sums = layout.part(vectors, ("units", number))
        count = layout.part(vectors, ("count", number))
        gradients = layout.part(vectors, ("gradients", number))
        for span in group.spans:
            inside = slice(span.start, span.stop)
            signs = _layer(sums[..., inside], count, gradients[..., inside], layout, group, span)
            signs["histogram"], signs["histogram_range"] = counts[:, row], ranges[:, row]
            found.layers[span.path] = signs
            row += 1
    found.layers = {path: found.layers[path] for path in layout.order if path in found.layers}
    rows = layout.part(vectors, "weight_rows") if layout.weights else np.zeros((len(steps), 5, 0))
    slopes = layout.part(vectors, "gradient_rows") if "gradient_rows" in layout.names else None
    between = np.sqrt(np.maximum(np.diff(found.step, prepend=found.step[:1]), 1))
    for weight in layout.weights:
        inside = slice(weight.start, weight.stop)
        slope = slopes[:, inside] if weight.trained and slopes is not None else None
        signs = _weight(rows[..., inside], slope, weight, between)
        signs["histogram"], signs["histogram_range"] = counts[:, row], ranges[:, row]
        found.weights[weight.path[len(root) + 1 :]] = signs
        row += 1
    return found


def _layer(
    sums: np.ndarray,
    count: np.ndarray,
    gradients: np.ndarray,
    layout: Layout,
    group: OutputColumns,
    span: Span,
) -> dict[str, np.ndarray]:
    """A layer's signs from its units' sums ``(checkups, 7, units)``."""
    units = sums.shape[-1]
    each = np.maximum(count.astype(np.float64), 1)  # (checkups,) numbers of one unit
    whole = sums.astype(np.float64).sum(-1) / (each * units)[:, None]  # (checkups, 7)
    slopes = gradients.astype(np.float64).sum(-1)  # (checkups, 2)
    numbers = each * units
    positions = group.positions * units
    signs = {
        "output_mean": whole[:, 0],
        "output_rms": np.sqrt(whole[:, 1]),
        "output_spread": np.sqrt(sums[:, 2].astype(np.float64).sum(-1) / positions),
        "output_nonfinite": whole[:, 4],
        "zero_share": whole[:, 3],
        "gradient_rms": np.sqrt(slopes[:, 0] / numbers) * layout.samples,
        "gradient_nonfinite": slopes[:, 1] / numbers,
    }
    if units <= WIDEST:
        signs["unit_zero"] = sums[:, 6] / np.float32(layout.samples)
    if span.bounded:
        signs["saturated"] = whole[:, 5]
        if units <= WIDEST:
            signs["unit_saturated"] = sums[:, 5] / each[:, None]
    return {name: value.astype(np.float32) for name, value in signs.items()}


def _weight(
    rows: np.ndarray, slope: np.ndarray | None, weight: WeightRows, between: np.ndarray
) -> dict[str, np.ndarray]:
    """A weight's signs from its rows' sums ``(checkups, 5, rows)``."""
    share = weight.size / weight.used
    sums = rows.astype(np.float64).sum(-1) * share
    norm = np.sqrt(sums[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        update = np.sqrt(sums[:, 3]) / norm / between
        change = np.sqrt(sums[:, 4]) / norm[:1]
    update[:1], change[:1] = np.nan, 0.0
    signs = {
        "norm": norm,
        "rms": norm / math.sqrt(weight.size),
        "maximum": rows[:, 1].max(-1),
        "nonfinite": sums[:, 2] / weight.size,
        "update_ratio": update,
        "change": change,
    }
    if slope is not None:
        signs["gradient_norm"] = np.sqrt(slope.astype(np.float64).sum(-1) * share)
    return {name: value.astype(np.float32) for name, value in signs.items()}
