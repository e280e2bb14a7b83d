"""Where programs and data go: the compilation cache on disk, the device's data budget."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pellucid._core.errors import ConfigError
from pellucid.config import data_budget, set_data_budget

ROOT = Path(__file__).parents[2]
PROGRAM = """
import numpy as np
from pellucid import Sequential, layers
from pellucid.utils import set_random_seed

set_random_seed(0)
model = Sequential([layers.Input(shape=(4,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
x = np.ones((32, 4), "float32")
model.fit(x, x[:, :1], epochs=2, verbose=0)
"""


def programs_after_a_run(cache_home: Path, extra: str = "") -> set[str]:
    """Names of the compiled programs that lie in the cache when the program has run."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache_home), "HOME": str(cache_home)}
    for name in [name for name in environment if name.startswith("JAX_")]:
        del environment[name]
    subprocess.run([sys.executable, "-c", extra + PROGRAM], check=True, cwd=ROOT, env=environment)
    return {path.name for path in cache_home.rglob("*-cache")}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder is moved by XDG_CACHE_HOME")
def test_a_second_run_finds_every_program_on_disk(tmp_path):
    first = programs_after_a_run(tmp_path)
    assert first
    assert programs_after_a_run(tmp_path) == first


@pytest.mark.slow
def test_the_cache_can_be_turned_off(tmp_path):
    off = "from pellucid.config import set_compilation_cache; set_compilation_cache(None)\n"
    assert programs_after_a_run(tmp_path, off) == set()


def test_the_data_budget_is_a_number_of_bytes():
    with pytest.raises(ConfigError, match="bytes"):
        set_data_budget(-1)
    set_data_budget(12345)
    try:
        assert data_budget() == 12345
    finally:
        set_data_budget(None)
    assert data_budget() > 2**20
