"""What the commands learn from: files, the task rule, encodings, splits, scaling."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_cli import NAMES, flowers, write_table
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from pellucid._core.errors import DataError, FileFormatError, UnknownNameError
from pellucid.tasks.network import build_network
from pellucid.tasks.results import baseline, by_class
from pellucid.tasks.samples import Samples, read_samples
from pellucid.tasks.settings import NetworkSettings, TrainSettings, default_layers, fill_in
from pellucid.tasks.split import make_parts
from pellucid.tasks.targets import Targets, find_targets, learn_from


def given(y, **more) -> Samples:
    y = np.asarray(y)
    return Samples("data.npz", "npz", np.zeros((len(y), 2), np.float32), y, **more)


# --- reading


def test_a_table_and_an_npz_file_hold_the_same(tmp_path):
    x, y = flowers(30)
    table = read_samples(str(write_table(tmp_path / "t.csv", x, y)), target="tree")
    np.savez(tmp_path / "t.npz", x=x, y=y)
    arrays = read_samples(str(tmp_path / "t.npz"))
    np.testing.assert_allclose(table.x, arrays.x, rtol=1e-4, atol=1e-4)
    assert table.feature_names == NAMES
    assert table.y.tolist() == arrays.y.tolist() == y.tolist()


def test_columns_of_a_table_are_matched_by_name(tmp_path):
    x, y = flowers(5)
    path = write_table(tmp_path / "t.csv", x[:, ::-1], y, NAMES[::-1])
    samples = read_samples(str(path), columns=NAMES)
    np.testing.assert_allclose(samples.x, x, rtol=1e-4, atol=1e-4)
    assert samples.target == "tree"  # the only column that is not a feature


def test_a_table_without_names_is_taken_by_position(tmp_path):
    (tmp_path / "t.csv").write_text("1,2\n3,4\n5,6\n")
    samples = read_samples(str(tmp_path / "t.csv"), needs_targets=False)
    assert samples.x.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_an_npz_file_may_bring_its_own_test_part_and_names(tmp_path):
    names = {"feature_names": np.array(["a", "b"]), "class_names": np.array(["no", "yes"])}
    np.savez(
        tmp_path / "t.npz",
        x_train=np.ones((6, 2)),
        Y_train=np.array([[0], [1], [0], [1], [0], [1]]),
        x_test=np.zeros((2, 2)),
        y_test=[0, 1],
        **names,
    )
    samples = read_samples(str(tmp_path / "t.npz"))
    assert samples.y.shape == (6,)
    assert samples.test_part.x.shape == (2, 2)
    assert samples.feature_names == ("a", "b")
    assert find_targets(samples).class_names == ("no", "yes")
    to_predict = read_samples(str(tmp_path / "t.npz"), needs_targets=False)
    assert to_predict.x.tolist() == samples.test_part.x.tolist()


@pytest.mark.parametrize(
    ("text", "target", "error", "words"),
    [
        ("", "b", DataError, "empty"),
        ("a,b\n", "b", DataError, "no rows"),
        ("a,b\n1,2\n3\n1,2,3\n", "b", FileFormatError, "not a table"),
        ("a,b\n1,2\n3,4\n", None, DataError, "target='b'"),
        ("a,b\n1,2\n3,4\n", "c", UnknownNameError, "no column 'c'"),
        ("a,b\nx,2\ny,4\n", "b", DataError, "'a'"),
        ("a,b\n1,2\n,4\n", "b", DataError, "1 NaN"),
        ("a,b\n1,2\n3,\n", "b", DataError, "missing"),
        ("b\n1\n2\n", "b", DataError, "column"),
    ],
)
def test_bad_tables(tmp_path, text, target, error, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(error, match=words) as caught:
        read_samples(str(tmp_path / "t.csv"), target=target)
    assert caught.value.fix


def test_columns_that_the_network_does_not_know(tmp_path):
    x, y = flowers(5)
    path = str(write_table(tmp_path / "t.csv", x, y))
    with pytest.raises(DataError, match="lacks the column 'weight'"):
        read_samples(path, columns=(*NAMES, "weight"), target="tree", needs_targets=False)
    samples = read_samples(
        path, columns=NAMES[:2], target="tree", needs_targets=False, keep=("age",)
    )
    assert samples.x.shape[1] == 2
    assert len(samples.kept["age"]) == len(x)
    assert samples.ignored == ()
    assert read_samples(path, columns=NAMES[:2], needs_targets=False).ignored == ("age", "tree")
    with pytest.raises(UnknownNameError, match="no column 'aeg' to keep"):
        read_samples(path, columns=NAMES[:2], needs_targets=False, keep=("aeg",))


# --- the task


@pytest.mark.parametrize(
    ("y", "task", "names"),
    [
        (["b", "a", "b", "a"], "classification", ("a", "b")),
        ([True, False, True, False], "classification", ("False", "True")),
        ([3, 7, 3, 7], "classification", ("3", "7")),
        ([3.0, 7.0, 3.0, 7.0], "classification", ("3", "7")),
        (list(range(20)) * 3, "classification", tuple(map(str, range(20)))),
        (list(range(21)) * 3, "regression", ()),
        ([1, 2, 3, 4], "regression", ()),
        ([0.5, 1.0, 1.5, 2.0], "regression", ()),
        ([[1, 0], [0, 1], [1, 0], [0, 1]], "classification", ("0", "1")),
        ([[1.0, 2.0], [0, 1], [1, 0], [0, 1]], "regression", ()),
    ],
)
def test_the_rule_for_the_task(y, task, names):
    targets = find_targets(given(y))
    assert (targets.task, targets.class_names) == (task, names)


def test_the_user_and_the_data_set_know_better_than_the_rule():
    assert find_targets(given([1, 2, 1, 2]), "regression").task == "regression"
    assert find_targets(given([1, 2, 1, 2], task="regression")).task == "regression"
    many = find_targets(given(list(range(30)) * 3), "classification")
    assert many.outputs == 30


def test_classes_that_a_data_set_names_keep_their_numbers():
    targets = find_targets(given([0, 2, 0, 2], class_names=("a", "b", "c")))
    assert targets.outputs == 3
    assert targets.encode(np.array([2, 0])).tolist() == [2, 0]
    assert targets.encode(np.array(["c", "b"])).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("y", "task", "words"),
    [
        ([1, 1, 1, 1], None, "one class"),
        (["a", "b", "c", "d"], None, "class of its own"),
        ([0.5, 1.0, 0.5, 1.0], "classification", "measurements"),
        (["a", "b", "a", "b"], "regression", "not numbers"),
        ([[1, 1], [0, 1], [1, 0], [0, 1]], "classification", "one class"),
        ([0.5, np.nan, 1.5, 2.5], None, "1 NaN"),
        ([1, 2, 1, 2], "clasification", "clasification"),
    ],
)
def test_answers_that_nothing_can_be_learned_from(y, task, words):
    with pytest.raises((DataError, ValueError), match=words) as caught:
        find_targets(given(y), task)
    assert caught.value.fix


def test_labels_are_encoded_and_strange_ones_refused():
    targets = find_targets(given(["no", "yes", "no", "yes"]))
    assert targets.encode(np.array(["yes", "no"])).tolist() == [1, 0]
    with pytest.raises(DataError, match="'yse'") as caught:
        targets.encode(np.array(["yse"]))
    assert "'yes'" in caught.value.fix


@pytest.mark.parametrize("y", [["a", "b", "a", "b"], [0.5, 1.5, 2.5, 3.5]])
def test_targets_survive_json(y):
    import json

    targets = find_targets(given(y))
    targets = learn_from(targets, targets.encode(np.asarray(y)))
    assert Targets.from_dict(json.loads(json.dumps(targets.to_dict()))) == targets


def test_losses_get_the_form_they_want():
    targets = find_targets(given([0, 1, 2] * 3))
    y = np.array([0, 2], np.int32)
    assert targets.for_training(y, "sparse_categorical_crossentropy") is y
    expected = [[1, 0, 0], [0, 0, 1]]
    assert targets.for_training(y, "categorical_crossentropy").tolist() == expected


# --- the parts


def test_the_parts_are_disjoint_complete_and_the_same_every_time():
    y = np.repeat([0, 1, 2], 40)
    samples = Samples("d", "npz", np.arange(120, dtype=np.float32)[:, None], y)
    targets = find_targets(samples)
    parts = make_parts(samples, targets, 0.25, 0.1, seed=3)
    rows = [part[0][:, 0].tolist() for part in (parts.train, parts.validation, parts.test)]
    assert sorted(np.concatenate(rows)) == list(range(120))
    assert [len(part) for part in rows] == [81, 9, 30]
    assert np.bincount(parts.test[1]).tolist() == [10, 10, 10]
    assert parts.description == make_parts(samples, targets, 0.25, 0.1, seed=3).description
    assert parts.description != make_parts(samples, targets, 0.25, 0.1, seed=4).description


def test_the_data_s_own_test_part_is_kept_unless_another_is_asked_for():
    x, y = np.arange(40.0, dtype=np.float32)[:, None], np.arange(40) % 2
    samples = Samples("d", "npz", x[:30], y[:30], held_out=(x[30:], y[30:]))
    targets = find_targets(samples)
    assert make_parts(samples, targets, None, 0.1, 0).test[0][:, 0].tolist() == x[30:, 0].tolist()
    again = make_parts(samples, targets, 0.5, 0.0, 0)
    assert (len(again.train[0]), again.validation, len(again.test[0])) == (20, None, 20)
    assert make_parts(samples, targets, 0.0, 0.0, 0).test is None


def test_a_class_with_one_sample_does_not_stop_the_split():
    y = np.array([0] * 20 + [1] * 19 + [2])
    samples = Samples("d", "npz", np.zeros((40, 2), np.float32), y)
    parts = make_parts(samples, find_targets(samples), 0.2, 0.1, 0)
    assert not parts.description["stratified"]
    assert parts.description["test"] == 8


def test_too_few_samples_to_split():
    samples = Samples("d", "npz", np.zeros((1, 2), np.float32), np.array([0.5]))
    with pytest.raises(ValueError, match="too few"):
        make_parts(samples, find_targets(samples, "regression"), 0.2, 0.1, 0)


# --- scaling and measuring, against scikit-learn


def test_scaling_is_that_of_standard_scaler_and_constants_do_no_harm():
    x, _ = flowers(50)
    x = np.column_stack([x, np.full(50, 7.0)]).astype(np.float32)
    targets = Targets("classification", "", (0, 1), ("a", "b"))
    model = build_network(NetworkSettings(()), x, targets)
    scaled = np.asarray(model.get_layer("scale")(x))
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(x), rtol=1e-3, atol=1e-4)
    far = np.asarray(model.get_layer("scale")(x + np.eye(4, dtype=np.float32)[3]))
    assert np.abs(far[:, 3]).max() == pytest.approx(1)


@pytest.mark.parametrize(
    ("x", "value_range"),
    [
        (np.random.default_rng(0).integers(0, 256, (20, 6, 5), np.uint8), None),
        (np.random.default_rng(0).integers(0, 17, (20, 6, 5)).astype(np.float32), (0, 16)),
    ],
)
def test_pictures_are_scaled_to_0_to_1(x, value_range):
    targets = Targets("classification", "", (0, 1), ("a", "b"))
    model = build_network(NetworkSettings(()), x, targets, value_range)
    top = 255 if value_range is None else 16
    np.testing.assert_allclose(np.asarray(model.get_layer("scale")(x)), x / top, rtol=1e-5)


def test_a_regression_is_trained_standardised_and_answers_in_its_own_units():
    y = np.random.default_rng(1).normal(5000, 30, (50, 2)).astype(np.float32)
    x = y / 7
    targets = learn_from(Targets("regression", "", columns=2), y)
    scaled = StandardScaler().fit_transform(y)
    np.testing.assert_allclose(targets.for_training(y, "mse"), scaled, atol=1e-3)
    settings = NetworkSettings((3,))
    inner = build_network(settings, x, targets)
    outer = build_network(settings, x, targets, original_units=True)
    outer.set_weights(inner.get_weights())
    expected = inner.predict(x, verbose=0) * y.std(axis=0) + y.mean(axis=0)
    np.testing.assert_allclose(outer.predict(x, verbose=0), expected, rtol=1e-4)


def test_the_baseline_is_that_of_the_dummy_models():
    y_train, y = np.array([0, 1, 1, 2, 1, 0]), np.array([1, 0, 1, 1, 2])
    targets = learn_from(find_targets(given(y_train), "classification"), y_train)
    dummy = DummyClassifier().fit(y_train, y_train)
    assert baseline(y, targets)["accuracy"] == dummy.score(y, y)
    numbers = np.random.default_rng(0).normal(size=(30, 2))
    train, test = numbers[:20].astype(np.float32), numbers[20:]
    targets = learn_from(Targets("regression", "", columns=2), train)
    guesses = DummyRegressor().fit(train, train).predict(test)
    found = baseline(test, targets)
    assert found["mae"] == pytest.approx(mean_absolute_error(test, guesses))
    assert found["r2"] == pytest.approx(r2_score(test, guesses))
    one = learn_from(Targets("regression", ""), train[:, :1])
    assert baseline(test[:, :1], one)["rmse"] == pytest.approx(
        root_mean_squared_error(test[:, 0], np.full(10, train[:, 0].mean()))
    )


def test_by_class():
    targets = Targets("classification", "", (0, 1, 2), ("a", "b", "c"))
    rows = by_class(np.array([0, 1, 1, 1]), np.array([0, 0, 0, 1]), targets)
    assert [row["found"] for row in rows] == [pytest.approx(1 / 3), 1.0, None]
    assert [row["taken_for"] for row in rows] == ["b", None, None]


@pytest.mark.parametrize(
    ("rows", "batch", "epochs", "patience"),
    [(10, 32, 200, 40), (1293, 32, 73, 14), (54_000, 128, 10, 5)],
)
def test_what_is_chosen_where_nothing_is_said(rows, batch, epochs, patience):
    settings = fill_in(TrainSettings("d"), np.zeros((rows, 4), np.float32))
    assert (settings.batch_size, settings.epochs, settings.patience) == (batch, epochs, patience)
    assert settings.network.layers == (128, 64)
    assert default_layers(784) == (512, 512)
