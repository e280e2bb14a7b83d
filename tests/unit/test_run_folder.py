"""The run folder: a round trip, whole or not at all, and strict about every file."""

from __future__ import annotations

import csv
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from pellucid import PellucidError, Sequential, layers, runs
from pellucid._core.errors import ConfigError, DataError, FileFormatError
from pellucid.runs import load_run, save_run, saving
from pellucid.runs.folder import NAMES
from pellucid.vitals import RunRecord, load_record

SETTINGS = {
    "task": "classification",
    "arguments": {},
    "data": {
        "source": "iris",
        "kind": "built-in",
        "path": None,
        "target": None,
        "feature_names": [],
        "sample_shape": [3],
    },
    "split": {
        "seed": 0,
        "test": 5,
        "test_split": None,
        "validation_split": 0.1,
        "test_sha256": "",
    },
    "targets": {
        "task": "classification",
        "why": "",
        "labels": [0, 1],
        "class_names": ["no", "yes"],
    },
    "compile": {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": []},
}
RESULTS = {"test": {"accuracy": 0.5}}


def make_model() -> Sequential:
    return Sequential(
        [layers.Input(shape=(3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)]
    )


def make_history():
    logs = {"loss": [2.0, float("nan"), float("inf")], "val_loss": [3.0]}
    vitals = RunRecord(name="net", losses=np.float32([3, 2, 1]))
    return SimpleNamespace(epoch=[0, 1, 2], history=logs, interrupted=True, vitals=vitals)


def save(folder, model=None, **more):
    return save_run(folder, model or make_model(), SETTINGS, make_history(), RESULTS, **more)


def test_a_run_comes_back_as_it_was(tmp_path):
    model = make_model()
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    folder = save(tmp_path / "deep" / "run", model)
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    run = load_run(folder)
    np.testing.assert_array_equal(run.model.predict(x, verbose=0), model.predict(x, verbose=0))
    assert run.class_names == ("no", "yes")
    assert run.task == "classification"
    assert run.results["test"] == {"accuracy": 0.5}
    assert run.history["loss"][0] == 2.0
    assert np.isnan(run.history["loss"][1:]).all()
    assert run.model.compiled


def test_every_json_file_is_strict_json_with_format_and_version(tmp_path):
    folder = save(tmp_path / "run")

    def no_constants(text):
        raise AssertionError(f"{text} is not JSON")

    for path in folder.glob("*.json"):
        content = json.loads(path.read_text(), parse_constant=no_constants)
        assert content["format"].startswith("pellucid-")
        assert content["version"] == 1
    assert json.loads((folder / "history.json").read_text())["interrupted"] is True


def test_the_history_is_a_table_for_people(tmp_path):
    with open(save(tmp_path / "run") / "history.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert rows[0] == {"epoch": "1", "loss": "2.0", "val_loss": "3.0"}
    assert rows[2]["val_loss"] == ""


def test_what_the_run_measured_lies_beside_it(tmp_path):
    folder = save(tmp_path / "run")
    assert load_record(folder / "vitals.npz").losses.tolist() == [3, 2, 1]
    (folder / "vitals.npz").unlink()
    load_run(folder)  # runs of earlier versions have none


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("history.csv", "vitals.npz")]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "noise", "other"])
def test_a_missing_or_damaged_file_is_named(tmp_path, name, damage):
    path = save(tmp_path / "run") / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "cut": content[: len(content) // 2],
                "noise": b"\x00\xff" * 100,
                "other": b'{"format": "something else", "version": 1}',
            }[damage]
        )
    with pytest.raises(PellucidError, match=name.replace(".", r"\.")) as caught:
        load_run(path.parent)
    assert caught.value.fix


def test_weights_of_another_network_are_refused(tmp_path):
    folder = save(tmp_path / "run")
    other = Sequential([layers.Input(shape=(3,)), layers.Dense(5), layers.Dense(2)])
    shutil.copy(save(tmp_path / "other", other) / "weights.safetensors", folder)
    with pytest.raises(PellucidError, match="weights"):
        load_run(folder)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("settings.json", {"version": 99}),
        ("settings.json", {"targets": {"surprise": 1}}),
        ("settings.json", {"targets": None}),
        ("settings.json", {"data": {}}),
        ("settings.json", {"split": []}),
        ("settings.json", {"compile": {"optimizer": "no such"}}),
        ("settings.json", {"compile": {"surprise": 1}}),
        ("model.json", {"model": {"class_name": "os.system", "config": {}}}),
        ("model.json", {"model": {"class_name": "Dense", "family": "layer", "config": {"a": 1}}}),
        ("model.json", {"model": 7}),
    ],
)
def test_settings_that_make_no_sense_are_refused(tmp_path, file, change):
    path = save(tmp_path / "run") / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(FileFormatError) as caught:
        load_run(path.parent)
    assert caught.value.fix


def test_a_folder_that_is_not_there_suggests_the_runs_that_are(tmp_path):
    save(tmp_path / "first")
    with pytest.raises(DataError, match="first"):
        load_run(tmp_path / "frist")


def test_nothing_is_overwritten_unasked(tmp_path):
    folder = save(tmp_path / "run")
    before = (folder / "weights.safetensors").read_bytes()
    with pytest.raises(ConfigError, match="not empty"):
        save(folder)
    assert (folder / "weights.safetensors").read_bytes() == before
    save(folder, force=True)
    assert (folder / "weights.safetensors").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_force_never_removes_what_is_not_a_run(tmp_path):
    folder = save(tmp_path / "run")
    (folder / "notes.txt").write_text("precious")
    with pytest.raises(ConfigError, match=r"notes\.txt"):
        save(folder, force=True)
    assert (folder / "notes.txt").read_text() == "precious"


def test_an_empty_folder_is_filled_and_a_file_is_left_alone(tmp_path):
    (tmp_path / "empty").mkdir()
    load_run(save(tmp_path / "empty"))
    (tmp_path / "file").write_text("precious")
    with pytest.raises(ConfigError, match="is a file"):
        save(tmp_path / "file", force=True)
    with pytest.raises(DataError, match="cannot be written"):
        save(tmp_path / "file" / "run")


@pytest.mark.parametrize("point", ["weights", "rename"])
def test_a_failure_while_writing_leaves_nothing_behind(tmp_path, monkeypatch, point):
    folder = save(tmp_path / "run")
    before = (folder / "weights.safetensors").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    if point == "weights":
        monkeypatch.setattr(saving, "save_weights", full)
    else:
        real, calls = saving.os.rename, []

        def second_fails(source, target):
            calls.append(source)
            return full() if len(calls) == 2 else real(source, target)

        monkeypatch.setattr(saving.os, "rename", second_fails)
    with pytest.raises(DataError, match="No space left"):
        save(folder, force=True)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert (folder / "weights.safetensors").read_bytes() == before
    monkeypatch.setattr(saving, "save_weights", full)
    with pytest.raises(DataError, match="No space left"):
        save(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_public_names():
    assert runs.__all__ == ["Run", "load_run", "save_run"]
