"""Models that go out of scope are freed: memory levels off, and none stays alive."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.exhaustive
def test_memory_levels_off_and_no_model_stays_alive():
    # A fresh process: this one's memory also moves with the tests that ran before.
    command = [sys.executable, "-m", "benchmarks.many_models", "--json"]
    done = subprocess.run(
        [*command, "--models", "120", "--every", "20"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["alive"] == 0
    assert result["levels_off"], result["readings"]
