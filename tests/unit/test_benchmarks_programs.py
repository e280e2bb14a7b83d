"""The benchmarks' programs change in their import lines alone, and are the networks expected."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(ROOT))
    from benchmarks import harness, made_up, workloads

    yield type("Modules", (), {"harness": harness, "made_up": made_up, "workloads": workloads})
    sys.path.remove(str(ROOT))
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


PROGRAMS = sorted(path.stem for path in (ROOT / "benchmarks" / "programs").glob("*.py"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_only_import_lines_change(bench, name):
    before = (bench.harness.PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    after = bench.harness.translate(before, "pellucid")
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    changed = [old for old, new in pairs if old != new]
    assert changed
    assert all(line.startswith(("from keras", "import keras")) for line in changed)


WORKLOADS = (
    "mnist_mlp", "table_mlp", "cnn", "lstm", "gpt", "resnet20", "masked_gru", "unet",
    "autoencoder", "bert",
)  # fmt: skip


def test_the_list_of_workloads_is_whole(bench):
    assert tuple(bench.workloads.WORKLOADS) == WORKLOADS


@pytest.mark.parametrize("name", WORKLOADS)
def test_programs_build_with_the_expected_parameters(bench, name):
    model = bench.harness.load_program(name, "pellucid")["build_model"]()
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    assert parameters == bench.workloads.WORKLOADS[name].parameters


def test_made_up_data_is_the_same_every_time(bench):
    made_up = bench.made_up
    for make in (made_up.series, made_up.source_bytes, made_up.pictures, made_up.sentences,
                 made_up.shapes):  # fmt: skip
        (x, y), (again, _) = make(4), make(4)
        assert len(x) == len(y) == 4
        np.testing.assert_array_equal(x, again)


def test_made_up_data_means_what_it_says(bench):
    x, y = bench.made_up.source_bytes(4, length=10)
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    x, y = bench.made_up.tokens(4, length=10, vocabulary=32)
    np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
    assert x.min() >= 0
    assert x.max() < 32
    x, y = bench.made_up.sentences(200, length=12)
    real = x != 0
    assert np.all(real[:, :-1] >= real[:, 1:])  # padding stands at the end
    assert real.sum(1).min() >= 3
    assert 0.2 < y.mean() < 0.8
    x, y = bench.made_up.shapes(3, size=24)
    assert set(np.unique(y)) == {0.0, 1.0}
    assert x[y[..., 0] == 1].mean() > x[y[..., 0] == 0].mean() + 0.5
