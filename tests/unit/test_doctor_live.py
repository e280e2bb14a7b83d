"""The doctor in `fit` and `diagnose`: who speaks, when, how often, and what it stops."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from doctor.records import classifier

from pellucid import Model, Sequential, layers, losses, optimizers
from pellucid._core.errors import ConfigError
from pellucid.doctor import Diagnosis, Finding, examine
from pellucid.models.doctor_visits import DoctorVisits, doctor_callbacks
from pellucid.training.progress_display import Lines

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(size=(96, 4)).astype("float32")
Y = (X[:, 0] + X[:, 1] > 0).astype("int32")


def network(units=2, activation="softmax", loss="sparse_categorical_crossentropy", rate=0.02):
    model = Sequential(
        [layers.Input((4,)), layers.Dense(8, "relu"), layers.Dense(units, activation)]
    )
    model.compile(optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


class Ward:
    """A run as the callback sees it: a model with a history, and a display."""

    def __init__(self, stop: bool = False):
        self.visits = DoctorVisits(stop=stop)
        self.lines: list[str] = []
        self.stop_training, self.history = False, self
        self.vitals, self.diagnosis = classifier(), None
        self.visits.set_model(self)
        self.visits._display = self
        self.findings: list[Finding] = []
        self.visits._examined = lambda record, stages: Diagnosis(self.findings)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def trained(self, epochs: int) -> None:
        self.vitals.epochs, self.vitals.losses = np.arange(epochs), np.zeros(20 * epochs)

    def after_epoch(self, epoch: int, *findings: Finding) -> list[str]:
        """What is said at the checkup after an epoch."""
        self.findings, before = list(findings), len(self.lines)
        self.trained(epoch)
        self.visits.on_vitals(self.vitals)
        return self.lines[before:]


STATIC = Finding("labels-out-of-range", "A label is 5.", "problem", confidence=1.0)
SLOW = Finding("slow", "The loss crawls.", "problem", confidence=0.95)


def test_what_is_certain_from_the_start_is_told_once():
    ward = Ward()
    (line,) = ward.after_epoch(0, STATIC)
    assert line == "doctor: A label is 5. [labels-out-of-range] More: print(model.diagnose())"
    assert ward.after_epoch(1, STATIC) == []
    assert ward.diagnosis.problems == (STATIC,)
    assert not ward.stop_training


def test_a_symptom_is_told_when_three_visits_in_a_row_have_seen_it():
    ward = Ward()
    assert [len(ward.after_epoch(epoch, SLOW)) for epoch in range(1, 6)] == [0, 0, 1, 0, 0]
    ward = Ward()
    seen = [(), (SLOW,), (SLOW,), (), (SLOW,), (SLOW,), (SLOW,)]
    assert [len(ward.after_epoch(i + 3, *found)) for i, found in enumerate(seen)] == [
        0, 0, 0, 0, 0, 0, 1,
    ]  # fmt: skip


def test_a_loss_that_is_not_finite_is_told_at_once():
    lost = Finding("loss-not-finite", "The loss is nan.", "problem")
    assert len(Ward().after_epoch(1, lost)) == 1


def test_the_likeliest_cause_is_told_with_its_symptom():
    ward = Ward()
    cause = Finding("plain-sgd", "The optimiser is plain SGD.", "problem", confidence=0.7)
    lines = [ward.after_epoch(epoch, SLOW.but(causes=(cause,))) for epoch in (3, 4, 5)][-1]
    assert "Likely cause: The optimiser is plain SGD." in lines[0]


def test_warnings_and_remarks_wait_until_they_are_asked_for():
    ward = Ward()
    assert ward.after_epoch(4, STATIC.but(severity="warning"), SLOW.but(severity="remark")) == []


@pytest.mark.parametrize(("confidence", "stops"), [(0.97, True), (0.6, False)])
def test_stop_ends_training_on_what_is_certain(confidence, stops):
    ward = Ward(stop=True)
    lines = ward.after_epoch(0, STATIC.but(confidence=confidence))
    assert ward.stop_training is stops
    assert ("training is stopped" in lines[-1]) is stops


def test_a_doctor_that_fails_ends_no_training():
    ward = Ward()
    ward.visits._examined = lambda record, stages: 1 / 0
    with pytest.warns(UserWarning, match="ZeroDivisionError"):
        ward.visits.on_vitals(ward.vitals)
    assert not ward.stop_training


def test_it_speaks_where_progress_is_shown_and_nowhere_else():
    class Progress:
        display = Lines()

    visits = DoctorVisits()
    visits.set_callbacks(type("", (), {"callbacks": [object(), Progress()]}))
    assert visits._display is Progress.display


def test_other_words_are_refused():
    assert doctor_callbacks(None) == []
    with pytest.raises(ConfigError, match="'warn' prints a new problem once"):
        doctor_callbacks("wran")
    with pytest.raises(ConfigError, match="doctor must be"):
        network().fit(X, Y, doctor=True)


def test_a_network_is_examined_before_it_has_seen_data():
    assert network().diagnose().healthy
    assert "softmax-over-one-unit" in network(1, loss="binary_crossentropy").diagnose()
    uncompiled = Sequential([layers.Input((4,)), layers.Dense(8), layers.Dense(1)])
    assert "no-nonlinearity" in uncompiled.diagnose()
    assert Sequential([layers.Dense(1)]).diagnose().healthy


def test_a_stack_without_an_input_is_read_as_it_is_written():
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3)])
    model.compile("adam", "sparse_categorical_crossentropy")
    (finding,) = model.diagnose().problems
    assert (finding.rule, finding.where.layer) == ("linear-output-with-crossentropy", "dense_1")
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    assert len(model.diagnose()) == 0
    model.compile("adam", lambda y_true, y_pred: (y_pred - y_true) ** 2)
    assert len(model.diagnose()) == 0


def test_what_fit_would_refuse_is_a_finding():
    diagnosis = network(1, "sigmoid", "binary_crossentropy").diagnose(X, Y[:, None] + 1)
    assert [finding.rule for finding in diagnosis.problems] == ["fit-refuses"]
    assert diagnosis[0].fix


@pytest.mark.slow
def test_a_problem_with_the_data_stops_before_the_first_step(capsys):
    model = network(1, "sigmoid", "mse")
    before = [np.asarray(weight) for weight in model.get_weights()]
    history = model.fit(X, 20 + 5 * X[:, :1], epochs=50, doctor="stop")
    said = capsys.readouterr().out
    assert said.count("doctor: The output 'dense_1' ends in sigmoid") == 1
    assert "training is stopped" in said
    assert history.history == {}
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert "bounded-output-for-values" in history.diagnosis
    assert "bounded-output-for-values" in model.diagnose()


@pytest.mark.slow
def test_a_sound_program_hears_nothing(capsys):
    model = network()
    history = model.fit(X, Y, epochs=12, batch_size=8, verbose=2)
    assert "doctor" not in capsys.readouterr().out
    assert history.diagnosis.healthy
    assert model.diagnose().to_dict() == history.diagnosis.to_dict()
    assert network().fit(X, Y, verbose=0, doctor=None, checkup=False).diagnosis is None


def test_loaded_weights_are_judged_by_what_they_are():
    model = Sequential(
        [layers.Input((4,)), layers.Dense(8, "relu", kernel_initializer="zeros"), layers.Dense(1)]
    )
    assert "constant-initial-weights" in model.diagnose()
    model.layers[0].set_weights([GENERATOR.normal(size=(4, 8)), np.zeros(8)])
    assert "constant-initial-weights" not in model.diagnose()


def _own_step(log):
    """A model whose step, in Keras's form, logs its loss under a name of its own, or NaN."""

    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, state, data):
            own, others, optimizer, held = state

            def loss_of(own):
                y_pred, after = self.stateless_call(own, others, data[0], training=True)
                return jnp.mean((y_pred - data[1]) ** 2), after

            (loss, others), slopes = jax.value_and_grad(loss_of, has_aux=True)(own)
            own, optimizer = self.optimizer.stateless_apply(optimizer, slopes, own)
            return log(loss), (own, others, optimizer, held)

    model = Own()
    model.compile("adam", "mse")
    return model


def test_a_step_that_logs_no_loss_is_no_fault_and_one_that_logs_nan_is():
    x = np.random.default_rng(0).random((128, 3)).astype("float32")
    y = x @ np.ones((3, 1), "float32")
    found = {}
    for name, log in {
        "untold": lambda loss: {"mine": loss},
        "nan": lambda loss: {"loss": loss * jnp.nan},
    }.items():
        history = _own_step(log).fit(x, y, batch_size=8, epochs=2, verbose=0, doctor=None)
        found[name] = [finding.rule for finding in examine(history.vitals)]
    assert "loss-not-finite" not in found["untold"]
    assert "loss-not-finite" in found["nan"]
