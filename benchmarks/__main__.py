"""Everything that `make bench` measures, one script after the other.

    python -m benchmarks                # 5 rounds
    python -m benchmarks --resume       # go on where a run was cut off

Training speed and memory of all peers, start-up, scaling, and where the time goes. Every
measurement is saved at once. How long it will take is printed first. The exit status is 1 where a
bar is missed, 3 where `--stop-after` cut the run off.
"""

from __future__ import annotations

import argparse
import importlib
import time

from benchmarks import harness
from benchmarks.results import published_seconds

SCRIPTS = ("training_speed", "startup", "scaling")


def forecast(rounds: int) -> str:
    """How long it will take, from the times in the published results."""
    seconds = {name: published_seconds(name, rounds) for name in SCRIPTS}
    parts = [f"{name} {known / 60:.0f} minutes" for name, known in seconds.items() if known]
    unknown = [name for name, known in seconds.items() if not known]
    total = f"{rounds} rounds of everything: about {sum(seconds.values()) / 60:.0f} minutes"
    detail = f" ({', '.join(parts)})" if parts else ""
    return f"{total}{detail}" + (f"; not known: {', '.join(unknown)}." if unknown else ".")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=5, help="times round the peers")
    parser.add_argument("--resume", action="store_true", help="keep what was already measured")
    parser.add_argument("--stop-after", type=float, metavar="SECONDS", help="begin no more then")
    options = parser.parse_args()
    print(forecast(options.rounds), flush=True)
    begun, status = time.monotonic(), 0
    for name in SCRIPTS:
        arguments = ["--python", options.python, "--rounds", str(options.rounds)]
        arguments += ["--resume"] * options.resume
        if options.stop_after is not None:
            left = max(options.stop_after - (time.monotonic() - begun), 0.0)
            arguments += [f"--stop-after={left}"]
        found = importlib.import_module(f"benchmarks.{name}").main(arguments)
        if found == 3:
            return 3
        status = max(status, found)
    importlib.import_module("benchmarks.where").main(["--python", options.python])
    return status


if __name__ == "__main__":
    raise SystemExit(main())
