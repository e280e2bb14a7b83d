"""From the start of the process to the end of the first epoch: cold, and when it was run before.

    python -m benchmarks.startup                   # all ten workloads, part of `make bench`
    python -m benchmarks.startup lstm --rounds 1
    python -m benchmarks.startup --only short      # processor seconds of short programs alone

Seconds from just before the process is started (importing, building, compiling) until
`fit(epochs=1)` has returned. "pellucid, cold" finds an empty compilation cache; "pellucid, warm" is
a second run of the same program: nothing in it was told to keep a cache, it does so by itself. The
peers start as they come. A run's own training time is in all of these; the difference of the first
two rows is what compiling costs, and what a second run need not pay.

The second table is what a whole short program (two epochs of twenty steps) takes of the processor,
in seconds of all its threads, importing and compiling included: what a first try costs.
"""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks import harness, pages, report
from benchmarks.figures import COLD, WARM
from benchmarks.results import OutOfTimeError, Part, Progress, write_json
from benchmarks.training_speed import Bench, scratch
from benchmarks.workloads import WORKLOADS

CANDIDATES = (COLD, WARM, "torch", "keras-jax")
SHORT_CANDIDATES = (COLD, WARM, "keras-jax")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=5, help="times round the candidates")
    parser.add_argument("--only", choices=["epoch", "short"], help="one of the two tables")
    parser.add_argument("--resume", action="store_true", help="keep what was already measured")
    parser.add_argument("--stop-after", type=float, metavar="SECONDS", help="begin no more then")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.workloads if name not in WORKLOADS]:
        parser.error(f"no workload called {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    whole = not options.workloads and not options.only
    name = "startup" if whole else "startup_part"
    about: dict[str, Any] = {
        "machine": harness.machine(),
        "versions": harness.versions(options.python),
    }
    progress = Progress(name, about, options.resume, options.stop_after)
    with scratch(name, whole, options.resume) as folder:
        bench = Bench(options.python, folder)

        def part(mode: str, program: str) -> Part:
            return Part(
                f"{mode}/{program}", CANDIDATES if mode == "epoch" else SHORT_CANDIDATES,
                options.rounds,
                measure=lambda candidate: bench.start(candidate, program, mode),
                before=lambda: bench.fill_caches([WARM], program, mode),
            )  # fmt: skip

        names = options.workloads or list(WORKLOADS)
        modes = [options.only] if options.only else ["epoch", "short"]
        parts = [part(mode, program) for mode in modes for program in names]
        progress.announce(parts)
        bench.prepare(names)
        try:
            progress.take_all(parts)
        except OutOfTimeError:
            print(progress.still_missing(parts))
            return 3
    if "epoch" in modes:
        harness.print_table(*report.startup_table(progress.content))
    if "short" in modes:
        harness.print_table(*report.short_table(progress.content))
    if whole:
        write_json(harness.RESULTS / f"{name}.json", progress.content)
        pages.write()
    print("written to", harness.RESULTS / f"{name}.json" if whole else progress.path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
