"""The doctor: findings from records. NumPy only, so that it runs as well on a run from disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.lazy import attach

if TYPE_CHECKING:
    from ..treatment import Treatment, treat
    from ..treatment.experiments import (
        learning_rate_range_test,
        overfit_one_batch,
        shuffled_labels,
    )
    from .change import Change
    from .diagnosis import Diagnosis
    from .examination import examine
    from .finding import Evidence, Finding, Where
    from .pages import explain
    from .rule import Rule, load_rules

_PLACES = {
    "Change": "change",
    "Diagnosis": "diagnosis",
    "Evidence": "finding",
    "Finding": "finding",
    "Rule": "rule",
    "Where": "finding",
    "examine": "examination",
    "explain": "pages",
    "load_rules": "rule",
    # These train networks, and stand above them: they are only reached through here.
    "Treatment": ".treatment",
    "treat": ".treatment",
    "learning_rate_range_test": ".treatment.experiments",
    "overfit_one_batch": ".treatment.experiments",
    "shuffled_labels": ".treatment.experiments",
}

_lazy_names = attach(__name__, _PLACES)
__getattr__, __dir__, __all__ = _lazy_names
