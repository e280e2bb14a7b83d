"""Running the command line inside the tests' process, and small data for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from typer.testing import CliRunner

NAMES = ("width", "height", "age")


def pellucid(*arguments: Any, input: bytes | str | None = None) -> Any:
    """Run `pellucid` with `arguments`; what comes back has exit_code, stdout and stderr."""
    from pellucid.cli.app import app

    plain = {"NO_COLOR": "1", "PELLUCID_DEBUG": None, "FORCE_COLOR": None}
    return CliRunner(env=plain).invoke(app, list(map(os.fspath, map(_text, arguments))), input)


def _text(argument: Any) -> Any:
    return argument if isinstance(argument, Path) else str(argument)


def refused(result: Any) -> str:
    """The message of a command that must have failed cleanly, on one stream only."""
    assert result.exit_code == 2, (result.stdout, result.stderr, result.exception)
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.stderr
    assert "fix: " in result.stderr
    return result.stderr


def flowers(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Three columns and three classes that a small network can tell apart."""
    generator = np.random.default_rng(5)
    y = generator.integers(0, 3, n)
    x = generator.normal(size=(n, 3)).astype(np.float32) + 3 * np.eye(3, dtype=np.float32)[y]
    return x * [1, 10, 100] + [0, 50, 1000], np.array(["ash", "beech", "cedar"])[y]


def write_table(path: Path, x: np.ndarray, y: np.ndarray | None, names: Any = NAMES) -> Path:
    """A CSV file with a line of names; the answers, if any, in a last column `tree`."""
    lines = [",".join([*names, *(["tree"] if y is not None else [])])]
    for number, row in enumerate(x):
        cells = [f"{value:.5f}" for value in row]
        lines.append(",".join([*cells, *([str(y[number])] if y is not None else [])]))
    path.write_text("\n".join(lines) + "\n")
    return path
