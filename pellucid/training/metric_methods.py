"""What a model says about its metrics: the compiled ones, its own, and what they hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import StateError
from ..metrics import Mean, Metric
from . import trackers
from .compiled_metrics import CompiledMetrics
from .objective import by_name
from .per_output import by_output
from .step import flat_outputs


class MetricMethods:
    """The metrics of a trainable model."""

    objective: Any = None
    compiled: bool = False
    _loss_tracker: Mean | None = None
    _compile_metrics: CompiledMetrics | None = None

    def _compile_trackers(self, metrics: Any, weighted_metrics: Any) -> None:
        self._loss_tracker = Mean(name="loss")
        told = metrics is not None or weighted_metrics is not None
        self._compile_metrics = CompiledMetrics(self) if told else None

    @property
    def metrics(self) -> list[Metric]:
        """The loss's mean, the compiled metrics as one, and those that the network keeps itself.

        After `fit` and `evaluate` they hold what the last epoch, or the evaluation, has found.
        """
        own = [self._loss_tracker, self._compile_metrics] if self.compiled else []
        return [*(metric for metric in own if metric is not None), *trackers.kept_under(self)]

    def kept_metrics(self) -> list[Metric]:
        """The metrics that the network keeps itself; a subclass's `metrics` may name more."""
        kept = dict.fromkeys(trackers.kept_under(self))
        if type(self).metrics is not MetricMethods.metrics:
            ours = {self._loss_tracker, self._compile_metrics}
            kept |= dict.fromkeys(metric for metric in self.metrics if metric not in ours)
        return list(kept)

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of every metric, in the order of `metrics`."""
        return [variable for metric in self.metrics for variable in metric.variables]

    @property
    def metrics_names(self) -> list[str]:
        """The names in the logs, in the order of what `evaluate` returns.

        Before the first data has been seen, the names of `metrics`.
        """
        if self.objective is None:
            return [metric.name for metric in self.metrics]
        return self.objective.log_names

    def hold_loss(self, totals: Any) -> None:
        """Let the loss's mean show what an epoch's totals have come to."""
        loss = totals["sums"].get("loss")
        if loss is not None and self._loss_tracker is not None:
            known = {"total": loss, "count": totals["rows"]}
            self._loss_tracker.take_state(
                {n: np.stack([v, np.zeros_like(v)]) for n, v in known.items()}
            )

    def reset_metrics(self) -> None:
        """Let every metric forget what it has seen."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Name -> value of every metric, as they stand."""
        return by_name((metric.name, metric.result()) for metric in self.metrics)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Add a batch to the compiled metrics; override to log numbers of your own.

        Args:
            x, y, y_pred, sample_weight: one batch.

        Returns:
            Name -> value, as from `get_metrics_result`. What it returns is what is logged beside
            the loss; of an epoch, what the last batch gave.
        """
        objective = self.objective
        if objective is None:
            raise StateError("The metrics are not known yet.", fix="call fit or evaluate first.")
        objective.add_batch(
            objective.targets(y),
            flat_outputs(y_pred),
            by_output(sample_weight, objective.names),
        )
        found = self.get_metrics_result()
        found.pop("loss" if self._loss_tracker in self.metrics else "", None)
        return found
