"""Which changes to try, in which order: from a diagnosis to candidate treatments."""

from __future__ import annotations

from dataclasses import dataclass

from ..doctor import Change, Diagnosis, Finding, load_rules
from .apply import CORRECTIONS

SURE, POSSIBLE = 0.3, 0.1  # of a cause: tried together with others, tried at all
# The doctor's remarks that are worth a training of their own.
WORTH_TRYING = ("stopped-too-early",)
# Two of these undo one another: the better ranked one counts.
_ALIKE = {"set_learning_rate": "optimizer", "set_optimizer": "optimizer"}


@dataclass(frozen=True)
class Candidate:
    """Changes to be tried together, and the rules of the findings that they answer."""

    rules: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def label(self) -> str:
        """The rules in a few words."""
        return " + ".join(self.rules)


def candidates(diagnosis: Diagnosis) -> list[Candidate]:
    """What a diagnosis suggests to try: the first cause, all that are likely, then each other.

    Args:
        diagnosis: of a run.

    >>> clip = Change("clip_gradients", arguments={"norm": 1.0})
    >>> slower = Change("set_learning_rate", arguments={"learning_rate": 0.001})
    >>> causes = [Finding("exploding-gradients", "They explode.", confidence=0.9, changes=[clip]),
    ...           Finding("learning-rate-too-high", "It jumps.", confidence=0.5, changes=[slower])]
    >>> symptom = Finding("diverging", "The loss grows.", "problem", causes=causes)
    >>> for candidate in candidates(Diagnosis([symptom])):
    ...     print(candidate.label)
    exploding-gradients
    exploding-gradients + learning-rate-too-high
    learning-rate-too-high
    """
    singles = [
        (finding.confidence, Candidate((finding.rule,), finding.changes))
        for finding in ranked(diagnosis)
        if finding.changes and finding.confidence >= POSSIBLE
        and not all(change.kind in CORRECTIONS for change in finding.changes)
    ]  # fmt: skip
    sure = [one for confidence, one in singles if confidence >= SURE]
    found = [one for _, one in singles]
    if len(sure) > 1:
        found.insert(1, together(sure))
    distinct: dict[tuple[str, ...], Candidate] = {}
    for one in found:
        distinct.setdefault(tuple(map(str, one.changes)), one)
    return list(distinct.values())


def corrections(diagnosis: Diagnosis) -> Candidate | None:
    """Changes after which the scores can be believed; None where there is nothing to correct."""
    found = [
        Candidate((finding.rule,), finding.changes)
        for finding in ranked(diagnosis)
        if finding.changes and finding.severity != "remark"
        and all(change.kind in CORRECTIONS for change in finding.changes)
    ]  # fmt: skip
    return together(found) if found else None


def ranked(diagnosis: Diagnosis) -> list[Finding]:
    """Findings that carry changes, the likeliest first; a symptom gives way to its causes."""
    rules, order = load_rules(), list[Finding]()
    remarks_too = diagnosis.learned is not True
    for finding in diagnosis.findings:
        likely = sorted(finding.causes, key=lambda cause: -cause.confidence)
        order += likely
        symptom = finding.rule in rules and rules[finding.rule].symptom
        if finding.severity != "remark" or remarks_too or finding.rule in WORTH_TRYING:
            order.append(finding.but(confidence=min(finding.confidence, 0.25))
                         if symptom and likely else finding)  # fmt: skip
    seen: set[tuple[str, ...]] = set()
    kept = []
    for finding in order:
        key = tuple(map(str, finding.changes))
        if key and key not in seen:
            seen.add(key)
            kept.append(finding)
    return kept


def together(parts: list[Candidate]) -> Candidate:
    """All changes of several candidates; of two that touch the same, the first counts."""
    taken: dict[tuple[str, ...], Change] = {}
    rules: list[str] = []
    for part in parts:
        for change in part.changes:
            kind = _ALIKE.get(change.kind, change.kind)
            weight = str(change.arguments.get("weight", ""))
            if (kind, change.path, weight) not in taken:
                taken[kind, change.path, weight] = change
                rules.append(part.rules[0])
    return Candidate(tuple(dict.fromkeys(rules)), tuple(taken.values()))
