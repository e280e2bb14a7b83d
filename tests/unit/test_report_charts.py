"""Charts put numbers where their axes say, and graphs keep their boxes apart."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from pellucid.report.charts.layout import place, rows_of
from pellucid.report.charts.lines import Series, lines
from pellucid.report.charts.matrix import confusion
from pellucid.report.charts.ridges import ridges
from pellucid.report.charts.scale import Scale
from pellucid.report.thin import envelope, smoothed, thinned


def ticks(chart, upright: bool) -> dict[float, float]:
    """Place -> number, of the lines of the grid and the words beside them."""
    texts = [t for t in chart.iter("text") if t.get("class") is None]
    found = {}
    for text in texts:
        if (text.get("text-anchor") == "end") == upright:
            at = float(text.get("y")) - 4 if upright else float(text.get("x"))
            found[at] = float(text.text.replace(",", ""))
    return found


@pytest.mark.parametrize("log", [False, True])
def test_points_lie_where_the_axes_say(log):
    x = np.arange(1.0, 9.0)
    y = 3.0 * 10.0 ** np.linspace(0, 2.5, 8) if log else np.array([1, 4, 2, 8, 5, 7, 3, 6.0])
    chart = lines([Series("y", x, y)], "A chart", "epoch", log=log)
    marks, steps = sorted(ticks(chart, True).items()), sorted(ticks(chart, False).items())
    function = np.log10 if log else np.asarray
    slope_y, start_y = np.polyfit([p for p, _ in marks], function([n for _, n in marks]), 1)
    slope_x, start_x = np.polyfit([p for p, _ in steps], [n for _, n in steps], 1)
    dots = [(float(c.get("cx")), float(c.get("cy"))) for c in chart.iter("circle")]
    assert len(dots) == 8
    for (cx, cy), a, b in zip(dots, x, y, strict=True):
        assert slope_x * cx + start_x == pytest.approx(a, abs=0.02)
        assert slope_y * cy + start_y == pytest.approx(float(function(b)), abs=0.03)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 7), (1e-9, 2e-9), (0.3, 0.31), (5, 5e7)])
def test_ticks_are_round_few_and_inside(low, high):
    found = Scale.over([low, high], 0, 300).ticks()
    assert 2 <= len(found) <= 7
    assert all(low - 1e-12 <= number <= high * (1 + 1e-9) for number, _ in found)
    assert len({text for _, text in found}) == len(found)


def test_thinning_keeps_what_stands_out():
    random = np.random.default_rng(0)
    y = random.normal(size=200_000)
    y[[17, 123_456]] = [50.0, -60.0]
    y[99_999] = np.nan
    x, kept = thinned(np.arange(len(y)), y)
    assert len(kept) < 1000
    assert (np.nanmax(kept), np.nanmin(kept)) == (50.0, -60.0)
    assert np.isnan(kept).sum() == 1
    assert (np.diff(x) > 0).all()
    assert all(y[int(a)] == b or np.isnan(b) for a, b in zip(x, kept, strict=True))
    _, low, high = envelope(np.arange(len(y)), y)
    assert (low.min(), high.max()) == (-60.0, 50.0)
    centres, means = smoothed(np.arange(len(y)), y)
    window = y[int(centres[80]) - 4000 : int(centres[80]) + 4001]
    assert means[80] == pytest.approx(np.nanmean(window))


def test_a_confusion_matrix_holds_its_counts():
    counts = np.array([[5, 0, 1], [0, 7, 0], [2, 0, 4]])
    chart = confusion(counts, ["a", "b", "c"], "Confusion")
    told = {title.text for title in chart.iter("title")}
    assert "truth c, answer a: 2 (33 %)" in told
    assert len(told) == 5  # a square for each count that is not zero
    assert "84 % of the answers are right" in chart.get("aria-label")


def test_a_ridge_spans_its_numbers():
    counts = np.zeros((2, 4))
    counts[0], counts[1, 1:3] = 1, 1
    chart = ridges(counts, np.array([[0.0, 8.0], [0.0, 8.0]]), ["start", "end"], "Ridges")
    where = ticks(chart, False)
    slope, start = np.polyfit(list(where), list(where.values()), 1)
    shapes = [p.get("d") for p in chart.iter("path") if "ridge" in (p.get("class") or "")]
    spans = []
    for d in shapes:
        xs = [float(n) for n in re.findall(r"[ML](-?[\d.]+) ", d)]
        spans.append([slope * min(xs) + start, slope * max(xs) + start])
    np.testing.assert_allclose(spans, [[0, 8], [2, 6]], atol=0.05)


def graph(seed: int, size: int = 30) -> tuple[list[str], dict[str, list[str]]]:
    """A random graph without cycles: mostly chains, some branches, some long ways around."""
    random = np.random.default_rng(seed)
    names = [f"layer_{i}" for i in range(size)]
    inputs: dict[str, list[str]] = {names[0]: []}
    for number in range(1, size):
        near = random.integers(max(0, number - 3), number)
        chosen = {names[near]} | {names[i] for i in range(number) if random.random() < 0.03}
        inputs[names[number]] = sorted(chosen)
    return names, inputs


@pytest.mark.parametrize("seed", range(8))
def test_boxes_never_overlap_and_arrows_lead_down(seed):
    names, inputs = graph(seed)
    boxes, routes = place(names, inputs)
    assert set(boxes) == set(names)
    by_row: dict[int, list[float]] = {}
    for x, row in boxes.values():
        by_row.setdefault(row, []).append(x)
    for places in by_row.values():
        assert all(b - a >= 1 - 1e-6 for a, b in pairwise(sorted(places)))
    assert len(routes) == sum(map(len, inputs.values()))
    for route in routes:
        assert all(a[1] < b[1] for a, b in pairwise(route))
        assert route[0] in boxes.values()
        assert route[-1] in boxes.values()


@pytest.mark.parametrize("seed", range(8))
def test_long_arrows_run_beside_the_boxes(seed):
    names, inputs = graph(seed)
    boxes, routes = place(names, inputs)
    for route in routes:
        for x, row in route[1:-1]:
            for other, level in boxes.values():
                assert level != row or abs(other - x) > 0.5


def test_a_chain_is_straight_and_a_residual_block_stays_so():
    names = ["input", "a", "b", "c", "add", "out"]
    inputs = {"a": ["input"], "b": ["a"], "c": ["b"], "add": ["a", "c"], "out": ["add"]}
    boxes, _ = place(names, inputs)
    assert boxes["b"][0] == pytest.approx(boxes["c"][0])
    assert boxes["add"][0] == pytest.approx(boxes["out"][0])
    assert rows_of(names, inputs) == dict(zip(names, range(6), strict=True))
