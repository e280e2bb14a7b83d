"""The benchmarks' arithmetic: operations, ratios, bars, tables, pages, results taken up again."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench():
    """The benchmarks' pure modules, imported for this file's tests only."""
    sys.path.insert(0, str(ROOT))
    from benchmarks import axes, figures, flops, harness, pages, report, results, workloads

    yield type("Modules", (), {
        "axes": axes, "figures": figures, "flops": flops, "harness": harness, "pages": pages,
        "report": report, "results": results, "workloads": workloads,
    })  # fmt: skip
    sys.path.remove(str(ROOT))
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


# --- operations


def test_a_product_is_counted_by_hand(bench):
    # 2 m k n forward; the same for each of the two gradients
    assert bench.flops.product(2, 3, 4) == 3 * 48
    assert bench.flops.product(2, 3, 4, first=True) == 2 * 48


def test_mlp_against_the_sum_written_out(bench):
    expected = 2 * 128 * (2 * 784 * 512 + 3 * 512 * 512 + 3 * 512 * 10)
    assert bench.flops.mlp(128) == expected


def test_cnn_against_the_sum_written_out(bench):
    first = 2 * (2 * 128 * 26 * 26 * 9 * 1 * 32)
    second = 3 * (2 * 128 * 11 * 11 * 9 * 32 * 64)
    dense = 3 * (2 * 128 * (1600 * 128 + 128 * 10))
    assert bench.flops.cnn(128) == first + second + dense


def test_recurrence_against_the_sum_written_out(bench):
    inputs = 2 * (2 * 64 * 50 * 32 * 512)
    states = 3 * (2 * 64 * 50 * 128 * 512)
    assert bench.flops.lstm(64) == inputs + states + 3 * 2 * 64 * 128 * 10


def test_causal_attention_needs_about_half(bench):
    full = bench.flops.attention(1, 128, 64)
    assert full == 3 * 2 * (2 * 128 * 128 * 64)
    assert bench.flops.attention(1, 128, 64, causal=True) == full * 129 / 256


def test_gpt_is_six_operations_a_weight_and_token_and_attention(bench):
    weights = 4 * (4 * 128 * 128 + 8 * 128 * 128) + 128 * 256
    expected = 6 * 16 * 128 * weights + 4 * bench.flops.attention(16, 128, 128, causal=True)
    assert bench.flops.gpt(16) == expected


def test_resnet20_has_its_published_forty_million_products(bench):
    forward_and_twice_back = bench.flops.resnet(1)
    assert forward_and_twice_back / 6 == pytest.approx(40.8e6, rel=0.02)  # He et al. 2016


def test_operations_grow_in_proportion_to_the_batch(bench):
    for workload in bench.workloads.WORKLOADS.values():
        one, three = workload.flops(8), workload.flops(24)
        assert three == pytest.approx(3 * one)
        assert one > 0


# --- figures


def runs_of(**milliseconds):
    """Made-up measurements: `peer=(ms, memory, loss)`, three rounds each."""
    return {
        peer.replace("_", "-"): [
            {"ms_per_step": [ms + shift, ms + shift], "peak_memory_mb": memory, "parameters": 3490,
             "logs": {"loss": [2 * loss, loss]},
             "checkup": {"ms": 5.0, "ms_per_step_without": ms}}
            for shift in (0.0, 0.1, -0.1)
        ]
        for peer, (ms, memory, loss) in milliseconds.items()
    }  # fmt: skip


def test_the_fastest_peer_is_one_that_comes_as_it_is(bench):
    runs = runs_of(
        pellucid=(1, 1, 1), torch=(4, 1, 1), keras_jax=(3, 1, 1), keras_jax_spe=(2, 1, 1)
    )
    assert bench.figures.fastest(runs) == ("keras-jax", 3.0)


def test_speed_and_memory_bars(bench):
    runs = runs_of(pellucid=(1, 130, 1), torch=(6, 100, 1), keras_jax=(7, 100, 1))
    fast, against_torch = bench.figures.speed_bars("table_mlp", runs)
    assert (fast["value"], fast["passed"]) == (6.0, True)
    assert (against_torch["value"], against_torch["bar"], against_torch["passed"]) == (6, 10, False)
    (memory,) = bench.figures.memory_bars("table_mlp", runs)
    assert (memory["value"], memory["passed"]) == (1.3, False)


def test_held_out_workloads_are_counted_together(bench):
    won = runs_of(pellucid=(1, 1, 1), torch=(2, 1, 1))
    lost = runs_of(pellucid=(3, 1, 1), torch=(2, 1, 1))
    names = bench.workloads.HELD_OUT
    assert len(names) == 5
    assert bench.figures.held_out_bars(dict.fromkeys(names[:4], won)) == []
    (passed,) = bench.figures.held_out_bars({**dict.fromkeys(names, won), names[0]: lost})
    assert (passed["value"], passed["passed"]) == (4, True)
    (failed,) = bench.figures.held_out_bars({**dict.fromkeys(names, lost), names[0]: won})
    assert (failed["value"], failed["passed"]) == (1, False)


def test_share_of_the_limit(bench):
    workload = bench.workloads.WORKLOADS["mnist_mlp"]
    at_the_limit = workload.flops(128) / 200e9 * 1000
    assert bench.figures.share_of_limit("mnist_mlp", 2 * at_the_limit, 200.0) == pytest.approx(0.5)


def test_whoever_learns_otherwise_is_named(bench):
    alike = runs_of(pellucid=(1, 1, 0.50), torch=(1, 1, 0.52), keras_jax=(1, 1, 0.55))
    assert bench.figures.strangers(alike) == []
    odd = runs_of(pellucid=(1, 1, 0.50), torch=(1, 1, 0.52), keras_jax=(1, 1, 0.90))
    assert bench.figures.strangers(odd) == ["keras-jax"]
    broken = runs_of(pellucid=(1, 1, 0.5), torch=(1, 1, float("nan")), keras_jax=(1, 1, 0.5))
    assert "torch" in bench.figures.strangers(broken)


def test_losses_are_compared_at_the_same_epoch(bench):
    runs = runs_of(pellucid=(1, 1, 0.5), torch=(1, 1, 0.5))
    for run in runs["pellucid"]:
        run["logs"]["loss"] = [1.0, 0.5, 0.1]
    assert bench.figures.last_losses(runs) == {"pellucid": 0.5, "torch": 0.5}


def test_networks_of_unequal_size_are_not_compared(bench):
    runs = runs_of(pellucid=(1, 1, 1))
    bench.figures.check_parameters("table_mlp", runs)
    with pytest.raises(SystemExit, match="670730 are expected"):
        bench.figures.check_parameters("mnist_mlp", runs)


# --- pages


def whole_results(bench):
    runs = runs_of(pellucid=(1.5, 130, 1), torch=(6, 100, 1), keras_jax=(7, 100, 1))
    starts = {peer: [{"first_step": 2.0}, {"first_step": 3.0}, {"first_step": 2.5}] for peer in
              ("pellucid, cold", "pellucid, warm", "keras-jax")}  # fmt: skip
    results = {
        "machine": {**bench.harness.machine(), "cpu": "a processor"},
        "versions": {"python": "3.11"},
        "rounds": 3,
        "peers": list(runs),
        "parts": {
            "peak": {"numpy": [{"gflops": {"512": 240.0, "1024": 200.0}}]},
            "imports": {peer: [{"peak_memory_mb": 90.0}] for peer in runs},
            "start/table_mlp": starts,
            "steady/table_mlp": runs,
        },
    }
    return {**results, "bars": bench.figures.all_bars(results)}


def test_the_page_is_made_of_the_results_alone(bench):
    page = bench.pages.training_speed(whole_results(bench))
    title = "table MLP 20-64-32-2, batch 32"
    assert "a processor" in page
    assert f"| {title} | 1.50 | 6.00 | 7.00 | 4.00x |" in page
    assert "| keras-jax | 2.50 [2.00-3.00] | 1.00x | 0/3 | 1.00x | 0/3 |" in page
    assert "| torch | 6.00 [5.90-6.10] | 4.00x | 3/3 |" in page
    assert f"| {title} | 130 | 100 | 100 | 1.30 |" in page
    assert f"| {title} | 5.0 | 3.3 | 0.5 % |" in page
    assert "| table_mlp | speed against the fastest, torch | 4.00 | at least 5 | FAIL |" in page


def test_every_table_of_the_page_has_as_many_cells_as_columns(bench):
    lines = bench.pages.training_speed(whole_results(bench)).splitlines()
    width = None
    for line in lines:
        if not line.startswith("|"):
            width = None
            continue
        width = width or line.count("|")
        assert line.count("|") == width


def test_the_scaling_page_and_its_picture(bench):
    from xml.etree import ElementTree

    points = bench.axes.AXES["batch"].points
    micros = {str(point.value): 1000 / point.value for point in points}
    runs = {peer: [{"microseconds": micros}] for peer in ("pellucid", "a<b")}
    results = {**whole_results(bench), "parts": {"batch": runs}}
    page = bench.pages.scaling(results)
    assert "1 round;" in page
    assert "| 16 | 62.5 | 62.5 |" in page
    picture = ElementTree.fromstring(bench.pages.scaling_picture(results))
    lines = picture.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert [len(line.get("points").split()) for line in lines] == [len(points)] * 2
    places = [tuple(map(float, pair.split(","))) for pair in lines[0].get("points").split()]
    assert places == sorted(places)  # less a sample, lower on the page, from left to right


def test_the_start_up_page(bench):
    runs = {"pellucid, cold": [{"first_epoch": 3.0}, {"first_epoch": 5.0}, {"first_epoch": 4.0}]}
    page = bench.pages.startup({**whole_results(bench), "parts": {"epoch/lstm": runs}})
    assert "| LSTM 128, 50 steps of 32, batch 64 | 4.00 [3.00-5.00] |" in page


def test_a_page_says_what_disturbed_its_figures(bench):
    quiet = {"load": [0.2], "source": "a"}
    assert bench.pages.busy({"sessions": [quiet, quiet]}) == ""
    said = bench.pages.busy({"sessions": [quiet, {"load": [12.0], "source": "b"}]})
    assert "load 0 to 12" in said
    assert "source changed" in said


# --- a run that was cut off


def about(**changes):
    machine = {"cpu": "a processor", "cores": 2}
    return {"machine": machine, "versions": {"jax": "1"}, **changes}


@pytest.fixture
def in_tmp(bench, tmp_path, monkeypatch):
    monkeypatch.setattr(bench.harness, "QUICK_RESULTS", tmp_path)
    monkeypatch.setattr(bench.harness, "RESULTS", tmp_path / "published")
    monkeypatch.setattr(bench.harness, "session", dict)
    return tmp_path


def test_a_run_goes_on_behind_its_last_measurement(bench, in_tmp):
    results, order = bench.results, []

    def measure(name):
        if len(order) == 3:
            raise KeyboardInterrupt
        order.append(name)
        return {"x": len(order)}

    part = results.Part("steady/a", ("ours", "theirs"), 2, measure)
    with pytest.raises(KeyboardInterrupt):
        results.Progress("speed", about(), resume=False).take(part)
    assert order == ["ours", "theirs", "ours"]

    second = results.Progress("speed", about(), resume=True)
    assert second.missing(part) == [(1, "theirs")]
    runs = second.take(results.Part("steady/a", ("ours", "theirs"), 2, lambda name: {"x": 9}))
    assert [run["x"] for run in runs["ours"]] == [1, 3]
    assert [run["x"] for run in runs["theirs"]] == [2, 9]
    assert not results.Progress("speed", about(), resume=False).content["parts"]
    assert [path.name for path in in_tmp.iterdir()] == ["speed.json"]
    json.loads((in_tmp / "speed.json").read_text(encoding="utf-8"))


def test_every_part_has_its_first_round_before_any_has_its_second(bench, in_tmp):
    order = []

    def part(name, rounds):
        return bench.results.Part(name, ("x",), rounds, lambda one: order.append(name) or {})

    bench.results.Progress("speed", about(), resume=False).take_all([part("a", 2), part("b", 3)])
    assert order == ["a", "b", "a", "b", "b"]


def test_further_rounds_and_peers_join_those_measured(bench, in_tmp):
    results = bench.results
    first = results.Part("steady/a", ("ours",), 1, lambda name: {})
    results.Progress("speed", about(), resume=False).take(first)
    more = results.Part("steady/a", ("ours", "new"), 2, lambda name: {})
    progress = results.Progress("speed", about(), resume=True)
    assert progress.missing(more) == [(0, "new"), (1, "ours"), (1, "new")]


def test_a_run_goes_on_only_with_the_same_versions(bench, in_tmp):
    part = bench.results.Part("steady/a", ("ours",), 1, lambda name: {})
    bench.results.Progress("speed", about(), resume=False).take(part)
    with pytest.raises(SystemExit, match="measured with other versions"):
        bench.results.Progress("speed", about(versions={"jax": "2"}), resume=True)


def test_a_run_stops_after_its_seconds_and_before_it_prepares(bench, in_tmp):
    def forbidden():
        raise AssertionError("prepared although the time is over")

    part = bench.results.Part("steady/a", ("ours",), 1, lambda name: {}, before=forbidden)
    progress = bench.results.Progress("speed", about(), resume=False, stop_after=-1.0)
    with pytest.raises(bench.results.OutOfTimeError):
        progress.take(part)


def test_the_time_of_a_run_is_told_from_earlier_ones(bench, in_tmp):
    results = bench.results
    published = {"parts": {"steady/a": {"ours": [{"seconds": 4.0}, {"seconds": 6.0}]}}}
    results.write_json(in_tmp / "published" / "speed.json", published)
    part = results.Part("steady/a", ("ours", "unknown"), 3, lambda name: {})
    progress = results.Progress("speed", about(), resume=False)
    count, seconds = progress.expected_seconds([part])
    assert (count, seconds) == (6, 3 * 5.0 + 3 * results.UNKNOWN_SECONDS)
    assert results.published_seconds("speed", 4) == 4 * 5.0


def test_an_unfinished_round_is_compared_where_both_took_part(bench):
    runs = runs_of(pellucid=(1, 1, 1), torch=(2, 1, 1))
    runs["torch"].pop()
    _, _, rows = bench.report.steady_table("table_mlp", runs, None)
    assert rows[1][3] == "2/2"
