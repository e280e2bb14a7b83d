"""Pellucid beside Keras on JAX, TensorFlow and PyTorch, and beside plain PyTorch.

    make bench                                  # makes the peers' environment, then runs this
    python -m benchmarks.training_speed --quick # a rough look in a few minutes

Two programs: the tutorials' MNIST network (batch 128) and a small network on a table (20-64-32-2,
batch 32). Every measurement is its own process, and the peers take turns (A B C ..., A B C ...),
so that a slow minute of the machine falls on everyone. Every peer sees its own framework only, and
nothing prints per step (verbose=0). What is measured:

* first step: seconds from just before the process is started to `fit(x[:batch], y[:batch],
  epochs=1)` having returned. Pellucid "cold" starts with an empty compilation cache and "warm" with
  the one that an earlier run left, as it comes. Keras on JAX keeps no cache unless told to: the row
  "keras-jax, cache on" is the same with JAX's own cache folder switched on and filled.
* ms a step: the time from one epoch's end to the next one's, from the second epoch on, divided by
  the epoch's steps; a run's figure is the median of its epochs. Shuffling, loss and accuracy are
  in it, validation is not.
* peak memory: the process's high-water mark after training, data included.

How to read the tables: medians over the rounds with [least-greatest]; "pellucid is" is the peer's
median divided by Pellucid's; "wins" counts the rounds that Pellucid won against that peer.
The "-spe" rows (`--all`) are Keras with steps_per_execution=64, which it does not do by default.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import harness
from benchmarks.peers import AS_THEY_COME, PEERS, cache_folder

PROGRAMS = {"mnist_mlp": "MNIST, batch 128", "table_mlp": "table 20-64-32-2, batch 32"}
SPEED_BARS = {"mnist_mlp": 1.3, "table_mlp": 5.0}
EPOCHS = {"mnist_mlp": 3, "table_mlp": 6}
WARM_BAR = 2.0
COLD, WARM, CACHE_ON = "pellucid, cold", "pellucid, warm", "keras-jax, cache on"


class Bench:
    """The processes that one run of the benchmark starts.

    Args:
        python: the interpreter of the measured processes.
        folder: a scratch folder for the data and the compilation caches.
    """

    def __init__(self, python: str, folder: Path):
        self.python = python
        self.folder = folder
        harness.run_child(python, "benchmarks.data", str(folder))

    def start(self, candidate: str, program: str) -> dict[str, Any]:
        """Seconds to the first trained step."""
        peer = candidate.split(",")[0]
        env = dict(PEERS[peer].env)
        if peer == "pellucid" or candidate == CACHE_ON:
            kept = candidate in (WARM, CACHE_ON)
            with tempfile.TemporaryDirectory(dir=self.folder) as fresh:
                folder = str(self.folder / f"cache-{peer}") if kept else fresh
                return self._child(peer, program, "start", 1, env | cache_folder(peer, folder))
        return self._child(peer, program, "start", 1, env)

    def steady(self, peer: str, program: str) -> dict[str, Any]:
        """Milliseconds a step and peak memory."""
        env = dict(PEERS[peer].env)
        if peer == "pellucid":
            env |= cache_folder(peer, str(self.folder / "cache-pellucid"))
        result = self._child(peer, program, "steady", EPOCHS[program], env)
        result["ms"] = statistics.median(result["ms_per_step"])
        return result

    def _child(self, peer: str, program: str, mode: str, epochs: int, env: dict[str, str]):
        arguments = [peer, program, mode, str(self.folder), str(epochs)]
        return harness.run_child(self.python, "benchmarks.worker", *arguments, env=env)


def starters(peers: Sequence[str]) -> list[str]:
    """The rows of the start table: Pellucid twice, Keras on JAX also with its cache on."""
    names = [COLD, WARM] if "pellucid" in peers else []
    for peer in peers:
        if peer != "pellucid" and not peer.endswith("-spe"):
            names.append(peer)
        if peer == "keras-jax":
            names.append(CACHE_ON)
    return names


def row(name: str, values: list[float], ours: list[float] | None, digits: int) -> list[str]:
    """Name, median [least-greatest], Pellucid's advantage, rounds won."""
    s = harness.spread(values)
    cells = [name, f"{s['median']:.{digits}f} [{s['min']:.{digits}f}-{s['max']:.{digits}f}]"]
    if ours is None or ours is values:
        return [*cells, "", ""]
    ratio = s["median"] / statistics.median(ours)
    return [*cells, f"{ratio:.2f}x", harness.paired_wins(ours, values)]


def report(program: str, starts: dict, steady: dict, bars: list[dict[str, Any]]) -> list[tuple]:
    """The tables (title, columns, rows) of one program; appends to `bars` what was to be shown."""
    seconds = {name: [run["first_step"] for run in runs] for name, runs in starts.items()}
    speeds = {name: [run["ms"] for run in runs] for name, runs in steady.items()}
    ours, cold, warm = speeds.get("pellucid"), seconds.get(COLD), seconds.get(WARM)
    tables = []

    rows = [
        row(name, values, cold, 2) + row(name, values, warm, 2)[2:]
        for name, values in seconds.items()
    ]
    columns = ["from process start", "s to first step", "cold is", "wins", "warm is", "wins"]
    tables.append((f"{PROGRAMS[program]}: first trained step", columns, rows))

    rows = []
    for name, values in speeds.items():
        memory = statistics.median(run["peak_memory_mb"] for run in steady[name])
        rows.append([*row(name, values, ours, 3), f"{memory:.0f}"])
    columns = ["training", "ms a step", "pellucid is", "wins", "peak MB"]
    tables.append((f"{PROGRAMS[program]}: steady training", columns, rows))

    def bar(what: str, value: float, least: float) -> None:
        entry = {"program": program, "what": what, "value": round(value, 3), "bar": least}
        bars.append(entry | {"passed": value >= least})

    median = statistics.median
    peers = {name: median(values) for name, values in speeds.items()}
    rivals = {n: v for n, v in peers.items() if n in AS_THEY_COME and n != "pellucid"}
    if ours and rivals:
        fastest = min(rivals, key=lambda name: rivals[name])
        bar(
            f"speed against the fastest, {fastest}",
            rivals[fastest] / median(ours),
            SPEED_BARS[program],
        )
    if cold and warm and "keras-jax" in seconds:
        keras = median(seconds["keras-jax"])
        bar("cold start against keras-jax", keras / median(cold), 1.0)
        bar("warm start against keras-jax", keras / median(warm), WARM_BAR)
    return tables


def markdown(tables: list[tuple], bars: list[dict[str, Any]], about: dict[str, Any]) -> str:
    """The tables as the page docs/benchmarks/training_speed.md."""
    machine, versions = about["machine"], about["versions"]
    lines = [
        "# Training speed",
        "",
        "Written by `make bench` (`benchmarks/training_speed.py` says what each figure is).",
        "",
        f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['system']}; "
        f"{about['rounds']} rounds; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
    ]
    for title, columns, rows in tables:
        lines += ["", f"## {title}", "", "| " + " | ".join(columns) + " |"]
        lines += ["|" + " --- |" * len(columns)]
        lines += ["| " + " | ".join(cells) + " |" for cells in rows]
    if bars:
        lines += ["", "## Bars", "", "| program | what | measured | bar | |", "|" + " --- |" * 5]
        for b in bars:
            cells = [b["program"], b["what"], f"{b['value']:.2f}x", f"{b['bar']}x"]
            lines.append("| " + " | ".join([*cells, harness.verdict(b["passed"])]) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=5, help="times round the peers (default: 5)")
    parser.add_argument("--quick", action="store_true", help="one round, written to runs/ only")
    parser.add_argument("--all", action="store_true", help="also Keras with steps_per_execution=64")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), help="only these")
    parser.add_argument("--programs", nargs="+", choices=list(PROGRAMS), default=list(PROGRAMS))
    parser.add_argument(
        "--skip", choices=["start", "steady"], default="", help="leave one half out"
    )
    options = parser.parse_args()

    peers = options.peers or list(PEERS if options.all else AS_THEY_COME)
    rounds = 1 if options.quick else options.rounds
    about: dict[str, Any] = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
        "rounds": rounds,
    }
    if os.getloadavg()[0] > 0.5:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): the figures will be rough.")

    runs: dict[str, Any] = {}
    bars: list[dict[str, Any]] = []
    tables: list[tuple] = []
    with tempfile.TemporaryDirectory(prefix="pellucid-bench-") as folder:
        bench = Bench(options.python, Path(folder))
        for program in options.programs:
            starts: dict[str, list] = {}
            steady: dict[str, list] = {}
            if options.skip != "start":
                names = starters(peers)
                for name in names:  # uncounted: files into the disk cache, caches filled
                    bench.start(name, program)

                def start(name: str, program: str = program) -> dict[str, Any]:
                    return bench.start(name, program)

                starts = harness.alternate(names, rounds, start, f"{program}, start")
            if options.skip != "steady":

                def train(name: str, program: str = program) -> dict[str, Any]:
                    return bench.steady(name, program)

                steady = harness.alternate(peers, rounds, train, f"{program}, training")
            runs[program] = {"start": starts, "steady": steady}
            tables += report(program, starts, steady, bars)

    for title, columns, rows in tables:
        if rows:
            harness.print_table(title, columns, rows)
    for b in bars:
        print(
            f"{harness.verdict(b['passed'])}: {b['program']}: {b['what']}: "
            f"{b['value']:.2f}x (bar: {b['bar']}x)"
        )
    partial = bool(options.quick or options.peers or options.skip or len(options.programs) < 2)
    path = harness.save("training_speed", {**about, "runs": runs, "bars": bars}, partial)
    path.with_suffix(".md").write_text(markdown(tables, bars, about), encoding="utf-8")
    print("written to", path)
    return 0 if all(b["passed"] for b in bars) else 1


if __name__ == "__main__":
    raise SystemExit(main())
