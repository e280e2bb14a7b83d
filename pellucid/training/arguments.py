"""Small checks and forms of what the training methods take and return."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from .._core import settings
from .._core.errors import ConfigError, PellucidWarning


def check_counts(**values: Any) -> None:
    """Refuse counts (epochs, steps, batch sizes) that are not whole or too small."""
    for name, value in values.items():
        least = 0 if name in ("initial_epoch", "epochs") else 1
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise ConfigError(
                f"{name} must be a whole number of at least {least}.",
                got=repr(value),
                fix=f"pass {name}={max(least, 1)}, say.",
            )


def limited(name: str, value: int | None) -> int | None:
    """`value`, or the smaller limit that `pellucid.config` sets for trying a program, said aloud.

    Args:
        name: ``"epochs"`` or ``"steps"``.
        value: asked for; None where that is as many as there are.
    """
    limit = settings.max_epochs() if name == "epochs" else settings.max_steps_per_epoch()
    if limit is None or (value is not None and value <= limit):
        return value
    warnings.warn(
        f"{name} are limited to {limit} by pellucid.config or the environment.",
        PellucidWarning,
        stacklevel=3,
    )
    return limit


def check_one_of(**values: Any) -> None:
    """Refuse two arguments that say the same in different ways."""
    if sum(value is not None for value in values.values()) > 1:
        raise ConfigError(f"{' and '.join(values)} were both given.", fix="pass only one of them.")


def check_compile(jit_compile: Any, steps_per_execution: Any, loss: Any, metrics: Any) -> None:
    """Refuse what `compile` cannot take, and names that do not exist."""
    from .. import losses as _losses
    from .. import metrics as _metrics

    if jit_compile not in (True, False, "auto"):
        raise ConfigError("jit_compile is True, False or 'auto'.", got=repr(jit_compile))
    if steps_per_execution != "auto" and (
        isinstance(steps_per_execution, bool)
        or not isinstance(steps_per_execution, (int, np.integer))
        or steps_per_execution < 1
    ):
        raise ConfigError(
            "steps_per_execution must be a positive whole number or 'auto'.",
            got=repr(steps_per_execution),
            fix="leave it out: batch hooks are then called at every step.",
        )
    # Names that depend on the outputs' shapes are resolved later; the others are checked now.
    for item in jax.tree.leaves(loss):
        if isinstance(item, str) and item not in ("crossentropy", "ce"):
            _losses.as_loss(item)
    for item in jax.tree.leaves(metrics):
        if isinstance(item, str) and item not in ("accuracy", "acc", "crossentropy", "ce"):
            _metrics.get(item)


def as_list(value: Any) -> list[Any]:
    """None, one thing or several -> a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def listed(logs: dict[str, Any], objective: Any = None) -> Any:
    """Logs as Keras returns them: the loss alone, or `[loss, *metrics]`.

    What a step of one's own adds comes after what was compiled.
    """
    known = [] if objective is None else [name for name in objective.log_names if name in logs]
    values = [logs[name] for name in dict.fromkeys([*known, *logs])]
    return values[0] if len(values) == 1 else values
