"""Does the doctor find what is wrong, and stay silent elsewhere? `python -m benchmarks.doctor`.

python -m benchmarks.doctor                    # all; writes docs/benchmarks/doctor.json and .md
python -m benchmarks.doctor --part published   # a part: faults, healthy, begun or published
python -m benchmarks.doctor --quick            # a few of each kind
python -m benchmarks.doctor --only digits      # programs whose name contains a word
python -m benchmarks.doctor --rejudge          # ask about the kept records, train none
python -m benchmarks.doctor --again            # train anew what is kept
python -m benchmarks.doctor --part published --cases more.json --seeds 3

Every run's record is kept under runs/doctor-benchmark: a stop loses nothing, and a change of the
rules is judged again in seconds.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from . import page, published
from .faults import FAULTS
from .healthy import BEGUN, HEALTHY
from .judge import Verdict, as_json, judge, report
from .training import Program, folder_of, kept, run

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
PARTS = ("faults", "healthy", "begun", "published")


def chosen(arguments: argparse.Namespace) -> list[Program]:
    """The programs asked for, with the twins of the faulty ones."""
    programs = [*HEALTHY] if "healthy" in arguments.part else []
    programs += [*FAULTS] if "faults" in arguments.part else []
    if arguments.quick:
        programs = [p for p in programs if p.quick]
    if arguments.only:
        programs = [p for p in programs if any(word in p.name for word in arguments.only)]
    names = {p.name for p in programs} | {p.twin for p in programs}
    return [p for p in (*HEALTHY, *FAULTS) if p.name in names]


def seeded(arguments: argparse.Namespace) -> list[Verdict]:
    """Train and judge the project's own programs."""
    verdicts: list[Verdict] = []
    scores: dict[str, float] = {}
    for program in chosen(arguments):
        try:
            if arguments.rejudge:
                found = kept(folder_of(program))
                if found is None:
                    continue
                outcome = found
            else:
                outcome = run(program, arguments.again)
        except Exception as error:  # one program must not end the others
            print(f"{program.name:34} crashed: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        scores[program.name] = outcome.score
        verdict = judge(program, outcome, scores.get(program.twin or ""))
        verdicts.append(verdict)
        if not arguments.rejudge:
            said = verdict.refused or {s: r for s, r in verdict.said.items() if r}
            line = f"{program.name:34} {outcome.score:6.1f} {outcome.seconds:5.1f} s  {said}"
            print(line[:180], file=sys.stderr, flush=True)
    return verdicts


def begun(arguments: argparse.Namespace) -> dict[str, Any]:
    """Sound programs after an epoch or three: what the doctor says too early."""
    verdicts: list[Verdict] = []
    for program in BEGUN:
        if arguments.only and not any(word in program.name for word in arguments.only):
            continue
        outcome = kept(folder_of(program)) if arguments.rejudge else run(program, arguments.again)
        if outcome is not None:
            verdicts.append(judge(program, outcome))
    return as_json(verdicts) if verdicts else {}


def from_studies(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train and judge the published programs; empty where they are not here."""
    cases = published.read_cases(arguments.cases)
    if not cases:
        print("The descriptions of published programs are not on this machine: skipped.")
        return {}
    if arguments.quick:
        cases = cases[::8]
    if arguments.only:
        cases = [case for case in cases if any(word in case["id"] for word in arguments.only)]
    rows, skipped = published.run_cases(cases, arguments.seeds, arguments.again, arguments.rejudge)
    return published.as_json(rows, skipped) if rows else {}


def main() -> int:
    """Run, judge, print, write."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.doctor", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--quick", action="store_true", help="a few programs of each kind")
    parser.add_argument("--only", nargs="+", help="programs whose name contains one of these words")
    parser.add_argument("--rejudge", action="store_true", help="read the kept records, train none")
    parser.add_argument("--again", action="store_true", help="train also what is kept")
    parser.add_argument("--cases", type=Path, help="a file like ../shared/doctor/cases.json")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each published program")
    arguments = parser.parse_args()
    result: dict[str, Any] = {}
    verdicts = seeded(arguments) if {"faults", "healthy"} & set(arguments.part) else []
    if verdicts:
        print(report(verdicts))
        result["seeded"] = as_json(verdicts)
    early = begun(arguments) if "begun" in arguments.part and not arguments.quick else {}
    if early:
        print(json.dumps(early["summary"]["all"], indent=1))
        result["begun"] = early
    studies = from_studies(arguments) if "published" in arguments.part else {}
    if studies:
        print(json.dumps(studies["summary"], indent=1))
        result["published"] = studies
    whole = {"faults", "healthy"} <= set(arguments.part) or arguments.part == ["published"]
    if whole and not (arguments.quick or arguments.only or arguments.cases):
        file = FOLDER / "doctor.json"
        before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        file.write_text(json.dumps({**before, **result}, indent=1) + "\n", encoding="utf-8")
        treated = FOLDER / "treatment.json"
        if treated.exists():
            result["treatment"] = json.loads(treated.read_text(encoding="utf-8"))
        (FOLDER / "doctor.md").write_text(page.page({**before, **result}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
