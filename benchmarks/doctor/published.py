"""Faulty and healthy programs of published studies: `python -m benchmarks.doctor --part published`.

Networks are built from neutral descriptions, trained here, and judged. Identical networks (`group`)
count once. Cases whose label is suspect, or whose published repair does not work, are run and
listed, but count neither as faults nor as healthy. Pictures are cut to fit a small machine.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks.data import shared

from .judge import ranked, share
from .neutral import UnknownCaseError, make_loss, make_model, make_optimizer
from .neutral_data import load
from .training import CACHE, Outcome, keep, kept

OUTPUT = {
    "softmax-over-one-unit", "softmax-twice", "linear-output-with-crossentropy",
    "probabilities-as-logits", "unfit-output-for-crossentropy", "sigmoid-for-exclusive-classes",
    "softmax-with-mse", "sigmoid-with-mse", "bounded-output-for-values", "hidden-softmax",
    "predictions-are-no-probabilities", "predictions-are-probabilities-already",
}  # fmt: skip
LOSS = OUTPUT | {
    "crossentropy-for-values", "targets-do-not-fit-loss", "hinge-with-probabilities",
    "binary-crossentropy-with-softmax", "softmax-for-several-labels", "labels-out-of-range",
    "accuracy-of-values", "unscaled-targets",
}  # fmt: skip
RATE = {"learning-rate-too-high", "learning-rate-too-low", "unusual-learning-rate",
        "learning-rate-not-positive"}  # fmt: skip
START = {"constant-initial-weights", "initial-weights-scale", "dead-at-initialisation",
         "signal-lost-at-initialisation", "gradient-lost-at-initialisation"}  # fmt: skip
SCALE = {"unscaled-inputs", "tiny-inputs", "columns-of-different-scale", "unscaled-targets",
         "validation-scaled-differently", "nonfinite-data"}  # fmt: skip
HIDDEN = {"no-nonlinearity", "deep-sigmoid-stack", "vanishing-gradients", "dead-units",
          "saturated-units", "exploding-gradients", "too-small-network"}  # fmt: skip
# What a study calls a fault -> words in our rules' names for it.
SLOW = RATE | HIDDEN | START | LOSS | SCALE
# What a study calls a fault -> the rules of which one should be named.
PHRASES: dict[str, set[str]] = {
    "exploding_gradient": {"exploding-gradients", "loss-not-finite", "diverging",
                           "learning-rate-too-high"} | START,
    "vanishing_gradient": {"vanishing-gradients", "deep-sigmoid-stack", "saturated-units"} | START,
    "dying_relu": {"dead-units"} | START,
    "oscillating_loss": RATE | {"loss-spikes", "high-momentum", "small-batches", "unscaled-inputs"},
    "slow_convergence": SLOW,
    "not_converge": SLOW,
    "adam_epsilon_too_low": {"unusual-epsilon"},
    "missing_regularisation": {"overfitting", "too-few-samples"},
    "over_regularisation": {"too-much-regularization"},
    "validation_leak": {"shared-validation-rows", "column-gives-answer-away"},
    "missing_softmax": OUTPUT,
    "high_dropout": {"too-much-dropout", "high-dropout", "dropout-before-output"},
}  # fmt: skip
# The same for single words of any other name of a fault.
WORDS: dict[str, set[str]] = {
    "act": OUTPUT | HIDDEN, "activation": OUTPUT | HIDDEN, "activations": OUTPUT | HIDDEN,
    "lr": RATE, "learning": RATE,
    "opt": RATE | {"plain-sgd", "unusual-epsilon", "high-momentum"},
    "optimizer": RATE | {"plain-sgd", "unusual-epsilon", "high-momentum"},
    "loss": LOSS,
    "epoch": {"stopped-too-early", "overfitting", "learning-rate-too-low", "slow"},
    "layer": HIDDEN | OUTPUT | {"too-few-samples", "overfitting", "high-dropout"},
    "layers": HIDDEN | OUTPUT | {"too-few-samples", "overfitting", "high-dropout"},
    "prep": SCALE | {"labels-out-of-range", "targets-do-not-fit-loss"},
    "unnormalised": SCALE, "unnormalized": SCALE, "input": SCALE,
    "init": START, "initialisation": START, "initialization": START,
    "regularisation": {"too-much-regularization", "overfitting", "too-few-samples"},
    "dropout": {"too-much-dropout", "high-dropout"},
    "batch": {"small-batches", "batch-larger-than-data", "learning-rate-too-high"},
}  # fmt: skip


def true_causes(truth: dict[str, Any]) -> set[str]:
    """Rules that would name what the study names."""
    found: set[str] = set()
    for name in [*(truth.get("fault_types") or []), *(truth.get("problems") or [])]:
        phrase = name.lower().strip()
        if phrase in PHRASES:
            found |= PHRASES[phrase]
            continue
        for word in re.split(r"[^a-z]+", phrase):
            found |= WORDS.get(word, set())
    return found


def train(case: dict[str, Any], seed: int) -> tuple[Any, str]:
    """The record of one run, and a note."""
    from pellucid import utils

    loss_text = case["compile"]["loss"]
    loss = make_loss(loss_text)
    utils.set_random_seed(seed)
    units = next(
        (e["params"]["units"] for e in reversed(case["layers"]) if "units" in e["params"]), 1
    )
    (x, y, x_val, y_val), note = load(case, int(units), loss_text)
    model = make_model(case, x.shape[1:])
    kinds = ("crossentropy", "hinge", "kullback")
    metrics = ["accuracy"] if any(kind in loss_text for kind in kinds) else []
    model.compile(make_optimizer(case["compile"]["optimizer"]), loss, metrics=metrics)
    held = (x_val, y_val) if len(x_val) else None
    history = model.fit(
        x, y, batch_size=case.get("batch_size") or 32, epochs=case.get("epochs") or 50,
        validation_data=held, verbose=0,
    )  # fmt: skip
    return history.vitals, note


def examine_case(case: dict[str, Any], seed: int, again: bool, only_kept: bool) -> dict[str, Any]:
    """Train (or read the kept record) and ask the doctor.

    Raises:
        UnknownCaseError: it cannot be run here, or nothing is kept and `only_kept`.
    """
    import jax

    from pellucid._core.errors import PellucidError
    from pellucid.doctor import examine

    folder = CACHE / "published" / f"{case['id']}-{seed}"
    note = folder / "note.txt"
    outcome = None if again else kept(folder)
    if outcome is None:
        if only_kept:
            raise UnknownCaseError("not trained yet")
        started, text = time.perf_counter(), ""
        try:
            record, text = train(case, seed)
            outcome = Outcome(record, 0.0, time.perf_counter() - started)
        except PellucidError as error:
            outcome = Outcome(None, 0.0, time.perf_counter() - started, str(error))
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(text, encoding="utf-8")
        keep(folder, outcome)
        jax.clear_caches()
    found: dict[str, Any] = {
        "seconds": round(outcome.seconds, 1),
        "note": note.read_text(encoding="utf-8"),
    }
    if outcome.record is None:
        return {**found, "refused": outcome.error}
    diagnosis = examine(outcome.record)
    return {
        "problem": [f.rule for f in diagnosis.problems],
        "warning": [f.rule for f in diagnosis.warnings],
        "remark": [f.rule for f in diagnosis.remarks],
        "causes": ranked(diagnosis),
        "learned": diagnosis.learned,
        "evidence": [str(e) for f in diagnosis.problems[:1] for e in f.evidence],
        **found,
    }


def counts_as(case: dict[str, Any]) -> str:
    """``"buggy"``, ``"normal"`` or ``"neither"``."""
    truth = case.get("truth") or {}
    if truth.get("label_suspect") or case.get("label_suspect"):
        return "neither"
    if truth.get("fix_effective") is False or case.get("fix_effective") is False:
        return "neither"
    return str(truth.get("label"))


def robust(case: dict[str, Any]) -> bool:
    """Whether the fault shows from every initial state."""
    seen = str((case.get("truth") or {}).get("reproduced_seeds") or "1/1").split("/")
    return seen[0] == seen[-1]


def read_cases(path: Path | None) -> list[dict[str, Any]]:
    """The descriptions, from a file or from the shared folder; empty where there is none."""
    path = path or shared("../doctor/cases.json")
    if path is None or not path.exists():
        return []
    cases = json.loads(path.read_text(encoding="utf-8"))
    return list(cases["cases"] if isinstance(cases, dict) else cases)


def run_cases(
    cases: list[dict[str, Any]], seeds: int, again: bool, only_kept: bool
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """One row a run, and why others were left out."""
    skipped: Counter[str] = Counter()
    rows = []
    for case in cases:
        for seed in range(seeds):
            try:
                found = examine_case(case, seed, again, only_kept)
            except UnknownCaseError as error:
                skipped[str(error)] += 1
                break
            except Exception as error:  # one case must not end the others
                skipped[f"{type(error).__name__}: {str(error)[:120]}"] += 1
                break
            rows.append({"case": case, "seed": seed, **found})
            line = {k: found[k] for k in ("problem", "warning", "refused") if found.get(k)}
            text = f"{case['id']:44} {counts_as(case):8} {found['seconds']:6} s {line}"
            print(text[:200], file=sys.stderr, flush=True)
    return rows, skipped


def as_json(rows: list[dict[str, Any]], skipped: Counter[str]) -> dict[str, Any]:
    """Ready to be written."""
    runs = [
        {**row, "case": row["case"]["id"], "counts_as": counts_as(row["case"]),
         "wanted": sorted(true_causes(row["case"].get("truth") or {}))}
        for row in rows
    ]  # fmt: skip
    return {"summary": summary(rows, skipped), "runs": runs}


def summary(rows: list[dict[str, Any]], skipped: Counter[str]) -> dict[str, Any]:
    """Recall, false alarms and causes, each group of identical networks counted once.

    A group with several runs is judged by most of them. `tools` compares on those networks for
    which the study gives the tool's answer.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        kind = counts_as(row["case"])
        if kind in ("buggy", "normal"):
            groups[kind, str(row["case"].get("group") or row["case"]["id"])].append(row)

    def mostly(own: list[dict[str, Any]], test: Any) -> bool:
        return sum(bool(test(row)) for row in own) * 2 > len(own)

    def problem(row: dict[str, Any]) -> bool:
        return bool(row.get("problem") or row.get("refused"))

    def anything(row: dict[str, Any]) -> bool:
        return problem(row) or bool(row.get("warning"))

    def named(row: dict[str, Any], places: int) -> bool:
        wanted = true_causes(row["case"]["truth"])
        return bool(row.get("refused")) or bool(wanted & set(row.get("causes", [])[:places]))

    buggy = [own for (kind, _), own in groups.items() if kind == "buggy"]
    normal = [own for (kind, _), own in groups.items() if kind == "normal"]
    sure = [own for own in buggy if robust(own[0]["case"])]
    labelled = [own for own in buggy if true_causes(own[0]["case"]["truth"])]

    def rate(own: list[list[dict[str, Any]]], test: Any) -> float | None:
        return share(mostly(group, test) for group in own)

    tools: dict[str, dict[str, Any]] = {}
    names = {tool for row in rows for tool in (row["case"].get("published") or {})}
    for tool in sorted(names):
        verdicts = {"buggy": [], "normal": []}  # type: dict[str, list[tuple[bool, bool, bool]]]
        for (kind, _), own in groups.items():
            said = [(row["case"].get("published") or {}).get(tool) for row in own]
            known = [answer for answer in said if isinstance(answer, bool)]
            if known:
                theirs = sum(known) * 2 > len(known)
                verdicts[kind].append((theirs, mostly(own, problem), mostly(own, anything)))
        tools[tool] = {}
        for kind, found in verdicts.items():
            tools[tool][f"{kind}_networks"] = len(found)
            for place, who in enumerate(("tool", "problem", "problem_or_warning")):
                tools[tool][f"{kind}_{who}_percent"] = share(v[place] for v in found)
    return {
        "faulty_networks": len(buggy),
        "detected_as_problem_percent": rate(buggy, problem),
        "detected_problem_or_warning_percent": rate(buggy, anything),
        "robust_faults": len(sure),
        "robust_detected_as_problem_percent": rate(sure, problem),
        "robust_problem_or_warning_percent": rate(sure, anything),
        "healthy_networks": len(normal),
        "healthy_with_problem_percent": rate(normal, problem),
        "healthy_with_warning_percent": rate(normal, anything),
        "healthy_flagged": {
            g[0]["case"]["id"]: g[0].get("evidence", []) for g in normal if mostly(g, problem)
        },
        "missed": [g[0]["case"]["id"] for g in buggy if not mostly(g, anything)],
        "with_known_cause": len(labelled),
        "cause_named_percent": rate(labelled, lambda row: named(row, 99)),
        "cause_first_two_percent": rate(labelled, lambda row: named(row, 2)),
        "tools": tools,
        "runs_cut": sum(bool(row.get("note")) for row in rows),
        "skipped": dict(skipped.most_common()),
    }
