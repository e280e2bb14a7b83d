"""Pellucid beside Keras on JAX, TensorFlow and PyTorch, and beside plain PyTorch.

    python -m benchmarks.training_speed                    # all of it, part of `make bench`
    python -m benchmarks.training_speed --resume           # go on where a run was cut off
    python -m benchmarks.training_speed --quick lstm gpt --peers pellucid torch   # a rough look
    python -m benchmarks.training_speed --tiny             # does every peer train, to a like loss?

Five workloads and five held-out ones (`benchmarks/workloads.py`). Every measurement is its own
process, and the peers take turns (A B C ..., A B C ...), so that a slow minute of the machine falls
on everyone. Every peer sees its own framework only, and nothing prints per step (verbose=0). What
is measured:

* ms a step: the time from one epoch's end to the next one's, from the second epoch on, divided by
  the epoch's steps; a run's figure is the median of its epochs. Shuffling, loss and accuracy are
  in it, validation is not. Pellucid's checkup, once an epoch, is in it where epochs are whole
  (the first two workloads); the others' epochs are cut short, and a table of its own says what a
  checkup costs.
* of the limit: the operations of a step's matrix products (`benchmarks/flops.py`) over what the
  machine's fastest matrix product would have done in that time (`benchmarks/peak.py`).
* peak MB: the whole process's high-water mark after training: framework, data and training.
* loss: in the last epoch that everyone trained; all should be alike.
* first step (two workloads): seconds from just before the process is started to
  `fit(x[:batch], y[:batch], epochs=1)` having returned. Pellucid "cold" starts with an empty
  compilation cache and "warm" with the one that an earlier run left, as it comes. Keras on JAX
  keeps no cache unless told to: the row "keras-jax, cache on" is the same with JAX's own cache
  folder switched on and filled.

How to read the tables: medians over the rounds with [least-greatest]; "pellucid is" is the peer's
median divided by Pellucid's, so above 1 means that Pellucid is faster; "wins" counts the rounds
that Pellucid won against that peer. `--all` adds a loop in plain JAX, and Keras with
steps_per_execution=64 (the "-spe" rows), which it does not do by default.

Every measurement is saved at once. `--resume` goes on behind the last one, also with more rounds or
more peers than before; `--stop-after 600` begins nothing more after ten minutes and ends with
status 3. How long a run will take is printed before it begins. `--publish` measures no more and
writes the page from what there is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import figures, harness, pages, peak, report
from benchmarks.figures import CACHE_ON, COLD, WARM
from benchmarks.peers import AS_THEY_COME, PEERS, SLOW, cache_folder
from benchmarks.results import OutOfTimeError, Part, Progress, write_json
from benchmarks.workloads import EVERY, WORKLOADS

STARTS = ("mnist_mlp", "table_mlp")
TINY_EPOCHS = 6


class Bench:
    """The processes that one run of the benchmark starts.

    Args:
        python: the interpreter of the measured processes.
        folder: a scratch folder for the data and the compilation caches.
        tiny: everything at its smallest size.
    """

    def __init__(self, python: str, folder: Path, tiny: bool = False):
        self.python = python
        self.folder = folder
        self.tiny = tiny

    def prepare(self, workloads: list[str]) -> None:
        """Write the data of those that have none yet."""
        missing = [name for name in workloads if not (self.folder / f"{name}-y.npy").exists()]
        if missing:
            flags = ["--tiny"] if self.tiny else []
            harness.run_child(self.python, "benchmarks.data", str(self.folder), *missing, *flags)

    def start(self, candidate: str, program: str, mode: str = "start") -> dict[str, Any]:
        """Seconds to the first trained step, or with `mode="epoch"` to the first epoch's end."""
        peer = candidate.split(",")[0]
        env = dict(PEERS[peer].env)
        if peer == "pellucid" or candidate == CACHE_ON:
            kept = candidate in (WARM, CACHE_ON)
            with tempfile.TemporaryDirectory(dir=self.folder) as fresh:
                folder = str(self.folder / f"cache-{peer}") if kept else fresh
                return self._child(peer, program, mode, 1, env | cache_folder(peer, folder))
        return self._child(peer, program, mode, 1, env)

    def fill_caches(self, candidates: list[str], program: str, mode: str = "start") -> None:
        """One uncounted start of each, unless it was done: files read, compilations kept."""
        for name in candidates:
            done = self.folder / f"{mode}-{program}-{name.replace(', ', '-')}".replace(" ", "-")
            if not done.exists():
                self.start(name, program, mode)
                done.touch()

    def steady(self, peer: str, program: str) -> dict[str, Any]:
        """Milliseconds a step, peak memory, losses."""
        workload, env = EVERY[program], dict(PEERS[peer].env)
        if peer == "pellucid":
            env |= cache_folder(peer, str(self.folder / "cache-pellucid"))
        epochs = workload.slow_epochs if peer in SLOW else workload.epochs
        if self.tiny:
            return self._child(peer, program, "tiny", TINY_EPOCHS, env)
        return self._child(peer, program, "steady", epochs, env)

    def imports(self, peer: str) -> dict[str, Any]:
        """Peak memory of a process that imports what a program of this peer imports."""
        return self._child(peer, "none", "imports", 0, dict(PEERS[peer].env))

    def _child(self, peer: str, program: str, mode: str, epochs: int, env: dict[str, str]):
        arguments = [peer, program, mode, str(self.folder), str(epochs)]
        return harness.run_child(self.python, "benchmarks.worker", *arguments, env=env)


@contextmanager
def scratch(name: str, kept: bool, resume: bool) -> Iterator[Path]:
    """A folder for data and caches; a `kept` one is there again when the run is taken up again."""
    if not kept:
        with tempfile.TemporaryDirectory(prefix="pellucid-bench-") as folder:
            yield Path(folder)
        return
    folder = harness.QUICK_RESULTS / f"{name}.scratch"
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def starters(peers: list[str]) -> list[str]:
    """The rows of the start table: Pellucid twice, Keras on JAX also with its cache on."""
    names = [COLD, WARM] if "pellucid" in peers else []
    for peer in peers:
        if peer in AS_THEY_COME and peer != "pellucid":
            names.append(peer)
        if peer == "keras-jax":
            names.append(CACHE_ON)
    return names


def plan(options: argparse.Namespace, bench: Bench) -> list[Part]:
    """What is to be measured, in order."""
    rounds, peers = options.rounds, options.peers
    parts = []
    if not options.tiny:
        parts.append(peak.part(options.python, min(rounds, 3)))
    if not options.quick:
        parts.append(Part("imports", peers, min(rounds, 3), bench.imports))
    if options.only == "start" or not (options.only or options.quick):
        names = starters(peers)
        parts += [
            Part(
                f"start/{program}", names, rounds,
                measure=lambda name, program=program: bench.start(name, program),
                before=lambda program=program: bench.fill_caches(names, program),
            )
            for program in options.workloads if program in STARTS
        ]  # fmt: skip
    if options.only != "start":
        parts += [
            Part(
                f"steady/{program}", peers, rounds,
                measure=lambda peer, program=program: bench.steady(peer, program),
            )
            for program in options.workloads
        ]  # fmt: skip
    return parts


def check_sizes(part: Part, progress: Progress, tiny: bool) -> None:
    """End the run where the peers' networks are not equally large."""
    if part.name.startswith("steady/"):
        figures.check_parameters(part.name.split("/")[1], progress[part.name], tiny)


def tables_of(results: dict[str, Any]) -> list[report.Table]:
    """The tables for the terminal."""
    gflops = figures.peak_rate(results)
    starts, steady = figures.parts_of(results, "start"), figures.parts_of(results, "steady")
    tables = [report.start_table(name, runs) for name, runs in starts.items()]
    tables += [report.steady_table(name, runs, gflops) for name, runs in steady.items()]
    if len(steady) > 1:
        tables.append(report.overview_table(steady, gflops))
    if any("pellucid" in runs for runs in steady.values()):
        tables.append(report.checkup_table(steady))
    if results["parts"].get("imports") and steady:
        tables.append(report.memory_table(steady, results["parts"]["imports"]))
    return tables


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, help="times round the peers (5; with --quick 1)")
    parser.add_argument("--quick", action="store_true", help="one round, training alone")
    parser.add_argument("--tiny", action="store_true", help="one round at the smallest size")
    parser.add_argument("--all", action="store_true", help="plain JAX and steps_per_execution too")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), help="only these")
    parser.add_argument("--only", choices=["start", "steady"], help="one half")
    parser.add_argument("--resume", action="store_true", help="keep what was already measured")
    parser.add_argument("--stop-after", type=float, metavar="SECONDS", help="begin no more then")
    parser.add_argument("--publish", action="store_true", help="measure no more, write the page")
    options = parser.parse_args(arguments)
    options.resume = options.resume or options.publish
    if unknown := [name for name in options.workloads if name not in WORKLOADS]:
        parser.error(f"no workload called {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    options.quick = options.quick or options.tiny
    options.whole = not (options.quick or options.peers or options.only or options.workloads)
    options.workloads = options.workloads or list(WORKLOADS)
    options.peers = options.peers or list(PEERS if options.all else AS_THEY_COME)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    about: dict[str, Any] = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
    }
    if os.getloadavg()[0] > 0.5 and not options.publish:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): the figures will be rough.")

    name = "training_speed" + ("" if options.whole else "_tiny" if options.tiny else "_part")
    progress = Progress(name, about, options.resume, options.stop_after)
    with scratch(name, options.whole, options.resume) as folder:
        bench = Bench(options.python, folder, options.tiny)
        parts = [] if options.publish else plan(options, bench)
        if parts:
            progress.announce(parts)
            bench.prepare(options.workloads)
        try:
            progress.take_all(parts, lambda part: check_sizes(part, progress, options.tiny))
        except OutOfTimeError:
            print(progress.still_missing(parts))
            return 3

    results = progress.content
    results["bars"] = bars = [] if options.tiny else figures.all_bars(results)
    if not options.tiny:
        for title, columns, rows in tables_of(results):
            harness.print_table(title, columns, rows)
    if bars:
        harness.print_table(*report.bar_table(bars))
    steady = figures.parts_of(results, "steady")
    harness.print_table(*report.loss_table(steady))
    allowed = figures.TINY_LOSS_SHARE if options.tiny else figures.LOSS_SHARE
    odd = {program: figures.strangers(runs, allowed) for program, runs in steady.items()}
    for program, names in odd.items():
        if names:
            print(
                f"LOOK: {program}: the loss of {', '.join(names)} is unlike the others'. After few "
                "steps and rounds that may be chance: see whether more rounds bring it nearer."
            )
    if not options.publish:
        progress.write()
    if options.whole:
        write_json(harness.RESULTS / f"{name}.json", results)
        pages.write()
    print("written to", harness.RESULTS / f"{name}.json" if options.whole else progress.path)
    passed = all(b["passed"] for b in bars) and not (options.tiny and any(odd.values()))
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
