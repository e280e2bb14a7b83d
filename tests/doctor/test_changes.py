"""Findings come with changes wherever a change of network, plan or data can help."""

from __future__ import annotations

import pytest
from doctor import cases, cases_training

from pellucid.doctor import load_rules
from pellucid.doctor.change import KINDS

RULES = load_rules()
FIRES = {**cases.FIRES, **cases_training.FIRES}
# What only a person can put right: the data have to be looked at, or the network written anew;
# and symptoms, whose causes carry the changes.
BY_HAND = {
    "conflicting-labels", "constant-inputs", "constant-targets", "generalising-badly",
    "label-never-occurs", "not-learning", "plateau-after-rate-drop", "shuffled-labels",
    "tiny-validation", "underfitting", "unused-weights", "validation-easier",
    "validation-differs", "validation-scaled-differently",
}  # fmt: skip
# Rules that have a change only where the record shows what to change.
SOMETIMES = {"frozen-weights", "too-much-dropout", "vanishing-gradients"}


def found(name):
    for make in FIRES[name]:
        record = make()
        if RULES[name].can_speak(record):
            yield from RULES[name].examine(record)


@pytest.mark.parametrize("name", sorted(set(FIRES) & set(RULES)))
def test_a_finding_carries_changes_or_is_for_a_person_to_mend(name):
    carried = [finding.changes for finding in found(name)]
    if name in BY_HAND:
        assert not any(carried), f"{name} carries changes now: take it off the list"
    elif name not in SOMETIMES:
        assert any(carried)


@pytest.mark.parametrize("name", sorted(set(FIRES) & set(RULES) - BY_HAND))
def test_changes_name_a_place_and_survive_json(name):
    for finding in found(name):
        for change in finding.changes:
            place, _ = KINDS[change.kind]
            assert change.path or not place or change.kind == "set_regularizer"
            assert type(change).from_dict(change.to_dict()) == change
