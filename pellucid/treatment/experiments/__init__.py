"""Quick experiments on copies of a network: a question each, answered in seconds."""

from __future__ import annotations

from .overfit import OneBatch, overfit_one_batch
from .rates import RateTest, learning_rate_range_test
from .shuffled import LabelControl, shuffled_labels

__all__ = [
    "LabelControl",
    "OneBatch",
    "RateTest",
    "learning_rate_range_test",
    "overfit_one_batch",
    "shuffled_labels",
]
