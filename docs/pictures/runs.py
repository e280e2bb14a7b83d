"""Pictures of whole runs: the faulty records that the doctor's tests are made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from doctor import cases, cases_training

from pellucid.doctor import examine
from pellucid.record.schema import RunRecord
from pellucid.report.charts.bars import Row, bars, dots
from pellucid.report.charts.lines import Series, lines
from pellucid.report.charts.network import network
from pellucid.report.charts.scatter import truth_and_answer
from pellucid.report.health import health_of
from pellucid.report.sections import curves, depth
from pellucid.report.sections.network import boxes_of
from pellucid.report.words import percent, short

Draw = Callable[[], Element]


def record_of(rule: str, number: int = 0) -> RunRecord:
    """The faulty run that the rule is tested with."""
    found = cases_training.FIRES.get(rule) or cases.FIRES[rule]
    return found[number]()


def part(draw: Callable[..., Element | None], rule: str, *more: str, number: int = 0) -> Draw:
    """A chart of the report, for the rule's run."""

    def drawn() -> Element:
        figure = draw(record_of(rule, number), *more)
        assert figure is not None, rule
        chart = figure.find("svg")
        assert chart is not None, rule
        return chart

    return drawn


def loss(rule: str, number: int = 0) -> Draw:
    return part(curves.loss, rule, number=number)


def accuracy(rule: str, number: int = 0) -> Draw:
    return part(curves.metric, rule, "accuracy", number=number)


def steps(rule: str, number: int = 0) -> Draw:
    return part(curves.steps, rule, number=number)


def layers(rule: str, number: int = 0, mark: str | None = None) -> Draw:
    """The network with the layers that the rule is about, or with the layer `mark`."""

    def drawn() -> Element:
        record = record_of(rule, number)
        health = health_of(record, examine(record))
        for layer in health.values():
            own = [finding for finding in layer.findings if finding.rule == rule]
            layer.state = own[0].severity if own else ""
        if mark is not None:
            health[mark].state = "warning"
        return network(boxes_of(record, health, {}), f"The network of {rule}")

    return drawn


def weights(rule: str, measure: str, title: str, x_label: str, number: int = 0) -> Draw:
    """One number of every matrix, after training."""

    def drawn() -> Element:
        record = record_of(rule, number)
        rows = [
            Row(weight.layer, [float(record.checkups.weights[weight.path][measure][-1])])
            for weight in record.weights
            if weight.role == "kernel"
        ]
        return dots(rows, ["after training"], title, x_label)

    return drawn


def gradient_lost() -> Element:
    return part(depth.gradients, "gradient-lost-at-initialisation")()


def signal_lost() -> Element:
    return part(depth.signal, "signal-lost-at-initialisation")()


def dead() -> Element:
    rows = [Row("dense_0", [0.05, 0.9]), Row("dense_1", [0.02, 0.6]), Row("dense_2", [0.0, 0.1])]
    return bars(rows, ["before training", "after"], "Dead units", show=percent, high=1.0)


def saturated() -> Element:
    rows = [Row("dense_0", [0.05, 0.95]), Row("dense_1", [0.03, 0.7])]
    return bars(rows, ["before training", "after"], "Saturated numbers", show=percent, high=1.0)


def dropped_rate() -> Element:
    record = record_of("plateau-after-rate-drop")
    epochs = np.arange(1, len(record.epochs) + 1)
    series = [
        Series("loss", epochs, record.history["loss"], 0),
        Series(
            "learning rate, by its first",
            epochs,
            record.learning_rates / record.learning_rates[0],
            1,
        ),
    ]
    return lines(series, "The loss stands still behind the drop", "epoch", log=False, zero=True)


def disagreement() -> Element:
    record = record_of("batch-norm-mismatch")
    checkups = record.checkups
    rows = [
        Row("in training", [float(checkups.training_mode["loss"][-1])]),
        Row("in use", [float(checkups.train["loss"][-1])], "problem"),
    ]
    return bars(rows, ["loss"], "Loss of the same samples", show=short)


def bounded() -> Element:
    random = np.random.default_rng(0)
    truth = random.uniform(0, 3, 120)
    answer = np.clip(truth + random.normal(scale=0.08, size=120), 0, 0.999)
    return truth_and_answer(truth, answer, "Truth and answer of a sigmoid", height=260)


def too_small() -> Element:
    epochs = np.arange(1, 21)
    few = 0.36 + 0.22 * (1 - np.exp(-epochs / 4))
    many = 0.36 + 0.61 * (1 - np.exp(-epochs / 4))
    series = [Series("1 unit", epochs, few, 0), Series("16 units", epochs, many, 1)]
    return lines(series, "Accuracy on training samples", "epoch", log=False)


def few_samples() -> Element:
    record = record_of("too-few-samples")
    count = sum(weight.size for weight in record.weights)
    rows = [Row("samples", [float(record.plan.samples or 0)]), Row("weights", [float(count)])]
    return bars(rows, ["count"], "Samples and weights", show=lambda n: f"{n:,.0f}")
