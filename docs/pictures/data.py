"""Pictures of data: ranges, classes, columns, shared rows."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from pellucid.report.charts.bars import Row, bars, dots
from pellucid.report.charts.lines import Series, lines
from pellucid.report.charts.ridges import ridges
from pellucid.report.words import percent


def counted(numbers: float) -> str:
    return f"{numbers:,.0f}"


def two_ranges(title: str, *named: tuple[str, np.ndarray], x_label: str = "number") -> Element:
    """Histograms on one axis, one behind the other."""
    counts, ranges = [], []
    for _, values in named:
        found, edges = np.histogram(values, 32)
        counts.append(found)
        ranges.append((edges[0], edges[-1]))
    return ridges(np.array(counts), np.array(ranges), [n for n, _ in named], title, x_label)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pixels() -> np.ndarray:
    """Grey values as in pictures of digits: mostly black, some white."""
    draw = random()
    bright = draw.random(4000) < 0.25
    return np.where(bright, draw.beta(4, 1.2, 4000), draw.beta(0.3, 8, 4000))


def unscaled() -> Element:
    raw = (pixels() * 255).round()
    return two_ranges("Raw and scaled pixels", ("raw", raw), ("scaled", raw / 255))


def tiny() -> Element:
    once = pixels()
    return two_ranges("Divided by 255 once, and twice", ("once", once), ("twice", once / 255))


def targets() -> Element:
    draw = random()
    return two_ranges(
        "Targets and first answers",
        ("targets", draw.normal(250, 60, 2000)),
        ("answers", draw.normal(0, 1, 2000)),
    )


def validation_scale() -> Element:
    draw = random()
    return two_ranges(
        "Inputs", ("training", draw.normal(0, 1, 2000)), ("validation", draw.normal(30, 9, 2000))
    )


def elsewhere() -> Element:
    draw = random()
    return two_ranges(
        "Inputs",
        ("training", draw.normal(0, 1, 2000)),
        ("validation", draw.normal(1.4, 1.1, 2000)),
    )


def columns() -> Element:
    names = ["rooms", "income", "age", "latitude", "population", "area"]
    spread = [1.2, 1.9, 12.6, 2.1, 1132.0, 35000.0]
    rows = [Row(name, [value]) for name, value in zip(names, spread, strict=True)]
    return dots(
        rows, ["spread"], "Standard deviation of each column", "standard deviation", log=True
    )


def constant() -> Element:
    spread = random().uniform(0.6, 1.4, 6)
    spread[[1, 4]] = 0
    rows = [
        Row(f"column {i}", [float(v)], "problem" if v == 0 else "") for i, v in enumerate(spread)
    ]
    return bars(rows, ["spread"], "Standard deviation of each column")


def missing() -> Element:
    holes = [0, 0, 31, 0, 4, 0]
    rows = [Row(f"column {i}", [float(n)], "problem" if n else "") for i, n in enumerate(holes)]
    return bars(rows, ["NaN"], "Numbers that are not finite", show=counted)


def labels(counts: list[int], wrong: tuple[int, ...] = (), mark: str = "problem") -> Element:
    rows = [Row(f"class {i}", [float(n)], mark if i in wrong else "") for i, n in enumerate(counts)]
    return bars(rows, ["samples"], "Training samples of each class", "samples", show=counted)


def out_of_range() -> Element:
    return labels([101, 98, 104, 97, 100], (4,))


def never() -> Element:
    return labels([120, 0, 131, 118, 0], (1, 4), "warning")


def imbalance() -> Element:
    return labels([941, 38, 21])


def one_target() -> Element:
    return labels([0, 500, 0])


def conflicting() -> Element:
    rows = [Row("input A", [0.5, 0.5]), Row("input B", [0.67, 0.33]), Row("input C", [1.0, 0.0])]
    return bars(rows, ["class 0", "class 1"], "Targets of equal inputs", show=percent, high=1.0)


def shared() -> Element:
    rows = [
        Row("seen in training", [0.99], "warning"),
        Row("new", [0.81]),
        Row("as reported", [0.9]),
    ]
    return bars(rows, ["accuracy"], "Validation accuracy", show=percent, high=1.0)


def disguised() -> Element:
    links = [0.999, 0.12, 0.09, 0.05, 0.04, 0.01]
    names = ["price_class", "rooms", "income", "age", "latitude", "population"]
    rows = [
        Row(name, [link], "warning" if link > 0.9 else "")
        for name, link in zip(names, links, strict=True)
    ]
    return bars(rows, ["link"], "What each column alone tells of the target", high=1.0)


def few_to_validate() -> Element:
    draw, epochs = random(3), np.arange(1, 21)
    truth = 0.9 - 0.4 * np.exp(-epochs / 4)
    series = [
        Series(f"measured on {size:,} samples", epochs, draw.binomial(size, truth) / size, number)
        for number, size in enumerate((10, 2000))
    ]
    return lines(series, "Validation accuracy of one network", "epoch", log=False)


def batches() -> Element:
    rows = [
        Row(f"batches of {size}", [float(np.ceil(500 / size))]) for size in (32, 128, 512, 2048)
    ]
    return bars(rows, ["updates"], "Updates an epoch, with 500 samples", show=counted)


def by_epoch(title: str, *named: tuple[str, np.ndarray], **more) -> Element:
    epochs = np.arange(1, len(named[0][1]) + 1)
    series = [Series(n, epochs, y, i) for i, (n, y) in enumerate(named)]
    return lines(series, title, "epoch", **more)


def exact_hits() -> Element:
    epochs = np.arange(20)
    return by_epoch(
        "Error falls, accuracy stays",
        ("mean absolute error", 0.1 + np.exp(-epochs / 5)),
        ("accuracy", np.zeros(20)),
        log=False,
        zero=True,
    )


def restrained(weak: float, title: str) -> Element:
    """Training loss with too much and with a sensible amount of something that holds back."""
    epochs = np.arange(20)
    return by_epoch(
        title,
        ("too much", 1.1 - 0.12 * (1 - np.exp(-epochs / 3))),
        ("a sensible amount", 0.1 + np.exp(-epochs / weak)),
        log=False,
        zero=True,
    )
