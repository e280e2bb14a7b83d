"""The steps that a subclass may override, each with the one that `fit` takes otherwise."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .._core.errors import StateError
from ..layers.context import current
from . import keras_state, step
from .per_output import by_output
from .step_forms import told_apart


class StepMethods:
    """One step of training, evaluation and prediction, and the loss of a batch."""

    objective: Any = None

    def train_step(self, state: Any, batch: Any) -> tuple[Any, Any]:
        """One training step, traced into the compiled program; override to write your own.

        Args:
            state: `TrainState`: `state.trainable`, `state.variables`, `state.rng`, ...
            batch: `Batch`: `batch.x`, `batch.y`, `batch.sample_weight`.

        Returns:
            The next state (see `apply_gradients`), and scalars to log.

        Keras's form on JAX is taken, too: ``train_step(self, state, data) -> (logs, state)``, with
        `state` as lists of the trainable, non-trainable, optimizer's and metrics' variables.
        """
        if isinstance(state, tuple):
            return keras_state.train_step(self, state, batch)
        told_apart(state)
        return step.train_step(self, state, batch)

    def test_step(self, variables: Any, metrics: Any, batch: Any = None) -> tuple[Any, Any]:
        """One evaluation step: the metrics' next sums, and scalars to log.

        Or in Keras's form, ``test_step(self, state, data) -> (logs, state)``.
        """
        if isinstance(variables, tuple):
            return keras_state.test_step(self, variables, metrics)
        told_apart(variables)
        return step.test_step(self, variables, metrics, batch)

    def predict_step(self, variables: Any, batch: Any) -> Any:
        """The outputs for one batch. In Keras's form, the outputs and the next state."""
        if isinstance(variables, tuple):
            return keras_state.predict_step(self, variables, batch)
        told_apart(variables)
        return step.forward(self, variables, batch, training=False).outputs

    def stateless_compute_loss(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Any, tuple[Any, Any, Any]]:
        """`compute_loss` in Keras's stateless form.

        Returns:
            The loss, and ``(trainable, non_trainable, metrics)`` variables after it.
        """
        metrics = self.metrics  # type: ignore[attr-defined]
        with (
            keras_state.holding(metrics, metrics_variables) as read,
            keras_state.bound(self, trainable_variables, non_trainable_variables) as others,
        ):
            more = {"training": training} if step.takes(self.compute_loss, "training") else {}
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **more)
            after = read()
            return loss, (trainable_variables, others(), after)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The compiled losses of a batch as one number; override to write your own.

        Within a step it includes `self.losses`: the penalties on the weights and what layers have
        added. What an override returns is the loss as it stands.
        """
        objective = self.objective
        if objective is None:
            raise StateError("The losses are not known yet.", fix="call fit or evaluate first.")
        outputs = step.flat_outputs(y_pred)
        total, _ = objective.loss(
            objective.targets(y),
            outputs,
            objective.masks or [None] * len(outputs),
            by_output(sample_weight, objective.names),
            None,
        )
        if current() is not None:
            for extra in self.losses:  # type: ignore[attr-defined]
                total = total + jnp.sum(extra).astype(jnp.float32)
        return total

    def apply_gradients(self, state: Any, gradients: Any, updates: Any = None) -> Any:
        """In a custom `train_step`: the state after one optimiser update."""
        return step.apply_gradients(self, state, gradients, updates)
