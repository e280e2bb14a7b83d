"""What the doctor said of each run, against what is true of it.

A fault counts only if it hurts: its score must lie more than two points below its healthy twin's,
unless it is certain by its configuration or data. *Noticed*: the doctor reported a problem or a
warning, or a remark that names the cause. *Named*: one of the true causes is among what it said.
*Rank*: its place in the order in which a reader meets them: problems, then warnings, then remarks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .training import Outcome, Program

HURTS = 2.0


@dataclass
class Verdict:
    """What came of one run.

    Attributes:
        rank: place of the first true cause, from 1; 0 where it was not named.
        said: rules of problems, warnings and remarks (symptoms; a cause is in `causes`).
    """

    name: str
    held_out: bool
    score: float
    seconds: float
    faulty: bool
    truth: list[str]
    twin: str | None = None
    twin_score: float | None = None
    hurts: bool = False
    refused: str | None = None
    noticed: bool = False
    problem: bool = False
    rank: int = 0
    said: dict[str, list[str]] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)
    learned: bool | None = None


def judge(program: Program, outcome: Outcome, twin_score: float | None = None) -> Verdict:
    """Ask the doctor, and compare."""
    from pellucid.doctor import examine

    verdict = Verdict(
        program.name, program.held_out, round(outcome.score, 2), round(outcome.seconds, 2),
        bool(program.causes), list(program.causes), program.twin,
    )  # fmt: skip
    if twin_score is not None:
        verdict.twin_score = round(twin_score, 2)
        verdict.hurts = program.certain or outcome.score < twin_score - HURTS
    if outcome.record is None:  # refused with an explanation, before any step
        verdict.refused = outcome.error
        verdict.noticed = verdict.problem = True
        verdict.hurts, verdict.rank = verdict.faulty, int(verdict.faulty)
        verdict.said = {"problem": ["refused"], "warning": [], "remark": []}
        return verdict
    diagnosis = examine(outcome.record)
    verdict.learned = diagnosis.learned
    verdict.said = {
        severity: sorted({f.rule for f in diagnosis.findings if f.severity == severity})
        for severity in ("problem", "warning", "remark")
    }
    verdict.causes = ranked(diagnosis)
    verdict.problem = bool(verdict.said["problem"])
    named = [rule for rule in verdict.causes if rule in program.causes]
    verdict.noticed = bool(verdict.problem or verdict.said["warning"] or named)
    verdict.rank = verdict.causes.index(named[0]) + 1 if named else 0
    return verdict


def ranked(diagnosis: Any) -> list[str]:
    """Causes in the order in which a reader meets them.

    Findings that are no symptom stand for themselves; a symptom stands for its causes, and for
    itself where it has none.
    """
    from pellucid.doctor import load_rules

    rules = load_rules()
    groups: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for finding in diagnosis.findings:
        if rules[finding.rule].symptom:
            groups[finding.severity] += [(c.confidence, c.rule) for c in finding.causes]
            groups[finding.severity].append((0.05, finding.rule))
        else:
            groups[finding.severity].append((finding.confidence, finding.rule))
    order: list[str] = []
    for severity in ("problem", "warning", "remark"):
        for _, rule in sorted(groups[severity], key=lambda pair: -pair[0]):
            if rule not in order:
                order.append(rule)
    return order


def share(values: Iterable[bool]) -> float | None:
    """Share of truths, in percent; None of nothing."""
    found = list(values)
    return round(100.0 * sum(found) / len(found), 1) if found else None


def figures(verdicts: list[Verdict]) -> dict[str, Any]:
    """Recall, false alarms and causes of some runs."""
    healthy = [v for v in verdicts if not v.faulty]
    faults = [v for v in verdicts if v.faulty and v.hurts]
    return {
        "healthy_runs": len(healthy),
        "healthy_with_problem": sum(v.problem for v in healthy),
        "healthy_with_warning": sum(bool(v.said.get("warning")) for v in healthy),
        "seeded_faults": sum(v.faulty for v in verdicts),
        "faults_that_hurt": len(faults),
        "recall_percent": share(v.noticed for v in faults),
        "recall_problem_or_warning_percent": share(
            v.problem or bool(v.said.get("warning")) for v in faults
        ),
        "recall_problem_percent": share(v.problem for v in faults),
        "cause_named_percent": share(bool(v.rank) for v in faults),
        "cause_first_percent": share(v.rank == 1 for v in faults),
        "cause_first_two_percent": share(v.rank in (1, 2) for v in faults),
    }


def by_rule(verdicts: list[Verdict]) -> dict[str, dict[str, int]]:
    """Rule -> counts. A fault belongs to the first of its true causes."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for v in verdicts:
        if v.faulty:
            row = counts[v.truth[0]]
            row["seeded"] += 1
            row["hurt"] += v.hurts
            row["noticed"] += v.hurts and v.noticed
            row["named"] += v.hurts and bool(v.rank)
            row["first_two"] += v.hurts and v.rank in (1, 2)
        else:
            for severity, rules in v.said.items():
                for rule in rules:
                    counts[rule][f"healthy_{severity}"] += 1
    return {rule: dict(counts[rule]) for rule in sorted(counts)}


def summary(verdicts: list[Verdict]) -> dict[str, Any]:
    """The figures of each half and of all, and by rule."""
    tuned = [v for v in verdicts if not v.held_out]
    return {
        "all": figures(verdicts),
        "tuned_on": figures(tuned),
        "held_out": figures([v for v in verdicts if v.held_out]),
        "by_rule": by_rule(verdicts),
    }


def report(verdicts: list[Verdict]) -> str:
    """The figures as text, with every run that went wrong."""
    found = summary(verdicts)
    halves = ("tuned_on", "held_out", "all")
    lines = [f"{'':36}" + "".join(f"{half:>10}" for half in halves)]
    for name in found["all"]:
        lines.append(f"{name:36}" + "".join(f"{found[half][name]!s:>10}" for half in halves))
    columns = ("seeded", "hurt", "noticed", "named", "first_two",
               "healthy_problem", "healthy_warning", "healthy_remark")  # fmt: skip
    lines += ["", f"{'rule':36}" + "".join(f"{name:>16}" for name in columns)]
    for rule, row in found["by_rule"].items():
        lines.append(f"{rule:36}" + "".join(f"{row.get(name, 0) or '':>16}" for name in columns))
    lines += ["", "healthy runs with a problem or warning:"]
    for v in verdicts:
        if not v.faulty and (v.problem or v.said.get("warning")):
            lines.append(f"  {v.name:32} {v.score:6} {v.said['problem']} {v.said['warning']}")
    lines += ["", "faults missed, or their cause not among the first two:"]
    for v in verdicts:
        if v.faulty and v.hurts and (not v.noticed or v.rank not in (1, 2)):
            lines.append(
                f"  {v.name:32} {v.score:6} ({v.twin_score}) rank {v.rank} true {v.truth[:2]} "
                f"said {v.said.get('problem')} {v.said.get('warning')} causes {v.causes[:5]}"
            )
    return "\n".join(lines)


def as_json(verdicts: list[Verdict]) -> dict[str, Any]:
    """Ready to be written."""
    return {"summary": summary(verdicts), "runs": [asdict(v) for v in verdicts]}
