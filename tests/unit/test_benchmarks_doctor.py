"""The doctor's benchmark: its lists are sound, and its figures are counted as it says."""

from __future__ import annotations

import pytest

pytest.importorskip("benchmarks.doctor")

from benchmarks.doctor import page, published
from benchmarks.doctor.faults import FAULTS
from benchmarks.doctor.healthy import HEALTHY
from benchmarks.doctor.judge import Verdict, as_json, figures, report
from pellucid.doctor import load_rules


def verdict(name: str, *truth: str, held_out: bool = False, rank: int = 1, **more) -> Verdict:
    said = {"problem": [truth[0]] if truth and rank else [], "warning": [], "remark": []}
    faulty = bool(truth)
    given = {"noticed": faulty and rank > 0, "problem": faulty and rank > 0, "hurts": faulty}
    made = Verdict(name, held_out, 50.0, 1.0, faulty, list(truth), said=said, rank=rank)
    for key, value in {**given, **more}.items():
        setattr(made, key, value)
    return made


def test_programs_have_names_of_their_own_and_faults_a_twin():
    names = [program.name for program in (*HEALTHY, *FAULTS)]
    assert len(set(names)) == len(names)
    assert {program.twin for program in FAULTS} <= {program.name for program in HEALTHY}
    assert len(HEALTHY) >= 60


def test_true_causes_are_rules():
    known = load_rules().keys()
    assert {cause for program in FAULTS for cause in program.causes} <= known
    named = {rule for rules in published.PHRASES.values() for rule in rules}
    named |= {rule for rules in published.WORDS.values() for rule in rules}
    assert named <= known


def test_both_halves_hold_faults_and_healthy_runs():
    for programs in (HEALTHY, FAULTS):
        share = sum(program.held_out for program in programs) / len(programs)
        assert 0.35 < share < 0.65


def test_figures_count_faults_that_hurt_and_false_alarms():
    found = figures(
        [
            verdict("a", "dead-units"),
            verdict("b", "dead-units", rank=3),
            verdict("c", "dead-units", rank=0),
            verdict("d", "dead-units", rank=0, hurts=False),
            verdict("e", problem=True),
            verdict("f"),
        ]
    )
    assert (found["seeded_faults"], found["faults_that_hurt"]) == (4, 3)
    assert found["recall_percent"] == pytest.approx(66.7)
    assert found["cause_first_two_percent"] == pytest.approx(33.3)
    assert (found["healthy_runs"], found["healthy_with_problem"]) == (2, 1)


def test_the_page_and_the_report_name_what_was_missed():
    verdicts = [verdict("missed-run", "dead-units", rank=0), verdict("sound-run")]
    text = page.page({"seeded": as_json(verdicts)})
    assert "missed-run" in text
    assert "sound-run" not in text
    assert "missed-run" in report(verdicts)


def published_row(name: str, label: str, problem: bool, tool: bool, **truth) -> dict:
    case = {"id": name, "group": name, "truth": {"label": label, **truth}}
    case["published"] = {"Tool": tool, "Other": "disagree"}
    return {"case": case, "seed": 0, "problem": ["not-learning"] if problem else [],
            "causes": ["dead-units"] if problem else [], "note": ""}  # fmt: skip


def test_published_cases_count_once_a_group_and_not_with_a_suspect_label():
    rows = [
        published_row("a", "buggy", True, False, problems=["dying_relu"]),
        published_row("a", "buggy", True, False, problems=["dying_relu"]),
        published_row("b", "normal", True, True, label_suspect=True),
        published_row("c", "normal", True, True, fix_effective=False),
        published_row("d", "normal", False, True),
    ]
    found = published.as_json(rows, published.Counter())["summary"]
    assert (found["faulty_networks"], found["healthy_networks"]) == (1, 1)
    assert found["healthy_with_problem_percent"] == 0
    assert found["cause_first_two_percent"] == 100
    assert found["tools"]["Tool"]["buggy_tool_percent"] == 0
    assert found["tools"]["Tool"]["normal_tool_percent"] == 100
    assert found["tools"]["Other"]["buggy_networks"] == 0
    assert "Tool" in page.page({"published": {"summary": found}})
