"""Help that teaches, costs nothing, and is plain text in a pipe."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_cli import pellucid

from pellucid.cli import options

COMMANDS = ("train", "evaluate", "predict", "summary", "report", "doctor")
HEAVY = ("jax", "numpy", "optax", "sklearn", "polars")


def run(*arguments: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "pellucid", *arguments],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
        **more,
    )


def test_without_a_command_there_is_a_first_thing_to_try():
    result = pellucid()
    assert result.exit_code == 0
    assert "pellucid train digits" in result.stdout
    assert all(command in result.stdout for command in COMMANDS)
    assert result.stdout == pellucid("--help").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_examples(command):
    text = pellucid(command, "--help").stdout
    assert f"pellucid {command}" in text.split("Examples")[1]
    assert len(text.split("Examples")[0].split()) > 25


def test_each_option_says_what_it_is_and_its_default():
    import typer

    from pellucid.cli.app import app

    for command in typer.main.get_command(app).commands.values():
        for parameter in command.params:
            assert parameter.help, parameter.name
            is_option = parameter.param_type_name == "option"
            if (
                is_option
                and parameter.default is None
                and parameter.name not in ("target", "checkpoint")
            ):
                assert isinstance(parameter.show_default, str), parameter.name


def test_the_data_sets_that_the_help_names_are_those_there_are():
    from pellucid.tasks.samples import known_names

    assert all(name in pellucid("train", "--help").stdout for name in known_names())


def test_the_version():
    from pellucid import __version__

    assert pellucid("--version").stdout == f"pellucid {__version__}\n"


def test_help_loads_nothing_heavy_and_prints_no_control_characters():
    code = (
        "import sys; from pellucid.cli import main\n"
        "try: main()\n"
        f"finally: sys.exit(repr([n for n in {HEAVY} if n in sys.modules]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "train", "--help"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert result.stderr.strip() == "[]"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", result.stdout)


def test_layers():
    assert options.parse_layers("512,512") == (512, 512)
    assert options.parse_layers(" 8  4 ") == (8, 4)
    assert options.parse_layers("none") == options.parse_layers("") == ()


def test_the_default_folder_is_new_and_a_plain_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = options.default_folder("../some where/my data.npz")
    assert re.fullmatch(r"my-data-\d{8}-\d{6}", first.name)
    assert first.parent == Path("runs")


@pytest.mark.slow
def test_a_pipe_that_closes_early_and_a_terminal_that_knows_only_ascii():
    import os

    plain = run("train", "--help", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert plain.returncode == 0
    assert plain.stdout.isascii()
    shell = subprocess.run(
        f"{sys.executable} -m pellucid train --help | head -1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert "Traceback" not in shell.stderr
    assert "Exception" not in shell.stderr
