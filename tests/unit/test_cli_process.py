"""The command as a process: Ctrl-C, pipes, and the demonstration that the README begins with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers_cli import flowers, pellucid

from pellucid.runs import load_run
from pellucid.tasks import samples

ROOT = Path(__file__).parents[2]
X, Y = flowers()


def test_ctrl_c_keeps_the_work(tmp_path, monkeypatch):
    from pellucid.training.callbacks import EarlyStopping

    real = EarlyStopping.on_epoch_end

    def interrupt(self, epoch, logs=None):
        real(self, epoch, logs)
        if epoch == 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(EarlyStopping, "on_epoch_end", interrupt)
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    out = tmp_path / "run"
    result = pellucid("train", tmp_path / "d.npz", "--layers", "8", "--out", out)
    assert result.exit_code == 130
    assert "nterrupted by Ctrl-C after 2 epochs" in result.stdout
    run = load_run(out)
    assert run.results["interrupted"]
    assert len(run.history["loss"]) == 2
    assert json.loads((out / "history.json").read_text())["interrupted"]


def test_ctrl_c_before_training_writes_nothing(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(samples.builtin, "load", interrupt)
    result = pellucid("train", "iris")
    assert result.exit_code == 130
    assert not list(tmp_path.iterdir())


def command(*arguments: object) -> dict:
    """What `subprocess` needs to run `pellucid` in any folder."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {
        "args": [sys.executable, "-W", "error", "-m", "pellucid", *map(str, arguments)],
        "env": {**os.environ, "PYTHONPATH": path},
        "text": True,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }


@pytest.mark.slow
def test_the_demonstration(tmp_path):
    """`pellucid train digits`, and the commands that it names at the end, in a pipe."""
    result = subprocess.run(**command("train", "digits"), cwd=tmp_path, check=False)
    assert result.returncode == 0, result.stderr
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", result.stdout + result.stderr)
    (run,) = (tmp_path / "runs").iterdir()
    results = json.loads((run / "results.json").read_text())
    assert results["test"]["accuracy"] > 0.96
    assert results["baseline"]["accuracy"] < 0.12
    assert f"{results['test']['accuracy']:.2%}" in result.stdout
    commands = re.findall(r"^  pellucid (.*)", result.stdout, re.M)
    assert [line.split()[0] for line in commands] == ["evaluate", "predict", "summary", "report"]
    for line in commands:
        again = subprocess.run(**command(*line.split()), cwd=tmp_path, check=False)
        assert again.returncode == 0, again.stderr
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", again.stdout)


@pytest.mark.slow
def test_ctrl_c_from_outside(tmp_path):
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    arguments = ["train", "d.npz", "--epochs", "100000", "--patience", "0", "--out", "run"]
    process = subprocess.Popen(**command(*arguments, "--verbose", "2"), cwd=tmp_path)
    try:
        for line in process.stdout:
            if line.startswith("Epoch 3"):
                break
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, complaints
    assert "Interrupted by Ctrl-C" in said
    assert "Traceback" not in complaints
    run = load_run(tmp_path / "run")
    assert 3 <= len(run.history["loss"]) < 100_000
    assert run.results["test"]["accuracy"] > 0.5
