"""What the network was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import ArrayRecord, RunRecord
from ..blocks import charts, figure, section, table
from ..charts.bars import Row, bars
from ..words import count, short

CLASSES = 30
COLUMNS = 20


def data(record: RunRecord, names: Sequence[str] | None = None) -> Element | None:
    """Ranges of inputs and targets, classes, columns that tell much."""
    found = record.data
    rows = [*_rows(found.inputs, "input"), *_targets(found.targets, "target")]
    rows += [*_rows(found.validation_inputs, "validation input")]
    rows += [*_targets(found.validation_targets, "validation target")]
    head = [
        "array",
        "what",
        "sample",
        "#looked at",
        "#smallest",
        "#mean",
        "#largest",
        "#spread",
        "",
    ]
    figures = [*_classes(record, names), *_links(record)]
    return section("data", "Data", table(head, rows), _facts(record), charts(figures))


def _rows(arrays: Mapping[str, ArrayRecord], what: str) -> list[list[Any]]:
    return [_row(array, what) for array in arrays.values()]


def _targets(targets: Mapping[str, Any], what: str) -> list[list[Any]]:
    found = []
    for name, target in targets.items():
        row = _row(target.array, what)
        row[0] = name
        words = target.kind.replace("_", "-")
        row[-1] = ", ".join(part for part in (words, row[-1]) if part)
        found.append(row)
    return found


def _row(array: ArrayRecord, what: str) -> list[Any]:
    words = [array.dtype]
    words += ["whole numbers"] if array.integers else []
    words += [f"{count(array.nonfinite, 'number')} not finite"] if array.nonfinite else []
    numbers = (array.minimum, array.mean, array.maximum, array.std)
    return [
        array.name,
        what,
        " × ".join(map(str, array.shape)) or "one number",
        f"{array.samples:,}",
        *("" if number is None else short(number) for number in numbers),
        ", ".join(words),
    ]


def _facts(record: RunRecord) -> Element | None:
    found = record.data
    rows = [
        [words, f"{number:,}"]
        for words, number in (
            ("validation samples that are also training samples", found.shared_rows),
            ("training samples that occur more than once", found.repeated_rows),
            ("training samples with the same input and another target", found.conflicting_rows),
        )
        if number
    ]
    return table(["rows", "#count"], rows)


def _classes(record: RunRecord, names: Sequence[str] | None) -> list[Element]:
    found = []
    for name, target in record.data.targets.items():
        counts = target.class_counts
        if counts is None or len(counts) < 2 or not np.sum(counts):
            continue
        known = (
            list(names)
            if names and len(names) == len(counts)
            else list(map(str, range(len(counts))))
        )
        order = range(len(counts))
        if len(counts) > CLASSES:
            order = np.argsort(-np.asarray(counts), kind="stable")[:CLASSES].tolist()
        rows = [Row(known[i], [float(counts[i])]) for i in order]
        several = len(record.data.targets) > 1
        title = f"Classes of {name}" if several else "Classes"
        note = f"The {CLASSES} commonest of {len(counts)}." if len(counts) > CLASSES else None
        chart = bars(rows, ["samples"], f"{title}: training samples", "training samples",
                     show=lambda n: f"{n:,.0f}")  # fmt: skip
        found.append(figure(title, chart, note))
    return found


def _links(record: RunRecord) -> list[Element]:
    """Columns that alone give the target away best."""
    found = []
    for name, array in record.data.inputs.items():
        links = array.column_link
        if links is None or array.embedded or len(links) < 2 or not np.isfinite(links).any():
            continue
        numbers = np.where(np.isfinite(links), links, 0.0)
        given = array.column_names or []
        known = (
            given if len(given) == len(numbers) else [f"column {i}" for i in range(len(numbers))]
        )
        best = np.argsort(-numbers, kind="stable")[: min(COLUMNS, 12)]
        rows = [Row(str(known[i]), [float(numbers[i])]) for i in best]
        title = "What single columns tell of the target"
        title += f" ({name})" if len(record.data.inputs) > 1 else ""
        note = "Squared correlation, or the share of variance between classes; 1 gives all away."
        found.append(figure(title, bars(rows, ["link"], title, high=1.0), note))
    return found
