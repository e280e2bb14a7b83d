"""The example programs, as a learner would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted((ROOT / "examples").glob("*.py"))

pytestmark = pytest.mark.slow


def run(name: str, folder: Path) -> str:
    """What the program prints; warnings are errors."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / name)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_every_example_is_tested():
    names = {path.name for path in PROGRAMS}
    assert names == {"digits_mlp.py", "back_propagation.py", "custom_train_step.py"}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_examples_are_short_and_say_what_they_are(path):
    lines = path.read_text().splitlines()
    assert lines[0].startswith('"""')
    assert len(lines) < 80


def test_digits_mlp(tmp_path):
    said = run("digits_mlp.py", tmp_path)
    accuracy = float(re.search(r"has not seen: ([\d.]+)%", said)[1])
    assert accuracy > 95
    assert re.search(r"a \d, taken for a \d", said)


def test_back_propagation_by_hand_reaches_the_weights_of_fit(tmp_path):
    said = run("back_propagation.py", tmp_path)
    losses = [float(loss) for loss in re.findall(r"mean loss ([\d.]+)", said)]
    assert len(losses) == 5
    assert losses == sorted(losses, reverse=True)
    assert float(re.search(r"any two weights: (\S+)", said)[1]) < 1e-5
    assert float(re.search(r"has not seen: ([\d.]+)%", said)[1]) > 85


def test_the_custom_step_makes_a_harder_network(tmp_path):
    said = run("custom_train_step.py", tmp_path)
    found = re.findall(r"(\w+) +accuracy ([\d.]+)%, on misleading digits ([\d.]+)%", said)
    plain, hardened = ({"name": n, "plain": float(p), "attacked": float(a)} for n, p, a in found)
    assert (plain["name"], hardened["name"]) == ("Sequential", "Hardened")
    assert hardened["attacked"] > plain["attacked"] + 10
    assert hardened["plain"] > 93
