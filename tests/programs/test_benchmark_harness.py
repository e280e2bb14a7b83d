"""The benchmarks' own rules: what is changed in a program, who measures when, and the verdicts."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import harness, many_models, run_program

    yield {"harness": harness, "many_models": many_models, "run_program": run_program}
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["mnist_mlp", "table_mlp"])
def test_only_import_lines_change(benchmarks, name):
    harness = benchmarks["harness"]
    before = (harness.PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    after = harness.translate(before, "pellucid")

    changed = [
        old for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
    ]
    assert changed
    assert all(line.startswith(("from keras", "import keras")) for line in changed)
    imported = {
        node.module.split(".")[0] for node in ast.walk(ast.parse(after))
        if isinstance(node, ast.ImportFrom)
    }  # fmt: skip
    assert "keras" not in imported
    assert "pellucid" in imported


def test_translate_leaves_everything_but_imports(benchmarks):
    translate = benchmarks["harness"].translate
    program = "import keras\nfrom kerastuner import x\nx = 'from keras'\nkeras.Model\n"
    expected = "import pellucid\nfrom kerastuner import x\nx = 'from keras'\nkeras.Model\n"
    assert translate(program, "pellucid") == expected
    assert translate(program, "keras") == program


def test_peers_take_turns(benchmarks):
    order = []

    def measure(name):
        order.append(name)
        return {"name": name}

    results = benchmarks["harness"].alternate(["a", "b", "c"], 2, measure, "test")
    assert order == ["a", "b", "c", "a", "b", "c"]
    assert [len(runs) for runs in results.values()] == [2, 2, 2]


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ([300, 330, 340, 340, 342], True),  # fills up, then level
        ([300, 320, 340, 360, 380], False),  # a straight line is a leak
        ([300, 310, 320, 315, 318], True),
    ],
)
def test_what_counts_as_levelling_off(benchmarks, memory, expected):
    readings = [{"models": 100 * (i + 1), "mb": float(mb)} for i, mb in enumerate(memory)]
    assert benchmarks["many_models"].judge(readings)["levels_off"] is expected


def test_spread_and_wins(benchmarks):
    harness = benchmarks["harness"]
    assert harness.spread([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0}
    assert harness.paired_wins([1.0, 2.0, 3.0], [2.0, 2.5, 2.0]) == "2/3"
