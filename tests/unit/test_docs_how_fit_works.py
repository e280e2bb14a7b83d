"""The page on how `fit` works names functions that are there, and calls that are made."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/guide/how-fit-works.md").read_text()
PLACES = sorted(set(re.findall(r"(\w+(?:/\w+)*\.py): ([\w.]+)", PAGE)))
SKELETON = re.search(r"```text\n(.*?)```", PAGE, re.S)[1]


@pytest.mark.parametrize(("file", "name"), PLACES)
def test_what_the_page_names_is_there(file, name):
    tree = ast.parse((ROOT / "pellucid" / file).read_text())
    for part in name.split("."):
        found = [node for node in tree.body if getattr(node, "name", None) == part]
        assert found, f"{file} has no {name}"
        tree = found[0]


def calls() -> list[tuple[str, str]]:
    """(file, function) that calls -> the name it calls, by the indentation of the skeleton."""
    above: list[tuple[int, str]] = []
    found = []
    for line in SKELETON.splitlines():
        match = re.match(r"( *)(\w+(?:/\w+)*\.py): ([\w.]+)", line)
        if match is None:
            continue
        depth, file, name = len(match[1]), match[2], match[3]
        while above and above[-1][0] >= depth:
            above.pop()
        if above:
            found.append((above[-1][1], name.split(".")[-1]))
        above.append((depth, file))
    return found


@pytest.mark.parametrize(("file", "called"), calls())
def test_the_calls_of_the_skeleton_are_made(file, called):
    text = (ROOT / "pellucid" / file).read_text()
    handed_on = {"train_chunk": "compiled", "train_step": "train", "run_evaluate": "validation"}
    assert re.search(rf"\b{handed_on.get(called, called)}\b[(,]", text), (file, called)


def test_a_step_is_followed_in_six_files():
    """From `fit` to the arithmetic; what prepares and what looks on is left out."""
    way = ["models/trainable.py", "training/loop.py", "training/session.py",
           "training/program.py", "training/step.py", "training/state.py"]  # fmt: skip
    assert all(file in PAGE for file in way)
