"""Records as files: what was written comes back, and no file can do harm."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import zipfile

import numpy as np
import pytest

from pellucid._core.errors import DataError, FileFormatError
from pellucid.record import files as files_module
from pellucid.record.schema import (
    SCHEMA,
    ArrayRecord,
    Checkups,
    DataRecord,
    Examples,
    LayerRecord,
    OutputRecord,
    Plan,
    TargetRecord,
    WeightRecord,
)
from pellucid.vitals import RunRecord, load_record, save_record


def a_record():
    """Something in every field, and the odd numbers that runs have."""
    array = ArrayRecord(
        "x",
        [3],
        "float32",
        samples=9,
        minimum=-1.5,
        maximum=float("inf"),
        column_mean=np.array([0.0, 1.0, np.nan]),
        column_names=["Größe", "b", "c"],
    )
    return RunRecord(
        name="net",
        layers=[
            LayerRecord("a", "Dense", {"units": 3, "odd": [None, True, {"b": 0.5}]}, ["input:x"])
        ],
        weights=[
            WeightRecord("a/kernel", "a", "kernel", [3, 3], initializer={"class_name": "Zeros"})
        ],
        outputs=[OutputRecord("a", "a", "linear", [None, 3], "mse", {"reduction": "sum"}, ["mae"])],
        plan=Plan(optimizer="Adam", learning_rate=0.001, batch_size=4, callbacks=["EarlyStopping"]),
        data=DataRecord(
            inputs={"x": array},
            targets={"a": TargetRecord(array, "labels", np.array([4, 5]), 0.5)},
            shared_rows=0,
        ),
        history={"loss": np.array([2.0, np.nan])},
        epochs=np.array([0, 1]),
        losses=np.array([2.0, np.inf], np.float32),
        bad_step=1,
        bad_place="a",
        checkups=Checkups(
            step=np.array([0, 5]),
            layers={"a": {"histogram": np.arange(64.0).reshape(2, 32)}},
            outputs={"a": {"class_share": np.ones((2, 3), np.float32)}},
        ),
        examples={
            "a": Examples(
                "validation",
                "a",
                np.array([1, 2]),
                np.ones((2, 3)),
                np.array([0.5, 0.25]),
                np.array([1]),
                np.array([["a text"]], object),
            )
        },
    )


def assert_same(one, two, where="record"):
    assert type(one) is type(two), where
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            name = f"{where}.{field.name}"
            assert_same(getattr(one, field.name), getattr(two, field.name), name)
    elif isinstance(one, dict):
        assert list(one) == list(two), where
        for key in one:
            assert_same(one[key], two[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(two), where
        for number, pair in enumerate(zip(one, two, strict=True)):
            assert_same(*pair, f"{where}[{number}]")
    elif isinstance(one, np.ndarray):
        if one.dtype.kind in "biuf":
            assert one.dtype == two.dtype, where
        np.testing.assert_array_equal(one, two, err_msg=where)
    else:
        assert one == two or one != one, where


@pytest.mark.parametrize("make", [RunRecord, a_record])
def test_round_trip(make, tmp_path):
    record = make()
    save_record(tmp_path / "vitals.npz", record)
    assert_same(record, load_record(tmp_path / "vitals.npz"))
    assert os.listdir(tmp_path) == ["vitals.npz"]


def test_nothing_is_pickled(tmp_path):
    save_record(tmp_path / "vitals.npz", a_record())
    with np.load(tmp_path / "vitals.npz", allow_pickle=False) as arrays:
        text = json.loads(arrays["record"].tobytes())
        assert text["schema"] == SCHEMA
        losses = arrays[text["losses"]["array"]]
        assert losses.tolist() == [2.0, np.inf]


def test_a_write_that_fails_leaves_the_earlier_file(tmp_path, monkeypatch):
    path = tmp_path / "vitals.npz"
    save_record(path, RunRecord(name="first"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pellucid._core.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_record(path, a_record())
    assert load_record(path).name == "first"
    assert os.listdir(tmp_path) == ["vitals.npz"]


def written(content, **arrays):
    """A file with `content` as its JSON text."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = io.BytesIO()
    np.savez(file, record=np.frombuffer(text, np.uint8), **arrays)
    return file.getvalue()


def deep():
    return b'{"schema": 1, "name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "npz"),
        (b"PK\x03\x04 no archive", "npz"),
        (written({"schema": SCHEMA + 1}), "newer Pellucid"),
        (written({}), "no schema number"),
        (written({"schema": True}), "no schema number"),
        (written([1, 2]), "no schema number"),
        (written(b"\xff\xfe not JSON"), "damaged"),
        (written(deep()), "damaged"),
        (written({"schema": 1, "layers": {"a": 1}}), "record.layers is dict, not list"),
        (written({"schema": 1, "layers": [{"kind": "Dense"}]}), r"layers\[0\] has no 'path'"),
        (written({"schema": 1, "losses": {"array": "a0"}}), "losses names no array"),
        (written({"schema": 1, "losses": 3}), "losses names no array"),
        (written({"schema": 1, "bad_step": "two"}), "bad_step is str, not int"),
        (written({"schema": 1, "first_step": True}), "first_step is bool, not int"),
    ],
)
def test_a_file_that_is_no_record_is_refused(content, message, tmp_path):
    path = tmp_path / "vitals.npz"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        load_record(path)
    assert "vitals.npz" in str(caught.value)
    assert "fix:" in str(caught.value)


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path):
    path = tmp_path / "vitals.npz"
    save_record(path, a_record())
    whole = path.read_bytes()
    for end in range(0, len(whole), 211):
        path.write_bytes(whole[:end])
        with pytest.raises(FileFormatError):
            load_record(path)


def test_a_file_of_objects_is_not_unpickled(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("code of the file was run",))

    path = tmp_path / "vitals.npz"
    text = np.frombuffer(b'{"schema": 1, "losses": {"array": "a0"}}', np.uint8)
    np.savez(path, record=text, a0=np.array([Bomb()], object))
    with pytest.raises(FileFormatError):
        load_record(path)


def test_a_small_file_that_claims_to_be_huge_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "vitals.npz"
    save_record(path, RunRecord(losses=np.zeros(100_000, np.float32)))
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(files_module, "LARGEST", 300_000)
    with pytest.raises(FileFormatError, match="more than a record can"):
        load_record(path)


def test_other_files_are_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.npz"):
        load_record(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(FileFormatError, match="not a record of a run"):
        load_record(tmp_path / "other.npz")
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("record.txt", "hello")
    with pytest.raises(FileFormatError):
        load_record(tmp_path / "text.npz")


def test_fields_that_a_later_version_adds_are_passed_over(tmp_path):
    path = tmp_path / "vitals.npz"
    path.write_bytes(written({"schema": 1, "name": "net", "colour": "blue"}))
    assert load_record(path).name == "net"


def test_a_record_prints_a_summary():
    record = RunRecord("net", losses=np.array([2.0, 0.5]), history={"loss": np.array([0.5])})
    text = repr(record)
    assert text.splitlines() == [
        "Vital signs of 'net'",
        "  steps  2, loss from 2 to 0.5",
        "  loss   0.5 after the last epoch",
    ]
    assert "| loss | 0.5 after the last epoch |" in record._repr_markdown_()


def test_a_record_of_the_first_schema_learns_what_its_layers_are(tmp_path):
    record = a_record()
    record.layers.append(LayerRecord("b", "TheirOwn"))
    record.schema = 1
    save_record(tmp_path / "old.npz", record)
    read = load_record(tmp_path / "old.npz")
    assert [layer.traits for layer in read.layers] == [["per_step", "product"], None]
    assert read.schema == SCHEMA
