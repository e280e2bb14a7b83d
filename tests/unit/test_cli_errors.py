"""Every wrong command ends in one clean message with a fix, and exit status 2."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_cli import flowers, pellucid, refused, write_table

from pellucid.cli import options


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("trian digits", "did you mean 'train'?"),
        ("digits", "pellucid train digits"),
        ("data.npz", "pellucid train data.npz"),
        ("train", "pellucid train digits"),
        ("evaluate", "pellucid evaluate"),
        ("predict run", "pellucid predict"),
        ("train digits --epoch 3", "did you mean '--epochs'?"),
        ("train digits --epochs many", "--epochs"),
        ("train digits --nonsense", "--help"),
        ("--nonsense", "--help"),
        ("train digts", "did you mean 'digits'"),
        ("train no/such.npz", "no/such.npz"),
        ("train 'what is this'", "pellucid train digits"),
        ("train imdb", "texts"),
        ("train digits --layers 512,abc", "'abc' in --layers 512,abc"),
        ("train digits --layers 0", "positive whole numbers"),
        ("train digits --layers -5", "positive whole numbers"),
        ("train digits --layers " + ",".join(["9"] * 70), "70 hidden layers"),
        ("train digits --layers 90000,90000", "too large"),
        ("train digits --dropout 1.5", "--dropout 1.5"),
        ("train digits --dropout nan", "--dropout nan"),
        ("train digits --l2 -1", "--l2 -1"),
        ("train digits --activation rleu", "did you mean 'relu'"),
        ("train digits --optimizer adm", "'adam'"),
        ("train digits --loss categorical_crosentropy", "'categorical_crossentropy'"),
        ("train digits --learning-rate 0", "--learning-rate 0"),
        ("train digits --dtype mixed_float8", "mixed_float16"),
        ("train digits --task clustering", "classification or regression"),
        ("train digits --epochs 0", "--epochs 0"),
        ("train digits --batch-size -1", "--batch-size -1"),
        ("train digits --seed -1", "--seed -1"),
        ("train digits --validation-split 1", "--validation-split 1"),
        ("train digits --test-split -0.1", "--test-split -0.1"),
        ("train digits --verbose 7", "--verbose 7"),
        ("train digits --out /proc/no/run", "cannot be written"),
        ("evaluate no-such-run", "no-such-run"),
        ("summary no/such", "no/such"),
        ("predict no-such-run digits", "no-such-run"),
    ],
)
def test_wrong_commands(command, words, tmp_path, monkeypatch):
    import shlex

    monkeypatch.chdir(tmp_path)
    result = pellucid(*shlex.split(command))
    assert words in refused(result)
    assert result.stdout == ""
    assert not list(tmp_path.iterdir())


def arrays(**changes):
    x, y = flowers(60)
    return {"x": x, "y": y, **changes}


X = flowers(60)[0]
HOLE = X.copy()
HOLE[7, 1] = np.nan


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"a": X, "b": X}, "'a', 'b'"),
        ({"x": X}, "no array 'y'"),
        (arrays(x=HOLE), "row 7, column 1"),
        (arrays(y=np.where(np.arange(60) == 3, np.nan, 0.5)), "1 NaN"),
        (arrays(y=np.zeros(60, int)), "one class"),
        (arrays(y=np.full(60, 0.5)), "same number"),
        (arrays(y=np.arange(50)), "60 samples but y has 50"),
        (arrays(x=np.array([{}] * 60, dtype=object)), "can run code"),
        (arrays(x=np.array(["text"] * 60)), "text"),
        (arrays(x=np.zeros((0, 3)), y=np.zeros(0)), "empty"),
        (arrays(x=X[:1], y=[0.5]), "too few"),
        (arrays(x_test=X[:, :2], y_test=arrays()["y"]), "does not look like"),
    ],
)
def test_wrong_arrays(content, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", **content)
    assert words in refused(pellucid("train", "data.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["data.npz"]


def test_a_truncated_file_and_one_that_is_something_else(tmp_path):
    np.savez(tmp_path / "data.npz", **arrays())
    whole = (tmp_path / "data.npz").read_bytes()
    for content in (whole[:-200], whole[:100], b"", b"PK nonsense", whole[:300] + b"x" * 900):
        (tmp_path / "data.npz").write_bytes(content)
        assert "data.npz" in refused(pellucid("train", tmp_path / "data.npz"))


def test_text_in_a_table_is_named_with_its_column(tmp_path):
    path = write_table(tmp_path / "t.csv", *flowers(20))
    path.write_text(path.read_text().replace("width", "tree2", 1))
    path.write_text(path.read_text().replace("\n", "\nmany", 1))
    assert "'tree2'" in refused(pellucid("train", path, "--target", "tree"))


def test_an_existing_folder_is_refused_before_any_work(tmp_path):
    (tmp_path / "file.txt").write_text("precious")
    message = refused(pellucid("train", "no-such-data.npz", "--out", tmp_path))
    assert "not empty" in message
    assert "--force" in message


def test_control_characters_from_outside_are_not_passed_on(tmp_path):
    assert "\x1b" not in refused(pellucid("train", "\x1b[31mred.npz"))


@pytest.mark.parametrize("flag", [["--debug"], []])
def test_a_fault_of_ours_keeps_its_traceback_for_debug(monkeypatch, flag):
    def broken(text):
        raise ZeroDivisionError("seven")

    monkeypatch.setattr(options, "parse_verbose", broken)
    result = pellucid("train", "digits", *flag)
    assert result.exit_code == 1
    if flag:
        assert isinstance(result.exception, ZeroDivisionError)
    else:
        assert "ZeroDivisionError: seven" in result.stderr
        assert "--debug" in result.stderr
