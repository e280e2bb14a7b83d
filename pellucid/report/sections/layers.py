"""One fold-out a layer: its numbers, its histograms over time, its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import LayerRecord, RunRecord
from ..blocks import charts, figure, fold, section, settings, table
from ..charts.lines import Series, lines
from ..charts.ridges import ridges
from ..element import el
from ..health import Health, can_die, last
from ..thin import spread_out
from ..words import count, cut, percent, shape_text, short

ROWS = 10
MANY = 120
"""Layers from which less is told of each."""
BUDGET = 1600
"""Ridges on the whole page, about."""


def layers(
    record: RunRecord, health: Mapping[str, Health], anchors: Mapping[str, str]
) -> Element | None:
    """All layers, in the order of computation."""
    if not record.layers:
        return None
    rows = max(2, min(ROWS, BUDGET // max(1, 2 * len(record.layers))))
    found = [one_layer(record, layer, health[layer.path], anchors, rows) for layer in record.layers]
    return section("layers", "Layers", found)


def one_layer(
    record: RunRecord, layer: LayerRecord, health: Health, anchors: Mapping[str, str], rows: int
) -> Element:
    """Open where there is a problem."""
    facts = [layer.kind, shape_text(layer.output_shape)]
    if layer.activation not in (None, "linear"):
        facts.append(str(layer.activation))
    if health.parameters:
        facts.append(count(health.parameters, "parameter"))
    facts += health.facts()
    state = health.state if health.state in ("problem", "warning") else None
    summary = el(
        "span",
        el("span", state, class_=f"badge {state}") if state else None,
        el("b", layer.path),
        el("span", " · " + " · ".join(fact for fact in facts if fact), class_="facts"),
    )
    few = len(record.layers) <= MANY
    figures = [
        outputs(record, layer, rows),
        *[weights(record, path, rows) for path in layer.weights[: 2 if few else 1]],
        zeros(record, layer) if few else None,
    ]
    return fold(
        summary,
        found(health),
        charts(figures),
        el("div", weight_table(record, layer), _settings(layer), class_="pair"),
        anchor=anchors[layer.path],
        opened=health.state == "problem",
    )


def found(health: Health) -> Element | None:
    """What the doctor found here, in one line each: the whole of it stands above."""
    if not health.findings:
        return None
    lines = [
        el("p", el("span", f.severity, class_=f"badge {f.severity}"), f.symptom, " ",
           el("code", f.rule, class_="soft"))
        for f in health.findings[:5]
    ]  # fmt: skip
    return el("div", lines)


def _settings(layer: LayerRecord) -> Element | None:
    """What the layer was made with, without what nearly all layers are made with."""
    usual = {"name": layer.path, "trainable": True, "autocast": True, "dtype": "float32"}
    kept = [
        (name, _written(value))
        for name, value in layer.config.items()
        if name != "name" and usual.get(name, _written) != value
    ]
    return settings(kept)


def _written(value: Any) -> str | None:
    """A setting in few words."""
    if value is None or value == {} or value == []:
        return None
    if isinstance(value, dict) and "class_name" in value:
        inner = value.get("config")
        inner = inner if isinstance(inner, dict) else {}
        inside = ", ".join(f"{n}={_written(v)}" for n, v in inner.items() if v is not None)
        return cut(f"{value['class_name']}({inside})", 300)
    if isinstance(value, str):
        return cut(value, 300)
    try:
        return cut(json.dumps(value, default=str), 300)
    except (TypeError, ValueError):
        return cut(repr(value), 300)


def outputs(record: RunRecord, layer: LayerRecord, rows: int) -> Element | None:
    """What the layer gives, over time."""
    signs = record.checkups.layers.get(layer.path, {})
    return _ridges(record, signs, f"Output of {layer.path}", "output", 0, rows)


def weights(record: RunRecord, path: str, rows: int) -> Element | None:
    """The numbers of a weight, over time."""
    signs = record.checkups.weights.get(path, {})
    return _ridges(record, signs, f"Weight {path}", "weight", 1, rows)


def _ridges(
    record: RunRecord, signs: Mapping[str, Any], title: str, label: str, style: int, most: int
) -> Element | None:
    counts, ranges = signs.get("histogram"), signs.get("histogram_range")
    if counts is None or ranges is None or not len(counts) or len(counts) != len(ranges):
        return None
    if not np.asarray(counts).sum():
        return None
    chosen = spread_out(len(counts), most)
    names = [_when(record, int(i)) for i in chosen]
    chart = ridges(
        np.asarray(counts)[chosen], np.asarray(ranges)[chosen], names, title, label, style=style
    )
    return figure(title, chart)


def _when(record: RunRecord, row: int) -> str:
    step, epoch = int(record.checkups.step[row]), int(record.checkups.epoch[row])
    if epoch:
        return f"epoch {epoch}"
    return "start" if not step else f"step {short(step)}"


def zeros(record: RunRecord, layer: LayerRecord) -> Element | None:
    """Zeros, dead and saturated units over the run."""
    signs = record.checkups.layers.get(layer.path, {})
    steps = np.asarray(record.checkups.step, np.float64)
    found = []
    relu = can_die(layer.activation)
    if relu and "unit_zero" in signs:
        dead = (np.asarray(signs["unit_zero"]) >= 0.999).mean(axis=1)
        found.append(Series("dead units", steps, dead, 1))
    if relu and "zero_share" in signs:
        found.append(Series("zeros", steps, np.asarray(signs["zero_share"], np.float64), 0))
    if "saturated" in signs:
        found.append(Series("saturated", steps, np.asarray(signs["saturated"], np.float64), 3))
    found = [s for s in found if len(s.y) == len(steps)]
    if not found or len(steps) < 3:
        return None
    title = f"Zeros and dead units of {layer.path}" if relu else f"Saturation of {layer.path}"
    return figure(title, lines(found, title, "step", log=False, zero=True))


def weight_table(record: RunRecord, layer: LayerRecord) -> Element | None:
    """One row a weight."""
    rows = []
    own = {weight.path: weight for weight in record.weights}
    for path in layer.weights:
        weight = own.get(path)
        if weight is None:
            continue
        signs = record.checkups.weights.get(path, {})
        numbers = [
            _number(signs.get(n)) for n in ("norm", "gradient_norm", "update_ratio", "change")
        ]
        bad = last(signs.get("nonfinite"))
        rows.append(
            [
                weight.role,
                " × ".join(map(str, weight.shape)) or "one number",
                *numbers,
                ", ".join(
                    word
                    for word, so in (
                        ("frozen", not weight.trainable),
                        ("the loss does not depend on it", weight.used is False),
                        (f"{percent(bad or 0)} not finite", bool(bad)),
                    )
                    if so
                ),
            ]
        )
    return table(["weight", "shape", "#norm", "#gradient", "#update", "#moved", ""], rows)


def _number(values: Any) -> str:
    value = last(values)
    return "" if value is None else short(value)
