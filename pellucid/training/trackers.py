"""Metrics that a network keeps for itself, beside those that `compile` is told.

``self.seen = Mean()``, updated inside `call`, `compute_loss` or a step: its sums leave the compiled
loop with those of the compiled metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from ..layers import tree
from ..metrics import Metric

# What `compile` and the engine put on a model: no metrics of its own.
_NOT_KEPT = frozenset({"loss", "compile_settings", "_loss_tracker", "_compile_metrics"})


def kept_by(layer: Any) -> list[Metric]:
    """The metrics in a layer's own attributes, in the order they were assigned."""
    found: dict[Metric, None] = {}
    for name, value in vars(layer).items():
        if name not in _NOT_KEPT:
            found |= dict.fromkeys(_metrics_in(value))
    return list(found)


def kept_under(model: Any) -> list[Metric]:
    """The metrics that a model and the layers in it keep, each once."""
    found: dict[Metric, None] = {}
    for _, layer in tree.walk(model):
        found |= dict.fromkeys(kept_by(layer))
    return list(found)


def _metrics_in(value: Any) -> list[Metric]:
    if isinstance(value, Metric):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (list, tuple, dict)):
        return []
    return [part for part in parts if isinstance(part, Metric)]


@contextmanager
def bound(metrics: Sequence[Metric], states: Sequence[Any]) -> Iterator[Callable[[], list[Any]]]:
    """Let metrics read and write `states` for a while; yields a function that reads these then."""
    with ExitStack() as stack:
        pairs = zip(metrics, states, strict=True)
        reads = [stack.enter_context(metric.bound(state)) for metric, state in pairs]
        yield lambda: [read() for read in reads]


@contextmanager
def set_aside(model: Any) -> Iterator[None]:
    """Let what a forward pass adds to the network's own metrics be forgotten.

    Passes that only look (a checkup, a prediction) count for nothing; and without it their tracers
    would stay on the metrics.
    """
    free = [metric for metric in model.kept_metrics() if not metric.is_bound]
    with bound(free, [metric.current_state() for metric in free]):
        yield
