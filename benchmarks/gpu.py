"""The ten workloads on a GPU, and a GPT of 120 million weights as a share of the card's limit.

    pip install -r benchmarks/peers_gpu.txt -e .     # once, in an environment of its own
    python -m benchmarks.gpu                         # everything, 5 rounds
    python -m benchmarks.gpu gpt gpt_120m --rounds 3
    python -m benchmarks.gpu --tiny                  # do its parts run? Needs no GPU

Pellucid beside eager PyTorch, PyTorch through `torch.compile(mode="reduce-overhead")`, and a loop
in plain JAX, each in its own process, taking turns. Float32 products may use TF32 in all of them.
The limit of the float32 workloads is the card's fastest float32 matrix product under that rule; of
the GPT, which computes in bfloat16 with weights in float32, its fastest bfloat16 product. Epochs
have at least 100 steps. What the figures mean otherwise: `benchmarks/training_speed.py`.

The exit status is 0 when all was measured and the GPT reaches 40 % of the limit; 1 when it does
not, and when no GPU was found; 3 when `--stop-after` cut the run off.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks import figures, harness, pages, peak, report
from benchmarks.peers import ON_GPU, PEERS
from benchmarks.results import OutOfTimeError, Part, Progress, write_json
from benchmarks.training_speed import Bench, check_sizes, scratch
from benchmarks.workloads import EVERY, LARGE

GPT_BAR = 0.40
LEAST_STEPS = 100
SIZES, TINY_SIZES = (4096, 8192, 12288), (64, 128)
LIBRARIES = ("torch", "jax")
FIND = """
import json
found = {"torch": None, "jax": None}
try:
    import torch
    if torch.cuda.is_available():
        found["torch"] = torch.cuda.get_device_name(0)
except ImportError as error:
    found["torch_error"] = str(error)
try:
    import jax
    devices = [device for device in jax.devices() if device.platform == "gpu"]
    if devices:
        found["jax"] = devices[0].device_kind
except Exception as error:
    found["jax_error"] = str(error)
print(json.dumps(found))
"""


def find_gpu(python: str) -> dict[str, Any]:
    """The card's name as PyTorch and as JAX call it; None from whoever finds none."""
    done = subprocess.run([python, "-c", FIND], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"torch": None, "jax": None, "error": done.stderr[-500:]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def why_not(found: dict[str, Any]) -> str | None:
    """What to say where the comparison cannot be made; None where both libraries see a card."""
    if found["torch"] and found["jax"]:
        return None
    missing = [name for name in LIBRARIES if not found[name]]
    reasons = [found[key] for key in ("error", "torch_error", "jax_error") if key in found]
    return "\n".join(
        [
            f"No GPU found by {' and by '.join(missing)}: nothing was measured.",
            *reasons,
            "The packages are in benchmarks/peers_gpu.txt; --tiny tries the scripts on the CPU.",
        ]
    )


class GpuBench(Bench):
    """As on the CPU, with longer epochs."""

    def prepare(self, workloads: list[str]) -> None:
        missing = [name for name in workloads if not (self.folder / f"{name}-y.npy").exists()]
        if missing:
            flags = ["--tiny"] if self.tiny else ["--least-steps", str(LEAST_STEPS)]
            harness.run_child(self.python, "benchmarks.data", str(self.folder), *missing, *flags)


def plan(options: argparse.Namespace, bench: GpuBench) -> list[Part]:
    """The two limits, then every workload."""
    sizes = TINY_SIZES if options.tiny else SIZES
    rounds = min(options.rounds, 3)

    def limit(name: str, dtype: str) -> Part:
        return peak.part(options.python, rounds, LIBRARIES, name, dtype, sizes)

    parts = [limit("peak", "float32"), limit("peak/bfloat16", "bfloat16")]
    for program in options.workloads:
        parts.append(
            Part(
                f"steady/{program}", options.peers, options.rounds,
                measure=lambda peer, program=program: bench.steady(peer, program),
            )
        )  # fmt: skip
    return parts


def bars(results: dict[str, Any]) -> list[dict[str, Any]]:
    """The share of the limit that the large GPT reaches."""
    gflops = figures.peak_rate(results, "peak/bfloat16")
    found = []
    for name, runs in figures.parts_of(results, "steady").items():
        if name in LARGE and gflops and "pellucid" in runs:
            share = figures.share_of_limit(name, figures.middle_speeds(runs)["pellucid"], gflops)
            found.append(figures.bar(name, "share of the bfloat16 limit", share, GPT_BAR))
    return found


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(EVERY))
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, help="times round the peers (5; with --tiny 1)")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(ON_GPU))
    parser.add_argument("--tiny", action="store_true", help="the smallest size, on any device")
    parser.add_argument("--resume", action="store_true", help="keep what was already measured")
    parser.add_argument("--stop-after", type=float, metavar="SECONDS", help="begin no more then")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.workloads if name not in EVERY]:
        parser.error(f"no workload called {unknown[0]!r}; there are {', '.join(EVERY)}")
    options.rounds = options.rounds or (1 if options.tiny else 5)
    options.published = not (options.tiny or options.workloads or options.peers != list(ON_GPU))
    options.workloads = options.workloads or list(EVERY)
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    card = find_gpu(options.python)
    if not options.tiny and (reason := why_not(card)):
        print(reason)
        return 1
    about: dict[str, Any] = {
        "machine": {**harness.machine(), "gpu": card["torch"]},
        "versions": harness.versions(options.python),
    }
    name = "gpu" + ("" if options.published else "_tiny" if options.tiny else "_part")
    progress = Progress(name, about, options.resume, options.stop_after)
    with scratch(name, options.published, options.resume) as folder:
        bench = GpuBench(options.python, Path(folder), options.tiny)
        parts = plan(options, bench)
        progress.announce(parts)
        bench.prepare(options.workloads)
        try:
            progress.take_all(parts, lambda part: check_sizes(part, progress, options.tiny))
        except OutOfTimeError:
            print(progress.still_missing(parts))
            return 3
    results = progress.content
    results["bars"] = [] if options.tiny else bars(results)
    for table in report.gpu_tables(results, options.tiny):
        harness.print_table(*table)
    progress.write()
    if options.published:
        write_json(harness.RESULTS / f"{name}.json", results)
        pages.write()
    print("written to", harness.RESULTS / f"{name}.json" if options.published else progress.path)
    return 0 if all(b["passed"] for b in results["bars"]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
