"""Where the time of a training step goes, by kind of operation and by operation.

    python -m benchmarks.where                   # what stays under a third of the machine's limit
    python -m benchmarks.where gpt lstm          # these workloads
    python -m benchmarks.where gpt --peer jax    # the plain JAX loop, or keras-jax

One epoch is trained under JAX's profiler, after one that compiles. The profiler names every
operation that ran, XLA's dump of the compiled program says what each one is, and the time an
operation spends in others (a loop in its body) is not counted twice. Milliseconds are those of
the profiled epoch, slower than an unprofiled one; read the shares. Where several cores work
at once, each core's operations count, so the sum can exceed the step's time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import figures, harness, report
from benchmarks.hlo import KINDS, Operation, describe
from benchmarks.peers import PEERS, cache_folder
from benchmarks.results import read_json, write_json
from benchmarks.workloads import WORKLOADS

THIRD = 1 / 3
PROFILED = ("pellucid", "jax", "keras-jax")  # those that JAX's profiler sees into


def own_times(events: list[tuple[str, float, float]]) -> Counter[str]:
    """Nanoseconds of each operation without those inside it; `events` are of one thread.

    Args:
        events: (name, start, end).

    >>> dict(own_times([("loop", 0, 10), ("dot", 2, 5), ("dot", 6, 8)]))
    {'loop': 5, 'dot': 5}
    """
    found: Counter[str] = Counter()
    open_events: list[tuple[str, float]] = []
    for name, start, end in sorted(events, key=lambda event: (event[1], -event[2])):
        while open_events and open_events[-1][1] <= start:
            open_events.pop()
        found[name] += end - start
        if open_events:
            found[open_events[-1][0]] -= end - start
        open_events.append((name, end))
    return found


def read_profile(folder: Path) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Nanoseconds and number of runs of every (module, operation) in the profile there."""
    import jax

    path = max(folder.rglob("*.xplane.pb"), key=lambda found: found.stat().st_mtime)
    planes = list(jax.profiler.ProfileData.from_file(str(path)).planes)
    on_device = [plane for plane in planes if plane.name.startswith("/device:GPU")]
    times: Counter[tuple[str, str]] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    for plane in on_device or planes:
        for line in plane.lines:
            by_module: dict[str, list[tuple[str, float, float]]] = {}
            for event in line.events:
                stats = dict(event.stats)
                if "hlo_op" in stats:
                    module, name = str(stats.get("hlo_module", "")), str(stats["hlo_op"])
                    span = (name, event.start_ns, event.start_ns + event.duration_ns)
                    by_module.setdefault(module, []).append(span)
                    counts[module, name] += 1
            for module, events in by_module.items():
                for name, nanoseconds in own_times(events).items():
                    times[module, name] += nanoseconds
    return times, counts


def summary(
    times: Counter[tuple[str, str]],
    counts: Counter[tuple[str, str]],
    known: dict[tuple[str, str], Operation],
    steps: int,
    top: int = 8,
) -> dict[str, Any]:
    """Milliseconds a step by kind, and the heaviest operations, those that are alike together."""
    kinds: Counter[str] = Counter()
    alike: Counter[Operation] = Counter()
    runs: Counter[Operation] = Counter()
    for key, nanoseconds in times.items():
        operation = known.get(key, Operation(origin=key[1]))
        kinds[operation.kind] += nanoseconds
        alike[operation] += nanoseconds
        runs[operation] += counts[key]
    heaviest = [
        {**asdict(one), "ms": nanoseconds / 1e6 / steps, "a_step": runs[one] / steps}
        for one, nanoseconds in alike.most_common(top)
    ]
    return {
        "kinds": {name: kinds[name] / 1e6 / steps for name in KINDS if kinds[name]},
        "heaviest": heaviest,
    }


def child(peer_name: str, name: str, folder: str, tiny: bool) -> None:
    """In the measured process: compile, time an epoch, profile an epoch."""
    PEERS[peer_name].hide_others()
    import jax
    import numpy as np

    from benchmarks.worker import build

    workload = WORKLOADS[name]
    x, y = np.load(f"{folder}/{name}-x.npy"), np.load(f"{folder}/{name}-y.npy")
    sizes = workload.tiny if tiny else {}
    _, fit = build(PEERS[peer_name], name, x[: workload.batch], **sizes)
    settings = {"checkup": False} if peer_name == "pellucid" else {}

    def epoch() -> float:
        started = time.perf_counter()
        fit(x, y, workload.batch, 1, lambda: None, **settings)
        return 1000 * (time.perf_counter() - started)

    epoch()
    unprofiled = min(epoch() for _ in range(2))
    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0
    with jax.profiler.trace(f"{folder}/profile", profiler_options=options):
        epoch()
    steps = -(-len(x) // workload.batch)
    known = describe(Path(folder) / "dump")
    found = summary(*read_profile(Path(folder) / "profile"), known, steps)
    print(json.dumps({**found, "ms_per_step": unprofiled / steps, "steps": steps}))


def profile(python: str, peer: str, name: str, tiny: bool = False) -> dict[str, Any]:
    """One workload of one peer, in its own process with an empty compilation cache."""
    with tempfile.TemporaryDirectory(prefix="pellucid-bench-") as folder:
        flags = ["--tiny"] if tiny else []
        harness.run_child(python, "benchmarks.data", folder, name, *flags)
        dump = f"--xla_dump_to={folder}/dump --xla_dump_hlo_as_text"
        env = PEERS[peer].env | cache_folder(peer, f"{folder}/cache")
        env["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {dump}".strip()
        return harness.run_child(
            python, "benchmarks.where", "--child", peer, name, folder, *flags, env=env
        )


def below_a_third(results: dict[str, Any]) -> list[str]:
    """The workloads whose share of the limit was measured and is under a third."""
    if "parts" not in results:
        return []  # nothing measured, or in an older form
    gflops, found = figures.peak_rate(results), []
    for name, runs in figures.parts_of(results, "steady").items():
        middle = figures.middle_speeds(runs).get("pellucid")
        if gflops and middle and figures.share_of_limit(name, middle, gflops) < THIRD:
            found.append(name)
    return found


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["--child"]:
        child(*arguments[1:4], tiny="--tiny" in arguments)
        return 0
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--peer", default="pellucid", choices=PROFILED)
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--tiny", action="store_true", help="the smallest size: does it run?")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.workloads if name not in WORKLOADS]:
        parser.error(f"no workload called {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    names = options.workloads or below_a_third(read_json(harness.RESULTS / "training_speed.json"))
    if not names:
        print("Nothing measured is under a third of the limit; name a workload.")
        return 0
    published = options.peer == "pellucid" and not options.tiny
    folder = harness.RESULTS if published else harness.QUICK_RESULTS
    path = folder / ("where.json" if published else "where_part.json")
    results = read_json(path) or {"parts": {}}
    results["machine"] = harness.machine()
    for name in names:
        found = profile(options.python, options.peer, name, options.tiny)
        results["parts"][name] = found
        write_json(path, results)
        for table in report.where_tables(name, found):
            harness.print_table(*table)
    if published:
        from benchmarks import pages

        pages.write()
    print("written to", path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
