"""Does the treatment repair the seeded faults? `python -m benchmarks.doctor.treatment`.

python -m benchmarks.doctor.treatment                 # all; writes docs/benchmarks/treatment.json
python -m benchmarks.doctor.treatment --quick         # a tenth of them
python -m benchmarks.doctor.treatment --only digits   # programs whose name contains a word
python -m benchmarks.doctor.treatment --kept          # judge again what earlier calls left
python -m benchmarks.doctor.treatment --limit 300     # start nothing new after so many seconds

Each faulty program is treated as a user would: `pellucid.doctor.treat` is given the network, the
training samples and the validation samples, nothing else. It is repaired if the treated network
scores within two points of the healthy twin on those validation samples, by the benchmark's own
measure. A fault counts if it hurts, as in the benchmark of the doctor. Faults that take something
out of the data that nothing can bring back (targets shuffled, samples made alike, most samples
dropped, validation prepared in another way) are counted, and shown on a line of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from . import data as datasets
from . import networks
from .faults import FAULTS
from .healthy import HEALTHY
from .judge import HURTS
from .training import CACHE, Program, compile_options, folder_of, rate, run

RESULT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "treatment.json"
KEPT = CACHE.parent / "treatment-benchmark"
# Endings of the names of faults after which the data no longer holds what the twin learned from.
LOST = (":shuffled", ":shifted", ":constant", ":flipped", ":few", ":rarer")


def treat_program(program: Program, trainings: int) -> dict[str, Any]:
    """Build a faulty program as its user has it, treat it, and score the outcome."""
    from pellucid import config, doctor, utils

    data = datasets.load(program.data)
    if program.spoil:
        data = program.spoil(data)
    before = config.dtype_policy()
    utils.set_random_seed(program.seed)
    if program.dtype:
        config.set_dtype_policy(program.dtype)
    started = time.perf_counter()
    try:
        model = getattr(networks, program.network)(data, **program.options)
        model.compile(**compile_options(program, data))
        found = doctor.treat(
            model,
            (data.x, data.y),
            (data.x_val, data.y_val),
            epochs=program.epochs,
            batch_size=program.batch,
            class_weight=program.fit.get("class_weight"),
            shuffle=program.fit.get("shuffle", True),
            trainings=trainings,
        )
        score = 0.0
        if found.model is not None:
            kept = found.after.samples
            answers = found.model.predict(kept.x_val, verbose=0)
            score = rate(_judged_on(data, kept), answers)
        return {
            "name": program.name,
            "score": round(score, 2),
            "helped": found.helped,
            "changes": [str(change) for change in found.changes],
            "label": found.after.label,
            "attempts": [[a.label, _number(a.score), a.epochs] for a in found.attempts],
            "left": sorted({f.rule for f in found.after.diagnosis.problems}),
            "seconds": round(time.perf_counter() - started, 1),
        }
    finally:
        config.set_dtype_policy(before)


def _judged_on(data: Any, kept: Any) -> Any:
    """The validation samples as the treated network sees them: gaps dropped, labels from 0."""
    from dataclasses import replace

    return replace(data, x_val=kept.x_val, y_val=np.asarray(kept.y_val))


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def judge(treated: dict[str, Any], program: Program, twin: float, faulty: float) -> dict[str, Any]:
    """Whether the fault counts, and whether it is repaired."""
    return {
        **treated,
        "faulty": round(faulty, 2),
        "twin": round(twin, 2),
        "hurts": program.certain or faulty < twin - HURTS,
        "lost": program.name.endswith(LOST),
        "repaired": treated["score"] >= twin - HURTS,
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures."""
    counted = [row for row in rows if row["hurts"]]
    can = [row for row in counted if not row["lost"]]

    def percent(part: list[dict[str, Any]]) -> float | None:
        if not part:
            return None
        return round(100 * sum(row["repaired"] for row in part) / len(part), 1)

    return {
        "treated": len(rows),
        "faults_that_hurt": len(counted),
        "repaired_percent": percent(counted),
        "of_these_data_still_holds_the_answer": len(can),
        "repaired_of_these_percent": percent(can),
        "helped_percent": percent([{**row, "repaired": row["helped"]} for row in can]),
        "seconds": round(sum(row["seconds"] for row in rows), 1),
    }


def report(rows: list[dict[str, Any]]) -> str:
    """The figures as text, with every fault that was not repaired."""
    lines = [f"{name:40} {value}" for name, value in summary(rows).items()]
    lines += ["", "not repaired:"]
    for row in rows:
        if row["hurts"] and not row["repaired"]:
            lost = " (lost)" if row["lost"] else ""
            lines.append(
                f"  {row['name']:32} {row['faulty']:6} -> {row['score']:6} (twin {row['twin']})"
                f"{lost} {row['label']}"
            )
    return "\n".join(lines)


def main() -> int:
    """Treat, judge, print, write."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.doctor.treatment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a few faults of each kind")
    parser.add_argument("--only", nargs="+", help="faults whose name contains one of these words")
    parser.add_argument("--kept", action="store_true", help="train nothing, judge what is kept")
    parser.add_argument("--resume", action="store_true", help="leave out what is kept already")
    parser.add_argument("--trainings", type=int, default=8, help="of `treat`")
    parser.add_argument("--limit", type=float, default=float("inf"), help="seconds")
    parser.add_argument("--stride", type=int, default=1, help="every so many faults only")
    arguments = parser.parse_args()
    healthy = {program.name: program for program in HEALTHY}
    chosen = [p for p in FAULTS if p.quick or not arguments.quick]
    if arguments.only:
        chosen = [p for p in chosen if any(word in p.name for word in arguments.only)]
    rows, started = [], time.perf_counter()
    for program in chosen[:: arguments.stride]:
        place = KEPT / f"{folder_of(program).name}.json"
        if not place.exists() and arguments.kept:
            continue
        fresh = not (place.exists() and (arguments.kept or arguments.resume))
        if fresh and time.perf_counter() - started > arguments.limit:
            break
        if fresh:
            treated = treat_program(program, arguments.trainings)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps(treated), encoding="utf-8")
        treated = json.loads(place.read_text(encoding="utf-8"))
        twin = _score_of(healthy[program.twin or ""])
        rows.append(judge(treated, program, twin, _score_of(program)))
        row = rows[-1]
        if fresh:
            line = f"{row['name']:32} {row['faulty']:6} -> {row['score']:6} (twin {row['twin']})"
            line += f" {row['seconds']:6} s {'' if row['repaired'] else 'NOT '}repaired: "
            print(line + str(row["label"]), file=sys.stderr, flush=True)
    print(report(rows))
    if not (arguments.quick or arguments.only or arguments.stride > 1) and len(rows) == len(FAULTS):
        RESULT.write_text(json.dumps({"summary": summary(rows), "runs": rows}, indent=1) + "\n")
    return 0


def _score_of(program: Program) -> float:
    """Its score as it is; trained where no earlier run of the benchmark is kept."""
    kept = (folder_of(program) / "outcome.json").exists()
    return run(program, again=not kept).score


if __name__ == "__main__":
    sys.exit(main())
