"""The doctor's fixes as commands: options of `pellucid train` that try them."""

from __future__ import annotations

import pytest

from pellucid.cli.flags import flags_of, proposed, with_flags
from pellucid.doctor import Change, Diagnosis, Finding


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        (
            Change("set_optimizer", arguments={"optimizer": "Adam", "learning_rate": 0.001}),
            {"--optimizer": "adam", "--learning-rate": "0.001"},
        ),
        (Change("set_batch_size", arguments={"batch_size": 32}), {"--batch-size": "32"}),
        (Change("add_early_stopping", arguments={"patience": 5}), {"--patience": "5"}),
        (Change("set_dropout", "dropout", {"rate": 0.1}), {"--dropout": "0.1"}),
        (Change("remove_layer", "dropout_2"), {"--dropout": "0"}),
        (Change("add_batch_norm", "dense"), {"--batch-norm": None}),
        (Change("set_regularizer", "dense", {"regularizer": None}), {"--l2": "0"}),
        (Change("clip_gradients", arguments={"norm": 1.0}), {}),
    ],
)
def test_changes_with_an_option(change, flags):
    assert flags_of([change]) == flags


def test_the_command_keeps_its_other_options():
    typed = "pellucid train 'my data.csv' --target y --epochs=3 --batch-norm -o runs/a --force"
    asked = {"--epochs": "9", "--no-batch-norm": None, "--l2": "0"}
    assert with_flags(typed, asked) == ("pellucid train 'my data.csv' --target y --epochs 9 --l2 0")


def test_only_fixes_of_train_are_proposed():
    slow = Change("set_learning_rate", arguments={"learning_rate": 0.01})
    causes = [Finding("a", "A.", changes=(slow,), confidence=0.9), Finding("b", "B.")]
    ill = Diagnosis([Finding("slow", "Slow.", "problem", causes=tuple(causes))])
    assert proposed(ill, "pellucid train iris") == ["pellucid train iris --learning-rate 0.01"]
    assert proposed(ill, "python mine.py") == []
