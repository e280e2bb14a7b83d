"""How the cost of a sample grows: batch, width, depth, length of the sequence, rows of the table.

    python -m benchmarks.scaling                       # all five, part of `make bench`
    python -m benchmarks.scaling width --rounds 1      # a rough look at one
    python -m benchmarks.scaling --resume              # go on where a run was cut off

Each axis is one process per library and round, the libraries taking turns; the process trains the
network at every point of the axis, one after the other. What is measured is microseconds a sample:
the time of an epoch, from the second one on, over its samples. A straight line upwards is cost in
proportion; where two lines meet, the overhead of a step no longer matters. Written to
`docs/benchmarks/scaling.json`, as a picture (`scaling.svg`) and as a page.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from typing import Any

from benchmarks import harness, pages
from benchmarks.axes import AXES, Axis, table
from benchmarks.peers import PEERS, cache_folder
from benchmarks.results import OutOfTimeError, Part, Progress, write_json

PEERS_HERE = ("pellucid", "torch", "keras-jax")


def measure_axis(peer_name: str, axis: Axis) -> dict[str, Any]:
    """In this process: microseconds a sample at every point of the axis."""
    from benchmarks.worker import build, measure

    found = {}
    for point in axis.points:
        x, y = axis.data(point)
        epochs = 2 if point.samples >= 1_000_000 else 4
        settings = {"checkup": False} if peer_name == "pellucid" else {}
        _, fit = build(PEERS[peer_name], axis.program, x[: point.batch], **point.sizes)
        run = measure(fit, x, y, point.batch, epochs, **settings)
        steps = -(-point.samples // point.batch)
        a_step = statistics.median(run["ms_per_step"])
        found[str(point.value)] = 1000 * a_step * steps / point.samples
    return {"microseconds": found, "peak_memory_mb": harness.peak_memory_mb()}


def child() -> None:
    """One measured process: `--child PEER AXIS`."""
    peer_name, axis_name = sys.argv[2:]
    PEERS[peer_name].hide_others()
    print(json.dumps(measure_axis(peer_name, AXES[axis_name])))


def part(name: str, peers: list[str], rounds: int, python: str, folder: str) -> Part:
    """One axis."""

    def run(peer: str) -> dict[str, Any]:
        env = dict(PEERS[peer].env)
        if peer == "pellucid":
            env |= cache_folder(peer, folder)
        return harness.run_child(python, "benchmarks.scaling", "--child", peer, name, env=env)

    return Part(name, peers, rounds, run)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("axes", nargs="*", metavar="AXIS", help=", ".join(AXES))
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=5, help="times round the libraries")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), help="only these")
    parser.add_argument("--resume", action="store_true", help="keep what was already measured")
    parser.add_argument("--stop-after", type=float, metavar="SECONDS", help="begin no more then")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.axes if name not in AXES]:
        parser.error(f"no axis called {unknown[0]!r}; there are {', '.join(AXES)}")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    whole = not (options.axes or options.peers)
    peers = options.peers or list(PEERS_HERE)
    about: dict[str, Any] = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
    }
    name = "scaling" if whole else "scaling_part"
    progress = Progress(name, about, options.resume, options.stop_after)
    with tempfile.TemporaryDirectory(prefix="pellucid-bench-") as folder:
        parts = [
            part(axis, peers, options.rounds, options.python, folder)
            for axis in options.axes or AXES
        ]
        progress.announce(parts)
        try:
            progress.take_all(parts)
        except OutOfTimeError:
            print(progress.still_missing(parts))
            return 3
    for axis in progress.content["parts"]:
        harness.print_table(AXES[axis].title, *table(axis, progress[axis]))
    if whole:
        write_json(harness.RESULTS / f"{name}.json", progress.content)
        pages.write()
    print("written to", harness.RESULTS / f"{name}.json" if whole else progress.path)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child()
    else:
        raise SystemExit(main())
