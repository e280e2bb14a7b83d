"""`pellucid doctor treat`: a run trained again beside what the doctor would change."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers_cli import flowers, pellucid, refused, write_table


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Trained with a learning rate so small that nothing moves."""
    folder = tmp_path_factory.mktemp("treat")
    table = write_table(folder / "trees.csv", *flowers(150))
    result = pellucid(
        "train", table, "--layers", "8", "--epochs", "4", "--learning-rate", "1e-7",
        "--dropout", "0", "--patience", "0", "--target", "tree", "--out", folder / "run",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    return folder / "run"


@pytest.mark.slow
def test_a_run_is_treated_and_stays_as_it_is(run, tmp_path):
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    best = tmp_path / "best.safetensors"
    result = pellucid("doctor", "treat", run, "--trainings", "3", "--epochs", "20", "--json",
                      "--save-weights", best)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["helped"]
    assert found["held_out"] == 12
    assert not found["split"]
    assert len(found["attempts"]) == 3
    changes = found["attempts"][found["after"]]["changes"]
    assert changes[0]["kind"] in ("set_learning_rate", "set_optimizer")
    assert best.is_file()
    assert before == {path.name: path.read_bytes() for path in run.iterdir()}


@pytest.mark.slow
def test_a_run_is_asked_a_quick_question(run):
    result = pellucid("doctor", "experiment", run, "rates")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Take a learning rate of")
    result = pellucid("doctor", "experiment", run, "overfit", "--json")
    assert result.exit_code == 1  # its rate of 1e-7 moves nothing
    assert json.loads(result.stdout)["samples"] == 16
    assert "overfit" in refused(pellucid("doctor", "experiment", run, "anything"))


def test_what_cannot_be_treated_is_refused_with_a_fix(run, tmp_path):
    assert "no run folder" in refused(pellucid("doctor", "treat", tmp_path / "nothing"))
    other = tmp_path / "other.npz"
    np.savez(other, x=np.zeros((40, 7)), y=np.arange(40) % 3)
    assert "(7,)" in refused(pellucid("doctor", "treat", run, "--data", other))
    message = refused(pellucid("doctor", "treat", run, "--save-weights", "best.h5"))
    assert ".safetensors" in message
    settings = run / "settings.json"
    text = settings.read_text()
    moved = run.parent / "trees.csv"
    try:
        moved.rename(tmp_path / "trees.csv")
        assert "--data FILE" in refused(pellucid("doctor", "treat", run))
        moved = (tmp_path / "trees.csv").rename(moved)
        settings.write_text(text.replace('"batch_size"', '"batch_sighs"'))
        assert "batch_sighs" in refused(pellucid("doctor", "treat", run))
    finally:
        settings.write_text(text)
