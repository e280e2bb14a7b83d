"""Findings, diagnoses, and how symptoms and causes come together."""

from __future__ import annotations

import json

import numpy as np
import pytest
from doctor import cases
from doctor.records import classifier, regression

import pellucid.doctor.examination as examination
from pellucid._core.errors import ConfigError
from pellucid.doctor import Change, Diagnosis, Evidence, Finding, Where, examine
from pellucid.doctor.rule import Rule, rule
from pellucid.record.schema import RunRecord

SLOW = Finding("slow", "The loss crawls.", "problem")


def made(id: str, severity: str = "warning", confidence: float = 0.8, **of_rule):
    """A rule and its finding."""
    found = Rule(id, "static", lambda record: (), **of_rule)
    return found, Finding(id, f"{id} is so.", severity, confidence=confidence)


def test_without_a_symptom_findings_stand_alone():
    found = examination.together([], [made("a"), made("b", alone=False)], False)
    assert [finding.rule for finding in found] == ["a"]
    assert found[0].severity == "warning"


def test_a_run_that_learned_well_turns_risks_into_remarks_but_not_facts():
    pair = [made("risk", "problem"), made("fact", "problem", risk=False)]
    found = examination.together([], pair, True)
    assert [finding.severity for finding in found] == ["remark", "problem"]


def test_a_symptom_collects_its_causes_in_the_order_of_likelihood():
    found = [
        made("rather", explains={"slow": 0.5}),
        made("likely", explains={"slow": 0.9}),
        made("unlikely", "remark", explains={"slow": 0.2}, alone=False),
        made("other", explains={"diverging": 0.9}),
    ]
    symptom, other = examination.together([SLOW], found, False)
    assert [cause.rule for cause in symptom.causes] == ["likely", "rather", "unlikely"]
    assert [cause.severity for cause in symptom.causes] == ["problem", "warning", "remark"]
    assert symptom.causes[0].confidence == pytest.approx(0.72)
    assert other.rule == "other"


def test_a_cause_is_silent_where_another_rule_says_the_same_from_better_evidence():
    found = [
        made("static", explains={"slow": 0.9}, same_as=("measured",)),
        made("measured", explains={"slow": 0.9}),
    ]
    (symptom,) = examination.together([SLOW], found, False)
    assert [cause.rule for cause in symptom.causes] == ["measured"]
    (alone,) = examination.together([], found[:1], False)
    assert alone.rule == "static"


def test_the_worst_comes_first():
    diagnosis = Diagnosis(
        [
            Finding("a", "A.", "remark"),
            Finding("b", "B.", "problem", confidence=0.6),
            Finding("c", "C.", "problem", confidence=0.9),
            Finding("d", "D.", "warning"),
        ]
    )
    assert [finding.rule for finding in diagnosis] == ["c", "b", "d", "a"]
    assert not diagnosis.healthy
    assert len(diagnosis.problems) == 2
    assert repr(diagnosis) == "<Diagnosis of 'model': 2 problems, 1 warning, 1 remark>"


@pytest.fixture
def ill() -> Diagnosis:
    cause = Finding(
        "dead", "Half is dead.", evidence=[Evidence("dead units", np.float32(0.5), 0.3)],
        confidence=0.7,
    )  # fmt: skip
    symptom = Finding(
        "slow", "It crawls & crawls.", "problem", Where(layer="dense", epoch=3),
        (Evidence("loss", float("nan"), float("inf")), Evidence("steps", 12_000)),
        "Time is money.", "Do this:\n    lr = 1", 0.9,
        (Change("set_learning_rate", arguments={"learning_rate": 0.1}),), (cause,),
    )  # fmt: skip
    return Diagnosis([symptom], looked_at=["2 layers"], rules=["slow", "dead"], name="net")


def test_json_there_and_back(ill, tmp_path):
    path = tmp_path / "diagnosis.json"
    text = ill.to_json(path)
    assert json.loads(path.read_text()) == json.loads(text, parse_constant=pytest.fail)
    again = Diagnosis.from_dict(json.loads(text))
    assert again.to_dict() == ill.to_dict()
    assert np.isnan(again[0].evidence[0].value)
    assert again.find("dead") is not None
    assert "dead" in again
    assert "unheard" not in again


def test_text_keeps_code_and_names_everything(ill):
    text = str(ill)
    assert text.startswith("problem: It crawls & crawls. [slow]\n  where: layer dense, epoch 3\n")
    assert "\n             lr = 1\n" in text
    assert "likely cause 1 (70 %):\n    warning: Half is dead. [dead]" in text
    assert "dead units 0.5 (limit 0.3)" in text
    assert text.endswith("1 problem found: 2 rules looked at 2 layers.")
    assert max(map(len, text.splitlines())) <= 96


def test_a_terminal_and_a_notebook_show_the_same(ill, capsys):
    ill.show()
    shown = capsys.readouterr().out
    html = ill._repr_html_()
    for word in ("layer dense, epoch 3", "Half is dead.", "lr = 1", "1 problem found"):
        assert word in shown
        assert word in html
    assert "It crawls &amp; crawls." in html


def test_healthy_is_one_line():
    text = str(examine(classifier(), stages=("static", "data")))
    assert text.count("\n") == 0
    assert text.startswith("No problem found: ")
    assert "2 layers, 1 loss and 500 training samples" in text


def test_an_empty_record_is_no_error():
    diagnosis = examine(RunRecord())
    assert diagnosis.healthy
    assert "an empty record" in str(diagnosis)


@pytest.mark.parametrize("name", sorted(cases.FIRES))
def test_half_a_record_never_stops_the_doctor(name):
    """Whatever part is missing: loaded files and foreign models are not complete."""
    from pellucid.record.schema import Checkups, DataRecord, Plan

    for make in cases.FIRES[name]:
        for part, empty in [
            ("layers", []), ("weights", []), ("outputs", []), ("plan", Plan()),
            ("data", DataRecord()), ("checkups", Checkups()),
        ]:  # fmt: skip
            record = make()
            setattr(record, part, empty)
            examine(record, stages=("static", "data", "initial"))
        record = make()
        for layer in record.layers:
            layer.config, layer.inputs, layer.output_shape, layer.activation = {}, [], None, None
        for output in record.outputs:
            output.shape = output.layer = output.activation = None
        for numbers in record.data.inputs.values():
            numbers.minimum = numbers.maximum = numbers.mean = numbers.std = None
        examine(record, stages=("static", "data", "initial"))


def test_wrong_words_are_refused():
    with pytest.raises(ConfigError, match="set_learning_rate"):
        Change("set_learning_rat")
    with pytest.raises(ConfigError, match="no argument 'value'"):
        Change("set_learning_rate", arguments={"value": 1})
    with pytest.raises(ConfigError, match="severity"):
        Finding("a", "A.", "fatal")
    with pytest.raises(ConfigError, match="registered wrongly"):
        rule("a", "someday")(lambda record: ())
    with pytest.raises(ConfigError, match="registered wrongly"):
        rule("a", "static", ("luck",))(lambda record: ())


def test_stages_limit_who_is_asked():
    record = regression(activation="relu", learning_rate=1.0)
    assert {f.rule for f in examine(record, ("static",))} == {"unusual-learning-rate"}
    assert {f.rule for f in examine(record, ("data",))} == {"bounded-output-for-values"}
