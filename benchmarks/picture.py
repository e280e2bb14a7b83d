"""Small line pictures with logarithmic axes, as SVG text: no library needed, sharp at any size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLORS = {"pellucid": "#00897b", "torch": "#e8590c", "keras-jax": "#6741d9"}
OTHERS = ("#1971c2", "#868e96", "#c2255c")
WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 34, 46


@dataclass(frozen=True)
class Chart:
    """One set of axes.

    Args:
        title: above it.
        x_label, y_label: beside the axes, with the unit.
        lines: name -> points (x, y), all above 0.
    """

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


def decades(least: float, most: float) -> list[float]:
    """Powers of ten from below `least` to above `most`; with 2 and 5 where there are few.

    >>> decades(3, 40)
    [2.0, 5.0, 10.0, 20.0, 50.0]
    >>> decades(30, 90000)
    [10.0, 100.0, 1000.0, 10000.0, 100000.0]
    """
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    if high - low > 2:
        return [10.0**power for power in range(low, high + 1)]
    fine = [factor * 10.0**power for power in range(low, high + 1) for factor in (1, 2, 5)]
    below = [value for value in fine if value <= least]
    above = [value for value in fine if value >= most]
    return [value for value in fine if below[-1] <= value <= above[0]]


def label(value: float) -> str:
    """A tick's number, short.

    >>> [label(value) for value in (0.02, 5.0, 1000.0, 1024.0, 10_000_000.0)]
    ['0.02', '5', '1k', '1024', '10M']
    """
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size and value % (size / 10) == 0:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def color(name: str, number: int) -> str:
    return COLORS.get(name, OTHERS[number % len(OTHERS)])


def scale(ticks: Sequence[float], start: float, end: float):
    """A function from a value to its place, logarithmic between the outer ticks."""
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])

    def place(value: float) -> float:
        return start + (math.log10(value) - low) / ((high - low) or 1.0) * (end - start)

    return place


def draw(chart: Chart) -> list[str]:
    """The SVG elements of one chart, in its own coordinates."""
    points = [point for line in chart.lines.values() for point in line]
    x_ticks = sorted({x for x, _ in points})
    y_ticks = decades(min(y for _, y in points), max(y for _, y in points))
    across = scale(x_ticks, LEFT, WIDTH - RIGHT)
    upward = scale(y_ticks, HEIGHT - BOTTOM, TOP)
    parts = [f'<text x="{LEFT}" y="16" font-weight="600">{escape(chart.title)}</text>']
    for tick in y_ticks:
        y = upward(tick)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#8884" fill="none"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label(tick)}</text>')
    for tick in x_ticks:
        place = f'x="{across(tick):.1f}" y="{HEIGHT - BOTTOM + 16}"'
        parts.append(f'<text {place} text-anchor="middle">{label(tick)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(chart.x_label)}</text>'
    )
    parts.append(
        f'<text transform="translate(13 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(chart.y_label)}</text>'
    )
    for number, (name, line) in enumerate(chart.lines.items()):
        ink = color(name, number)
        path = " ".join(f"{across(x):.1f},{upward(y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{across(x):.1f}" cy="{upward(y):.1f}" r="3" fill="{ink}"/>'
            for x, y in line
        ]
    return parts


def svg(charts: Sequence[Chart], columns: int = 2) -> str:
    """All charts in a grid, with one legend; readable on light and on dark pages."""
    rows = -(-len(charts) // columns)
    width, height = columns * WIDTH, rows * HEIGHT + 30
    names = list(dict.fromkeys(name for chart in charts for name in chart.lines))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, name in enumerate(names):
        x = LEFT + 130 * number
        parts.append(f'<rect x="{x}" y="8" width="14" height="4" fill="{color(name, number)}"/>')
        parts.append(f'<text x="{x + 20}" y="15">{escape(name)}</text>')
    for number, chart in enumerate(charts):
        x, y = number % columns * WIDTH, number // columns * HEIGHT + 30
        parts += [f'<g transform="translate({x} {y})">', *draw(chart), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"
