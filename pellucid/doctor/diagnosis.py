"""`Diagnosis`: everything that the doctor found in one record, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from .._core.files import json_text
from .finding import SEVERITIES, Finding


class Diagnosis(Sequence[Finding]):
    """The findings of one examination, ordered by severity and confidence.

    Args:
        findings: in any order.
        looked_at: what the examination could see: ``["5 layers", "700 samples"]``.
        rules: ids of the rules that were asked.
        name: of the model.
        learned: whether the run learned: True, False, or None where it cannot be said.

    >>> diagnosis = Diagnosis([], looked_at=["2 layers"], rules=["softmax-with-mse"])
    >>> diagnosis.healthy, len(diagnosis)
    (True, 0)
    >>> print(diagnosis)
    No problem found: 1 rule looked at 2 layers.
    """

    def __init__(
        self,
        findings: Iterable[Finding] = (),
        *,
        looked_at: Iterable[str] = (),
        rules: Iterable[str] = (),
        name: str = "model",
        learned: bool | None = None,
    ):
        def order(finding: Finding) -> tuple[int, float]:
            return SEVERITIES.index(finding.severity), -finding.confidence

        self.findings = tuple(sorted(findings, key=order))
        self.looked_at = tuple(looked_at)
        self.rules = tuple(rules)
        self.name = name
        self.learned = learned

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that (nearly) certainly hurt."""
        return self._of("problem")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that often hurt."""
        return self._of("warning")

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """The findings that are good to know."""
        return self._of("remark")

    @property
    def healthy(self) -> bool:
        """No problem was found."""
        return not self.problems

    def _of(self, severity: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == severity)

    def walk(self) -> Iterator[Finding]:
        """Every finding, and after each symptom its causes."""
        for finding in self.findings:
            yield from finding.walk()

    def find(self, rule: str) -> Finding | None:
        """The first finding of a rule, causes included; None if it found nothing."""
        return next((finding for finding in self.walk() if finding.rule == rule), None)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return self.findings[index]

    def __len__(self) -> int:
        return len(self.findings)

    def __contains__(self, rule: object) -> bool:
        """Whether a rule, by id, or this very finding is among the findings and their causes."""
        return any(rule in (finding, finding.rule) for finding in self.walk())

    def __repr__(self) -> str:
        counts = [
            f"{len(found)} {severity}{'' if len(found) == 1 else 's'}"
            for severity in SEVERITIES
            if (found := self._of(severity))
        ]
        return f"<Diagnosis of {self.name!r}: {', '.join(counts) or 'no findings'}>"

    def __str__(self) -> str:
        from .text import plain_diagnosis

        return plain_diagnosis(self)

    def __rich__(self) -> Any:
        from .text import rich_diagnosis

        return rich_diagnosis(self)

    def _repr_html_(self) -> str:
        from .html import diagnosis_html

        return diagnosis_html(self)

    def show(self) -> None:
        """Print it, in colours on a terminal."""
        from .text import console

        console().print(self)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "name": self.name,
            "healthy": self.healthy,
            "learned": self.learned,
            "looked_at": list(self.looked_at),
            "rules": list(self.rules),
            "findings": [finding.to_dict() for finding in self.findings],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Diagnosis:
        """What `to_dict` gave, back."""
        return cls(
            [Finding.from_dict(finding) for finding in values["findings"]],
            looked_at=values.get("looked_at", ()),
            rules=values.get("rules", ()),
            name=values.get("name", "model"),
            learned=values.get("learned"),
        )

    def to_json(self, path: str | Path | None = None) -> str:
        """The diagnosis as JSON text; with `path` also written there.

        Args:
            path: a file to write, replaced whole.
        """
        return json_text(self.to_dict(), path)
