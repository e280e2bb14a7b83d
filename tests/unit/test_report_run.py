"""The report of real runs: what the network answers, by `fit`, by hand, from a run folder."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_cli import flowers, pellucid, refused, write_table

from pellucid import Input, Model, Sequential, layers
from pellucid.training.examples import batch_of, examples_of, meaning

pytestmark = pytest.mark.slow
RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(90, 6)).astype(np.float32)
LABELS = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0.5)


def network(units: int, activation: str, loss: str, metrics: tuple[str, ...] = ()) -> Sequential:
    model = Sequential([layers.Input(shape=(6,)), layers.Dense(units, activation=activation)])
    model.compile("adam", loss, metrics=list(metrics))
    return model


CASES = {
    "labels": (network(3, "softmax", "sparse_categorical_crossentropy"), LABELS),
    "one-hot": (network(3, "softmax", "categorical_crossentropy"), np.eye(3, dtype="f4")[LABELS]),
    "binary": (
        network(1, "sigmoid", "binary_crossentropy"), (LABELS > 0).astype("f4")[:, None]
    ),
    "values": (network(2, "linear", "mse"), X[:, :2] * 3),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CASES))
def test_the_examples_are_the_predictions_and_their_losses(kind):
    model, y = CASES[kind]
    found = examples_of(model, batch_of(model, X, y), "given")
    (examples,) = found.values()
    assert len(examples.truth) == 90
    assert examples.loss.mean() == pytest.approx(model.evaluate(X, y, verbose=0), rel=1e-5)
    assert (np.diff(examples.loss) <= 0).all()
    predicted = model.predict(X, verbose=0)
    # Each row of `prediction` is one of the network's, and the worst inputs are what gave it.
    again = model.predict(examples.worst_inputs, verbose=0)
    np.testing.assert_allclose(again, examples.prediction[examples.worst], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        np.sort(examples.prediction, axis=0), np.sort(predicted, axis=0), rtol=1e-5, atol=1e-6
    )
    if kind != "values":
        assert examples.truth.dtype.kind == "i"
        expected = np.bincount((LABELS > 0).astype(int) if kind == "binary" else LABELS)
        assert np.bincount(examples.truth).tolist() == expected.tolist()


def test_kinds_of_targets():
    assert meaning("labels", np.zeros((2, 5), int), (2, 5, 3)) is None
    assert meaning("values", np.zeros((2, 3, 4)), (2, 3, 4)).shape == (2, 12)


def test_a_run_of_two_outputs_reports_both(tmp_path):
    x = Input(shape=(6,), name="x")
    hidden = layers.Dense(4, activation="relu")(x)
    side = layers.Dense(4, activation="tanh")(x)
    joined = layers.Concatenate()([hidden, side])
    first = layers.Dense(3, activation="softmax", name="tree")(joined)
    second = layers.Dense(1, name="height")(joined)
    model = Model(x, [first, second], name="both")
    model.compile("adam", ["sparse_categorical_crossentropy", "mse"])
    run = model.fit(X, [LABELS, X[:, :1]], epochs=2, validation_split=0.2, verbose=0, doctor=None)
    text = run.report(tmp_path / "run.html").read_text()
    assert set(run.vitals.examples) == {"tree", "height"}
    assert "Answers of tree" in text
    assert "Answers of height" in text
    assert "18 validation samples" in text
    # After another run the weights would answer for that one.
    model.history, run.vitals.examples = None, {}
    assert "Answers" not in run.report(tmp_path / "later.html").read_text()


def test_before_training(tmp_path):
    model = network(3, "softmax", "sparse_categorical_crossentropy")
    assert "not trained yet" in model.report(tmp_path / "net.html").read_text()
    text = model.report(tmp_path / "net.html", X, LABELS).read_text()
    assert "not trained yet" in text
    assert 'id="data"' in text


def test_the_command(tmp_path):
    x, y = flowers(60)
    write_table(tmp_path / "trees.csv", x, y)
    run = tmp_path / "trees"
    made = pellucid("train", tmp_path / "trees.csv", "--target", "tree", "--out", run,
                    "--layers", "4", "--epochs", "2")  # fmt: skip
    assert made.exit_code == 0, made.stderr
    said = pellucid("report", run)
    assert said.exit_code == 0, (said.stderr, said.exception)
    text = (run / "report.html").read_text()
    for words in ("beech", "12 held-out samples", "Confusion matrix", "seed", "width"):
        assert words in text, words
    (run / "vitals.npz").unlink()  # as an older run would be
    other = tmp_path / "other.html"
    assert pellucid("report", run, "-o", other).exit_code == 0
    assert "Loss by epoch" in other.read_text()
    assert "no run folder" in refused(pellucid("report", tmp_path / "nothing"))
    assert "cannot be written" in refused(pellucid("report", run, "-o", tmp_path / "no" / "a.html"))
