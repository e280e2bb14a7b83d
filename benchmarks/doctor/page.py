"""The page docs/benchmarks/doctor.md, written from doctor.json: no figure is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.pages import table

ROWS = (
    ("healthy_runs", "healthy runs"),
    ("healthy_with_problem", "... with a finding of severity `problem` (bar: 0)"),
    ("healthy_with_warning", "... with a warning"),
    ("seeded_faults", "seeded faults"),
    ("faults_that_hurt", "... that hurt"),
    ("recall_percent", "noticed, % of those (bar: 95)"),
    ("recall_problem_or_warning_percent", "... as a problem or a warning, %"),
    ("recall_problem_percent", "... as a problem, %"),
    ("cause_named_percent", "true cause named, %"),
    ("cause_first_two_percent", "... among the first two (bar: 90)"),
    ("cause_first_percent", "... as the first"),
)
HALVES = ("tuned_on", "held_out", "all")
COUNTS = ("seeded", "hurt", "noticed", "named", "first_two")
SAID = ("healthy_problem", "healthy_warning", "healthy_remark")


def number(value: Any) -> str:
    """A figure, or a dash."""
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def page(result: Mapping[str, Any]) -> str:
    """The whole page."""
    lines = [
        "# What the doctor finds",
        "",
        "Written by `python -m benchmarks.doctor` from `doctor.json`, which lies beside this page",
        "and has every single run. Small networks on small real data sets, one fixed seed each.",
    ]
    if "seeded" in result:
        lines += seeded(result["seeded"])
    if "begun" in result:
        lines += begun(result["begun"])
    if "published" in result:
        lines += studies(result["published"])
    if "treatment" in result:
        lines += treatment(result["treatment"])
    return "\n".join(lines) + "\n"


def seeded(found: Mapping[str, Any]) -> list[str]:
    """Seeded faults and healthy runs."""
    halves = found["summary"]
    rows = [[text, *(number(halves[half][name]) for half in HALVES)] for name, text in ROWS]
    lines = [
        "",
        "## Seeded faults and healthy runs",
        "",
        "Each fault is put into a healthy program. It counts if it hurts: if the score on held-out",
        "samples falls by more than two points, or if it is a fault by its configuration whatever",
        "the score. It is *noticed* if the doctor reports a problem or a warning, or a remark that",
        "names it. Programs were parted in two halves by a checksum of their names; rules and",
        "limits were tuned on one half only.",
        "",
        *table(["", "tuned on", "held out", "all"], rows),
        "",
        "### By rule",
        "",
        "A fault belongs to the rule that says it best; other rules that name it as well count as",
        "named. On the right: how often the rule spoke on a healthy run.",
        "",
    ]
    cells = [
        [f"`{rule}`", *(str(row.get(name, 0) or "") for name in (*COUNTS, *SAID))]
        for rule, row in halves["by_rule"].items()
    ]
    columns = ["rule", "seeded", "hurt", "noticed", "named", "first two",
               "healthy: problem", "warning", "remark"]  # fmt: skip
    lines += table(columns, cells)
    wrong = [
        [v["name"], number(v["score"]), number(v["twin_score"]), v["truth"][0],
         ", ".join(v["causes"][:3]) or "nothing"]
        for v in found["runs"]
        if v["faulty"] and v["hurts"] and (not v["noticed"] or v["rank"] not in (1, 2))
    ]  # fmt: skip
    if wrong:
        lines += ["", "### Missed, or the cause not among the first two", ""]
        lines += table(["run", "score", "healthy twin", "true cause", "named first"], wrong)
    loud = [
        [v["name"], number(v["score"]), ", ".join(v["said"]["problem"] + v["said"]["warning"])]
        for v in found["runs"]
        if not v["faulty"] and (v["problem"] or v["said"].get("warning"))
    ]
    if loud:
        lines += ["", "### Healthy runs with a problem or a warning", ""]
        lines += table(["run", "score", "said"], loud)
    return lines


def begun(found: Mapping[str, Any]) -> list[str]:
    """The same healthy programs, stopped early."""
    figures = found["summary"]["all"]
    alarms = [
        [v["name"], ", ".join((*v["said"]["problem"], *v["said"]["warning"]))]
        for v in found["runs"]
        if v["said"]["problem"] or v["said"]["warning"]
    ]
    return [
        "",
        "## Sound programs that have only begun",
        "",
        f"The healthy programs again, examined after one and after three epochs: of "
        f"{figures['healthy_runs']} runs",
        f"{figures['healthy_with_problem']} had a finding of severity `problem`, and "
        f"{figures['healthy_with_warning']} a warning.",
        *(["", *table(["run", "said"], alarms)] if alarms else []),
    ]


def treatment(found: Mapping[str, Any]) -> list[str]:
    """What `pellucid.doctor.treat` made of the seeded faults."""
    figures = found["summary"]
    left = [
        [row["name"], number(row["faulty"]), number(row["score"]), number(row["twin"]),
         row["label"], "data" if row["lost"] else ""]
        for row in found["runs"]
        if row["hurts"] and not row["repaired"]
    ]  # fmt: skip
    return [
        "",
        "## What treatment repairs",
        "",
        "Written by `python -m benchmarks.doctor.treatment --trainings 6`; every run is in",
        "`treatment.json`. Each seeded fault is given to `pellucid.doctor.treat`, with its",
        "training and validation samples and nothing else. It is repaired if the treated network",
        "scores within two points of the healthy twin. Some faults destroy the data, which",
        "nothing brings back: targets shuffled, samples made alike, most of them dropped.",
        "",
        *table(
            ["", ""],
            [
                ["faults that hurt", number(figures["faults_that_hurt"])],
                ["repaired, % of those", number(figures["repaired_percent"])],
                ["... whose data still holds the answer",
                 number(figures["of_these_data_still_holds_the_answer"])],
                ["repaired, % of these (bar: 90)", number(figures["repaired_of_these_percent"])],
            ],
        ),
        "",
        "Not repaired:",
        "",
        *table(["run", "score", "treated", "healthy twin", "best attempt", "lost"], left),
    ]  # fmt: skip


def studies(found: Mapping[str, Any]) -> list[str]:
    """Programs of published studies."""
    summary = found["summary"]
    rows = [
        ["faulty networks", number(summary["faulty_networks"])],
        ["... reported as a problem, %", number(summary["detected_as_problem_percent"])],
        ["... as a problem or warning, %", number(summary["detected_problem_or_warning_percent"])],
        ["faults that show from every seed", number(summary["robust_faults"])],
        ["... as a problem, %", number(summary["robust_detected_as_problem_percent"])],
        ["... as a problem or warning, %", number(summary["robust_problem_or_warning_percent"])],
        ["a cause that the study names is named, %", number(summary["cause_named_percent"])],
        ["... among the first two, %", number(summary["cause_first_two_percent"])],
        ["healthy networks", number(summary["healthy_networks"])],
        ["... with a problem, %", number(summary["healthy_with_problem_percent"])],
        ["... with a warning, %", number(summary["healthy_with_warning_percent"])],
    ]
    compared = []
    for tool, own in summary["tools"].items():
        compared.append(
            [tool]
            + [
                number(own[f"{kind}_{name}"])
                for kind in ("buggy", "normal")
                for name in (
                    "networks",
                    "tool_percent",
                    "problem_percent",
                    "problem_or_warning_percent",
                )
            ]
        )
    columns = ["tool", "faulty", "it reports, %", "doctor: problem, %", "or warning, %",
               "healthy", "it flags, %", "doctor: problem, %", "or warning, %"]  # fmt: skip
    lines = [
        "",
        "## Programs of published studies",
        "",
        "Rebuilt from neutral descriptions and trained here; networks that are alike count once.",
        "Cases whose label is suspect, or whose published repair does not work, are run but count",
        f"neither way. Sets of pictures were cut to fit ({summary['runs_cut']} runs).",
        "",
        *table(["", ""], rows),
        "",
        "Against the tools, each on the networks for which a study gives its answer:",
        "",
        *table(columns, compared),
    ]
    if summary["skipped"]:
        lines += ["", "Not run, for their data is not here:", ""]
        lines += [f"- {reason}: {count}" for reason, count in summary["skipped"].items()]
    if summary["missed"]:
        lines += ["", "Faulty networks on which the doctor said neither problem nor warning:", ""]
        lines += [f"- {name}" for name in summary["missed"]]
    if summary["healthy_flagged"]:
        lines += ["", "Healthy networks with a problem:", ""]
        lines += [f"- {name}: {'; '.join(e)}" for name, e in summary["healthy_flagged"].items()]
    return lines
