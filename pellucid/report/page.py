"""The whole page: header, findings first, then everything that there is to see."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ..doctor.diagnosis import Diagnosis
from ..doctor.examination import examine
from ..record.schema import RunRecord
from .element import el, to_html
from .health import health_of
from .sections.answers import answered
from .sections.curves import curves
from .sections.data import data
from .sections.depth import depth
from .sections.findings import findings
from .sections.layers import layers
from .sections.network import drawing
from .sections.rules import rules
from .sections.setup import setup
from .words import count, cut, metric_name, short

HERE = Path(__file__).parent
TILES = 6


def render(
    record: RunRecord,
    *,
    diagnosis: Diagnosis | None = None,
    title: str | None = None,
    class_names: Sequence[str] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """The report of a run as one HTML page that needs nothing from anywhere else.

    What the record does not hold has no place on the page.

    Args:
        record: from `History.vitals`, a run folder, or a configuration alone.
        diagnosis: what the doctor says of it; asked here by default.
        title: heading; the model's name by default.
        class_names: of the classes, where they have names.
        facts: whatever else is known of the run: machine, versions, command.

    Returns:
        The HTML text. It has no scripts, and forbids itself to load anything.

    >>> from pellucid.record.schema import RunRecord
    >>> page = render(RunRecord("classifier", losses=np.array([2.0, 1.0])))
    >>> page.startswith("<!doctype html>"), "Loss of each step" in page
    (True, True)
    """
    diagnosis = examine(record) if diagnosis is None else diagnosis
    title = title or record.name
    anchors = {layer.path: f"layer-{number}" for number, layer in enumerate(record.layers, 1)}
    health = health_of(record, diagnosis)
    parts = [
        findings(diagnosis, anchors),
        curves(record),
        drawing(record, health, anchors),
        depth(record, health),
        *answered(record, class_names),
        layers(record, health, anchors),
        data(record, class_names),
        rules(diagnosis),
        setup(record, facts or {}),
    ]
    kept = [part for part in parts if part is not None]
    style = (HERE / "style.css").read_text() + (HERE / "charts" / "chart.css").read_text()
    page = el(
        "html",
        _head(title, style),
        el(
            "body",
            _header(record, diagnosis, title, kept, facts or {}),
            el("main", kept),
            _footer(),
        ),
        lang="en",
    )
    return "<!doctype html>\n" + to_html(page) + "\n"


def _head(title: str, style: str) -> Element:
    # The hash allows this style sheet and nothing else: no script, no request.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="generator", content="Pellucid"),
        el("link", rel="icon", href="data:,"),
        el("title", f"{title}: report"),
        el("style", style),
    )


def _header(
    record: RunRecord,
    diagnosis: Diagnosis,
    title: str,
    parts: Sequence[Element],
    facts: Mapping[str, Any],
) -> Element:
    links = [el("a", part[0].text or "", href=f"#{part.get('id')}") for part in parts]
    return el(
        "header",
        el("h1", title),
        el("p", _line(record), class_="soft"),
        el("p", told, class_="soft") if (told := _origin(facts)) else None,
        el("div", [_tile(*tile) for tile in tiles(record, diagnosis)], class_="tiles"),
        el("nav", links, aria_label="Parts of this page") if len(links) > 1 else None,
    )


def _origin(facts: Mapping[str, Any]) -> str:
    """Which data, and when."""
    told = [("data", facts.get("data")), ("trained", facts.get("created"))]
    told.append(("report of", facts.get("reported")))
    return " · ".join(f"{name} {cut(value, 80)}" for name, value in told if value)


def _line(record: RunRecord) -> str:
    """Size of the network and of the run."""
    words = []
    if record.layers:
        words.append(count(len(record.layers), "layer"))
        words.append(count(sum(weight.size for weight in record.weights), "parameter"))
    if record.plan.samples:
        words.append(f"trained on {count(record.plan.samples, 'sample')}")
    if len(record.epochs):
        asked = record.plan.epochs
        done = count(len(record.epochs), "epoch")
        words.append(f"{done} of {asked}" if asked and asked > len(record.epochs) else done)
    if record.plan.optimizer:
        words.append(record.plan.optimizer)
    if not record.trained:
        words.append("not trained yet")
    return " · ".join(words)


def tiles(record: RunRecord, diagnosis: Diagnosis) -> list[tuple[str, str, str]]:
    """(number, what it is, class), the most telling first."""
    problems = len(diagnosis.problems)
    found = [(str(problems), "problem" if problems == 1 else "problems", "problem")]
    if not problems:
        number = len(diagnosis.warnings)
        found = [
            (
                str(number),
                "warning, no problem" if number == 1 else "warnings, no problem",
                "warning",
            )
        ]
        if not number:
            found = [("✓", "no problem found", "good")]
    names = [name for name in record.history if not name.startswith("val_")]
    names.sort(key=lambda name: (name == "loss", "accuracy" not in name))
    for name in names:
        for key, words in ((f"val_{name}", "validation"), (name, "training")):
            values = np.asarray(record.history.get(key, ()))
            if values.dtype.kind in "fiu" and values.ndim == 1 and len(values):
                last = float(values[-1])
                share = "accuracy" in name and 0 <= last <= 1
                written = f"{100 * last:.1f} %" if share else short(last, 4)
                found.append((written, f"{metric_name(name)}, {words}", ""))
    return found[:TILES]


def _tile(number: str, words: str, style: str) -> Element:
    return el("div", el("b", number), el("span", words), class_=f"tile {style}".strip())


def _footer() -> Element:
    return el(
        "footer",
        el("p", "Made by Pellucid. This page is one file: it loads nothing and runs no scripts."),
    )
