"""The samples answered worst, as pictures, curves or rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import Examples, RunRecord
from ..answer import answers, has_labels, sureness, threshold
from ..blocks import table
from ..charts.lines import Series, lines
from ..element import el
from ..images import as_square, limits, looks_like_image, png
from ..words import cut, percent, short
from .positions import worst_positions

MOST = 24
MOST_LETTERS = 240
"""Of a text; what is in the middle of longer ones is left out."""
COLUMNS = 8
"""Columns of a table that are shown: those furthest from their usual values first."""
LONG = 24
"""Numbers in a row from which it is drawn as a curve, where columns have no names."""


def worst(record: RunRecord, examples: Examples, names: Sequence[str] | None) -> Any:
    """A heading and the samples with the largest loss."""
    if not len(examples.worst):
        return None
    if examples.positions:
        return [el("h3", "Answered worst"), worst_positions(record, examples, names or ())]
    told = [_told(record, examples, int(i), names) for i in examples.worst[:MOST]]
    inputs = examples.worst_inputs
    content: Any = None
    if examples.worst_cells:
        content = _texts(examples, told)
    elif inputs is not None and len(inputs):
        inputs = np.asarray(inputs)[:MOST]
        shape = inputs.shape[1:]
        if any(array.embedded for array in record.data.inputs.values()) and len(shape) == 1:
            return [el("h3", "Answered worst"), _words(inputs, told)]
        square = as_square(inputs) if len(shape) == 1 and not _named(record) else None
        if square is not None:
            content = _pictures(square, told, examples)
        elif inputs.dtype.kind not in "biuf":
            content = _rows(record, None, told)
        elif looks_like_image(shape):
            content = _pictures(inputs, told, examples)
        elif len(shape) in (1, 2) and _is_curve(record, shape):
            content = _curves(inputs, told)
        else:
            content = _rows(record, inputs if len(shape) == 1 else None, told)
    else:
        content = _rows(record, None, told)
    return [el("h3", "Answered worst"), content] if content is not None else None


def _told(
    record: RunRecord, examples: Examples, index: int, names: Sequence[str] | None
) -> dict[str, Any]:
    """Truth, answer and loss of one sample, as text."""
    loss = short(examples.loss[index]) if len(examples.loss) > index else ""
    if names is None and has_labels(examples):
        least = threshold(record, examples.output)
        return {
            "truth": _labels(np.asarray(examples.truth[index]) > 0.5),
            "answer": _labels(np.asarray(examples.prediction[index]) > least),
            "loss": loss,
            "right": None,
        }
    if names is None:
        return {
            "truth": _values(examples.truth[index]),
            "answer": _values(examples.prediction[index]),
            "loss": loss,
            "right": None,
        }
    truth = int(np.asarray(examples.truth).ravel()[index])
    answer = int(answers(record, examples)[index])
    shares = sureness(record, examples)
    said = names[answer] if 0 <= answer < len(names) else "not a number"
    if shares is not None and answer >= 0:
        said = f"{said} ({percent(shares[index, answer])})"
    return {
        "truth": names[truth] if 0 <= truth < len(names) else str(truth),
        "answer": said,
        "loss": loss,
        "right": truth == answer,
    }


def _labels(known: np.ndarray) -> str:
    numbers = np.flatnonzero(known)
    return "labels " + ", ".join(map(str, numbers)) if len(numbers) else "none"


def _values(value: Any) -> str:
    numbers = np.asarray(value, np.float64).ravel()
    words = ", ".join(short(number) for number in numbers[:4])
    return words + (", …" if len(numbers) > 4 else "")


def _caption(told: dict[str, Any]) -> list[Any]:
    style = {True: "right", False: "wrong", None: None}[told["right"]]
    return [
        el("div", "truth ", el("b", told["truth"])),
        el("div", "answer ", el("b", told["answer"], class_=style)),
        el("div", f"loss {told['loss']}", class_="soft"),
    ]


def _pictures(inputs: np.ndarray, told: Sequence[dict[str, Any]], examples: Examples) -> Element:
    low, high = limits(inputs)
    answered = _as_pictures(examples, inputs.shape[1:3])
    found = []
    for number, (sample, words) in enumerate(zip(inputs, told, strict=True)):
        if answered is not None:
            given = [("input", sample, (low, high)), *answered[number]]
            parts = [
                el("div", el("img", src=png(p, *ends), alt=f"{what} of sample {number + 1}"), what)
                for what, p, ends in given
            ]
            loss = el("div", f"loss {words['loss']}", class_="soft")
            found.append(el("div", el("div", parts, class_="row"), loss, class_="sample line"))
            continue
        alt = f"A sample of {words['truth']}, answered {words['answer']}"
        picture = el("img", src=png(sample, low, high), alt=alt)
        found.append(el("div", picture, _caption(words), class_="sample"))
    return el("div", found, class_="samples")


def _as_pictures(
    examples: Examples, size: tuple[int, ...]
) -> list[list[tuple[str, np.ndarray, tuple[float, float]]]] | None:
    """Truth and answer of the worst samples as pictures, where they are as large as the input."""
    truth, answer = (np.asarray(a)[examples.worst] for a in (examples.truth, examples.prediction))
    if truth.ndim != 2 or truth.shape != answer.shape:
        return None
    depth, left = divmod(truth.shape[1], int(np.prod(size)))
    if left or depth not in (1, 3):
        return None
    shape = (len(truth), *size, *((depth,) if depth > 1 else ()))
    ends = limits(truth)
    pairs = zip(truth.reshape(shape), answer.reshape(shape), strict=True)
    return [[("truth", a, ends), ("answer", b, ends)] for a, b in pairs]


def _is_curve(record: RunRecord, shape: tuple[int, ...]) -> bool:
    return not _named(record) and shape[0] >= LONG and (len(shape) == 1 or shape[1] <= 4)


def _named(record: RunRecord) -> bool:
    return any(array.column_names for array in record.data.inputs.values())


def _curves(inputs: np.ndarray, told: Sequence[dict[str, Any]]) -> Element:
    found = []
    for sample, words in zip(inputs[:12], told, strict=False):
        columns = np.asarray(sample, np.float64).reshape(len(sample), -1)
        place = np.arange(len(columns), dtype=np.float64)
        series = [Series("", place, column, i, "line") for i, column in enumerate(columns.T)]
        if not np.isfinite(columns).any():
            continue
        title = f"A sample of {words['truth']}, answered {words['answer']}"
        chart = lines(series, title, log=False, width=300, height=120)
        found.append(el("div", chart, _caption(words), class_="sample line"))
    return el("div", found, class_="samples")


def _rows(
    record: RunRecord, inputs: np.ndarray | None, told: Sequence[dict[str, Any]]
) -> Element | None:
    head, cells = ["truth", "answer", "#loss"], []
    columns, names = _telling(record, inputs)
    for number, words in enumerate(told):
        style = {True: "right", False: "wrong", None: None}[words["right"]]
        row: list[Any] = [words["truth"], el("span", words["answer"], class_=style), words["loss"]]
        if inputs is not None:
            row += [short(inputs[number, column]) for column in columns]
        cells.append(row)
    return table([*head, *(f"#{name}" for name in names)], cells)


def _texts(examples: Examples, told: Sequence[dict[str, Any]]) -> Element | None:
    """Inputs that are text, and what stands beside them."""
    cells = []
    for row, words in zip(examples.worst_cells, told, strict=False):
        style = {True: "right", False: "wrong", None: None}[words["right"]]
        texts = [cut(text, MOST_LETTERS) for text in row[:COLUMNS]]
        cells.append(
            [words["truth"], el("span", words["answer"], class_=style), words["loss"], *texts]
        )
    return table(["truth", "answer", "#loss", *examples.worst_columns[:COLUMNS]], cells)


def _words(inputs: np.ndarray, told: Sequence[dict[str, Any]]) -> Element | None:
    """Rows of numbers that stand for words: what they are, without the zeros around them."""
    cells = []
    for row, words in zip(inputs, told, strict=True):
        style = {True: "right", False: "wrong", None: None}[words["right"]]
        numbers = [str(int(n)) for n in row if np.isfinite(n) and n]
        text = " ".join(numbers[:30]) + (" …" if len(numbers) > 30 else "")
        cells.append(
            [words["truth"], el("span", words["answer"], class_=style), words["loss"], text]
        )
    return table(["truth", "answer", "#loss", "input"], cells)


def _telling(record: RunRecord, inputs: np.ndarray | None) -> tuple[list[int], list[str]]:
    """The columns to show, where there are too many, and their names."""
    if inputs is None:
        return [], []
    width = inputs.shape[1]
    array = next((a for a in record.data.inputs.values() if a.shape == [width]), None)
    given = (array.column_names if array is not None else None) or []
    names = list(given) if len(given) == width else [f"column {i}" for i in range(width)]
    columns = list(range(width))
    if width > COLUMNS and array is not None and array.column_std is not None:
        mean = np.zeros(width) if array.column_mean is None else array.column_mean
        off = np.abs(inputs - mean) / np.maximum(array.column_std, 1e-12)
        columns = sorted(np.argsort(-off.mean(axis=0), kind="stable")[:COLUMNS].tolist())
    columns = columns[:COLUMNS]
    return columns, [names[column] for column in columns]
