"""The example programs, as a learner would run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_data import shared_data

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted((ROOT / "examples").glob("*.py"))

pytestmark = pytest.mark.slow


def run(name: str, folder: Path, *arguments: str) -> str:
    """What the program prints; warnings are errors."""
    return run_file(ROOT / "examples" / name, folder, *arguments)


def run_file(program: Path, folder: Path, *arguments: str) -> str:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "-W", "error", str(program), *arguments],
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
    assert names == {
        "digits_mlp.py",
        "back_propagation.py",
        "custom_train_step.py",
        "cnn_mnist.py",
        "transformer_text.py",
    }


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


# Instead of the whole of MNIST from its mirror: the first digits, from the tests' data.
FIRST_DIGITS = """
import runpy
from pellucid.datasets import mnist

(x, y), (x_test, y_test) = mnist.load_data(data_dir={data!r})
mnist.load_data = lambda: ((x[:8000], y[:8000]), (x_test[:2000], y_test[:2000]))
runpy.run_path({program!r}, run_name="__main__")
"""


def test_cnn_mnist(tmp_path):
    program = tmp_path / "first_digits.py"
    example = str(ROOT / "examples" / "cnn_mnist.py")
    program.write_text(FIRST_DIGITS.format(data=str(shared_data("mnist")), program=example))
    said = run_file(program, tmp_path)
    assert "(None, 26, 26, 32)" in said
    assert float(re.search(r"has not seen: ([\d.]+)%", said)[1]) > 92
    assert re.search(r"the first is a \d, taken for a \d", said)


@pytest.mark.parametrize(
    "network", ["transformer", pytest.param("lstm", marks=pytest.mark.exhaustive)]
)
def test_transformer_text(network, tmp_path):
    data = str(shared_data("text/sst2"))
    said = run("transformer_text.py", tmp_path, data, "--network", network)
    assert float(re.search(r"has not seen: ([\d.]+)%", said)[1]) > 79
    assert len(re.findall(r"\d+% praise: ", said)) == 2
