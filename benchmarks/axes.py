"""What grows in `benchmarks.scaling`: the points of each axis, and the table of their costs."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import made_up


@dataclass(frozen=True)
class Point:
    """One network of an axis: sizes of the program, batch, and samples an epoch."""

    value: int
    sizes: dict[str, int]
    batch: int
    samples: int


@dataclass(frozen=True)
class Axis:
    """One picture: what grows, in which program, and what stays."""

    title: str
    unit: str
    program: str
    data: Callable[..., Any]
    points: tuple[Point, ...]


def _rows(samples: int, columns: int) -> Any:
    """A table whose class is seen in its columns, made in no time for ten million rows too."""
    import numpy as np

    random = np.random.default_rng(0)
    x = random.standard_normal((samples, columns), dtype=np.float32)
    return x, (x[:, 0] + x[:, 1] > 0).astype("int32")


def _mlp(point: Point) -> Any:
    return _rows(point.samples, point.sizes.get("columns", 256))


def _table(point: Point) -> Any:
    return _rows(point.samples, 20)


def _text(point: Point) -> Any:
    return made_up.source_bytes(point.samples, length=point.sizes["length"])


AXES = {
    "batch": Axis(
        "batch size, MLP 256-256-256-10", "samples a step", "scaled_mlp", _mlp,
        tuple(Point(b, {}, b, max(4096, 8 * b)) for b in (16, 32, 64, 128, 256, 512, 1024)),
    ),
    "width": Axis(
        "width, MLP of 2 layers, batch 128", "units a layer", "scaled_mlp", _mlp,
        tuple(Point(w, {"width": w}, 128, 128 * (40 if w < 1024 else 12))
              for w in (32, 64, 128, 256, 512, 1024, 2048)),
    ),
    "depth": Axis(
        "depth, MLP 256 wide, batch 128", "layers", "scaled_mlp", _mlp,
        tuple(Point(d, {"depth": d}, 128, 128 * 24) for d in (1, 2, 4, 8, 16, 32)),
    ),
    "length": Axis(
        "length of the sequence, GPT 2 blocks, width 128, batch 8", "bytes", "gpt", _text,
        tuple(Point(n, {"length": n, "blocks": 2}, 8, 8 * max(6, 2048 // n))
              for n in (32, 64, 128, 256, 512)),
    ),
    "rows": Axis(
        "rows of the table, MLP 20-64-32-2, batch 1024", "rows", "table_mlp", _table,
        tuple(Point(n, {}, 1024, n) for n in (1_000, 10_000, 100_000, 1_000_000, 10_000_000)),
    ),
}  # fmt: skip


def table(name: str, runs: dict[str, list[dict[str, Any]]]) -> tuple[list[str], list[list[str]]]:
    """Medians over the rounds: a row a point, a column a library."""
    rows = []
    for point in AXES[name].points:
        cells = []
        for of_one in runs.values():
            values = [run["microseconds"][str(point.value)] for run in of_one]
            middle = statistics.median(values)
            cells.append(f"{middle:,.0f}" if middle >= 100 else f"{middle:.3g}")
        rows.append([f"{point.value:,}", *cells])
    return [AXES[name].unit, *runs], rows
