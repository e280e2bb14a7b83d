"""The worst samples of which every position has its own class: texts word by word, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import Examples, RunRecord
from ..blocks import table
from ..element import el
from ..images import limits, looks_like_image, png
from ..words import short

MOST = 12
LONGEST = 40
"""Positions of a text that are shown."""
NEAR = 3
"""Positions shown in front of the first wrong one of a long text."""


def worst_positions(record: RunRecord, examples: Examples, names: Sequence[str]) -> Element | None:
    """Pictures for two axes of positions, else a table of what each position is and was taken for.

    Args:
        names: of the classes.
    """
    if len(examples.positions) == 2 and min(examples.positions) >= 6:
        return _pictures(examples)
    rows = []
    truth = np.asarray(examples.truth)
    answer = np.asarray(examples.prediction)
    for place, index in enumerate(examples.worst[:MOST]):
        counts = np.flatnonzero(truth[index] >= 0)
        wrong = truth[index] != answer[index]
        right = f"{len(counts) - int(wrong[counts].sum())} of {len(counts)}"
        if len(counts) > LONGEST:  # where it goes wrong first
            first = int(np.argmax(wrong[counts]))
            begin = max(0, min(first - NEAR, len(counts) - LONGEST))
            counts = counts[begin : begin + LONGEST]
        said = [
            el("span", _name(names, answer[index][p]), class_="wrong" if wrong[p] else "right")
            for p in counts
        ]
        spaced: list[Any] = [part for span in said for part in (span, " ")]
        row = [
            short(examples.loss[index]) if len(examples.loss) > index else "",
            right,
            _input(record, examples, place, counts),
            " ".join(_name(names, truth[index][p]) for p in counts),
            el("span", spaced),
        ]
        rows.append(row)
    return table(["#loss", "#right", "input", "truth", "answer"], rows)


def _name(names: Sequence[str], number: Any) -> str:
    return names[int(number)] if 0 <= int(number) < len(names) else "not a number"


def _input(record: RunRecord, examples: Examples, place: int, counts: np.ndarray) -> str:
    """The words that were given, or their numbers; "" where the input is neither."""
    if examples.worst_cells:
        return " | ".join(examples.worst_cells[place])
    inputs = examples.worst_inputs
    if inputs is None or np.ndim(inputs) != 2:
        return ""
    row = np.asarray(inputs[place])
    kept = row[counts] if len(row) == int(np.prod(examples.positions)) else row[:LONGEST]
    return " ".join(short(number) for number in kept)


def _pictures(examples: Examples) -> Element:
    """Input, truth and answer of each sample side by side."""
    size = tuple(examples.positions)
    ends = (0.0, float(max(examples.classes - 1, 1)))
    inputs = examples.worst_inputs
    seen = inputs is not None and looks_like_image(np.shape(inputs)[1:])
    found = []
    for place, index in enumerate(examples.worst[:MOST]):
        parts: list[tuple[str, np.ndarray, tuple[float, float]]] = []
        if seen and inputs is not None:
            parts.append(("input", np.asarray(inputs[place]), limits(np.asarray(inputs))))
        truth = np.asarray(examples.truth[index]).reshape(size)
        parts.append(("truth", truth, ends))
        parts.append(("answer", np.asarray(examples.prediction[index]).reshape(size), ends))
        drawn = [
            el("div", el("img", src=png(p, *e), alt=f"{what} of sample {place + 1}"), what)
            for what, p, e in parts
        ]
        counts = truth >= 0
        right = float((truth == parts[-1][1])[counts].mean()) if counts.any() else 0.0
        words = f"loss {short(examples.loss[index])}, {right:.0%} of the points right"
        note = el("div", words, class_="soft")
        found.append(el("div", el("div", drawn, class_="row"), note, class_="sample line"))
    return el("div", found, class_="samples")
