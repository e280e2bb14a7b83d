"""How the run was to be trained, and on what machine: in a fold-out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ...record.schema import RunRecord
from ..blocks import fold, section, settings
from ..element import el
from ..words import cut, short


def setup(record: RunRecord, facts: Mapping[str, Any]) -> Element | None:
    """Plan, losses, and what else is known."""
    plan = record.plan
    rows: list[tuple[str, Any]] = [
        ("optimizer", plan.optimizer),
        *((f"optimizer: {name}", _value(value)) for name, value in plan.optimizer_config.items()),
        ("learning rate at the start", _value(plan.learning_rate)),
        ("batch size", plan.batch_size),
        ("training samples", _count(plan.samples)),
        ("validation samples", _count(plan.validation_samples)),
        ("epochs asked for", plan.epochs),
        ("steps an epoch", _count(plan.steps_per_epoch)),
        ("callbacks", ", ".join(plan.callbacks)),
        ("class weights", "yes" if plan.class_weight else None),
        ("sample weights", "yes" if plan.sample_weight else None),
        ("order of samples", None if plan.shuffle else "as they came, every epoch"),
        ("numbers", plan.dtype),
        ("own training step", "yes" if plan.custom_step else None),
        ("ended by", _ended(record)),
    ]
    losses: list[tuple[str, Any]] = []
    for output in record.outputs:
        words = [output.loss or "none"]
        words += [f"{name}={_value(value)}" for name, value in output.loss_config.items()]
        if output.weight != 1.0:
            words.append(f"weight {short(output.weight)}")
        losses.append((f"loss of {output.name}", ", ".join(words)))
        losses.append((f"metrics of {output.name}", ", ".join(output.metrics)))
    known = bool(plan.optimizer or record.trained or losses)
    machine = settings([(name, _value(value)) for name, value in facts.items()], "Where it ran")
    if not known and machine is None:
        return None
    return section(
        "setup",
        "Configuration",
        fold(
            el("span", "How it was trained"),
            settings(rows, "The run") if known else None,
            settings(losses, "Losses and metrics"),
            machine,
        ),
    )


def _ended(record: RunRecord) -> str | None:
    if record.plan.interrupted:
        return "Ctrl-C"
    return "a callback, before the last epoch" if record.plan.stopped_early else None


def _count(number: int | None) -> str | None:
    return None if number is None else f"{number:,}"


def _value(value: Any) -> str | None:
    if value is None or value is False or value == {}:
        return None
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, float):
        return short(value, 6)
    return cut(value, 400)
