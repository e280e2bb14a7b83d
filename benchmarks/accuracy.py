"""The tutorials' programs in Pellucid and in Keras on JAX: do they reach the same test accuracy?

    python -m benchmarks.accuracy                          # all of them
    python -m benchmarks.accuracy mnist_cnn sst2_bilstm    # some of them

Runs `programs/NAME.py` on real data once a seed in each library, every run in its own process, the
libraries taking turns. In Pellucid the program's `keras` import lines are changed and nothing else;
`--show-changes` prints the changed lines. How to read it: one accuracy a seed, the mean of each
library, the difference of the means in percentage points, and the seconds of one run. A program
passes when the difference is within its bar and Pellucid's mean reaches its floor. Seeds do not
give the two libraries the same initial weights, so the difference is one of means, not of pairs.

All of it takes the better part of an hour. Each run is saved at once; `--resume` goes on after a
stop, and takes only what is missing.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks import harness
from benchmarks.results import Part, Progress
from benchmarks.run_program import changes


@dataclass(frozen=True)
class Bar:
    """What a program must reach: least mean accuracy, and largest difference, both in points.

    `seeds` in each library: more where one seed differs from the next by half a point or more.
    """

    floor: float
    difference: float
    seeds: int = 3


BARS = {
    "mnist_mlp": Bar(97.0, 0.2),
    "mnist_cnn": Bar(99.0, 1.0),
    "mnist_lstm": Bar(97.0, 1.0),
    "mnist_gru": Bar(97.0, 1.0),
    "sst2_bilstm": Bar(79.0, 1.0, seeds=8),
    "sst2_transformer": Bar(79.0, 1.0, seeds=8),
}


def run(python: str, program: str, library: str, seed: int) -> dict[str, Any]:
    """The test loss and accuracy of one run."""
    arguments = [program, "--library", library, "--seed", str(seed)]
    return harness.run_child(
        python, "benchmarks.run_program", *arguments, env={"KERAS_BACKEND": "jax"}
    )


def parts_of(program: str, libraries: list[str], seeds: int, python: str) -> list[Part]:
    """One part a seed: the libraries take turns."""
    return [
        Part(f"{program}/{seed}", libraries, 1, partial(_measure, python, program, seed))
        for seed in range(seeds)
    ]


def _measure(python: str, program: str, seed: int, library: str) -> dict[str, Any]:
    return run(python, program, library, seed)


def judge(program: str, runs: dict[str, list[dict[str, Any]]]) -> tuple[list[list[str]], bool]:
    """Rows of the table, and whether the program passes."""
    means = {
        name: 100 * statistics.mean(run["test_accuracy"] for run in of_library)
        for name, of_library in runs.items()
    }
    difference = means["pellucid"] - means["keras"] if len(means) == 2 else 0.0
    bar = BARS[program]
    passed = abs(difference) <= bar.difference and means.get("pellucid", 100.0) >= bar.floor
    rows = []
    for name, of_library in runs.items():
        ours = name == "pellucid"
        rows.append(
            [
                f"{program} {name}",
                " ".join(f"{100 * run['test_accuracy']:.2f}" for run in of_library),
                f"{means[name]:.2f}",
                f"{difference:+.2f}" if ours else "",
                f"{statistics.median(run['seconds'] for run in of_library):.0f}",
                harness.verdict(passed) if ours else "",
            ]
        )
    return rows, passed


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("programs", nargs="*", metavar="NAME", help=f"of {', '.join(BARS)}")
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, help="seeds in each library (default: 3 to 8)")
    parser.add_argument("--quick", action="store_true", help="one seed; written to runs/ only")
    parser.add_argument("--only", choices=["pellucid", "keras"], help="one library, not published")
    parser.add_argument("--resume", action="store_true", help="keep what an earlier run measured")
    parser.add_argument("--show-changes", action="store_true", help="print the changed lines first")
    options = parser.parse_args()
    programs = options.programs or list(BARS)
    if unknown := [name for name in programs if name not in BARS]:
        parser.error(f"no program called {unknown[0]!r}; there are {', '.join(BARS)}")

    if options.show_changes:
        for program in programs:
            print(changes(program, "pellucid"), "\n")
    libraries = [options.only] if options.only else ["keras", "pellucid"]
    results: dict[str, Any] = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
        "programs": {},
    }
    parts = {
        program: parts_of(
            program,
            libraries,
            1 if options.quick else options.rounds or BARS[program].seeds,
            options.python,
        )
        for program in programs
    }
    progress = Progress("accuracy_runs", results, options.resume)
    progress.announce([part for of_program in parts.values() for part in of_program])
    rows, passed = [], True
    for program, of_program in parts.items():
        found = [progress.take(part) for part in of_program]
        runs = {name: [seed[name][0] for seed in found] for name in libraries}
        lines, fine = judge(program, runs)
        rows, passed = rows + lines, passed and fine
        results["programs"][program] = {"runs": runs, "passed": fine}

    columns = ["program", "a seed each", "mean", "difference", "seconds", ""]
    harness.print_table("Test accuracy, %", columns, rows)
    everything = not options.only and set(programs) == set(BARS)
    print("written to", harness.save("accuracy", results, options.quick or not everything))
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
