"""What one small call costs: predict, model(x), train_on_batch, evaluate, a fit of two batches.

    python -m benchmarks.calls                    # five networks, 1 and 32 rows, four libraries
    python -m benchmarks.calls dense lstm --rounds 3

Reinforcement learning, generation, serving and tests live on such calls, where what a library does
around the network takes longer than the network. Each library runs in processes of its own, in
turns; a figure is the median over rounds of the median milliseconds of a warm call. PyTorch runs as
its tutorials do (`torch.no_grad`, eager), onnxruntime the same network exported, both on threads of
their own choice. The last table is Pellucid's own Python in a call of `predict` on one row of the
small stack: the call's time less that of the compiled program alone.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

from benchmarks import harness

NETWORKS = ("dense", "dense20", "cnn", "lstm", "transformer")
CALLS = ("predict", "predict_on_batch", "model(x)", "train_on_batch", "evaluate", "fit")
LIBRARIES = ("pellucid", "keras-jax", "torch", "onnxruntime")
BAR = 0.5
"""Pellucid's time over Keras-JAX's, at most."""
OWN_PYTHON_BAR = 0.15
"""Milliseconds of Python in `predict` of one row on the small stack, at most."""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=", ".join(NETWORKS))
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=5, help="times round the libraries")
    parser.add_argument("--peers", nargs="*", default=LIBRARIES[1:], choices=LIBRARIES[1:])
    parser.add_argument("--quick", action="store_true", help="one round, nothing is published")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.networks if name not in NETWORKS]:
        parser.error(f"no network called {unknown[0]!r}; there are {', '.join(NETWORKS)}")
    return options


def medians(rounds: list[dict[str, Any]], key: str) -> dict[str, float] | None:
    """Median, least and greatest of one figure over the rounds; None where there is none."""
    values = [each[key] for each in rounds if key in each]
    return harness.spread(values) if values else None


def table(results: dict[str, Any], networks: list[str]) -> tuple[list[list[str]], bool]:
    """The rows to print, and whether every bar is met."""
    lines: list[list[str]] = []
    met = True
    for network in networks:
        for rows in (1, 32):
            for call in CALLS:
                key = f"{network}/{rows}/{call}"
                found = {name: medians(results[name], key) for name in results}
                ours, keras = found["pellucid"], found.get("keras-jax")
                ratio = ours["median"] / keras["median"] if ours and keras else None
                met = met and (ratio is None or ratio <= BAR)
                against = "" if ratio is None else f"{ratio:.2f} {harness.verdict(ratio <= BAR)}"
                times = [shown(found[name]) for name in results]
                lines.append([network, str(rows), call, *times, against])
    return lines, met


def shown(figure: dict[str, float] | None) -> str:
    """Milliseconds with the least and the greatest.

    >>> shown({"median": 1.234, "min": 1.0, "max": 2.0})
    '1.23 (1.00-2.00)'
    """
    if figure is None:
        return "-"
    digits = 2 if figure["median"] >= 1 else 3
    return "{median:.{d}f} ({min:.{d}f}-{max:.{d}f})".format(**figure, d=digits)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    networks = options.networks or list(NETWORKS)
    libraries = ["pellucid", *options.peers]
    rounds = 1 if options.quick else options.rounds

    def measure(library: str) -> dict[str, Any]:
        env = {"KERAS_BACKEND": "jax"}
        return harness.run_child(
            options.python, "benchmarks.calls_worker", library, *networks, env=env
        )

    results = harness.alternate(libraries, rounds, measure, "calls")
    lines, met = table(results, networks)
    columns = ["network", "rows", "call", *(f"{name} ms" for name in libraries), "over Keras-JAX"]
    harness.print_table("Milliseconds of a warm call", columns, lines)
    own = [each["own_python"] for each in results["pellucid"] if "own_python" in each]
    if own:
        middle = statistics.median(own)
        met = met and middle <= OWN_PYTHON_BAR
        print(
            f"own Python in predict of one row, small stack: {middle:.3f} ms "
            f"({min(own):.3f}-{max(own):.3f}), bar {OWN_PYTHON_BAR}: "
            f"{harness.verdict(middle <= OWN_PYTHON_BAR)}"
        )
    content = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
        "session": harness.session(),
        "results": results,
    }
    quick = options.quick or bool(options.networks) or libraries != list(LIBRARIES)
    print("written to", harness.save("calls", content, quick))
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
