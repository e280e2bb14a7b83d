"""The pages of docs/benchmarks, written from the JSON beside them: no figure is typed by hand.

python -m benchmarks.pages        # write them anew, without measuring
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import axes, figures, harness, picture, report
from benchmarks.workloads import WORKLOADS


def table(columns: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table's lines."""
    head = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    return [*head, *("| " + " | ".join(cells) + " |" for cells in rows)]


def machine_line(results: Mapping[str, Any]) -> str:
    """When, on what, how often, with which versions."""
    machine, (fewest, most) = results["machine"], figures.rounds_of(results)
    rounds = f"{fewest} to {most} rounds" if fewest < most else f"{most} round" + "s" * (most > 1)
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    units = ", ".join(machine["vector_units"]) or "no vector units named"
    return (
        f"{machine['date']}; {machine['cpu']}, {machine['cores']} cores ({units}), "
        f"{machine['memory_gb']} GB, {machine['system']}; {rounds}; {versions}. {busy(results)}"
    ).strip()


def busy(results: Mapping[str, Any]) -> str:
    """What else was at work, and whether Pellucid's source changed while this was measured."""
    sessions = results.get("sessions", [])
    loads = [session["load"][0] for session in sessions if "load" in session]
    parts = []
    if loads and max(loads) > 1.0:
        parts.append(
            f"The machine was busy with other work (load {min(loads):.0f} to {max(loads):.0f} "
            "before measuring): trust the ratios more than the milliseconds."
        )
    if len({session.get("source") for session in sessions}) > 1:
        parts.append("Pellucid's source changed between the first measurement and the last.")
    return " ".join(parts)


def section(title: str, text: str, found: report.Table) -> list[str]:
    """A heading, perhaps a paragraph, and a table."""
    return ["", f"## {title}", "", *([text, ""] if text else []), *table(*found[1:])]


def training_speed(results: Mapping[str, Any]) -> str:
    """The page training_speed.md."""
    starts, steady = figures.parts_of(results, "start"), figures.parts_of(results, "steady")
    gflops = figures.peak_rate(results)
    lines = [
        "# Training speed",
        "",
        "Written by `make bench` from `training_speed.json`, which lies beside this page with",
        "every single measurement; the head of `benchmarks/training_speed.py` says what each",
        "figure is. Medians over the rounds, with [least-greatest].",
        "",
        machine_line(results),
    ]
    lines += section("What was to be shown", "", report.bar_table(results["bars"]))
    apart = any(WORKLOADS[name].held_out for name in steady if name in WORKLOADS)
    lines += section(
        "Milliseconds a step",
        "Advantage: the fastest peer's time over Pellucid's."
        + (
            " The last five workloads were held\n"
            "out: chosen before anything about them was measured, and not tuned to."
            if apart
            else ""
        ),
        report.overview_table(steady, gflops),
    )
    if gflops is not None:
        best = ", ".join(f"{n} {rate:.0f}" for n, rate in figures.best_rates(results).items())
        lines += [
            "",
            "The limit is the machine's fastest float32 matrix product, measured in the same run:",
            f"{gflops:.0f} GFLOP/s (the best of {best}). At that rate a step's matrix products,",
            "counted exactly (`benchmarks/flops.py`), would take that share of the step's time.",
        ]
    lines += section(
        "Memory",
        "The whole process's high-water mark: framework, data and training. The bar is about\n"
        "that, in the same training; the first row says how much of it is the framework.",
        report.memory_table(steady, results["parts"].get("imports")),
    )
    lines += section(
        "The checkup",
        "Pellucid examines the network once an epoch (`fit(checkup=False)` leaves it out). It is\n"
        "in the step times of the first two workloads, whose epochs are whole, and in all of\n"
        "Pellucid's peaks of memory; the other workloads' epochs are cut short to save time.",
        report.checkup_table(steady),
    )
    lines += section("That everyone learns alike", "", report.loss_table(steady))
    for name, runs in starts.items():
        found = report.start_table(name, runs)
        lines += section(found[0], "", found)
    for name, runs in steady.items():
        found = report.steady_table(name, runs, gflops)
        lines += section(found[0], "", found)
    return "\n".join(lines) + "\n"


def scaling(results: Mapping[str, Any]) -> str:
    """The page scaling.md."""
    lines = [
        "# How cost grows",
        "",
        "Microseconds a sample, both axes logarithmic: below another line is faster. Written by",
        "`make bench` from `scaling.json`; the head of `benchmarks/scaling.py` says how.",
        "",
        machine_line(results),
        "",
        "![Cost of a sample over batch, width, depth, length and rows](scaling.svg)",
    ]
    for name, runs in results["parts"].items():
        lines += ["", f"## By {axes.AXES[name].title}", "", *table(*axes.table(name, runs))]
    return "\n".join(lines) + "\n"


def scaling_picture(results: Mapping[str, Any]) -> str:
    """The picture scaling.svg."""
    charts = []
    for name, runs in results["parts"].items():
        lines = {
            peer: [
                (
                    point.value,
                    statistics.median(r["microseconds"][str(point.value)] for r in of_one),
                )
                for point in axes.AXES[name].points
            ]
            for peer, of_one in runs.items()
        }
        axis = axes.AXES[name]
        charts.append(picture.Chart(axis.title, axis.unit, "µs a sample", lines))
    return picture.svg(charts)


def startup(results: Mapping[str, Any]) -> str:
    """The page startup.md."""
    lines = [
        "# Start-up",
        "",
        "Seconds from the start of the process to the end of the first epoch; medians over the",
        "rounds, with [least-greatest]. Cold: nothing was ever compiled. Warm: the same program",
        "ran before. Written by `make bench` from `startup.json`; the head of",
        "`benchmarks/startup.py` says more.",
        "",
        machine_line(results),
        "",
        *table(*report.startup_table(results)[1:]),
    ]
    title, *short = report.short_table(results)
    if short[-1]:
        lines += ["", f"## {title}", "", *table(*short)]
    return "\n".join(lines) + "\n"


def where(results: Mapping[str, Any]) -> str:
    """The page where.md."""
    lines = [
        "# Where the time goes",
        "",
        "For the workloads that stay under a third of the machine's limit: one epoch under JAX's",
        "profiler, by kind of operation and by the heaviest single operations. Written by",
        "`python -m benchmarks.where` from `where.json`; the head of that script says how to read",
        "it.",
    ]
    for name, found in results["parts"].items():
        (title, *kinds), (_, *heaviest) = report.where_tables(name, found)
        lines += ["", f"## {title}", "", *table(*kinds), "", *table(*heaviest)]
    return "\n".join(lines) + "\n"


def gpu(results: Mapping[str, Any]) -> str:
    """The page gpu.md."""
    lines = [
        "# On a GPU",
        "",
        f"{results['machine']['gpu']}. Medians over the rounds. Advantage: the fastest peer's time",
        "over Pellucid's. Written by `python -m benchmarks.gpu` from `gpu.json`; the head of that",
        "script says how to read it.",
        "",
        machine_line(results),
    ]
    for title, *found in report.gpu_tables(results):
        lines += ["", f"## {title}", "", *table(*found)]
    return "\n".join(lines) + "\n"


PAGES = {
    "training_speed": {".md": training_speed},
    "startup": {".md": startup},
    "where": {".md": where},
    "gpu": {".md": gpu},
    "scaling": {".md": scaling, ".svg": scaling_picture},
}


def write(folder: Path = harness.RESULTS) -> list[Path]:
    """Write the pages and pictures of every result in `folder`."""
    written = []
    for name, makers in PAGES.items():
        source = folder / f"{name}.json"
        if not source.exists():
            continue
        results = json.loads(source.read_text(encoding="utf-8"))
        if "parts" not in results:
            continue  # written before the results had this form
        for suffix, make in makers.items():
            path = source.with_suffix(suffix)
            path.write_text(make(results), encoding="utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write():
        print("written:", path)
