"""The network drawn, each layer with how it is."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from ...record.schema import LayerRecord, RunRecord
from ..blocks import section
from ..charts.network import Box, network
from ..element import el
from ..health import Health
from ..words import count, shape_text, short

MANY = 60
MOST = 1200


def drawing(
    record: RunRecord, health: Mapping[str, Health], anchors: Mapping[str, str]
) -> Element | None:
    """Boxes from the inputs to the outputs."""
    if not record.layers or len(record.layers) > MOST:
        return None
    boxes = boxes_of(record, health, anchors)
    small = len(boxes) > MANY
    title = f"The network: {count(len(record.layers), 'layer')}"
    signs = [(h.state, f"layer {path}") for path, h in health.items() if h.state == "problem"]
    if signs:
        title += "; problems in " + ", ".join(words for _, words in signs[:6])
    drawn = network(boxes, title + ".", small)
    return section(
        "network",
        "Network",
        el("p", _how_to_read(record, small), class_="soft"),
        el("div", drawn, class_="scroll", tabindex="0", role="group", aria_label="The network"),
    )


def _how_to_read(record: RunRecord, small: bool) -> str:
    words = "✓ nothing was found in the layer, ! a warning, ✕ a problem, i a remark."
    if not any("unit_zero" in s or "unit_saturated" in s for s in record.checkups.layers.values()):
        return words
    if small:
        return words
    return words + (
        " The bar at the foot of a layer is the share of its units that are dead, or of its "
        "answers at a bound. Update/weight: how far a step moves its weights, by their size."
    )


def boxes_of(
    record: RunRecord, health: Mapping[str, Health], anchors: Mapping[str, str]
) -> list[Box]:
    """Inputs, layers, outputs."""
    sources = list(dict.fromkeys(i for layer in record.layers for i in layer.inputs))
    boxes = [
        Box(name, name.removeprefix("input:"), ["input"], end=True)
        for name in sources
        if name.startswith("input:")
    ]
    known = bool(sources)
    before = None
    for layer in record.layers:
        box = _layer_box(layer, health.get(layer.path) or Health(), anchors.get(layer.path))
        if not known and before is not None:
            box.inputs = [before]  # no graph: the order is all that is known
        before = box.name
        boxes.append(box)
    names = {box.name for box in boxes}
    for output in record.outputs:
        end = output.layer or (before if not known and len(record.outputs) == 1 else None)
        if end in names:
            lines = [output.loss.replace("_", " ")] if output.loss else ["output"]
            boxes.append(Box(f"output:{output.name}", output.name, lines, [end], end=True))
    read = {name for box in boxes for name in box.inputs}
    if known:  # what a layer is made of is told in its details
        boxes = [box for box in boxes if box.inputs or box.name in read or box.end]
    return boxes


def _layer_box(layer: LayerRecord, health: Health, anchor: str | None) -> Box:
    what = [layer.kind, shape_text(layer.output_shape)]
    if layer.activation not in (None, "linear"):
        what.append(str(layer.activation))
    facts = [fact for fact in health.facts() if not fact.startswith("moved")][:2]
    if health.parameters and len(facts) < 2:
        facts.append(f"{short(health.parameters)} parameters")
    if not layer.trainable and health.parameters:
        facts = [*facts[:1], "frozen"]
    shares = [share for share in (health.dead, health.saturated) if share is not None]
    first = " · ".join(part for part in what if part)
    hint = " · ".join([layer.path, first, *facts, *(f.symptom for f in health.findings)])
    return Box(
        layer.path,
        layer.path,
        [first, " · ".join(facts)] if facts else [first],
        list(layer.inputs),
        health.state,
        min(1.0, sum(shares)) if shares else None,
        f"#{anchor}" if anchor else None,
        hint,
    )
