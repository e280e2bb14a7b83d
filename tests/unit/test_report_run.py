"""The report of real runs: what the network answers, by `fit`, by hand, from a run folder."""

from __future__ import annotations

import re

import numpy as np
import pytest
from helpers_cli import flowers, pellucid, refused, write_table

from pellucid import Input, Model, Sequential, layers
from pellucid.record.files import load_record, save_record
from pellucid.report import render
from pellucid.report.words import percent
from pellucid.vitals.answers import batch_of, examples_of, meaning

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


def told(text: str) -> str:
    """What the part of the page with the answers says."""
    part = text[text.index('id="answers"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", part[: part.index("</section>")]).split())


def test_texts_are_shown_as_texts(tmp_path):
    texts = np.array([f"{'good' if i % 2 else 'bad'} film number {i}" for i in range(12)])
    words = layers.TextVectorization(output_sequence_length=5)
    words.adapt(texts)
    model = Sequential(
        [
            words,
            layers.Embedding(30, 2),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2, "softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    run = model.fit(texts, np.arange(12) % 2, verbose=0, doctor=None)
    answers = told(run.report(tmp_path / "run.html").read_text())
    assert "Confusion matrix" in answers
    assert "bad film number 4" in answers
    (examples,) = run.vitals.examples.values()
    assert sorted(row[0] for row in examples.worst_cells) == sorted(texts)


def test_columns_of_categories_are_shown_by_their_words(tmp_path):
    city, age = Input((), name="city", dtype="string"), Input((1,), name="age")
    table = {"city": np.array(["Rome", "Oslo", "Bonn"] * 4), "age": np.arange(12.0)}
    lookup = layers.StringLookup(output_mode="one_hot", vocabulary=["Rome", "Oslo", "Bonn"])
    joined = layers.Concatenate()([lookup(city), age])
    model = Model({"city": city, "age": age}, layers.Dense(2, activation="softmax")(joined))
    model.compile("sgd", "sparse_categorical_crossentropy")
    run = model.fit(table, np.arange(12) % 2, verbose=0, doctor=None)
    run.report(tmp_path / "run.html")
    (examples,) = run.vitals.examples.values()
    assert sorted(examples.worst_columns) == ["age", "city"]
    rows = [dict(zip(examples.worst_columns, row, strict=True)) for row in examples.worst_cells]
    expected = {str(int(a)): c for a, c in zip(table["age"], table["city"], strict=True)}
    assert {row["age"]: row["city"] for row in rows} == expected


def test_every_position_with_its_own_class(tmp_path):
    x = np.random.default_rng(0).integers(1, 9, (12, 6))
    x[:, 4:] = 0  # padding
    model = Sequential(
        [layers.Embedding(9, 4, mask_zero=True), layers.Dense(3, activation="softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    run = model.fit(x, x % 3, verbose=0, doctor=None)
    answers = told(run.report(tmp_path / "run.html", class_names=["A", "B", "C"]).read_text())
    assert "12 training samples, 48 positions" in answers
    (examples,) = run.vitals.examples.values()
    predicted = model.predict(examples.worst_inputs, verbose=0).argmax(axis=-1)
    np.testing.assert_array_equal(examples.prediction, predicted)
    truth = np.where(examples.worst_inputs > 0, examples.worst_inputs % 3, -1)
    np.testing.assert_array_equal(examples.truth, truth)
    right = (predicted == truth)[truth >= 0].mean()
    label = f"{percent(right)} of the answers are right"
    assert label in (tmp_path / "run.html").read_text()
    save_record(tmp_path / "vitals.npz", run.vitals)
    again = render(load_record(tmp_path / "vitals.npz"), class_names=["A", "B", "C"])
    assert told(again) == answers


def test_masks_of_pictures_are_shown_as_pictures(tmp_path):
    x = RANDOM.random((6, 8, 8, 1)).astype("f4")
    model = Sequential([layers.Conv2D(3, 1, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    labels = np.digitize(x[..., 0], [0.3, 0.6])
    run = model.fit(x, np.eye(3)[labels], verbose=0, doctor=None)
    text = run.report(tmp_path / "run.html").read_text()
    assert "6 training samples, 384 positions" in told(text)
    assert 'alt="answer of sample 6"' in text


def test_several_labels_a_sample(tmp_path):
    y = (X[:, :4] > 0.5).astype("f4")
    model = network(4, "sigmoid", "binary_crossentropy")
    run = model.fit(X, y, epochs=2, verbose=0, doctor=None)
    answers = told(run.report(tmp_path / "run.html", X, y, ["a", "b", "c", "d"]).read_text())
    (examples,) = run.vitals.examples.values()
    said = examples.prediction > 0.5
    exact = (said == (examples.truth > 0.5)).all(axis=1).mean()
    assert f"Of {percent(exact)} of the samples every label is right." in answers
    hits, given = (said & (examples.truth > 0.5)).sum(axis=0), said.sum(axis=0)
    for label, name in enumerate("abcd"):
        total = int(y[:, label].sum())
        precision = percent(hits[label] / given[label]) if given[label] else ""
        row = f"{name} {total} {percent(hits[label] / total)} {precision}".strip()
        assert row in answers


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
