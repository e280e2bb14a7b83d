"""What vital signs cost: the time of `fit` with and without them, in alternating runs.

python -m benchmarks.vitals [mnist|table ...] [--rounds 7] [--epochs N]

Runs without vital signs, with them, and with the doctor's visits as well (as `fit` comes) follow
each other in one process, after one of each to compile; a round's ratio compares two of its runs,
by the clock and by the processor time of all threads, which others on the machine disturb less.
What compiling the checkups adds is measured apart, in fresh processes without the cache of compiled
programs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks import harness

PROGRAMS = {"mnist": ("mnist_mlp", 4, 0.02), "table": ("table_mlp", 10, 0.05)}
"""Name -> program, epochs, and the largest share of the time that vital signs may take."""
VARIANTS: dict[str, dict[str, Any]] = {
    "without": {"checkup": False, "doctor": None},
    "vital signs": {"checkup": True, "doctor": None},
    "and doctor": {"checkup": True},
}


class Program:
    """A program with its data, ready for runs of `fit`."""

    def __init__(self, name: str):
        file, self.epochs, self.bar = PROGRAMS[name]
        self.parts = harness.load_program(file, "pellucid")
        self.data = (self.parts["load"] if "load" in self.parts else self.parts["table_rows"])()

    def fit(self, epochs: int, **settings: Any) -> tuple[float, float]:
        """Seconds that `fit` of a new model takes, by the clock and of the processors."""
        (x, y), held_out = self.data
        model = self.parts["build_model"]()
        size = self.parts["BATCH_SIZE"]
        start, begun = time.perf_counter(), time.process_time()
        model.fit(
            x, y, batch_size=size, epochs=epochs, verbose=0, validation_data=held_out, **settings
        )
        return time.perf_counter() - start, time.process_time() - begun


def compare(name: str, rounds: int, epochs: int | None, chosen: list[str]) -> None:
    """Print the medians of each variant, and the ratios to the runs without checkups."""
    program = Program(name)
    epochs = epochs or program.epochs
    for variant in chosen:
        program.fit(1, **VARIANTS[variant])
    seconds: dict[str, list[float]] = {variant: [] for variant in chosen}
    worked: dict[str, list[float]] = {variant: [] for variant in chosen}
    for number in range(rounds):
        for variant in chosen if number % 2 else chosen[::-1]:
            clock, processor = program.fit(epochs, **VARIANTS[variant])
            seconds[variant].append(clock)
            worked[variant].append(processor)
    print(f"{name}: {epochs} epochs, {rounds} rounds")
    for variant in chosen:
        times = seconds[variant]
        ratios = sorted(a / b - 1 for a, b in zip(times, seconds["without"], strict=True))
        work = statistics.median(worked[variant]) / statistics.median(worked["without"]) - 1
        middle = statistics.median(times)
        line = f"  {variant:10} {middle:8.3f} s ({min(times):.3f} to {max(times):.3f})"
        if variant != "without":
            quarter = len(ratios) // 4
            fastest = min(times) / min(seconds["without"]) - 1
            line += (
                f"   {statistics.median(ratios):+.1%} (middle half {ratios[quarter]:+.1%} to "
                f"{ratios[-1 - quarter]:+.1%}), of the fastest {fastest:+.1%}, "
                f"processor time {work:+.1%}"
            )
            line += f"   bar {program.bar:.0%}" if variant == "vital signs" else ""
        print(line, flush=True)


def first_runs(name: str, rounds: int) -> None:
    """Print how much longer the first epoch of a process takes, where nothing is compiled yet."""
    seconds: dict[str, list[float]] = {"without": [], "and doctor": []}
    for number in range(rounds):
        for variant in list(seconds) if number % 2 else list(seconds)[::-1]:
            with tempfile.TemporaryDirectory() as cache:
                command = [sys.executable, "-m", "benchmarks.vitals", name, "--first", variant]
                found = subprocess.run(
                    command,
                    env={**os.environ, "JAX_COMPILATION_CACHE_DIR": cache},
                    capture_output=True,
                    text=True,
                    check=True,
                )
            seconds[variant].append(float(found.stdout))
    without, others = (statistics.median(times) for times in seconds.values())
    print(f"{name}: the first epoch of a process, compiling included ({rounds} rounds)")
    print(f"  without {without:.2f} s, with {others:.2f} s: {others - without:+.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="*", metavar="mnist|table", default=list(PROGRAMS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--compiling", type=int, default=3, metavar="ROUNDS")
    parser.add_argument("--first", choices=VARIANTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in options.programs:
        if options.first:
            print(Program(name).fit(1, **VARIANTS[options.first])[0])
            continue
        chosen = [v for v in VARIANTS if v == "without" or v in options.variants]
        compare(name, options.rounds, options.epochs, chosen)
        if options.compiling:
            first_runs(name, options.compiling)


if __name__ == "__main__":
    main()
