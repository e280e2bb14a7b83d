"""Results on disk: saved after every measurement, taken up again where a run was cut off."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import harness

UNKNOWN_SECONDS = 12.0  # of a measurement that was never taken here


class OutOfTimeError(Exception):
    """The seconds of `--stop-after` are over; what was measured is on disk."""


@dataclass(frozen=True)
class Part:
    """One table's worth of measurements.

    Args:
        name: as in the results' JSON, such as `steady/gpt`.
        candidates: who takes turns.
        rounds: how often.
        measure: one measurement of one candidate, as a dictionary for the JSON.
        before: called once, before the first measurement that is still missing.
    """

    name: str
    candidates: Sequence[str]
    rounds: int
    measure: Callable[[str], dict[str, Any]]
    before: Callable[[], None] | None = None


def setting(about: Mapping[str, Any]) -> dict[str, Any]:
    """What two runs must share for their figures to stand in one table."""
    machine = about["machine"]
    return {"versions": about["versions"], "cpu": machine["cpu"], "cores": machine["cores"]}


def write_json(path: Path, content: Any) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".writing")
    scratch.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(scratch, path)


def read_json(path: Path) -> dict[str, Any]:
    """What `write_json` wrote; empty where there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


class Progress:
    """The unfinished results of one script, in `runs/benchmarks/NAME.json`.

    Args:
        name: of the script.
        about: machine, versions and whatever else belongs beside the figures.
        resume: keep what an earlier run on the same machine with the same versions had measured;
            it may have taken fewer rounds, or other peers.
        stop_after: seconds after which no further measurement is begun; None for no end.
    """

    def __init__(
        self, name: str, about: dict[str, Any], resume: bool, stop_after: float | None = None
    ):
        self.name = name
        self.path = harness.QUICK_RESULTS / f"{name}.json"
        self.end = None if stop_after is None else time.monotonic() + stop_after
        self.content: dict[str, Any] = {**about, "sessions": [], "parts": {}}
        earlier = read_json(self.path) if resume else {}
        if earlier:
            if differing := [k for k, v in setting(about).items() if setting(earlier)[k] != v]:
                raise SystemExit(
                    f"--resume: {self.path} was measured with other {', '.join(differing)}. "
                    "Start anew without --resume, or measure with the same."
                )
            self.content = {**earlier, **about, "sessions": earlier.get("sessions", [])}
        self.content["sessions"].append(harness.session())

    def write(self) -> None:
        write_json(self.path, self.content)

    def missing(self, part: Part, rounds: int | None = None) -> list[tuple[int, str]]:
        """The rounds and candidates that are still to be measured, in order."""
        found = self.content["parts"].get(part.name, {})
        return [
            (number, name)
            for number in range(min(part.rounds, rounds or part.rounds))
            for name in part.candidates
            if len(found.get(name, [])) <= number
        ]

    def take_all(self, parts: Sequence[Part], check: Callable[[Part], None] | None = None) -> None:
        """One round of every part, then the next: what is cut off has whole rounds of everything.

        Args:
            check: called with a part after each of its rounds.
        """
        for number in range(1, max((part.rounds for part in parts), default=0) + 1):
            for part in parts:
                self.take(part, number)
                if check is not None:
                    check(part)

    def take(self, part: Part, rounds: int | None = None) -> dict[str, list[dict[str, Any]]]:
        """A B C ..., A B C ..., so that a slow minute falls on everyone; each saved at once."""
        found = self.content["parts"].setdefault(part.name, {})
        missing = self.missing(part, rounds)
        if missing and part.before is not None:
            self.check_time()
            part.before()
        for number, name in missing:
            self.check_time()
            label = f"  {part.name}, round {number + 1} of {part.rounds}: {name}"
            print(label, file=sys.stderr, flush=True)
            started = time.perf_counter()
            run = part.measure(name)
            run["seconds"] = round(time.perf_counter() - started, 2)
            found.setdefault(name, []).append(run)
            self.write()
        return found

    def check_time(self) -> None:
        if self.end is not None and time.monotonic() > self.end:
            raise OutOfTimeError

    def __getitem__(self, part: str) -> Any:
        return self.content["parts"][part]

    def expected_seconds(self, parts: Iterable[Part]) -> tuple[int, float]:
        """How many measurements are missing, and about how long they will take.

        From the same measurements' earlier times where there are some, here or in the published
        results.
        """
        published = read_json(harness.RESULTS / f"{self.name}.json").get("parts", {})
        count, seconds = 0, 0.0
        for part in parts:
            for _, name in self.missing(part):
                known = [
                    run["seconds"]
                    for source in (self.content["parts"], published)
                    for run in _runs(source, part.name, name)
                    if "seconds" in run
                ]
                count += 1
                seconds += statistics.median(known) if known else UNKNOWN_SECONDS
        return count, seconds

    def still_missing(self, parts: Iterable[Part]) -> str:
        """What to say when a run ends before its end."""
        count, seconds = self.expected_seconds(parts)
        minutes = f"about {seconds / 60:.0f} minutes"
        return f"{self.name}: stopped with {count} measurements missing, {minutes}; --resume"

    def announce(self, parts: Iterable[Part]) -> None:
        """Say beforehand how long it will take."""
        count, seconds = self.expected_seconds(parts)
        minutes = f"{seconds / 60:.0f} minutes" if seconds > 90 else f"{seconds:.0f} seconds"
        print(f"{self.name}: {count} measurements to take, about {minutes}.", flush=True)


def published_seconds(name: str, rounds: int) -> float:
    """How long `rounds` rounds took when the published results of a script were measured."""
    parts = read_json(harness.RESULTS / f"{name}.json").get("parts", {})
    return sum(
        rounds * statistics.median(known)
        for part in parts
        for one in parts[part]
        if (known := [run["seconds"] for run in _runs(parts, part, one) if "seconds" in run])
    )


def _runs(parts: Mapping[str, Any], part: str, name: str) -> list[dict[str, Any]]:
    found = parts.get(part, {})
    runs = found.get(name, []) if isinstance(found, dict) else []
    return runs if isinstance(runs, list) else []
