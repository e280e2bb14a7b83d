"""What the trained network answers: confusion matrix, or truth against answer and residuals."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import Examples, RunRecord
from ..answer import answers, class_names, has_labels, threshold
from ..blocks import charts, figure, section, table
from ..charts import matrix
from ..charts.histogram import histogram
from ..charts.scatter import truth_and_answer
from ..element import el
from ..words import cut, percent, short
from .samples import worst

COLUMNS = 4
"""Predicted values of which each gets its own charts."""
NAMED = 64
"""Predicted values of which the worst are listed."""
CLASSES = 100
FEW = 10
"""Samples below which what they say is mostly chance."""


def answered(record: RunRecord, names: Sequence[str] | None) -> list[Element | None]:
    """A section for each output of which there are examples.

    Args:
        record: of the run.
        names: of the classes, where they have any.
    """
    found = []
    for number, (output, examples) in enumerate(record.examples.items()):
        if not len(examples.truth) or len(examples.truth) != len(examples.prediction):
            continue
        title = "Answers" if len(record.examples) == 1 else f"Answers of {output}"
        several = len(record.examples) > 1
        known = class_names(record, examples, None if several else names)
        if known:
            content = by_class(record, examples, known)
        elif has_labels(examples):
            content = by_label(record, examples, None if several else names)
        else:
            content = by_value(examples)
        where = f"{len(examples.truth):,} {examples.source} samples"
        if examples.positions:
            where += f", {int((np.asarray(examples.truth) >= 0).sum()):,} positions"
        few = len(examples.truth) < FEW
        tiny = f" So few say little: one more right is {1 / len(examples.truth):.0%}."
        found.append(
            section(
                "answers" if not number else f"answers-{number}",
                title,
                el(
                    "p", f"Of the trained network, for {where}.{tiny if few else ''}", class_="soft"
                ),
                content,
                worst(record, examples, known),
            )
        )
    return found


def by_class(record: RunRecord, examples: Examples, names: Sequence[str]) -> list[Element | None]:
    """Confusion matrix, and how each class fares."""
    truth = np.asarray(examples.truth).astype(int).ravel()
    answer = answers(record, examples).ravel()
    size = len(names)
    kept = (truth >= 0) & (truth < size) & (answer >= 0)
    truth, answer = truth[kept], answer[kept]
    found: list[Element | None] = []
    if size <= matrix.MOST:
        counts = np.zeros((size, size), int)
        np.add.at(counts, (truth, answer), 1)
        title = "Confusion matrix"
        wide = 400.0 if size <= 12 else 560.0
        found.append(
            figure(
                title,
                matrix.confusion(counts, names, title, wide),
                "Rows are the true classes, columns the answers; the darker, the larger the share "
                "of the row. Blue is right, orange is wrong.",
            )
        )
    total, given = (np.bincount(numbers, minlength=size) for numbers in (truth, answer))
    right = np.bincount(truth[truth == answer], minlength=size)
    shown = np.arange(size)
    if size > CLASSES:  # of a vocabulary, say: those that occur
        shown = np.flatnonzero(total)
    order = shown[np.argsort(right[shown] / np.maximum(total[shown], 1), kind="stable")]
    rows = []
    for number in order[:CLASSES]:
        wrong = answer[(truth == number) & (answer != number)]
        rows.append(
            [
                names[number],
                f"{total[number]:,}",
                percent(right[number] / total[number]) if total[number] else "",
                percent(right[number] / given[number]) if given[number] else "",
                names[int(np.bincount(wrong).argmax())] if len(wrong) else "",
            ]
        )
    head = ["class", "#positions" if examples.positions else "#samples"]
    head += ["#recall", "#precision", "mostly confused with"]
    found.append(table(head, rows, "By class, the worst first"))
    return [el("div", found, class_="pair")]


def by_label(
    record: RunRecord, examples: Examples, names: Sequence[str] | None
) -> list[Element | None]:
    """How each of several labels fares that a sample may have or not."""
    truth = np.asarray(examples.truth) > 0.5  # (samples, labels)
    answer = np.asarray(examples.prediction) > threshold(record, examples.output)
    hits = (truth & answer).sum(axis=0)
    rows = []
    for label in range(truth.shape[1]):
        total, given = int(truth[:, label].sum()), int(answer[:, label].sum())
        name = names[label] if names and len(names) == truth.shape[1] else f"label {label}"
        score = 2 * hits[label] / (total + given) if total + given else 0.0
        rows.append(
            (
                score,
                [
                    cut(name, 40),
                    f"{total:,}",
                    percent(hits[label] / total) if total else "",
                    percent(hits[label] / given) if given else "",
                    short(score) if total + given else "",
                ],
            )
        )
    rows.sort(key=lambda row: row[0])
    whole = percent((truth == answer).all(axis=1).mean())
    note = f"Of {whole} of the samples every label is right."
    head = ["label", "#samples", "#recall", "#precision", "#F1 score"]
    return [el("p", note), table(head, [row for _, row in rows], "By label, the worst first")]


def by_value(examples: Examples) -> list[Element | None]:
    """Truth against answer, and how far off the answers are."""
    truth = _columns(examples.truth)
    answer = _columns(examples.prediction)
    if truth.shape != answer.shape or not truth.size:
        return []
    figures = []
    wide = truth.shape[1]
    if wide > COLUMNS:  # a picture, say: all its numbers together
        truth, answer = truth.reshape(-1, 1), answer.reshape(-1, 1)
    for column in range(truth.shape[1]):
        which = "" if truth.shape[1] == 1 else f", column {column}"
        a, b = truth[:, column], answer[:, column]
        known = np.isfinite(a) & np.isfinite(b)
        if not known.any():
            continue
        off = (b - a)[known]
        title = f"Truth and answer{which}"
        chart = truth_and_answer(a, b, f"{title}: {_fit(a[known], off)}")
        figures.append(figure(title, chart, _fit(a[known], off)))
        title = f"Residuals{which}"
        note = (
            f"Answer less truth: mean {short(off.mean())}, standard deviation {short(off.std())}."
        )
        figures.append(figure(title, histogram(off, f"{title}. {note}", "answer less truth"), note))
    rows = []
    if COLUMNS < wide <= NAMED:
        off = np.abs(answer - truth).reshape(-1, wide).mean(axis=0)
        for column in np.argsort(-off, kind="stable")[:10]:
            rows.append([f"column {column}", short(off[column])])
    return [charts(figures), table(["value", "#MAE"], rows, "The worst columns")]


def _columns(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, np.float64)
    return values.reshape(len(values), -1)


def _fit(truth: np.ndarray, off: np.ndarray) -> str:
    words = f"MAE {short(np.abs(off).mean())}"
    spread = float(((truth - truth.mean()) ** 2).sum())
    if spread > 0:
        words += f", R² {1 - float((off**2).sum()) / spread:.3f}"
    return words + "."
