"""From measurements to figures: ratios, bars, shares of the limit, and whether losses agree.

Pure functions of the results' JSON, so that the pages can be written anew without measuring.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers import AS_THEY_COME
from benchmarks.workloads import EVERY, HELD_OUT, WORKLOADS

Runs = Mapping[str, Sequence[Mapping[str, Any]]]  # peer -> one measurement a round

COLD, WARM, CACHE_ON = "pellucid, cold", "pellucid, warm", "keras-jax, cache on"
START_BARS = ((COLD, 1.0), (WARM, 2.0))
MEMORY_BAR = 1.2
HELD_OUT_BAR = 4
LOSS_SHARE, LOSS_LEAST = 0.2, 0.03
TINY_LOSS_SHARE = 0.35  # small networks learn more or less, as their first weights fall out


def medians(runs: Runs, figure: str) -> dict[str, float]:
    """The median over the rounds of one figure, for everyone who has it."""
    return {name: statistics.median(run[figure] for run in of_one) for name, of_one in runs.items()}


def speeds(runs: Runs) -> dict[str, list[float]]:
    """Milliseconds a step, one figure a round: the median of the epochs measured in it."""
    return {
        name: [statistics.median(run["ms_per_step"]) for run in of_one]
        for name, of_one in runs.items()
    }


def middle_speeds(runs: Runs) -> dict[str, float]:
    """Everyone's median milliseconds a step."""
    return {name: statistics.median(values) for name, values in speeds(runs).items()}


def fastest(
    runs: Runs, without: str = "pellucid", among: Sequence[str] = AS_THEY_COME
) -> tuple[str, float] | None:
    """The peer with the least median, of the libraries as they come, and that median."""
    found = {
        name: middle
        for name, middle in middle_speeds(runs).items()
        if name in among and name != without
    }
    return min(found.items(), key=lambda item: item[1]) if found else None


def share_of_limit(name: str, milliseconds: float, gflops: float) -> float:
    """The part of the machine's fastest matrix products that a step reaches.

    >>> round(share_of_limit("cnn", 16.4, 240.0), 2)
    0.5
    """
    workload = EVERY[name]
    return workload.flops(workload.batch) / 1e9 / (milliseconds / 1000) / gflops


def best_rates(results: Mapping[str, Any], part: str = "peak") -> dict[str, float]:
    """Each library's fastest matrix product in GFLOP/s, over all rounds and sizes."""
    return {
        library: max(rate for run in of_one for rate in run["gflops"].values())
        for library, of_one in results["parts"].get(part, {}).items()
    }


def peak_rate(results: Mapping[str, Any], part: str = "peak") -> float | None:
    """The machine's limit in GFLOP/s, where it was measured."""
    return max(best_rates(results, part).values(), default=None)


def rounds_of(results: Mapping[str, Any]) -> tuple[int, int]:
    """The fewest and the most rounds of anything but the machine's limit and the imports."""
    counts = [
        len(of_one)
        for name, runs in results["parts"].items()
        if not name.startswith(("peak", "imports"))
        for of_one in runs.values()
    ]
    return min(counts, default=0), max(counts, default=0)


def last_losses(runs: Runs) -> dict[str, float]:
    """Everyone's loss in the last epoch that everyone trained, as medians over the rounds."""
    epochs = min(len(run["logs"]["loss"]) for of_one in runs.values() for run in of_one)
    return {
        name: statistics.median(run["logs"]["loss"][epochs - 1] for run in of_one)
        for name, of_one in runs.items()
    }


def first_losses(runs: Runs) -> dict[str, float]:
    """Everyone's loss over the first epoch."""
    return {
        name: statistics.median(run["logs"]["loss"][0] for run in of_one)
        for name, of_one in runs.items()
    }


def strangers(runs: Runs, share: float = LOSS_SHARE) -> list[str]:
    """Who trained to a loss unlike the others' (their median, by `share` and by 0.03 at least)."""
    losses = last_losses(runs)
    middle = statistics.median(losses.values())
    allowed = max(share * abs(middle), LOSS_LEAST)
    return [name for name, loss in losses.items() if not abs(loss - middle) <= allowed]


def check_parameters(name: str, runs: Runs, tiny: bool = False) -> None:
    """Refuse to compare networks that are not equally large."""
    wanted = EVERY[name].parameters
    if tiny:
        wanted = next(run["parameters"] for of_one in runs.values() for run in of_one)
    for peer, of_one in runs.items():
        for run in of_one:
            if run["parameters"] != wanted:
                raise SystemExit(
                    f"{name} has {run['parameters']} trainable numbers in {peer} where "
                    f"{wanted} are expected: the networks are not the same."
                )


def bar(part: str, what: str, value: float, limit: float, most: bool = False) -> dict[str, Any]:
    """One thing to be shown: `value` is to be at least `limit`, or with `most` at most."""
    passed = value <= limit if most else value >= limit
    sign = "at most" if most else "at least"
    figures = {"value": round(value, 3), "bar": limit, "sign": sign, "passed": passed}
    return {"part": part, "what": what, **figures}


def start_bars(name: str, runs: Runs) -> list[dict[str, Any]]:
    seconds = medians(runs, "first_step")
    return [
        bar(name, f"{ours} start against keras-jax", seconds["keras-jax"] / seconds[ours], least)
        for ours, least in START_BARS
        if ours in seconds and "keras-jax" in seconds
    ]


def speed_bars(name: str, runs: Runs) -> list[dict[str, Any]]:
    """Speed against the fastest peer, and against others where the workload names some."""
    best, workload, found = fastest(runs), WORKLOADS[name], []
    if "pellucid" not in runs or best is None:
        return []
    ours = statistics.median(speeds(runs)["pellucid"])
    if workload.bar is not None:
        what = f"speed against the fastest, {best[0]}"
        found.append(bar(name, what, best[1] / ours, workload.bar))
    for peer, least in workload.bars.items():
        if peer in runs:
            theirs = statistics.median(speeds(runs)[peer])
            found.append(bar(name, f"speed against {peer}", theirs / ours, least))
    return found


def memory_bars(name: str, runs: Runs) -> list[dict[str, Any]]:
    peaks = medians(runs, "peak_memory_mb")
    if not {"pellucid", "torch"} <= set(peaks):
        return []
    ratio = peaks["pellucid"] / peaks["torch"]
    return [bar(name, "peak memory over torch's", ratio, MEMORY_BAR, most=True)]


def held_out_bars(steady: Mapping[str, Runs]) -> list[dict[str, Any]]:
    """On how many of the held-out workloads Pellucid is at least as fast as the fastest peer."""
    measured = [steady[name] for name in HELD_OUT if name in steady]
    if len(measured) < len(HELD_OUT):
        return []
    won = 0
    for runs in measured:
        best = fastest(runs)
        if "pellucid" not in runs or best is None:
            return []
        won += statistics.median(speeds(runs)["pellucid"]) <= best[1]
    return [bar("held out", f"of {len(HELD_OUT)} at least the fastest peer", won, HELD_OUT_BAR)]


def parts_of(results: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The parts `kind/NAME` of the results, by name and in the workloads' order."""
    found = {name: results["parts"].get(f"{kind}/{name}", {}) for name in EVERY}
    return {name: runs for name, runs in found.items() if runs}


def all_bars(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything that the measured parts can show."""
    found: list[dict[str, Any]] = []
    for name, runs in parts_of(results, "start").items():
        found += start_bars(name, runs)
    steady = parts_of(results, "steady")
    for name, runs in steady.items():
        found += speed_bars(name, runs)
    found += held_out_bars(steady)
    for name, runs in steady.items():
        found += memory_bars(name, runs)
    return found
