"""`Finding`: what the doctor saw, where, by which numbers, why it matters and what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .._core.errors import ConfigError
from .change import Change

SEVERITIES = ("problem", "warning", "remark")
MOST_CAUSES, LEAST_LIKELY = 3, 0.25  # causes that are told in full


@dataclass(frozen=True)
class Evidence:
    """One number against its threshold.

    Args:
        what: what was measured: ``"largest label"``.
        value: what it was: a number, a word or a truth value.
        threshold: what it was held against; None for a number that only informs.
        unit: ``"%"``, ``"samples"``, ``"epochs"``; "" for a plain number.

    >>> print(Evidence("largest label", 10, 9))
    largest label 10 (limit 9)
    """

    what: str
    value: Any
    threshold: Any = None
    unit: str = ""

    @property
    def unknown(self) -> bool:
        """Whether a number that is held against a threshold could not be measured."""
        return self.threshold is not None and _is_nan(self.value)

    def __str__(self) -> str:
        text = f"{self.what} {show(self.value)}{_unit(self.unit)}"
        if self.threshold is None or _is_nan(self.threshold):
            return text
        word = "expected" if isinstance(self.threshold, str) else "limit"
        return f"{text} ({word} {show(self.threshold)}{_unit(self.unit)})"

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: NaN and infinities become words."""
        return {
            "what": self.what,
            "value": _plain(self.value),
            "threshold": _plain(self.threshold),
            "unit": self.unit,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Evidence:
        """What `to_dict` gave, back."""
        value, threshold = _number(values["value"]), _number(values.get("threshold"))
        return cls(values["what"], value, threshold, values.get("unit", ""))


@dataclass(frozen=True)
class Where:
    """The place of a finding; whatever does not apply is None.

    >>> print(Where(layer="dense_1", epoch=3))
    layer dense_1, epoch 3
    """

    layer: str | None = None
    weight: str | None = None
    input: str | None = None
    output: str | None = None
    column: str | None = None
    step: int | None = None
    epoch: int | None = None

    def __str__(self) -> str:
        given = {name: value for name, value in vars(self).items() if value is not None}
        return ", ".join(f"{name} {value}" for name, value in given.items())


@dataclass(frozen=True, repr=False)
class Finding:
    """One thing that the doctor has to say.

    Args:
        rule: id of the rule that found it: ``"softmax-with-mse"``.
        symptom: what is so, in one sentence.
        severity: ``"problem"``: it (nearly) certainly hurts; ``"warning"``: it often does;
            ``"remark"``: good to know.
        where: layer, input, output, column, step or epoch.
        evidence: the numbers behind it.
        why: why it matters.
        fix: what to change, with code.
        confidence: 0 to 1, how sure the doctor is that this is so and that it hurts.
        changes: the fix as steps that `treat` can apply.
        causes: of a symptom: findings that explain it, the likeliest first.

    >>> Finding("labels-out-of-range", "A label is 10, but there are 10 outputs.", "problem")
    <problem labels-out-of-range: A label is 10, but there are 10 outputs.>
    """

    rule: str
    symptom: str
    severity: str = "warning"
    where: Where = field(default_factory=Where)
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    fix: str = ""
    confidence: float = 1.0
    changes: tuple[Change, ...] = ()
    causes: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ConfigError(
                f"The finding {self.rule!r} has an unknown severity.",
                got=repr(self.severity),
                expected=", ".join(SEVERITIES),
            )
        for name in ("evidence", "changes", "causes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def __repr__(self) -> str:
        place = f" ({self.where})" if str(self.where) else ""
        return f"<{self.severity} {self.rule}{place}: {self.symptom}>"

    def __str__(self) -> str:
        from .text import plain

        return plain(self)

    @property
    def seen(self) -> tuple[Evidence, ...]:
        """The evidence to show: what could not be measured speaks for nothing."""
        return tuple(item for item in self.evidence if not item.unknown)

    @property
    def likely(self) -> tuple[Finding, ...]:
        """The causes worth reading: the likeliest, and up to two more that are not far-fetched.

        >>> guesses = [Finding("a", "A.", confidence=c) for c in (0.9, 0.5, 0.4, 0.3, 0.1)]
        >>> [cause.confidence for cause in Finding("s", "S.", causes=tuple(guesses)).likely]
        [0.9, 0.5, 0.4]
        """
        first, rest = self.causes[:1], self.causes[1:MOST_CAUSES]
        return (*first, *(cause for cause in rest if cause.confidence >= LEAST_LIKELY))

    @property
    def unlikely(self) -> tuple[Finding, ...]:
        """The other causes, which are only named at first."""
        return self.causes[len(self.likely) :]

    def walk(self) -> Iterator[Finding]:
        """This finding, then its causes, and theirs."""
        yield self
        for cause in self.causes:
            yield from cause.walk()

    def but(self, **fields: Any) -> Finding:
        """The same finding with other values in some fields."""
        return replace(self, **fields)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        place = {name: value for name, value in vars(self.where).items() if value is not None}
        return {
            "rule": self.rule,
            "severity": self.severity,
            "symptom": self.symptom,
            "where": {name: _plain(value) for name, value in place.items()},
            "evidence": [evidence.to_dict() for evidence in self.evidence],
            "why": self.why,
            "fix": self.fix,
            "confidence": round(float(self.confidence), 3),
            "changes": [change.to_dict() for change in self.changes],
            "causes": [cause.to_dict() for cause in self.causes],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Finding:
        """What `to_dict` gave, back."""
        return cls(
            rule=values["rule"],
            symptom=values["symptom"],
            severity=values["severity"],
            where=Where(**values.get("where", {})),
            evidence=tuple(Evidence.from_dict(item) for item in values.get("evidence", ())),
            why=values.get("why", ""),
            fix=values.get("fix", ""),
            confidence=values.get("confidence", 1.0),
            changes=tuple(Change.from_dict(item) for item in values.get("changes", ())),
            causes=tuple(cls.from_dict(item) for item in values.get("causes", ())),
        )


def show(value: Any) -> str:
    """A value as a reader wants it: four significant digits, thousands marked.

    >>> show(0.00012345), show(12345678), show(True), show(0.5)
    ('0.0001234', '12,345,678', 'yes', '0.5')
    """
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{int(value):,}"
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.4g}"
    return str(value)


def _is_nan(value: Any) -> bool:
    return isinstance(value, (float, np.floating)) and bool(np.isnan(value))


def _unit(unit: str) -> str:
    return f"{unit}" if unit in ("", "%") else f" {unit}"


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _number(value: Any) -> Any:
    return float(value) if value in ("nan", "inf", "-inf") else value
