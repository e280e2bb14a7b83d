"""From figures to tables: (title, columns, rows), for the terminal and for the pages alike."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import harness
from benchmarks.figures import (
    COLD,
    WARM,
    Runs,
    fastest,
    first_losses,
    last_losses,
    medians,
    middle_speeds,
    parts_of,
    peak_rate,
    share_of_limit,
    speeds,
)
from benchmarks.peers import AS_THEY_COME, ON_GPU
from benchmarks.workloads import EVERY

Table = tuple[str, list[str], list[list[str]]]


def digits_for(value: float) -> int:
    """Decimals that show three figures or so."""
    return 3 if value < 1 else 2 if value < 100 else 0


def spread_cell(values: Sequence[float]) -> str:
    """Median [least-greatest].

    >>> spread_cell([1.0, 1.25, 2.0]), spread_cell([3.0])
    ('1.25 [1.00-2.00]', '3.00')
    """
    s = harness.spread(values)
    digits = digits_for(s["median"])
    if len(values) == 1:
        return f"{s['median']:.{digits}f}"
    return f"{s['median']:.{digits}f} [{s['min']:.{digits}f}-{s['max']:.{digits}f}]"


def against(values: Sequence[float], ours: Sequence[float] | None) -> list[str]:
    """How many times ours it is, and the rounds we won."""
    if ours is None or ours is values:
        return ["", ""]
    ratio = statistics.median(values) / statistics.median(ours)
    return [f"{ratio:.2f}x", harness.paired_wins(ours, values)]


def start_table(name: str, runs: Runs) -> Table:
    seconds = {peer: [run["first_step"] for run in of_one] for peer, of_one in runs.items()}
    rows = [
        [peer, spread_cell(values), *against(values, seconds.get(COLD)),
         *against(values, seconds.get(WARM))]
        for peer, values in seconds.items()
    ]  # fmt: skip
    columns = ["from process start", "s to first step", "cold is", "wins", "warm is", "wins"]
    return f"{EVERY[name].title}: first trained step", columns, rows


def steady_table(name: str, runs: Runs, gflops: float | None) -> Table:
    taken, losses, peaks = speeds(runs), last_losses(runs), medians(runs, "peak_memory_mb")
    rows = []
    for peer, values in taken.items():
        share = ""
        if gflops is not None:
            share = f"{100 * share_of_limit(name, statistics.median(values), gflops):.1f} %"
        cells = [peer, spread_cell(values), *against(values, taken.get("pellucid"))]
        rows.append([*cells, share, f"{peaks[peer]:.0f}", f"{losses[peer]:.3f}"])
    columns = ["training", "ms a step", "pellucid is", "wins", "of the limit", "peak MB", "loss"]
    return EVERY[name].title, columns, rows


def overview_table(
    steady: Mapping[str, Runs], gflops: float | None, among: Sequence[str] = AS_THEY_COME
) -> Table:
    """A row a workload: everyone's median, Pellucid's advantage, its share of the limit."""
    peers = list(dict.fromkeys(peer for runs in steady.values() for peer in runs))
    rows = []
    for name, runs in steady.items():
        middle = middle_speeds(runs)
        cells = [f"{middle[p]:.{digits_for(middle[p])}f}" if p in middle else "" for p in peers]
        best, advantage, share = fastest(runs, among=among), "", ""
        if "pellucid" in middle:
            if best is not None:
                advantage = f"{best[1] / middle['pellucid']:.2f}x"
            if gflops is not None:
                share = f"{100 * share_of_limit(name, middle['pellucid'], gflops):.1f} %"
        rows.append([EVERY[name].title, *cells, advantage, share])
    return "Milliseconds a step", ["workload", *peers, "advantage", "of the limit"], rows


def memory_table(steady: Mapping[str, Runs], imports: Runs | None) -> Table:
    """Peak memory in MB: the imports alone first, then every training."""
    peers = list(dict.fromkeys(peer for runs in steady.values() for peer in runs))
    lines = {"imports alone": imports} if imports else {}
    lines |= {EVERY[name].title: runs for name, runs in steady.items()}
    rows = []
    for title, runs in lines.items():
        peaks = medians(runs, "peak_memory_mb")
        ratio = ""
        if {"pellucid", "torch"} <= set(peaks):
            ratio = f"{peaks['pellucid'] / peaks['torch']:.2f}"
        rows.append([title, *(f"{peaks[p]:.0f}" if p in peaks else "" for p in peers), ratio])
    return "Peak memory, MB", ["process", *peers, "pellucid over torch"], rows


def checkup_table(steady: Mapping[str, Runs]) -> Table:
    """What Pellucid's checkup costs: time once an epoch, and in steps."""
    rows = []
    for name, runs in steady.items():
        if "pellucid" not in runs:
            continue
        found = [run["checkup"] for run in runs["pellucid"]]
        cost = statistics.median(one["ms"] for one in found)
        step = statistics.median(one["ms_per_step_without"] for one in found)
        whole = EVERY[name].whole
        share = f"{100 * cost / (step * EVERY[name].steps):.1f} %" if whole else ""
        steps = f"{cost / step:.1f}"
        rows.append([EVERY[name].title, f"{cost:.1f}", steps, share])
    columns = [
        "workload",
        "ms an epoch",
        "as many steps",
        "of a whole epoch",
    ]
    return "The checkup's cost", columns, rows


def loss_table(steady: Mapping[str, Runs]) -> Table:
    """That everyone learns alike: the loss over the first epoch and over the last common one."""
    peers = list(dict.fromkeys(peer for runs in steady.values() for peer in runs))
    rows = []
    for name, runs in steady.items():
        first, last = first_losses(runs), last_losses(runs)
        cells = [f"{first[p]:.3f} to {last[p]:.3f}" if p in runs else "" for p in peers]
        rows.append([EVERY[name].title, *cells])
    return "Loss, first epoch to last", ["workload", *peers], rows


def gpu_tables(results: Mapping[str, Any], tiny: bool = False) -> list[Table]:
    """Milliseconds a step on the GPU: workloads in float32, then those in bfloat16.

    The share of the limit is left out where everything was trained at its smallest size.
    """
    steady, tables = parts_of(results, "steady"), []
    for half, part in ((False, "peak"), (True, "peak/bfloat16")):
        chosen = {name: runs for name, runs in steady.items() if EVERY[name].half == half}
        if chosen:
            gflops = None if tiny else peak_rate(results, part)
            _, columns, rows = overview_table(chosen, gflops, among=ON_GPU)
            title = "bfloat16 products" if half else "float32 products (TF32 allowed)"
            tables.append((f"Milliseconds a step, {title}", columns, rows))
    return tables


def startup_table(results: Mapping[str, Any]) -> Table:
    """Seconds from the start of the process to the end of the first epoch."""
    parts = parts_of(results, "epoch")
    names = list(dict.fromkeys(name for runs in parts.values() for name in runs))
    rows = []
    for program, runs in parts.items():
        values = {name: [run["first_epoch"] for run in of_one] for name, of_one in runs.items()}
        cells = [spread_cell(values[name]) if name in values else "" for name in names]
        rows.append([EVERY[program].title, *cells])
    return "Seconds to the end of the first epoch", ["workload", *names], rows


def short_table(results: Mapping[str, Any]) -> Table:
    """Processor seconds of whole short programs, and Pellucid's over Keras-JAX's."""
    parts = parts_of(results, "short")
    names = list(dict.fromkeys(name for runs in parts.values() for name in runs))
    rows = []
    for program, runs in parts.items():
        values = {name: [run["processor"] for run in of_one] for name, of_one in runs.items()}
        cells = [spread_cell(values[name]) if name in values else "" for name in names]
        middle = {name: statistics.median(found) for name, found in values.items()}
        ratio = middle[COLD] / middle["keras-jax"] if {COLD, "keras-jax"} <= middle.keys() else None
        rows.append([EVERY[program].title, *cells, "" if ratio is None else f"{ratio:.2f}"])
    columns = ["program", *names, "cold over Keras-JAX"]
    return "Processor seconds of a whole short program (two epochs of twenty steps)", columns, rows


def where_tables(name: str, found: Mapping[str, Any]) -> list[Table]:
    """Where a step's time goes: by kind, and the heaviest operations."""
    total = sum(found["kinds"].values()) or 1.0
    kinds = [
        [kind, f"{ms:.3g}", f"{100 * ms / total:.0f} %"]
        for kind, ms in sorted(found["kinds"].items(), key=lambda item: -item[1])
    ]
    heaviest = [
        [one["kind"], one["result"], f"{one['ms']:.3g}", f"{100 * one['ms'] / total:.0f} %",
         f"{one['a_step']:.3g}", short_origin(one["origin"])]
        for one in found["heaviest"]
    ]  # fmt: skip
    title = f"{EVERY[name].title}: {found['ms_per_step']:.3g} ms a step unprofiled"
    return [
        (title, ["kind", "ms a step", "share"], kinds),
        (
            "The heaviest operations",
            ["kind", "result", "ms a step", "share", "times a step", "from"],
            heaviest,
        ),
    ]


def short_origin(path: str, length: int = 60) -> str:
    """The end of an operation's origin, without the loops that everything lies in.

    >>> short_origin("jit(chunk)/while/body/closed_call/transpose(jvp(dense))/dot_general")
    'transpose(jvp(dense))/dot_general'
    """
    ignored = ("while", "body", "closed_call", "cond", "branch_1_fun", "branch_0_fun")
    parts = [part for part in path.split("/") if part not in ignored and part[:4] != "jit("]
    text = "/".join(parts)
    return text if len(text) <= length else "..." + text[3 - length :]


def bar_table(bars: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        [b["part"], b["what"], f"{b['value']:.2f}", f"{b['sign']} {b['bar']:g}",
         harness.verdict(b["passed"])]
        for b in bars
    ]  # fmt: skip
    return "Bars", ["workload", "what", "measured", "bar", ""], rows
