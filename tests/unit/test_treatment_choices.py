"""What a treatment tries, in which order, and how it scores."""

from __future__ import annotations

import numpy as np
import pytest
from doctor.records import array, classifier, labels, one_hot, regression, values
from sklearn.metrics import accuracy_score, balanced_accuracy_score, r2_score

from pellucid.doctor import Change, Diagnosis, Finding
from pellucid.treatment.candidates import candidates, corrections, ranked
from pellucid.treatment.score import Scorer, kind_of
from pellucid.treatment.usual import usual_settings


def rate(value):
    return Change("set_learning_rate", arguments={"learning_rate": value})


def finding(rule, *changes, confidence=0.9, severity="problem", causes=()):
    return Finding(
        rule, "So it is.", severity, confidence=confidence, changes=changes, causes=causes
    )


def test_causes_come_by_likelihood_then_together_then_one_by_one():
    clip = Change("clip_gradients", arguments={"norm": 1.0})
    symptom = finding(
        "diverging", rate(0.1),
        causes=[
            finding("unlikely", Change("shuffle"), confidence=0.2),
            finding("likely", rate(0.01), confidence=0.6),
            finding("likeliest", clip, confidence=0.9),
            finding("hopeless", Change("set_batch_size", arguments={"batch_size": 1}),
                    confidence=0.05),
        ],
    )  # fmt: skip
    found = candidates(Diagnosis([symptom]))
    assert [one.label for one in found] == [
        "likeliest", "likeliest + likely", "likely", "unlikely", "diverging",
    ]  # fmt: skip
    assert found[1].changes == (clip, rate(0.01))


def test_of_two_changes_of_one_thing_the_likelier_counts():
    adam = Change("set_optimizer", arguments={"optimizer": "Adam", "learning_rate": 0.001})
    relu = [Change("set_activation", name, {"activation": "relu"}) for name in ("a", "b")]
    tanh = Change("set_activation", "a", {"activation": "tanh"})
    found = candidates(
        Diagnosis(
            [
                finding("first", adam, relu[0], confidence=0.9),
                finding("second", rate(0.1), tanh, relu[1], confidence=0.8),
            ]
        )
    )
    assert found[1].changes == (adam, relu[0], relu[1])


def test_corrections_are_no_candidates():
    drop = Change("drop_rows", arguments={"which": "shared"})
    shift = Change("shift_labels", "y", {"by": -1})
    diagnosis = Diagnosis([finding("shared", drop), finding("range", shift), finding("r", rate(1))])
    assert [one.label for one in candidates(diagnosis)] == ["r"]
    assert list(corrections(diagnosis).changes) == [drop, shift]
    assert corrections(Diagnosis([finding("r", rate(1))])) is None


def test_remarks_on_a_sound_run_are_left_alone():
    remark = finding("unscaled-inputs", Change("add_scaling", "x"), severity="remark")
    assert ranked(Diagnosis([remark], learned=True)) == []
    assert ranked(Diagnosis([remark], learned=None)) == [remark]


SOUND = {
    "classifier": classifier,
    "one-hot": lambda: classifier(loss="categorical_crossentropy", target=one_hot()),
    "raw scores": lambda: classifier(activation="linear", loss_config={"from_logits": True}),
    "regression": regression,
    "dropout": lambda: classifier(("Dense", 16, "relu"), ("Dropout", None, None, {"rate": 0.5})),
    "prior in the last bias": lambda: classifier_with(1, bias_initializer="ones"),
}


def classifier_with(number, **config):
    record = classifier()
    record.layers[number].config.update(config)
    return record


@pytest.mark.parametrize("name", SOUND)
def test_usual_settings_stay_as_they_are(name):
    assert usual_settings(SOUND[name]()).changes == ()


UNUSUAL = {
    "rate": (lambda: classifier(learning_rate=1.0), "set_optimizer"),
    "optimiser": (lambda: classifier(optimizer="SGD", learning_rate=0.01), "set_optimizer"),
    "batch": (lambda: classifier(batch_size=1), "set_batch_size"),
    "order": (lambda: classifier(shuffle=False), "shuffle"),
    "scale": (lambda: classifier(x=array(mean=120.0, std=60.0)), "add_scaling"),
    "columns": (
        lambda: classifier(x=array(column_std=np.array([1e-3, 1.0]))), "add_scaling",
    ),
    "sigmoid": (lambda: classifier(("Dense", 16, "sigmoid")), "set_activation"),
    "output": (lambda: classifier(activation="linear"), "set_output"),
    "loss": (lambda: classifier(loss="mean_squared_error", target=one_hot()), "set_output"),
    "one unit": (lambda: classifier(units=1, target=labels()), "set_output"),
    "bound": (lambda: regression(activation="tanh"), "set_output"),
    "targets": (lambda: regression(target=values(mean=5000.0, std=900.0)), "scale_targets"),
    "weights": (lambda: classifier_with(0, kernel_initializer="zeros"), "set_initializer"),
    "bias": (lambda: classifier_with(0, bias_initializer="ones"), "set_initializer"),
    "penalty": (
        lambda: classifier_with(0, kernel_regularizer={"class_name": "L2", "config": {"l2": 1.0}}),
        "set_regularizer",
    ),
    "dropout": (
        lambda: classifier(("Dense", 16, "relu"), ("Dropout", None, None, {"rate": 0.9})),
        "set_dropout",
    ),
    "momentum": (
        lambda: classifier(
            ("Dense", 16, "relu"), ("BatchNormalization", None, None, {"momentum": 0.9999})
        ),
        "set_momentum",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_is_brought_back(name):
    make, kind = UNUSUAL[name]
    assert {change.kind for change in usual_settings(make()).changes} == {kind}


RANDOM = np.random.default_rng(0)


def test_scores_are_those_of_scikit_learn():
    y = RANDOM.integers(0, 4, 50)
    answers = RANDOM.random((50, 4))
    score = Scorer(["y"], y, ["sparse_categorical_crossentropy"])
    assert score.name == "accuracy"
    assert score(answers) == pytest.approx(accuracy_score(y, answers.argmax(1)))
    rows = np.eye(4)[y]
    assert Scorer(["y"], rows, ["categorical_crossentropy"])(answers) == score(answers)
    rare = (np.arange(50) % 10 == 0).astype("float32")[:, None]
    score = Scorer(["y"], rare, ["binary_crossentropy"])
    assert score.name == "balanced accuracy"
    assert score(answers[:, :1]) == pytest.approx(
        balanced_accuracy_score(rare, answers[:, :1] > 0.5)
    )
    raw = Scorer(["y"], rare, ["binary_crossentropy"])(answers[:, :1] - 0.3, [0.0])
    assert raw == pytest.approx(balanced_accuracy_score(rare, answers[:, :1] > 0.3))
    quantity = RANDOM.normal(size=(50, 1))
    score = Scorer(["y"], quantity, ["mean_squared_error"])
    assert score.name == "R2"
    assert score(answers[:, :1]) == pytest.approx(r2_score(quantity, answers[:, :1]))
    flags = RANDOM.integers(0, 2, (50, 4)).astype("float32")
    flags[0] = 1
    score = Scorer(["y"], flags, ["binary_crossentropy"])
    assert score(answers) == pytest.approx(((answers > 0.5) == flags).mean())


def test_answers_that_are_no_numbers_score_badly_and_do_not_raise():
    y = RANDOM.integers(0, 2, 20)
    nothing = np.full((20, 2), np.nan)
    assert 0 <= Scorer(["y"], y, ["sparse_categorical_crossentropy"])(nothing) <= 1
    quantity = RANDOM.normal(size=(20, 1))
    assert Scorer(["y"], quantity, ["mean_squared_error"])(np.full((20, 1), np.inf)) < 0


SPARSE, MSE = {"class_numbers", "crossentropy"}, {"distance"}


def test_whole_numbers_are_classes_or_quantities():
    few, many = np.arange(40) % 5, np.arange(40)
    assert kind_of(few, SPARSE) == "classes"
    assert kind_of(few, MSE) == "values"
    assert kind_of(few, MSE, 5) == "classes"
    assert kind_of(few, MSE, 1, ["accuracy"]) == "classes"
    assert kind_of(few.astype("float32"), MSE) == "values"
    assert kind_of(many, MSE) == "values"
    assert kind_of(many, SPARSE) == "classes"
    assert kind_of(few[:, None] % 2, {"crossentropy"}) == "classes"
    assert kind_of(RANDOM.random((9, 9)), {"crossentropy"}) == "values"


def test_a_whole_treatment_of_a_sequence_scores_every_step():
    y = RANDOM.integers(0, 3, (20, 7))
    answers = RANDOM.random((20, 7, 3))
    score = Scorer(["y"], y, ["sparse_categorical_crossentropy"])
    assert score(answers) == pytest.approx((answers.argmax(-1) == y).mean())
    assert Scorer(["y"], y[..., None], ["sparse_categorical_crossentropy"])(answers) == score(
        answers
    )
