"""Loss, metrics, learning rate and gradient norm over the run."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import numpy as np

from ...record.schema import RunRecord
from ..blocks import charts, figure, section
from ..charts.lines import Level, Mark, Series, lines
from ..thin import POINTS, smoothed
from ..words import metric_name, short

FEW = 60
METRICS = 24


def curves(record: RunRecord) -> Element | None:
    """All curves that there are."""
    names = [n for n in record.history if not n.startswith("val_") and n != "loss"]
    figures = [loss(record), *[metric(record, name) for name in names[:METRICS]]]
    figures += [steps(record), rate(record), gradient(record), checkup_loss(record)]
    return section("curves", "Curves", charts(figures))


def _numbers(record: RunRecord, name: str) -> np.ndarray:
    try:
        values = np.asarray(record.history.get(name, ()), np.float64)
    except (TypeError, ValueError):  # a log that is no number
        return np.zeros(0)
    return values if values.ndim == 1 else np.zeros(0)


def _epochs(record: RunRecord, count: int) -> np.ndarray:
    if len(record.epochs) >= count:
        return np.asarray(record.epochs[:count], np.float64) + 1
    return np.arange(1, count + 1, dtype=np.float64)


def _by_epoch(record: RunRecord, name: str) -> list[Series]:
    found = []
    for style, (key, words) in enumerate(((name, "training"), (f"val_{name}", "validation"))):
        y = _numbers(record, key)
        if y.size and np.isfinite(y).any():
            x = _epochs(record, len(y))
            if key.startswith("val_") and len(y) < len(_numbers(record, name)):
                x = x[np.linspace(0, len(x) - 1, len(y)).astype(int)]
            found.append(Series(words, x, y, style))
    return found


def loss(record: RunRecord) -> Element | None:
    """Training and validation loss by epoch, the best epoch marked, and the trivial answer's."""
    series = _by_epoch(record, "loss")
    if not series:
        return None
    marks, levels = [], []
    held = next((s for s in series if s.name == "validation"), None)
    note = None
    if held is not None and len(held.y) > 2:
        best = int(np.nanargmin(held.y))
        if best < len(held.y) - 1:
            marks.append(Mark(float(held.x[best]), "best validation", "good"))
        note = f"Validation was best in epoch {held.x[best]:.0f}: {short(held.y[best], 4)}."
    trivial = _baseline(record)
    highest = max(float(np.nanmax(s.y[np.isfinite(s.y)])) for s in series)
    if trivial is not None and trivial < 4 * highest:
        levels.append(Level(trivial, "baseline: one answer for all"))
    chart = lines(
        series, "Loss by epoch", "epoch", marks=marks, levels=levels, least=0.1 * abs(highest)
    )
    return figure("Loss", chart, note)


def _baseline(record: RunRecord) -> float | None:
    """The loss of the best constant answer, where the model has one output."""
    if len(record.outputs) != 1:
        return None
    target = record.data.targets.get(record.outputs[0].name)
    return target.baseline_loss if target is not None else None


def metric(record: RunRecord, name: str) -> Element | None:
    """One metric by epoch."""
    series = _by_epoch(record, name)
    if not series:
        return None
    words = metric_name(name)
    words = words[:1].upper() + words[1:]
    levels = []
    targets = list(record.data.targets.values())
    if "accuracy" in name and len(targets) == 1 and targets[0].baseline_accuracy:
        levels.append(Level(targets[0].baseline_accuracy, "baseline: commonest class"))
    title, least = f"{words} by epoch", 0.1 if "accuracy" in name else 0.0
    chart = lines(series, title, "epoch", levels=levels, log=False, least=least)
    return figure(words, chart)


def steps(record: RunRecord) -> Element | None:
    """The loss of every step: where it lay, and its trend."""
    y = np.asarray(record.losses, np.float64)
    return _stepwise(record, y, "Loss of each step", "loss")


def gradient(record: RunRecord) -> Element | None:
    """The norm of all gradients at every step."""
    y = np.asarray(record.gradient_norms, np.float64)
    if not y.size or not np.nanmax(np.where(np.isfinite(y), y, 0.0)):
        return None
    return _stepwise(record, y, "Norm of the gradient at each step", "norm")


def _stepwise(record: RunRecord, y: np.ndarray, title: str, name: str) -> Element | None:
    if len(y) < 2 or not np.isfinite(y).any():
        return None
    x = record.first_step + np.arange(1, len(y) + 1, dtype=np.float64)
    marks = []
    if record.bad_step >= 0:
        marks.append(Mark(float(record.bad_step + 1), "not finite"))
    return figure(title, lines(list(_trend(x, y, name)), title, "step", marks=marks))


def _trend(x: np.ndarray, y: np.ndarray, name: str) -> Iterator[Series]:
    if len(y) <= FEW:
        yield Series(name, x, y)
        return
    if len(y) <= 2 * POINTS:
        yield Series("each step", x, y, 0, "faint")
    else:
        yield Series("smallest and largest", x, y, 0, "band")
    yield Series("smoothed", *smoothed(x, y), 0)


def rate(record: RunRecord) -> Element | None:
    """The learning rate by epoch, where it changed."""
    y = np.asarray(record.learning_rates, np.float64)
    known = y[np.isfinite(y)]
    if len(known) < 2 or known.min() == known.max():
        return None
    chart = lines([Series("learning rate", _epochs(record, len(y)), y)], "Learning rate", "epoch")
    return figure("Learning rate", chart)


def checkup_loss(record: RunRecord) -> Element | None:
    """Training and validation measured alike, at the checkups."""
    checkups = record.checkups
    epochs = np.asarray(checkups.epoch, np.float64)
    found = []
    for style, (name, where) in enumerate(
        (("training", checkups.train), ("validation", checkups.validation))
    ):
        y = where.get("loss")
        if y is not None and len(y) > 1 and len(y) == len(epochs):
            found.append(Series(name, epochs, np.asarray(y, np.float64), style))
    if not found:
        return None
    y = checkups.training_mode.get("loss")
    if y is not None and len(y) == len(epochs):
        usual = np.asarray(y, np.float64)
        if not np.allclose(usual, found[0].y, rtol=0.01, equal_nan=True):
            found.append(Series("training, dropout on", epochs, usual, 2))
    return figure(
        "Loss at the checkups",
        lines(found, "Loss at the checkups", "epochs done"),
        "Both measured with the same weights and without dropout, so that they can be compared.",
    )
