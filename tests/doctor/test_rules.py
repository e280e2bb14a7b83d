"""Every rule fires on what it is about, and stays silent on sound programs of every kind."""

from __future__ import annotations

import importlib.util
import textwrap

import pytest
from doctor import cases, cases_healthy, cases_silent

from pellucid.doctor import examine, load_rules
from pellucid.doctor.finding import Finding

FIRES, SILENT = dict(cases.FIRES), dict(cases_silent.SILENT)
if importlib.util.find_spec("doctor.cases_training"):
    from doctor import cases_training

    FIRES |= cases_training.FIRES
    SILENT |= {name: [*SILENT.get(name, []), *more] for name, more in cases_training.SILENT.items()}
RULES = load_rules()
OWN = [name for name, rule in RULES.items() if rule.stage in ("static", "data", "initial")]
# Severities of the cases that fire, in order: p(roblem), w(arning), r(emark); else all are remarks.
SEVERITIES = {
    "softmax-over-one-unit": "pp",
    "softmax-twice": "pw",
    "softmax-with-mse": "w",
    "linear-output-with-crossentropy": "pp",
    "unfit-output-for-crossentropy": "ppp",
    "probabilities-as-logits": "pp",
    "predictions-are-no-probabilities": "ppp",
    "predictions-are-probabilities-already": "p",
    "sigmoid-for-exclusive-classes": "rp",
    "hinge-with-probabilities": "w",
    "softmax-for-several-labels": "pp",
    "bounded-output-for-values": "pppw",
    "crossentropy-for-values": "pw",
    "targets-do-not-fit-loss": "ppp",
    "labels-out-of-range": "ppp",
    "label-never-occurs": "rw",
    "constant-targets": "ppw",
    "conflicting-labels": "rw",
    "unscaled-targets": "wr",
    "nonfinite-data": "ppr",
    "unscaled-inputs": "www",
    "tiny-inputs": "w",
    "constant-inputs": "pppr",
    "validation-scaled-differently": "ppw",
    "shared-validation-rows": "pw",
    "column-gives-answer-away": "wr",
    "no-nonlinearity": "wrw",
    "hidden-softmax": "w",
    "dropout-on-output": "w",
    "high-dropout": "rw",
    "nothing-to-train": "p",
    "unused-weights": "wp",
    "batch-norm-on-single-samples": "pw",
    "constant-initial-weights": "pwppwpw",
    "initial-weights-scale": "wwww",
    "dead-at-initialisation": "pww",
    "signal-lost-at-initialisation": "ww",
    "gradient-lost-at-initialisation": "ww",
    "unusual-learning-rate": "wwwwwpw",
    "learning-rate-not-positive": "pp",
    "high-momentum": "wp",
}


def ask(name: str, make) -> list[Finding]:
    rule, record = RULES[name], make()
    return list(rule.examine(record)) if rule.can_speak(record) else []


@pytest.mark.parametrize(
    ("name", "number"), [(name, i) for name in FIRES for i in range(len(FIRES[name]))]
)
def test_it_fires_on_the_fault(name, number):
    found = ask(name, FIRES[name][number])
    assert found, f"{name} says nothing"
    for finding in found:
        assert finding.rule == name
        assert finding.symptom.endswith(".")
        assert 0 < finding.confidence <= 1
        assert Finding.from_dict(finding.to_dict()).to_dict() == finding.to_dict()


@pytest.mark.parametrize("name", OWN)
def test_it_says_what_why_and_how_to_fix_it(name):
    for make in FIRES[name]:
        for finding in ask(name, make):
            assert len(finding.symptom) < 200
            assert finding.evidence
            assert finding.why.endswith(".")
            code = [line for line in finding.fix.splitlines() if line.startswith("    ")]
            assert code, "a fix is code to paste"
            compile(textwrap.dedent("\n".join(code)), name, "exec")


@pytest.mark.parametrize("name", OWN)
def test_only_what_is_certain_is_a_problem_before_training(name):
    expected = SEVERITIES.get(name, "r" * len(FIRES[name]))
    assert "".join(ask(name, make)[0].severity[0] for make in FIRES[name]) == expected


@pytest.mark.parametrize(
    ("name", "number"), [(name, i) for name in SILENT for i in range(len(SILENT[name]))]
)
def test_it_is_silent_on_what_looks_like_the_fault(name, number):
    assert ask(name, SILENT[name][number]) == []


def test_every_rule_has_cases():
    assert RULES.keys() - FIRES.keys() == set(), "a rule without a firing case"
    assert [name for name in RULES if len(SILENT.get(name, [])) < 2] == []


@pytest.mark.parametrize("kind", list(cases_healthy.HEALTHY))
def test_sound_programs_get_no_more_than_a_remark(kind):
    diagnosis = examine(cases_healthy.HEALTHY[kind](), stages=("static", "data", "initial"))
    assert diagnosis.healthy
    assert [finding.rule for finding in diagnosis if finding.severity != "remark"] == []
    assert len(diagnosis) <= 1
