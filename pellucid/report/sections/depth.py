"""Through the depth of the network: gradients, signal, dead units, updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import RunRecord
from ..blocks import charts, figure, section
from ..charts.bars import Row, bars, dots
from ..charts.lines import Series, lines
from ..element import el
from ..health import Health, at_bound, can_die, is_output, share_at
from ..words import count, percent

ROWS = 40
"""Layers up to which each has a row with its name."""
USUAL = (1e-4, 3e-2)
"""Update ratios of most sound runs."""


def depth(record: RunRecord, health: Mapping[str, Health]) -> Element | None:
    """One chart for each measure, from the first layer to the last."""
    if not len(record.checkups):
        return None
    figures = [gradients(record), signal(record), units(record), updates(record), pace(record)]
    return section("depth", "Through the network", charts(figures))


def _pairs(
    record: RunRecord, measure: Callable[[str], Any]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Layers of which `measure` gives one number a checkup: names, first and last number."""
    names, first, final = [], [], []
    for layer in record.layers:
        values = measure(layer.path)
        if values is None or not len(values):
            continue
        numbers = np.asarray(values, np.float64)
        if np.isfinite(numbers).any():
            names.append(layer.path)
            first.append(numbers[0])
            final.append(numbers[-1])
    return names, np.array(first), np.array(final)


def _over_depth(
    record: RunRecord,
    title: str,
    names: list[str],
    columns: Sequence[np.ndarray],
    series: Sequence[str],
    x_label: str,
    note: str,
    band: tuple[float, float] | None = None,
) -> Element | None:
    if len(names) < 2:
        return None
    if len(names) > ROWS:
        number = np.arange(1, len(names) + 1, dtype=np.float64)
        kept = [np.where(column > 0, column, np.nan) for column in columns]
        chart = lines(
            [Series(s, number, c, i) for i, (s, c) in enumerate(zip(series, kept, strict=True))],
            title,
            "layer, from the input on",
        )
    else:
        rows = [
            Row(name, [float(column[number]) for column in columns])
            for number, name in enumerate(names)
        ]
        positive = any((np.asarray(column) > 0).any() for column in columns)
        chart = dots(rows, series, title, x_label, band=band, log=positive)
    return figure(title, chart, note)


def _times(record: RunRecord) -> tuple[str, str]:
    epochs = record.checkups.epoch
    steps = record.checkups.step
    start = "before training" if len(steps) and steps[0] == 0 else "first checkup"
    return start, f"after epoch {int(epochs[-1])}" if len(epochs) and epochs[-1] else "now"


def _two(record: RunRecord, first: np.ndarray, final: np.ndarray) -> tuple[list[Any], list[str]]:
    if len(record.checkups) < 2:
        return [final], [_times(record)[0]]
    return [first, final], list(_times(record))


def gradients(record: RunRecord) -> Element | None:
    """How strong the gradient is at each layer's output."""
    signs = record.checkups.layers
    names, first, final = _pairs(record, lambda p: signs.get(p, {}).get("gradient_rms"))
    columns, series = _two(record, first, final)
    return _over_depth(
        record, "Gradient flow", names, columns, series, "root mean square",
        "The gradient of the loss by each layer's output. It vanishes where the first layers lie "
        "many powers of ten below the last.",
    )  # fmt: skip


def signal(record: RunRecord) -> Element | None:
    """How far each layer tells samples apart."""
    signs = record.checkups.layers
    names, first, final = _pairs(record, lambda p: signs.get(p, {}).get("output_spread"))
    columns, series = _two(record, first, final)
    return _over_depth(
        record, "Signal", names, columns, series, "spread over samples",
        "How much a layer's output differs from sample to sample. At zero it says the same of all.",
    )  # fmt: skip


def units(record: RunRecord) -> Element | None:
    """Dead and saturated units by layer."""
    rows = []
    for layer in record.layers:
        signs = record.checkups.layers.get(layer.path, {})
        dead = share_at(signs.get("unit_zero"), -1) if can_die(layer.activation) else None
        full = None if is_output(record, layer) else at_bound(signs)
        if dead is not None or full is not None:
            pair = [np.nan if v is None else v for v in (dead, full)]
            rows.append(Row(layer.path, pair))
    if not rows or len(rows) > 3 * ROWS:
        return None
    table = np.array([row.values for row in rows])
    kept = [i for i in range(2) if np.isfinite(table[:, i]).any()]
    names = [("dead", "saturated")[i] for i in kept]
    rows = [Row(row.name, [row.values[i] for i in kept]) for row in rows]
    title = " and ".join(names).capitalize() + " units"
    if not np.nanmax(table):
        return figure(title, el("p", f"None in {count(len(rows), 'layer')}.", class_="soft"))
    if len(rows) > ROWS:
        number = np.arange(1, len(rows) + 1, dtype=np.float64)
        columns = [np.array([row.values[i] for row in rows]) for i in range(len(kept))]
        chart = lines(
            [Series(n, number, c, i) for i, (n, c) in enumerate(zip(names, columns, strict=True))],
            title, "layer, from the input on", zero=True, log=False,
        )  # fmt: skip
    else:
        chart = bars(rows, names, title, show=percent, high=1.0)
    words = {
        "dead": "Dead: zero on every sample of the probe.",
        "saturated": "Saturated: the share of a layer's answers at a bound of its activation.",
    }
    return figure(title, chart, " ".join(words[name] for name in names))


def updates(record: RunRecord) -> Element | None:
    """How far a step moves each layer's weights, by their size, at the end."""
    rows = _matrices(record)
    names = [path for path, _ in rows]
    if len(names) < 2:
        return None
    final = np.array([_final(values) for _, values in rows])
    first = np.array([_first(values) for _, values in rows])
    columns, series = ([first, final], ["at the start", "at the end"])
    if len(record.checkups) < 3:
        columns, series = [final], ["update"]
    return _over_depth(
        record, "Update-to-weight ratio", names, columns, series, "change of a step by the weight",
        "How far one step moves the weights, by their own size. Most sound runs lie within the "
        "shaded stretch; far below it a layer stands still, far above it jumps.",
        band=USUAL,
    )  # fmt: skip


def _matrices(record: RunRecord) -> list[tuple[str, np.ndarray]]:
    """Update ratios of the trained weights of rank two and more."""
    found = []
    for weight in record.weights:
        values = record.checkups.weights.get(weight.path, {}).get("update_ratio")
        if weight.trainable and len(weight.shape) > 1 and values is not None and len(values):
            numbers = np.asarray(values, np.float64)
            if np.isfinite(numbers).any():
                found.append((weight.path, numbers))
    return found


def _final(values: np.ndarray) -> float:
    return float(values[np.isfinite(values)][-1])


def _first(values: np.ndarray) -> float:
    return float(values[np.isfinite(values)][0])


def pace(record: RunRecord) -> Element | None:
    """Update ratios over the run: of up to six weights each, else their range."""
    rows = _matrices(record)
    steps = np.asarray(record.checkups.step, np.float64)
    rows = [(path, v) for path, v in rows if len(v) == len(steps)]
    if not rows or len(steps) < 4:
        return None
    table = np.stack([values for _, values in rows])
    if len(rows) <= 4:
        series = [Series(path, steps, values, i) for i, (path, values) in enumerate(rows)]
        note = None
    else:
        with np.errstate(all="ignore"):
            kept = np.isfinite(table).any(axis=0)
            quantiles = np.nanquantile(
                np.where(np.isfinite(table), table, np.nan)[:, kept], [0, 0.5, 1], axis=0
            )
        x = steps[kept]
        names = ("smallest", "median", "largest")
        series = [Series(n, x, q, i) for i, (n, q) in enumerate(zip(names, quantiles, strict=True))]
        note = f"Over {len(rows)} weights."
    chart = lines(series, "Update-to-weight ratio over the run", "step", log=True)
    return figure("Update-to-weight ratio over the run", chart, note)
