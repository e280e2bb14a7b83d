"""The steps that a subclass may override, each with the one that `fit` takes otherwise."""

from __future__ import annotations

from typing import Any

from .._core.errors import StateError
from . import step


class StepMethods:
    """One step of training, evaluation and prediction, and the loss of a batch."""

    objective: Any = None

    def train_step(self, state: Any, batch: Any) -> tuple[Any, dict[str, Any]]:
        """One training step, traced into the compiled program; override to write your own.

        Args:
            state: `TrainState`: `state.trainable`, `state.variables`, `state.rng`, ...
            batch: `Batch`: `batch.x`, `batch.y`, `batch.sample_weight`.

        Returns:
            The next state (see `apply_gradients`), and scalars to log.
        """
        return step.train_step(self, state, batch)

    def test_step(self, variables: Any, metrics: Any, batch: Any) -> tuple[Any, dict[str, Any]]:
        """One evaluation step: the metrics' next sums, and scalars to log."""
        return step.test_step(self, variables, metrics, batch)

    def predict_step(self, variables: Any, batch: Any) -> Any:
        """The outputs for one batch."""
        return step.forward(self, variables, batch, training=False).outputs

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The compiled losses of a batch as one number; override to write your own."""
        objective = self.objective
        if objective is None:
            raise StateError("The losses are not known yet.", fix="call fit or evaluate first.")
        outputs = step.flat_outputs(y_pred)
        total, _ = objective.loss(
            step.by_output(y, objective.names),
            outputs,
            objective.masks or [None] * len(outputs),
            step.by_output(sample_weight, objective.names),
            None,
        )
        return total

    def apply_gradients(self, state: Any, gradients: Any, updates: Any = None) -> Any:
        """In a custom `train_step`: the state after one optimiser update."""
        return step.apply_gradients(self, state, gradients, updates)
