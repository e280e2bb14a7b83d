"""Small checks and forms of what the training methods take and return."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import ConfigError


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


def as_list(value: Any) -> list[Any]:
    """None, one thing or several -> a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def listed(logs: dict[str, Any]) -> Any:
    """Logs as Keras returns them: the loss alone, or `[loss, *metrics]`."""
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
