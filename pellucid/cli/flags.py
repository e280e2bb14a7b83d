"""The doctor's fixes as options of `pellucid train`, where there are such options."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any

OTHER_PLACE = ("--out", "-o")


def flags_of(changes: Iterable[Any]) -> dict[str, str | None]:
    """Option -> its value (None for a switch), for those changes that `train` has options for.

    >>> from pellucid.doctor import Change
    >>> flags_of([Change("set_learning_rate", arguments={"learning_rate": 1e-3})])
    {'--learning-rate': '0.001'}
    """
    flags: dict[str, str | None] = {}
    for change in changes:
        given = change.arguments
        if change.kind in ("set_optimizer", "set_learning_rate"):
            if "optimizer" in given:
                flags["--optimizer"] = str(given["optimizer"]).lower()
            if given.get("learning_rate") is not None:
                flags["--learning-rate"] = f"{given['learning_rate']:g}"
        elif change.kind == "set_batch_size":
            flags["--batch-size"] = str(given["batch_size"])
        elif change.kind == "set_epochs":
            flags["--epochs"] = str(given["epochs"])
        elif change.kind == "add_early_stopping":
            flags["--patience"] = str(given.get("patience", 5))
        elif change.kind == "set_activation":
            flags["--activation"] = str(given["activation"])
        elif change.kind in ("set_dropout", "add_dropout"):
            flags["--dropout"] = f"{given['rate']:g}"
        elif change.kind == "remove_layer" and change.path.startswith("dropout"):
            flags["--dropout"] = "0"
        elif change.kind == "remove_layer" and change.path.startswith("batch_norm"):
            flags["--no-batch-norm"] = None
        elif change.kind == "add_batch_norm":
            flags["--batch-norm"] = None
        elif change.kind == "set_regularizer" and given.get("regularizer") is None:
            flags["--l2"] = "0"
    return flags


def with_flags(command: str, flags: dict[str, str | None]) -> str:
    """A `pellucid train` command with other values of some options, and a folder of its own.

    >>> with_flags("pellucid train iris --epochs 3 --out runs/a", {"--epochs": "30"})
    'pellucid train iris --epochs 30'
    """
    words, kept = shlex.split(command), []
    drop_switch = "--no-batch-norm" in flags
    given = {name: value for name, value in flags.items() if name != "--no-batch-norm"}
    skip = False
    for word in words:
        name = word.split("=")[0]
        if skip:
            skip = False
        elif name in (*OTHER_PLACE, *(n for n, value in given.items() if value is not None)):
            skip = "=" not in word
        elif word in ("--force", *given) or (drop_switch and word == "--batch-norm"):
            continue
        else:
            kept.append(word)
    for name, value in given.items():
        kept += [name] if value is None else [name, value]
    return shlex.join(kept)


def proposed(diagnosis: Any, command: str) -> list[str]:
    """Commands that try the likeliest fixes, one each, at most three."""
    if not command.startswith("pellucid train "):
        return []
    found: list[str] = []
    for finding in diagnosis:
        for cause in (*finding.likely, finding):
            flags = flags_of(cause.changes)
            if cause.severity == "remark" or not flags:
                continue
            line = with_flags(command, flags)
            if line not in found:
                found.append(line)
    return found[:3]
