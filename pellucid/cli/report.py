"""What `train` and `evaluate` print about data, network and results."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from .flags import proposed
from .messages import say, table


def before_training(prepared: Any) -> None:
    """Two lines: the data and its parts, the network."""
    samples, targets, parts = prepared.samples, prepared.targets, prepared.parts
    sizes = parts.description
    total = sizes["train"] + sizes["validation"] + sizes["test"]
    shape = samples.x.shape[1:]
    what = (
        f"{len(targets.labels)} classes" if targets.task == "classification" else _numbers(targets)
    )
    say(
        f"Data      {samples.source}: {total:,} samples of "
        f"{' x '.join(map(str, shape))} number{'s' if math.prod(shape) != 1 else ''}, {what}; "
        f"{sizes['train']:,} to train on, {sizes['validation']:,} to validate with, "
        f"{sizes['test']:,} held out"
    )
    say(f"Task      {targets.task}, {targets.why}" + _override(samples, targets))
    say(f"Network   {network_line(prepared)}")
    say()


def _numbers(targets: Any) -> str:
    return "one number to predict" if targets.columns == 1 else f"{targets.columns} to predict"


def _override(samples: Any, targets: Any) -> str:
    """A hint where the rule had to guess from numbers."""
    if not targets.why.endswith("whole numbers"):
        return ""
    other = "regression" if targets.task == "classification" else "classification"
    return f" (--task {other} if they are not)"


def network_line(prepared: Any) -> str:
    """Such as `64 - 128 relu - 64 relu - 10 softmax: 17,226 parameters`."""
    network, targets = prepared.settings.network, prepared.targets
    words = [str(math.prod(prepared.samples.x.shape[1:]))]
    words += [f"{units} {network.activation}" for units in network.layers]
    words += [f"{targets.outputs}" + (" softmax" if targets.task == "classification" else "")]
    text = f"{' - '.join(words)}: {prepared.model.count_params():,} parameters"
    extras = [f"dropout {network.dropout:g}"] if network.dropout else []
    extras += ["batch normalisation"] if network.batch_norm else []
    extras += [f"L2 {network.l2:g}"] if network.l2 else []
    extras += [network.dtype] if network.dtype != "float32" else []
    return ", ".join([text, *extras])


def after_training(prepared: Any, outcome: Any, folder: Path) -> None:
    """The held-out results beside the baseline, the time, the folder, what to try next."""
    results = outcome.results
    say()
    held = "test" if results["test"] is not None else "validation"
    if results[held] is not None:
        where = "held-out samples" if held == "test" else "validation samples"
        comparison(results[held], results["baseline"], prepared.parts.description[held], where)
        say()
    epochs = results["epochs"]
    ended = "Interrupted by Ctrl-C after" if results["interrupted"] else "Trained"
    kept = results["weights_from_epoch"]
    best = f", the weights are from epoch {kept}" if kept != epochs else ""
    say(f"{ended} {epochs} epoch{'s' if epochs != 1 else ''} in {results['seconds']:.1f} s{best}.")
    if results["first_bad_step"] is not None:
        say(
            f"The loss was not a number any more from step {results['first_bad_step']} on: "
            "the run is of no use. Try a smaller --learning-rate.",
            "bold red",
        )
    say(f"The run is in {folder}", "bold")
    say()
    if told := tiny(prepared):
        say(told, "yellow")
        say()
    diagnosis = getattr(outcome.history, "diagnosis", None)
    ill = diagnosis is not None and bool(diagnosis.problems or diagnosis.warnings)
    say("Try next:")
    for command in next_commands(prepared, folder, ill):
        say(f"  {command}", "green")
    if ill and (fixes := proposed(diagnosis, outcome.settings.get("command") or "")):
        say("What the doctor would change:")
        for command in fixes:
            say(f"  {command}", "green")


TINY, FEW_HELD_OUT = 50, 10  # samples


def tiny(prepared: Any) -> str:
    """A warning where there are so few samples that the numbers are luck; else nothing."""
    sizes = prepared.parts.description
    held = sizes["test"] or sizes["validation"]
    if sizes["train"] >= TINY and held >= FEW_HELD_OUT:
        return ""
    words = f"This is tiny data: {count(sizes['train'], 'sample')} to train on"
    if not held:
        return f"{words}, and none to measure with."
    words += f" and {held:,} to measure with"
    if prepared.targets.task == "classification":
        words += f", where one more right answer is {1 / held:.0%}"
    return f"{words}. The results are mostly chance."


def next_commands(prepared: Any, folder: Path, ill: bool = False) -> list[str]:
    """Commands that use the run; where the doctor found something, its own come first."""
    import shlex

    run, source = shlex.quote(str(folder)), shlex.quote(prepared.samples.source)
    commands = [f"pellucid evaluate {run}", f"pellucid predict {run} {source}"]
    if ill:
        doctor = [f"pellucid doctor {run}", f"pellucid doctor treat {run}"]
        return [*doctor, f"pellucid report {run}", *commands]
    return [*commands, f"pellucid summary {run}", f"pellucid report {run}"]


NAMES = {
    "accuracy": "accuracy",
    "loss": "loss",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "r2": "R squared",
}


def comparison(
    measured: dict[str, float], baseline: dict[str, Any], count: int, where: str
) -> None:
    """One row per metric: the network's value, and the baseline's."""
    rows = [
        [NAMES[name], _value(name, measured[name]), _value(name, baseline.get(name))]
        for name in NAMES
        if name in measured and (name != "loss" or "accuracy" in measured)
    ]
    table([f"On {count:,} {where}", "this network", baseline["what"]], rows)


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name == "accuracy":
        return f"{value:.2%}"
    return f"{value:.4f}" if name in ("loss", "r2") else f"{value:,.4g}"


def classes(rows: list[dict[str, Any]]) -> None:
    """One row per class: how many of its samples were found."""
    table(
        ["class", "samples", "recall", "mostly confused with"],
        [
            [
                row["class"],
                f"{row['samples']:,}",
                "-" if row["found"] is None else f"{row['found']:.1%}",
                row["taken_for"] or "-",
            ]
            for row in rows
        ],
    )


def count(number: int, one: str) -> str:
    """
    >>> count(1, "sample"), count(2, "sample")
    ('1 sample', '2 samples')
    """
    return f"{number:,} {one}{'' if number == 1 else 's'}"
