"""Below `fit`: one batch at a time, and back-propagation step by step."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from .._core.errors import NothingTrainsWarning, StateError
from .._core.user_code import explains_user_code
from ..data import ArraySource
from ..kernels import compiling
from ..layers import tree
from ..training import loop, preparation, quick_steps, step
from ..training.arguments import listed
from ..training.data_checks import check_data
from ..training.feed import Segment
from ..training.prediction import predict_one
from ..training.quick import quick_predict
from ..training.step import Batch
from ..vitals import backward_pass
from ..vitals.backward_pass import BackwardPass

if TYPE_CHECKING:
    from ..training.session import Session


class BatchMethods:
    """Single-batch methods of a trainable model."""

    if TYPE_CHECKING:

        @property
        def session(self) -> Session: ...

        objective: Any
        optimizer: Any

        def must_be_compiled(self, where: str) -> None: ...

        def _mode(self) -> Any: ...

        name: Any
        root_seed: int

        def overrides(self, method: str) -> bool: ...
        def variable_tree(self) -> dict[str, Any]: ...

    @explains_user_code
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """One update on one batch.

        Returns:
            Loss and metrics of this batch.
        """
        plain = sample_weight is None and class_weight is None
        if plain and (known := quick_steps.find(self, "train", x, y)) is not None:
            logs = known(x, y)
            return logs if return_dict else listed(logs, self.objective)
        segment = self._one_batch(x, y, sample_weight, class_weight, "train_on_batch")
        session = self.session
        session.start()
        self._tell_if_nothing_trains()
        session.find_log_names(segment)
        session.reset_sums()
        seen = session.train(segment, 0, 1)
        if session.state is not None:
            self.objective.hold(session.state.metrics)
        logs = loop.to_floats(seen["logs"], self.objective.metric_names)
        if plain:
            quick_steps.remember_train(session, x, y, segment.data)
        return logs if return_dict else listed(logs, self.objective)

    @explains_user_code
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Loss and metrics of one batch, in inference mode."""
        segment = self._one_batch(x, y, sample_weight, None, "test_on_batch")
        session = self.session
        session.look()
        objective = self.objective
        metrics = objective.init_metrics()
        carry = (metrics, session.test_totals(metrics, segment), session.memory())
        carry, logs = session.evaluate(session.variables(), carry, segment, 0, 1)
        session.remember(carry[2])
        objective.hold(carry[0])
        logs = loop.to_floats(jax.device_get(logs), objective.metric_names)
        return logs if return_dict else listed(logs, self.objective)

    @explains_user_code
    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy."""
        if (found := quick_predict(self, x, None)) is not None:
            return found
        source = preparation.make_source(self, x)
        if not isinstance(source, ArraySource):
            raise StateError("predict_on_batch takes one batch.", fix="use predict for streams.")
        outputs = preparation.output_shapes(self, preparation.first_batch(source)[0])
        by_row = preparation.gives_rows(outputs)
        check_data(self, source, [], targets=False)
        self.session.look()
        with self._mode():
            return predict_one(self.session, source, x, by_row=by_row)

    def _tell_if_nothing_trains(self) -> None:
        flags = self.session.layout.flags
        if not flags or any(flags.values()) or self.overrides("train_step"):
            return
        if not self.session.told_nothing_trains:
            self.session.told_nothing_trains = True
            warnings.warn(
                f"train_on_batch of {self.name!r} changes nothing: all of its {len(flags)} weights "
                "are frozen. A network that is frozen inside another is frozen for its own "
                "training, too: set `trainable = True` before its own train_on_batch, and False "
                "after.",
                NothingTrainsWarning,
                stacklevel=4,
            )

    def _one_batch(
        self, x: Any, y: Any, sample_weight: Any, class_weight: Any, where: str
    ) -> Segment:
        self.must_be_compiled(where)
        source = preparation.make_source(self, x, y, sample_weight)
        source = preparation.weigh_classes(source, class_weight, where)
        preparation.ensure_objective(self, source, where)
        if not isinstance(source, ArraySource):
            raise StateError(f"{where} takes one batch.", fix="use fit for streams.")
        data = (source.x, source.y, source.sample_weight)
        return Segment(data, None, 0, 1, source.n, source.n, False)

    # --- back-propagation laid open

    def forward(self, x: Any, training: bool = False) -> Any:
        """The outputs for a batch, as NumPy; with `training` as a training step computes them."""
        source = preparation.make_source(self, x)
        if not isinstance(source, ArraySource):
            raise StateError("forward takes one batch.", fix="use predict for streams.")
        preparation.output_shapes(self, preparation.first_batch(source)[0])
        check_data(self, source, [], targets=False)
        state = self.session.state
        key = None if state is None else state.rng
        result = step.forward(
            self, self.variable_tree(), Batch(source.x), training=training, rng=key
        )
        return jax.tree.map(np.array, result.outputs)

    def backward(
        self, x: Any, y: Any, sample_weight: Any = None, training: bool = True
    ) -> BackwardPass:
        """Back-propagation on one batch, laid open. Nothing is changed until `update_parameters`.

        Args:
            x, y, sample_weight: one batch.
            training: whether dropout drops and batch normalisation uses the batch's statistics.

        Returns:
            The loss, each layer's output, and the gradient at each output and of each weight.
        """
        segment = self._one_batch(x, y, sample_weight, None, "backward")
        session = self.session
        session.start()
        run = session.cached(
            ("backward", training),
            lambda: compiling.program(
                lambda state, batch: backward_pass.backward(self, state, batch, training)
            ),
        )
        loss, outputs, at_outputs, gradients, updates = run(session.state, Batch(*segment.data))
        host = jax.device_get((outputs, at_outputs, gradients))
        ordered = backward_pass.in_order(self, *host)
        result = BackwardPass(float(loss), *ordered, updates=updates)
        self.__dict__["_last_backward"] = result
        return result

    def update_parameters(self, learning_rate: float | None = None) -> None:
        """Move the weights by the gradients of the last `backward`.

        Args:
            learning_rate: plain gradient descent, `weight -= learning_rate * gradient`. None: one
                update of the compiled optimiser.
        """
        last = self.__dict__.pop("_last_backward", None)
        if last is None:
            raise StateError(
                "There are no gradients to apply.", fix="call model.backward(x, y) first."
            )
        session = self.session
        session.refresh()
        state = session.state
        if state is None:
            raise StateError("Training has not started.", fix="call model.backward(x, y) first.")
        if learning_rate is None:
            run = session.cached(
                ("update", self.optimizer.structure()),
                lambda: compiling.program(lambda s, g, u: self._update_by(s, g, u)),
            )
            session.state = run(state, last.gradients, last.updates)
            session.publish()
            return
        weights = tree.index(self)
        for path, gradient in last.gradients.items():
            weights[path].assign(weights[path].numpy() - np.float32(learning_rate) * gradient)
        for path, value in last.updates.items():
            weights[path].assign(value)
        session.state = state.replace(step=np.int32(state.step) + np.int32(1))

    def _update_by(self, state: Any, gradients: Any, updates: Any) -> Any:
        """One update by gradients of the plain loss; the optimiser may expect a scaled one's."""

        def scaled(gradient: Any) -> Any:
            return self.optimizer.scale_loss(gradient, state.optimizer, state.hyper)

        return step.apply_gradients(self, state, jax.tree.map(scaled, gradients), updates)
