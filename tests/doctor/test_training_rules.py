"""Symptoms with their causes: what is named first, and that sound runs stay in peace."""

from __future__ import annotations

import numpy as np
import pytest
from doctor import cases_training as made
from doctor.records import deep, regression
from doctor.runs import dead, flat, trained

from pellucid.doctor import examine
from pellucid.doctor.symptoms import course, learned, series
from pellucid.record.schema import RunRecord


@pytest.mark.parametrize("number", range(len(made.SOUND)))
def test_sound_runs_get_no_more_than_remarks(number):
    diagnosis = examine(made.SOUND[number]())
    assert [finding for finding in diagnosis if finding.severity != "remark"] == []
    assert diagnosis.learned


@pytest.mark.parametrize("name", made.SYMPTOMS)
def test_symptoms_are_said_once_and_with_numbers(name):
    diagnosis = examine(made.FIRES[name][0]())
    symptoms = [finding for finding in diagnosis if finding.rule in made.SYMPTOMS]
    assert [finding.rule for finding in symptoms] == [name]
    assert symptoms[0].evidence
    assert symptoms[0].why
    assert symptoms[0].fix


@pytest.mark.parametrize(
    ("symptom", "cause", "make"),
    [
        ("not-learning", "learning-rate-too-high", made.FIRES["learning-rate-too-high"][0]),
        ("not-learning", "learning-rate-too-low", made.FIRES["learning-rate-too-low"][1]),
        ("slow", "learning-rate-too-low", made.FIRES["learning-rate-too-low"][0]),
        ("not-learning", "dead-units", made.FIRES["dead-units"][0]),
        ("not-learning", "vanishing-gradients", made.FIRES["vanishing-gradients"][0]),
        ("not-learning", "sorted-data", made.FIRES["sorted-data"][0]),
        ("generalising-badly", "shuffled-labels", made.memorised),
        ("loss-not-finite", "learning-rate-too-high", made.FIRES["learning-rate-too-high"][1]),
    ],
)
def test_the_cause_is_among_the_first_two(symptom, cause, make):
    found = examine(make()).find(symptom)
    assert found is not None
    assert cause in [one.rule for one in found.causes[:2]]


def test_units_that_died_in_a_run_with_long_steps_come_after_the_rate():
    record = dead(made.stuck(learning_rate=0.3, pace=2.0, change=50.0), "dense_0", 0.0, 1.0)
    found = examine(record).find("not-learning")
    assert [one.rule for one in found.causes[:2]] == ["learning-rate-too-high", "dead-units"]


def test_causes_are_not_said_without_a_symptom():
    record = made.sound_deep()
    record.plan.learning_rate = 0.5
    assert "learning-rate-too-high" not in examine(record)


def test_a_run_that_has_only_begun_is_not_judged_unless_it_does_not_go_downhill():
    begun = {"epochs": 3, "baseline": 1.1, "accuracy": [0.3, 0.33, 0.36]}
    downhill = trained(losses=np.linspace(1.3, 1.15, 45), **begun)
    assert not [f for f in examine(downhill) if f.severity != "remark"]
    level = trained(losses=flat(1.2, 45), end=1.21, **begun)
    assert [f.rule for f in examine(level).problems] == ["not-learning"]
    enough = trained(losses=np.linspace(1.3, 1.15, 120), **begun)
    assert [f.rule for f in examine(enough).problems] == ["not-learning"]


def test_the_place_of_the_first_bad_number_is_named():
    found = examine(made.broken()).find("loss-not-finite")
    assert (found.where.layer, found.where.step) == ("dense_0", 50)
    assert "'dense_0'" in found.symptom


def test_empty_and_half_filled_records_are_borne():
    assert learned(RunRecord()) is None
    assert len(examine(RunRecord())) == 0
    record = made.stuck(deep(3))
    record.checkups.layers.clear()
    record.checkups.weights.clear()
    record.history.clear()
    record.data.targets.clear()
    examine(record)


def test_a_loss_with_terms_of_its_own_is_not_held_against_the_trivial_answer():
    losses = np.linspace(5.0, 3.0, made.ALL)  # reconstruction and a divergence, say
    record = trained(regression(), losses=losses, usual=None, baseline=1.0)
    assert "not-learning" in examine(record)
    record.layers[0].adds_loss = True
    assert "not-learning" not in examine(record)


def test_a_course_is_measured_against_the_trivial_answer():
    how = course(made.best_possible())
    assert how.skill == pytest.approx(1 - how.train[-1] / 0.69)
    assert how.gain == pytest.approx((how.accuracy[-1] - 0.5) / 0.5)
    assert learned(made.best_possible()) is True
    assert learned(made.stuck()) is False


def test_statistics_bear_what_is_not_finite():
    assert series.clean([1.0, np.nan, np.inf, 2.0]).tolist() == [1.0, 2.0]
    assert np.isnan(series.last([]))
    assert series.direction([1.0]) == 0.0
    assert series.turns([1.0, 2.0, 1.0, 2.0]) == 1.0
