"""The tutorials' MNIST program in Pellucid and in Keras on JAX: the same test accuracy?

    python -m benchmarks.accuracy_mnist

Runs `programs/mnist_mlp.py` (4 epochs, the real MNIST) once a seed in each library, every run in
its own process. In Pellucid the program's `keras` import lines are changed and nothing else; the
changed lines are printed first. How to read it: one accuracy a seed, the mean of each library, and
the difference of the means in percentage points. The bar is 0.2 points. Seeds do not give the two
libraries the same initial weights, so the difference is one of means, not of pairs; one run of
this program varies by about 0.17 points from seed to seed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from typing import Any

from benchmarks import harness
from benchmarks.run_program import changes

BAR_POINTS = 0.2


def measure(python: str, library: str, seeds: list[int]) -> list[dict[str, Any]]:
    """One result a seed."""
    results = []
    for seed in seeds:
        print(f"  {library}, seed {seed}", file=sys.stderr, flush=True)
        arguments = ["mnist_mlp", "--library", library, "--seed", str(seed)]
        env = {"KERAS_BACKEND": "jax"}
        results.append(harness.run_child(python, "benchmarks.run_program", *arguments, env=env))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=3, help="seeds in each library (default: 3)")
    parser.add_argument("--quick", action="store_true", help="one seed; written to runs/ only")
    parser.add_argument("--only", choices=["pellucid", "keras"], help="one library, no verdict")
    options = parser.parse_args()

    print(changes("mnist_mlp", "pellucid"), "\n")
    seeds = list(range(1 if options.quick else options.rounds))
    libraries = [options.only] if options.only else ["keras", "pellucid"]
    results: dict[str, Any] = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
        "runs": {name: measure(options.python, name, seeds) for name in libraries},
    }

    rows, means = [], {}
    for name in libraries:
        accuracies = [100 * run["test_accuracy"] for run in results["runs"][name]]
        means[name] = statistics.mean(accuracies)
        cells = " ".join(f"{value:.2f}" for value in accuracies)
        rows.append([name, cells, f"{means[name]:.2f}"])
    harness.print_table(
        "MNIST test accuracy after 4 epochs, %", ["library", "a seed each", "mean"], rows
    )
    if options.only:
        return 0
    difference = means["pellucid"] - means["keras"]
    passed = abs(difference) <= BAR_POINTS
    print(
        f"difference of the means: {difference:+.2f} points "
        f"(bar: within {BAR_POINTS}): {harness.verdict(passed)}"
    )
    results["means"], results["difference_points"], results["passed"] = means, difference, passed
    print("written to", harness.save("accuracy_mnist", results, options.quick))
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
