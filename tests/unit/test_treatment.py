"""`doctor.treat`: what it does to copies, what it says, and that it leaves the original alone."""

from __future__ import annotations

import io
import json

import jax
import numpy as np
import pytest

from pellucid import Input, Model, Sequential, doctor, layers, optimizers, utils
from pellucid._core import rng
from pellucid._core.errors import ConfigError, DataError, StateError
from pellucid.doctor import Change, Finding

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(240, 4)).astype("float32")
LABELS = (X[:, 0] + X[:, 1] > 0).astype("int32")


def network(rate=0.05, units=2, output="softmax", loss="sparse_categorical_crossentropy"):
    utils.set_random_seed(3)
    model = Sequential(
        [Input((4,)), layers.Dense(8, "relu"), layers.Dense(units, output, name="answer")]
    )
    model.compile(optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


@pytest.fixture(scope="module")
def repaired():
    """A learning rate of 1e-6, put right; and the model's state before."""
    model = network(1e-6)
    state = {
        "config": model.get_config(),
        "weights": model.get_weights(),
        "optimizer": model.optimizer.get_config(),
        "session": "_session" in vars(model),
        "history": getattr(model, "history", None),
        "seeds": rng._state.handed_out,
    }
    slow = Finding(
        "learning-rate-too-low", "It creeps.", "problem",
        changes=[Change("set_learning_rate", arguments={"learning_rate": 0.05})],
    )  # fmt: skip
    treatment = doctor.treat(
        model, (X[:200], LABELS[:200]), (X[200:], LABELS[200:]), epochs=5, findings=[slow]
    )
    state["seeds after"] = rng._state.handed_out
    return model, state, treatment


def test_the_treated_copy_is_what_a_user_would_have_trained(repaired):
    _, _, treatment = repaired
    assert treatment.helped
    assert [str(change) for change in treatment.changes] == [
        "set_learning_rate(learning_rate=0.05)"
    ]
    by_hand = network(0.05)
    by_hand.fit(X[:200], LABELS[:200], epochs=5, verbose=0, doctor=None, checkup=False)
    for one, other in zip(by_hand.get_weights(), treatment.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    right = by_hand.predict(X[200:], verbose=0).argmax(1) == LABELS[200:]
    assert treatment.after.score == pytest.approx(right.mean())
    assert treatment.after.scores[-1] == treatment.after.score
    assert len(treatment.after.loss) == len(treatment.after.scores) == 5


def test_the_original_is_never_touched(repaired):
    model, state, treatment = repaired
    assert treatment.model is not model
    assert model.get_config() == state["config"]
    for one, other in zip(state["weights"], model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.optimizer.get_config() == state["optimizer"]
    assert ("_session" in vars(model)) == state["session"]
    assert getattr(model, "history", None) is state["history"]
    assert state["seeds after"] == state["seeds"]


def test_it_reads_as_text_as_a_table_and_as_json(repaired, tmp_path):
    _, _, treatment = repaired
    text = str(treatment)
    assert "It helped: the accuracy on 40 held-out samples went from" in text
    assert "set_learning_rate(learning_rate=0.05)" in text
    assert "as it is" in text
    assert "held-out samples were taken" not in text
    found = json.loads(treatment.to_json(tmp_path / "treatment.json"))
    assert found == json.loads((tmp_path / "treatment.json").read_text())
    assert found["helped"]
    assert [attempt["label"] for attempt in found["attempts"]] == list(treatment.curves)
    assert found["attempts"][found["after"]]["changes"][0]["kind"] == "set_learning_rate"
    page = treatment._repr_html_()
    assert page.count("<tr") == 1 + len(treatment.attempts)
    assert "helped" in repr(treatment)
    from rich.console import Console

    console = Console(width=100, record=True, file=io.StringIO())
    console.print(treatment)
    assert "learning-rate-too-low" in console.export_text()


def test_what_does_not_help_is_said_plainly():
    wrong = Finding(
        "made-up", "Nonsense.", "problem",
        changes=[
            Change("set_learning_rate", arguments={"learning_rate": 1e-7}),
            Change("remove_layer", "nowhere"),
        ],
    )  # fmt: skip
    held_out = (X[200:], LABELS[200:])
    model = network()
    treatment = doctor.treat(model, (X[:200], LABELS[:200]), held_out, epochs=3, findings=wrong)
    assert not treatment.helped
    assert treatment.after is treatment.before
    assert treatment.changes == ()
    assert str(treatment).startswith("It did not help: the accuracy on 40 held-out samples is")
    assert 'remove_layer("nowhere"): ' in treatment.notes[0]
    assert "did not help" in repr(treatment)


def test_what_fit_refuses_is_repaired_too():
    """Labels that count from 1, and gaps in the samples."""
    x = np.concatenate([X[:200], X[:50]])
    x[200:, 2] = np.nan
    y = np.concatenate([LABELS[:200], LABELS[:50]]) + 1
    treatment = doctor.treat(network(), (x, y), (X[200:], LABELS[200:] + 1), epochs=5, trainings=2)
    assert treatment.before.error is not None
    assert treatment.helped
    assert {change.kind for change in treatment.changes} == {"shift_labels", "drop_rows"}
    assert treatment.after.score > 0.8
    assert "As it is, it cannot be trained" in str(treatment)
    assert treatment.before.diagnosis.find("fit-refuses") is not None


def test_labels_alone_are_put_right():
    """The network stays as it is and so does the number of samples: only the labels change."""
    held_out = (X[200:], LABELS[200:] + 1)
    treatment = doctor.treat(
        network(), (X[:200], LABELS[:200] + 1), held_out, epochs=5, trainings=2
    )
    assert [str(change) for change in treatment.changes] == ['shift_labels("answer", by=-1)']
    assert treatment.after.score > 0.8


def test_a_run_decides_on_epochs_and_batches():
    model = network()
    model.fit(X[:200], LABELS[:200], epochs=2, batch_size=32, verbose=0, doctor=None)
    weights, history = model.get_weights(), model.history
    treatment = doctor.treat(model, (X, LABELS), (X[200:], LABELS[200:]), trainings=1)
    assert treatment.before.epochs == 2
    assert treatment.before.recipe.batch_size == 32
    assert model.history is history
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_several_outputs_are_scored_together_in_the_units_of_the_data():
    """A softmax over one unit beside targets around 500 that are scaled for training."""
    utils.set_random_seed(0)
    start = Input((4,))
    x = layers.Dense(8, "relu")(start)
    side, total = layers.Dense(1, "softmax", name="side")(x), layers.Dense(1, name="sum")(x)
    model = Model(start, {"side": side, "sum": total})
    model.compile(
        optimizers.Adam(0.05), {"side": "binary_crossentropy", "sum": "mean_squared_error"}
    )
    y = {"side": LABELS[:, None].astype("float32"), "sum": 500 + 100 * X.sum(1, keepdims=True)}
    found = [
        Finding("softmax-over-one-unit", "It is 1.", "problem",
                changes=[Change("set_output", "side", {"activation": "sigmoid"})]),
        Finding("unscaled-targets", "Large.", "problem", changes=[Change("scale_targets", "sum")]),
    ]  # fmt: skip
    treatment = doctor.treat(model, (X, y), epochs=8, findings=found)
    assert "held-out samples were taken from the data" in str(treatment)
    assert treatment.score_name == "score"
    assert treatment.helped
    assert [change.kind for change in treatment.changes] == ["set_output", "scale_targets"]
    answers = treatment.model.predict(X, verbose=0)
    assert jax.tree.structure(answers) == jax.tree.structure(y)
    assert np.corrcoef(answers["sum"][:, 0], y["sum"][:, 0])[0, 1] > 0.9
    assert abs(answers["sum"].mean() - 500) < 100


class Own(Model):
    """A class with an argument that no configuration can hold."""

    def __init__(self, sizes):
        super().__init__()
        self.dense = layers.Dense(next(sizes))

    def call(self, inputs):
        return self.dense(inputs)


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda: doctor.treat(Sequential([layers.Dense(2)]), (X, LABELS)), StateError, "compiled"),
        (lambda: doctor.treat(network(), X), ConfigError, "data must be"),
        (lambda: doctor.treat(network(), (X, LABELS[:9])), DataError, "240"),
        (lambda: doctor.treat(network(), (X[:4], LABELS[:4])), DataError, "too few"),
        (lambda: doctor.treat(network(), (X, LABELS), epochs=0), ConfigError, "epochs"),
        (lambda: doctor.treat(network(), (X, LABELS), trainings=0), ConfigError, "trainings"),
        (lambda: doctor.treat(network(), (X, LABELS), findings="slow"), ConfigError, "findings"),
        (
            lambda: doctor.treat(compiled(Own(iter([2]))), (X, LABELS)),
            ConfigError,
            "copied|written",
        ),
    ],
)
def test_wrong_input_is_refused_with_a_reason(call, error, word):
    with pytest.raises(error, match=word):
        call()


def compiled(model):
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
