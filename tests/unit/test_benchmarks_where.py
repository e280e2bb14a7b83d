"""Reading XLA's dump and a profile's events, and the benchmark for a GPU where there is none."""

import argparse
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(ROOT))
    from benchmarks import figures, gpu, hlo, peak, report, where, workloads

    yield argparse.Namespace(figures=figures, gpu=gpu, hlo=hlo, peak=peak, report=report,
                             where=where, workloads=workloads)  # fmt: skip
    sys.path.remove(str(ROOT))
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


# --- where the time goes

PROGRAM = """HloModule jit_step, is_scheduled=true

%fused_computation (param_0: f32[4,4], param_1: f32[4,4]) -> f32[4,4] {
  %param_0 = f32[4,4]{1,0} parameter(0)
  %param_1 = f32[4,4]{1,0} parameter(1)
  ROOT %dot.2 = f32[4,4]{1,0} dot(%param_0, %param_1), lhs_contracting_dims={1}
}

%fused_computation.1 (param_0.2: f32[4,4]) -> f32[4] {
  %param_0.2 = f32[4,4]{1,0} parameter(0)
  %constant.1 = f32[] constant(0)
  %multiply.1 = f32[4,4]{1,0} multiply(%param_0.2, %param_0.2)
  ROOT %reduce.1 = f32[4]{0} reduce(%multiply.1, %constant.1), dimensions={1}, to_apply=%add
}

%parallel_copy (p: f32[4,4]) -> f32[4,4] {
  %p = f32[4,4]{1,0} parameter(0)
  ROOT %transpose.1 = f32[4,4]{0,1} transpose(%p), dimensions={1,0}
}

ENTRY %main.9 (a: f32[4,4], b: (f32[4], s32[])) -> f32[4] {
  %a = f32[4,4]{1,0} parameter(0)
  %ynn_fusion = f32[4,4]{1,0} fusion(%a, %a), kind=kCustom, calls=%fused_computation, metadata={op_name="jit(step)/while/body/dense/dot_general"}
  %call.1 = f32[4,4]{0,1} call(%ynn_fusion), to_apply=%parallel_copy
  %loop.1 = (s32[], f32[4,4]{1,0}) while(%b), condition=%c, body=%d
  ROOT %sum_fusion = f32[4]{0} fusion(%call.1), kind=kLoop, calls=%fused_computation.1
}
"""  # noqa: E501 (as XLA writes it)


def test_operations_are_known_by_what_is_inside_them(bench):
    known = bench.hlo.read_program(PROGRAM)
    origin = "jit(step)/while/body/dense/dot_general"
    assert known["ynn_fusion"] == bench.hlo.Operation("matrix products", "f32[4,4]", origin)
    assert known["sum_fusion"].kind == "reductions"
    assert known["call.1"].kind == "moving data"
    assert (known["loop.1"].kind, known["loop.1"].result) == ("loops", "several")


@pytest.mark.parametrize(
    ("opcodes", "target", "kind"),
    [
        ({"custom-call"}, "__cublas$gemm", "matrix products"),
        ({"custom-call"}, "__cudnn$convForward", "convolutions"),
        ({"custom-call"}, "__cudnn$fmhaSoftmax", "matrix products"),
        ({"custom-call"}, "something", "other"),
        ({"gather", "multiply"}, "", "look-ups"),
        ({"xor", "shift-right-logical", "add"}, "", "random numbers"),
        ({"exponential", "multiply"}, "", "element-wise"),
    ],
)
def test_kinds(bench, opcodes, target, kind):
    assert bench.hlo.kind_of(opcodes, target) == kind
    assert kind in bench.hlo.KINDS


def test_time_inside_a_loop_is_not_the_loops_own(bench):
    events = [("dot", 2, 5), ("loop", 0, 10), ("add", 5, 6), ("after", 12, 13), ("dot", 6, 9)]
    found = bench.where.own_times(events)
    assert found == {"loop": 3, "dot": 6, "add": 1, "after": 1}


def test_summary_adds_up_by_kind_and_puts_alike_together(bench):
    names = ("a", "a.1", "b", "new")
    times = Counter({("jit_step", n): t for n, t in zip(names, (3e6, 1e6, 2e6, 2e6), strict=True)})
    counts = Counter({("jit_step", name): 2 for name in names})
    product = bench.hlo.Operation("matrix products", "f32[4,4]", "jit(step)/while/body/x/dot")
    loop = bench.hlo.Operation("loops", "several", "")
    known = dict(zip([("jit_step", n) for n in names], (product, product, loop), strict=False))
    found = bench.where.summary(times, counts, known, steps=2, top=1)
    assert found["kinds"] == {"matrix products": 2.0, "loops": 1.0, "other": 1.0}
    (_, _, kinds), (_, _, heaviest) = bench.report.where_tables("gpt", {**found, "ms_per_step": 4})
    assert kinds[0] == ["matrix products", "2", "50 %"]
    assert heaviest == [["matrix products", "f32[4,4]", "2", "50 %", "2", "x/dot"]]


def test_only_what_stays_under_a_third_is_looked_into(bench):
    workload = bench.workloads.WORKLOADS["cnn"]
    at_limit = workload.flops(workload.batch) / 200e9 * 1000

    def results(share):
        runs = {"pellucid": [{"ms_per_step": [at_limit / share]}]}
        return {"parts": {"peak": {"jax": [{"gflops": {"512": 200.0}}]}, "steady/cnn": runs}}

    assert bench.where.below_a_third(results(0.3)) == ["cnn"]
    assert bench.where.below_a_third(results(0.4)) == []
    assert bench.where.below_a_third({"parts": {}}) == []
    assert bench.where.below_a_third({}) == []


# --- on a GPU


def test_without_a_gpu_it_says_so_and_ends_with_1(bench, monkeypatch, capsys):
    found = {"torch": None, "jax": "a card", "torch_error": "no such module"}
    monkeypatch.setattr(bench.gpu, "find_gpu", lambda python: found)
    assert bench.gpu.main([]) == 1
    said = capsys.readouterr().out
    assert "No GPU found by torch" in said
    assert "no such module" in said
    assert bench.gpu.why_not({"torch": "a card", "jax": "a card"}) is None


def test_the_large_gpt_is_judged_by_the_bfloat16_limit(bench):
    workload = bench.workloads.LARGE["gpt_120m"]
    at_limit = workload.flops(workload.batch) / 700e12 * 1000
    results = {
        "parts": {
            "peak": {"torch": [{"gflops": {"8192": 400e3}}]},
            "peak/bfloat16": {"torch": [{"gflops": {"8192": 700e3}}]},
            "steady/gpt_120m": {
                "pellucid": [{"ms_per_step": [2 * at_limit]}],
                "torch": [{"ms_per_step": [3 * at_limit]}],
            },
        }
    }
    (judged,) = bench.gpu.bars(results)
    assert judged["value"] == pytest.approx(0.5)
    assert judged["passed"]
    ((_, columns, (row,)),) = bench.report.gpu_tables(results)
    assert columns[-2:] == ["advantage", "of the limit"]
    assert row[-2:] == ["1.50x", "50.0 %"]


def test_the_large_gpt_has_about_120_million_weights(bench):
    sizes = bench.workloads.LARGE["gpt_120m"].sizes
    width, vocabulary = sizes["width"], sizes["vocabulary"]
    norms, projections, wide = 4 * width, 4 * (width * width + width), 8 * width * width + 5 * width
    body = sizes["blocks"] * (norms + projections + wide) + 2 * width
    total = body + 2 * vocabulary * width + sizes["length"] * width
    assert total == bench.workloads.LARGE["gpt_120m"].parameters
    assert 115e6 < total < 125e6


def test_matrix_products_are_timed_in_either_type(bench):
    for library, dtype in (("numpy", "float32"), ("jax", "float32"), ("jax", "bfloat16")):
        multiply = bench.peak.multiplier(library, 16, dtype)
        assert bench.peak.best_rate(multiply, 16, seconds=0.01) > 0
