"""Pellucid's kernels for the CPU against XLA's own: `python -m benchmarks.forms`.

    python -m benchmarks.forms resnet20 cnn --forms chosen no_cpp     # some workloads and forms
    python -m benchmarks.forms --accuracy mnist_lstm sst2_bilstm      # do they learn alike?

chosen: what Pellucid runs here. xla: the forms of `pellucid.kernels.platform` for other machines,
which leave everything to XLA and to automatic differentiation. no_cpp: without the kernels in C++.
products: convolutions as sums of matrix products only. Each in its own process, taking turns;
medians with the least and the greatest.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from typing import Any

from benchmarks import harness
from benchmarks.workloads import WORKLOADS

FORMS = ("chosen", "no_cpp", "products", "xla")
EPOCHS = 4


def use(form: str) -> None:
    """Let Pellucid's kernels take a form, in this process."""
    from pellucid import config, utils
    from pellucid.kernels import conv_whole, platform

    utils.set_random_seed(0)
    if form in ("no_cpp", "products"):
        config.set_native_kernels(False)
    if form == "products":
        conv_whole.KNOWN = False
    if form == "xla":
        asked, platform.on_cpu = platform.on_cpu, lambda: False
        for name, module in list(sys.modules.items()):
            if name.startswith("pellucid.") and getattr(module, "on_cpu", None) is asked:
                module.on_cpu = platform.on_cpu  # type: ignore[attr-defined]


def measure_step(workload: str) -> dict[str, Any]:
    """Milliseconds a step of some epochs."""
    from benchmarks import worker
    from benchmarks.data import arrays
    from benchmarks.peers import PEERS

    found = WORKLOADS[workload]
    sizes = {name: found.sizes[name] for name in found.data_sizes if name in found.sizes}
    x, y = arrays(found.data, found.samples, **sizes)
    _, fit = worker.build(PEERS["pellucid"], found.program or workload, x[: found.batch])
    run = worker.measure(fit, x, y, found.batch, EPOCHS, checkup=False)
    return {"ms_per_step": statistics.median(run["ms_per_step"]), "loss": run["logs"]["loss"][-1]}


def measure_accuracy(program: str, seed: int) -> dict[str, Any]:
    """Test accuracy of a tutorial's program."""
    sys.argv = [program, str(seed)]
    names = harness.load_program(program, "pellucid", run_as="__main__")
    return {"test_accuracy": float(names["score"][1])}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads, or programs")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=["chosen", "xla"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--accuracy", action="store_true", help="train programs, once for each seed"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0], help="of the programs")
    parser.add_argument("--python", default=harness.default_python())
    parser.add_argument("--child", choices=FORMS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        use(options.child)
        name, seed = options.names[0], options.seeds[0]
        found = measure_accuracy(name, seed) if options.accuracy else measure_step(name)
        print(json.dumps(found))
        return 0

    rows = []
    for name in options.names or ([] if options.accuracy else list(WORKLOADS)):
        seeds = iter([seed for seed in options.seeds for _ in options.forms])

        def child(form: str, name: str = name, seeds: Any = seeds) -> dict[str, Any]:
            flags = ["--accuracy", "--seeds", str(next(seeds))] if options.accuracy else []
            return harness.run_child(
                options.python, "benchmarks.forms", name, "--child", form, *flags
            )

        rounds = len(options.seeds) if options.accuracy else options.rounds
        runs = harness.alternate(options.forms, rounds, child, name)
        for form, found in runs.items():
            if options.accuracy:
                accuracies = (f"{100 * run['test_accuracy']:.2f}" for run in found)
                rows.append([name, form, ", ".join(accuracies)])
                continue
            times = harness.spread(run["ms_per_step"] for run in found)
            rows.append(
                [name, form, f"{times['median']:.2f} [{times['min']:.2f}-{times['max']:.2f}]",
                 f"{found[0]['loss']:.4f}"]
            )  # fmt: skip
    columns = ["what", "form", "test accuracy, %"] if options.accuracy else [
        "what", "form", "ms a step", "last loss"]  # fmt: skip
    harness.print_table("Forms of the kernels", columns, rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
