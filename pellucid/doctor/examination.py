"""`examine`: symptoms first, then what explains them. A run that learned well stays in peace."""

from __future__ import annotations

from collections.abc import Iterable

from ..record.schema import RunRecord
from .diagnosis import Diagnosis
from .finding import Finding
from .remembering import remembering
from .rule import STAGES, Rule, load_rules

# A cause at least this likely, given its symptom, is called a problem itself.
LIKELY = 0.5


def examine(record: RunRecord, stages: Iterable[str] | None = None) -> Diagnosis:
    """What is wrong with a network, its data or its run, as far as the record can tell.

    Two steps. First the symptoms: does it not learn, diverge, generalise badly, learn far slower
    than it could? Then the causes, ranked. Risk factors (unscaled inputs, a high learning rate)
    are a symptom's causes if there is one, warnings before training, and no more than remarks
    where the run learned well.

    Args:
        record: from `History.vitals`, a run folder, or a configuration alone.
        stages: ask only rules of these stages, of ``"static"``, ``"data"``, ``"initial"``,
            ``"training"`` and ``"end"``; None asks every rule that the record can answer.

    >>> from pellucid.record.schema import OutputRecord, RunRecord
    >>> output = OutputRecord("y", activation="softmax", shape=[None, 1], loss="mean_squared_error")
    >>> [finding.rule for finding in examine(RunRecord(outputs=[output])).problems]
    ['softmax-over-one-unit']
    """
    with remembering():
        return _examined(record, set(STAGES if stages is None else stages))


def _examined(record: RunRecord, wanted: set[str]) -> Diagnosis:
    from .symptoms import refutes

    asked = [r for r in load_rules().values() if r.stage in wanted and r.can_speak(record)]
    symptoms = [finding for rule in asked if rule.symptom for finding in rule.examine(record)]
    found = [
        (rule, finding) for rule in asked if not rule.symptom for finding in rule.examine(record)
    ]
    learned = None
    if record.trained:
        learned = False if any(s.severity == "problem" for s in symptoms) else learned_well(record)
    return Diagnosis(
        together(symptoms, found, bool(learned) and refutes(record)),
        looked_at=looked_at(record),
        rules=[rule.id for rule in asked],
        name=record.name,
        learned=learned,
    )


def together(
    symptoms: list[Finding], found: list[tuple[Rule, Finding]], refuted: bool
) -> list[Finding]:
    """Symptoms with their causes, and what is left over.

    Args:
        symptoms: of this record.
        found: every other finding, with its rule.
        refuted: the run went so well that risks are no more than remarks.
    """
    if symptoms:
        known = {rule.id for rule, _ in found}
        found = [(rule, finding) for rule, finding in found if not known & set(rule.same_as)]
    used: set[int] = set()
    result = []
    for symptom in symptoms:
        ranked = []
        for number, (rule, finding) in enumerate(found):
            likelihood = rule.explains.get(symptom.rule, 0.0) * finding.confidence
            if likelihood > 0:
                used.add(number)
                ranked.append(_as_cause(finding, likelihood, symptom))
        ranked = sorted([*symptom.causes, *ranked], key=lambda cause: -cause.confidence)
        result.append(symptom.but(causes=tuple(ranked)))
    for number, (rule, finding) in enumerate(found):
        if number in used or not rule.alone:
            continue
        if refuted and rule.risk and finding.severity != "remark":
            finding = finding.but(severity="remark")
        result.append(finding)
    return result


def _as_cause(finding: Finding, likelihood: float, symptom: Finding) -> Finding:
    severity = finding.severity
    if severity != "problem" and likelihood >= LIKELY:
        severity = symptom.severity
    return finding.but(severity=severity, confidence=likelihood)


def learned_well(record: RunRecord) -> bool | None:
    """Whether the run clearly beat the trivial answer; None where it cannot be said."""
    from .symptoms import learned

    return learned(record)


def looked_at(record: RunRecord) -> list[str]:
    """What there was to see, as short phrases."""
    seen = []
    if record.layers:
        seen.append(_count(len(record.layers), "layer"))
    losses = [output for output in record.outputs if output.loss]
    if losses:
        seen.append(_count(len(losses), "loss", "losses"))
    rows = max((array.samples for array in record.data.inputs.values()), default=0)
    if rows:
        seen.append(_count(rows, "training sample"))
    epochs = len(next(iter(record.history.values()), ()))
    if epochs:
        seen.append(_count(epochs, "epoch"))
    if len(record.checkups):
        seen.append(_count(len(record.checkups), "checkup"))
    return seen


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
