"""The metrics that `compile` was told, as one metric."""

from __future__ import annotations

from typing import Any

from ..metrics import Metric
from .objective import by_name
from .per_output import by_output
from .step import flat_outputs


class CompiledMetrics(Metric):
    """All compiled metrics of a model together; its result is a dictionary by log name.

    Args:
        model: whose metrics. They are known once it has seen data.
    """

    def __init__(self, model: Any):
        super().__init__(name="compile_metrics")
        self._model = model

    @property
    def metrics(self) -> list[Metric]:
        """The metrics themselves, in the order of their names in the logs."""
        objective = self._model.objective
        return [] if objective is None else [metric for _, metric, _ in objective.metrics]

    @property
    def variables(self) -> list[Any]:
        return [variable for metric in self.metrics for variable in metric.variables]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        objective = self._model.objective
        if objective is not None:
            objective.add_batch(
                objective.targets(y_true),
                flat_outputs(y_pred),
                by_output(sample_weight, objective.names),
            )

    def result(self) -> dict[str, Any]:
        names = [] if not self.metrics else self._model.objective.metric_names
        return by_name((n, metric.result()) for n, metric in zip(names, self.metrics, strict=True))

    def reset_state(self) -> None:
        for metric in self.metrics:
            metric.reset_state()
