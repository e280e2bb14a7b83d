"""Train, evaluate, predict and summary on small data, from the command to the files."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest
from helpers_cli import NAMES, flowers, pellucid, refused, write_table
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score

from pellucid.cli import report
from pellucid.runs import load_run, saving, use

pytestmark = pytest.mark.slow  # each training compiles
X, Y = flowers()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two finished runs: `trees`, a classifier of a table, and `heights`, a regression."""
    place = tmp_path_factory.mktemp("place")
    write_table(place / "trees.csv", X, Y)
    np.savez(place / "heights.npz", x=X, y=7000 + 100 * X[:, 0] + X[:, 1])
    common = ["--layers", "8", "--epochs", "12", "--dropout", "0", "--learning-rate", "0.03"]
    trees = pellucid(
        "train", place / "trees.csv", "--target", "tree", "--out", place / "trees", *common
    )
    heights = pellucid("train", place / "heights.npz", "--out", place / "heights", *common)
    for result in (trees, heights):
        assert result.exit_code == 0, (result.stderr, result.exception)
    (place / "trees.txt").write_text(trees.stdout)
    return place


def test_training_reports_data_result_and_next_commands(place):
    said = (place / "trees.txt").read_text()
    assert "120 samples of 3 numbers, 3 classes; 86 to train on, 10 to validate with, 24" in said
    assert "3 - 8 relu - 3 softmax: 59 parameters" in said
    assert re.search(r"accuracy +\d+\.\d\d% +\d+\.\d\d%", said)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said)
    commands = re.findall(r"^  pellucid (.*)", said, re.M)
    assert len(commands) == 4
    for command in commands:
        assert pellucid(*command.split()).exit_code == 0, command


def test_the_results_are_those_of_the_predictions(place):
    run = load_run(place / "trees")
    x, y = use.own_test_part(run)
    numbers, probabilities = use.answers(run, x)
    test = run.results["test"]
    assert test["accuracy"] == pytest.approx(accuracy_score(y, numbers))
    assert test["loss"] == pytest.approx(log_loss(y, probabilities, labels=[0, 1, 2]), rel=1e-3)
    assert test["accuracy"] > 0.9
    assert run.results["baseline"]["accuracy"] == np.mean(y == np.bincount(y).argmax())


def test_a_regression_reports_and_answers_in_its_own_units(place):
    run = load_run(place / "heights")
    x, y = use.own_test_part(run)
    values, _ = use.answers(run, x)
    test = run.results["test"]
    assert test["mae"] == pytest.approx(mean_absolute_error(y, values), rel=1e-4)
    assert test["r2"] == pytest.approx(r2_score(y, values), abs=1e-4)
    assert test["r2"] > 0.5
    assert test["mae"] < run.results["baseline"]["mae"]
    assert set(run.history) == {"loss", "r2_score", "val_loss", "val_r2_score"}
    assert run.history["loss"][0] < 10  # in standard deviations, not in units


def test_evaluate_makes_the_held_out_part_again(place):
    said = pellucid("evaluate", place / "trees").stdout
    accuracy = load_run(place / "trees").results["test"]["accuracy"]
    assert f"{accuracy:.2%}" in said
    assert "On 24 held-out samples" in said
    assert all(tree in said for tree in ("ash", "beech", "cedar"))
    assert "R squared" in pellucid("evaluate", place / "heights").stdout


def test_evaluate_on_other_data(place, tmp_path):
    x, y = flowers(40)
    table = write_table(tmp_path / "new.csv", x, y)
    said = pellucid("evaluate", place / "trees", table).stdout
    answers = read_csv(pellucid("predict", place / "trees", table).stdout)
    share = np.mean([row["prediction"] == tree for row, tree in zip(answers, y, strict=True)])
    assert "On 40 samples of" in said
    assert f"{share:.2%}" in said
    lines = table.read_text().splitlines()
    keyed = tmp_path / "keyed.csv"
    keyed.write_text("\n".join(f"{'key' if i == 0 else i},{line}" for i, line in enumerate(lines)))
    measured = pellucid("evaluate", place / "trees", keyed, "--target", "tree")
    assert f"{share:.2%}" in measured.stdout
    assert measured.stderr.strip() == "Column not used by the network: 'key'."
    table = write_table(tmp_path / "strange.csv", x, np.where(y == "ash", "oak", y))
    assert "'oak'" in refused(pellucid("evaluate", place / "trees", table))


def test_evaluate_notices_that_the_data_has_changed(place, tmp_path):
    import shutil

    shutil.copytree(place / "trees", tmp_path / "trees")
    settings = json.loads((tmp_path / "trees" / "settings.json").read_text())
    moved = write_table(tmp_path / "moved.csv", X + 0.5, Y)
    settings["data"].update(source=str(moved), path=str(moved))
    (tmp_path / "trees" / "settings.json").write_text(json.dumps(settings))
    assert "has changed" in refused(pellucid("evaluate", tmp_path / "trees"))
    moved.unlink()
    assert "no longer where it was" in refused(pellucid("evaluate", tmp_path / "trees"))


def test_predict_answers_by_name_with_probabilities(place):
    text = pellucid("predict", place / "trees", place / "trees.csv", "--proba").stdout
    rows = read_csv(text)
    assert len(rows) == 120
    assert list(rows[0]) == ["prediction", "probability", "p_ash", "p_beech", "p_cedar"]
    for row in rows:
        every = {name: float(row[f"p_{name}"]) for name in ("ash", "beech", "cedar")}
        assert sum(every.values()) == pytest.approx(1, abs=1e-5)
        assert row["prediction"] == max(every, key=every.get)
        assert float(row["probability"]) == max(every.values())
    assert np.mean([row["prediction"] for row in rows] == Y) > 0.9


def test_predict_takes_arrays_tables_and_standard_input_alike(place, tmp_path):
    np.savez(tmp_path / "new.npz", x=X)
    without = write_table(tmp_path / "new.csv", X, None)
    swapped = write_table(tmp_path / "swapped.csv", X[:, ::-1], None, NAMES[::-1])
    table = pellucid("predict", place / "trees", without).stdout
    assert pellucid("predict", place / "trees", swapped).stdout == table
    piped = pellucid("predict", place / "trees", "-", input=without.read_bytes())
    assert piped.stdout == table
    arrays = read_csv(pellucid("predict", place / "trees", tmp_path / "new.npz").stdout)
    assert [row["prediction"] for row in arrays] == [row["prediction"] for row in read_csv(table)]


def test_predict_writes_a_file_whole(place, tmp_path):
    out = tmp_path / "deep" / "answers.csv"
    said = pellucid("predict", place / "heights", place / "heights.npz", "--out", out).stdout
    values = [float(row["prediction"]) for row in read_csv(out.read_text())]
    np.testing.assert_allclose(
        values, use.answers(load_run(place / "heights"), X)[0][:, 0], rtol=1e-5
    )
    assert "120 answers are in" in said
    assert [path.name for path in out.parent.iterdir()] == ["answers.csv"]
    inside = pellucid("predict", place / "heights", place / "heights.npz", "--out", out / "no.csv")
    assert "cannot be written" in refused(inside)


@pytest.mark.parametrize(
    ("names", "columns", "words"),
    [
        (NAMES[:2], slice(0, 2), "lacks the column 'age'"),
        (("a", "b", "c"), slice(0, 3), "lacks the columns 'width', 'height', 'age'"),
    ],
)
def test_predict_says_which_column_is_wrong(place, tmp_path, names, columns, words):
    table = write_table(tmp_path / "t.csv", X[:3, columns], None, names)
    assert words in refused(pellucid("predict", place / "trees", table))


def test_predict_leaves_other_columns_aside_and_keeps_a_key(place, tmp_path):
    table = write_table(tmp_path / "t.csv", X[:3, [0, 1, 2, 0]], None, (*NAMES, "key"))
    plain = pellucid("predict", place / "trees", table)
    assert "'key'" in plain.stderr
    assert "--keep" in plain.stderr
    rows = read_csv(pellucid("predict", place / "trees", table, "--keep", "key").stdout)
    np.testing.assert_allclose([float(row["key"]) for row in rows], X[:3, 0], atol=1e-4)
    assert [row["prediction"] for row in rows] == [
        row["prediction"] for row in read_csv(plain.stdout)
    ]


def test_predict_says_how_wide_samples_must_be(place, tmp_path):
    np.savez(tmp_path / "wide.npz", x=np.ones((4, 5)))
    message = refused(pellucid("predict", place / "heights", tmp_path / "wide.npz"))
    assert "5 numbers per sample" in message
    assert "3 numbers per sample" in message


def test_summary_of_a_run_and_of_a_data_set(place):
    said = pellucid("summary", place / "trees").stdout
    assert "hidden_1 (Dense)" in said
    assert "59" in said
    assert "accuracy" in said
    diagram = pellucid("summary", place / "trees", "--diagram").stdout
    assert diagram.startswith("flowchart")
    assert "9,091" in pellucid("summary", "iris").stdout


def test_the_same_command_gives_the_same_run(place, tmp_path):
    arguments = ["--layers", "4", "--epochs", "2", "--test-split", "0.3"]
    results = []
    for seed in ("1", "1", "2"):
        out = tmp_path / f"run{len(results)}"
        command = [place / "heights.npz", *arguments, "--seed", seed, "--out", out]
        assert pellucid("train", *command).exit_code == 0
        run = load_run(out)
        results.append((run.model.get_weights(), run.settings["split"], run.results["test"]))
    same = [np.array_equal(a, b) for a, b in zip(results[0][0], results[1][0], strict=True)]
    assert all(same)
    assert results[0][1:] == results[1][1:]
    assert results[0][1] != results[2][1]


def test_the_settings_say_what_was_done(place):
    settings = json.loads((place / "heights" / "settings.json").read_text())
    arguments = settings["arguments"]
    assert arguments["network"]["layers"] == [8]
    assert (arguments["epochs"], arguments["batch_size"], arguments["patience"]) == (12, 32, 5)
    assert settings["compile"]["optimizer"]["config"]["learning_rate"] == 0.03
    assert settings["data"]["sample_shape"] == [3]
    assert settings["versions"]["pellucid"]


def test_options_reach_the_network(tmp_path):
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    out = tmp_path / "run"
    command = "--layers 6,5 --activation tanh --dropout 0.3 --batch-norm --l2 0.01 --epochs 1 "
    command += "--optimizer sgd --loss categorical_crossentropy --dtype mixed_bfloat16 --patience 0"
    result = pellucid("train", tmp_path / "d.npz", "--out", out, *command.split())
    assert result.exit_code == 0, (result.stderr, result.exception)
    model = load_run(out).model
    kinds = [type(layer).__name__ for layer in model.layers]
    hidden = ["Dense", "BatchNormalization", "Activation", "Dropout"]
    assert kinds == ["Normalization", *hidden, *hidden, "Dense"]
    assert [model.get_layer(f"hidden_{i}").units for i in (1, 2)] == [6, 5]
    assert model.get_layer("dropout_2").rate == 0.3
    assert float(model.get_layer("hidden_1").kernel_regularizer.l2) == pytest.approx(0.01)
    assert model.get_layer("hidden_1").compute_dtype == "bfloat16"
    assert model.get_layer("output").compute_dtype == "float32"
    assert type(model.optimizer).__name__ == "SGD"


def test_a_run_that_diverges_is_said_to_be_of_no_use(place, tmp_path):
    out = tmp_path / "run"
    command = ["--layers", "8", "--epochs", "3", "--optimizer", "sgd", "--learning-rate", "1e30"]
    result = pellucid("train", place / "heights.npz", *command, "--out", out)
    assert result.exit_code == 1
    assert "--learning-rate" in result.stdout
    assert load_run(out).results["first_bad_step"] >= 0


def test_a_folder_that_appears_meanwhile_is_left_alone(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "run"
    real = report.before_training

    def somebody_else(prepared):
        real(prepared)
        out.mkdir()
        (out / "notes.txt").write_text("precious")

    monkeypatch.setattr(report, "before_training", somebody_else)
    command = ["train", place / "heights.npz", "--layers", "8", "--epochs", "1", "--out", out]
    result = pellucid(*command)
    assert result.exit_code == 0, (result.stderr, result.exception)
    assert [path.name for path in out.iterdir()] == ["notes.txt"]
    (elsewhere,) = (tmp_path / "runs").iterdir()
    load_run(elsewhere)


def test_a_full_disk_at_the_end_is_said_in_one_sentence(place, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "save_weights", full)
    command = ["train", place / "heights.npz", "--layers", "8", "--epochs", "1"]
    message = refused(pellucid(*command, "--out", tmp_path / "run"))
    assert "No space left on device" in message
    assert not list(tmp_path.iterdir())


def test_a_run_that_was_broken_off_goes_on(tmp_path, monkeypatch):
    from pellucid.training.checkpoints import BackupAndRestore

    command = ("train", "iris", "--layers", "4", "--epochs", "4", "--patience", "0")
    assert pellucid(*command, "--out", tmp_path / "whole").exit_code == 0
    kept, went = tmp_path / "kept", BackupAndRestore.on_epoch_begin

    def breaks(self, epoch, logs=None):
        if epoch == 2:
            raise MemoryError

    monkeypatch.setattr(BackupAndRestore, "on_epoch_begin", breaks)
    assert pellucid(*command, "--out", tmp_path / "run", "--checkpoint", kept).exit_code == 1
    monkeypatch.setattr(BackupAndRestore, "on_epoch_begin", went)
    assert pellucid(*command, "--out", tmp_path / "run", "--checkpoint", kept).exit_code == 0
    whole, run = load_run(tmp_path / "whole"), load_run(tmp_path / "run")
    assert run.history == whole.history
    for one, other in zip(run.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not kept.exists()
