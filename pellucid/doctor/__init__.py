"""The doctor: findings from records. NumPy only, so that it runs as well on a run from disk."""

from __future__ import annotations

from typing import Any

_PLACES = {
    "Change": "change",
    "Diagnosis": "diagnosis",
    "Evidence": "finding",
    "Finding": "finding",
    "Rule": "rule",
    "Where": "finding",
    "examine": "examination",
    "load_rules": "rule",
    # These train networks, and stand above them: they are only reached through here.
    "Treatment": ".treatment",
    "treat": ".treatment",
    "learning_rate_range_test": ".treatment.experiments",
    "overfit_one_batch": ".treatment.experiments",
    "shuffled_labels": ".treatment.experiments",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
