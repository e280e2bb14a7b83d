"""`Trainable`: compile, fit, evaluate and predict, as thin delegates to the engine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import jax

from .. import optimizers as _optimizers
from .._core.errors import StateError
from .._core.user_code import explains_user_code
from ..data import ArraySource, split_validation
from ..training import loop, preparation, quick_steps
from ..training.arguments import as_list, check_compile, check_counts, check_one_of, limited, listed
from ..training.callbacks.base import CallbackList
from ..training.checkpoints.callback import first_epoch, with_checkpoints
from ..training.compile_config import CompileConfig
from ..training.data_checks import check_batches, check_data
from ..training.feed import make_feed
from ..training.metric_methods import MetricMethods
from ..training.prediction import run_predict
from ..training.progress import progress_callbacks
from ..training.quick import quick_predict
from ..training.session import Session
from ..training.step_methods import StepMethods
from ..vitals.brief import Brief, check_checkup, is_brief
from .batchwise import BatchMethods
from .doctor_visits import doctor_callbacks
from .history import History


class Trainable(BatchMethods, StepMethods, MetricMethods, CompileConfig):
    """The training half of `Model`; the other half is `Layer`."""

    # --- settings

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int | str = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how to train.

        Args:
            optimizer: name, `Optimizer`, or any `optax.GradientTransformation`.
            loss: name, `Loss`, or function `(y_true, y_pred) -> one number per sample`; a list or
                dictionary of them for several outputs.
            loss_weights: one factor per output in the total loss.
            metrics: names, `Metric` objects or functions; per output as lists or a dictionary.
            weighted_metrics: the same, but weighted by `sample_weight` and `class_weight`.
            run_eagerly: run each operation by itself, for debugging with print; very slow.
            steps_per_execution: steps between two calls of callbacks' batch hooks ("auto" is 1).
                How many steps are one run of the compiled program, the engine finds by itself.
            jit_compile: True or "auto"; for False use `run_eagerly`.
            auto_scale_loss: wrap the optimiser in a `LossScaleOptimizer` where layers compute in
                float16 beside weights in float32 (the policy "mixed_float16").

        Raises:
            UnknownNameError: a name that does not exist; the nearest ones are suggested.
        """
        check_compile(jit_compile, steps_per_execution, loss, [metrics, weighted_metrics])
        chosen = _optimizers.get(optimizer)
        if auto_scale_loss and preparation.computes_in_half(self):
            chosen = _optimizers.scaled(chosen, getattr(self, "optimizer", None))
        if getattr(self, "optimizer", None) is not chosen:
            self.__dict__.pop("_session", None)
        self.optimizer = chosen
        self.compile_settings = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "steps_per_execution": steps_per_execution,
        }
        self.steps_per_execution = 1 if steps_per_execution == "auto" else int(steps_per_execution)
        self.loss = loss
        self.run_eagerly = run_eagerly or jit_compile is False
        self.stop_training = False
        self.objective: Any = None
        self.objective_shapes: Any = None
        self.objective_kind: Any = None
        self.compiled = True
        self._compile_trackers(metrics, weighted_metrics)
        self.drop_programs()

    is_stack: bool = False
    """Whether the network is its layers in order, one tensor from each to the next."""
    compiled: bool = False
    stop_training: bool = False
    stop_evaluating: bool = False
    stop_predicting: bool = False
    run_eagerly: bool = False
    steps_per_execution: int = 1
    objective: Any = None
    objective_shapes: Any = None
    objective_kind: Any = None
    first_bad_step: int = -1
    optimizer: Any = None
    if TYPE_CHECKING:
        graph: Any
        name: Any
        root_seed: int

    def overrides(self, method: str) -> bool:
        """Whether a subclass wrote its own `method`."""
        return getattr(type(self), method) is not getattr(Trainable, method)

    def drop_programs(self) -> None:
        """Forget compiled programs, keep the optimiser's state."""
        session = self.__dict__.get("_session")
        if session is not None:
            self.__dict__["_session"] = session.without_programs()

    @property
    def session(self) -> Session:
        """The engine's state for this model."""
        if "_session" not in self.__dict__:
            self.__dict__["_session"] = Session(self)
        return self.__dict__["_session"]

    def pads_rows(self) -> bool:
        """Whether a last, smaller batch can be filled up and masked without changing a number."""
        return preparation.pads_rows(self)

    # --- training

    @explains_user_code
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        checkup: bool | str = "auto",
        doctor: str | None = "auto",
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 1,
        resume: bool = False,
    ) -> History:
        """Train. Many steps are one compiled program; Ctrl-C stops early and keeps the work.

        Args:
            x: samples: arrays `(samples, ...)`, lists or dictionaries of them, data frames; or a
                stream of `(x, y)` or `(x, y, sample_weight)` batches. Large arrays are not copied
                on the CPU: do not change them while this runs.
            y: targets, like `x`; left out for streams.
            batch_size: samples per update, 32 by default; 1 is stochastic, `len(x)` full-batch.
            epochs: the epoch to stop at.
            verbose: 0 silent, 1 a progress bar, 2 a line per epoch; "auto" fits the terminal.
            callbacks: `Callback` objects.
            validation_split: the last share of the samples is held out.
            validation_data: `(x, y)`, `(x, y, sample_weight)` or a stream.
            shuffle: visit the samples in a new order every epoch.
            class_weight: label -> factor of its samples' loss.
            sample_weight: factor of each sample's loss, `(samples,)`.
            initial_epoch: the epoch to start from, when going on with an earlier run.
            steps_per_epoch: updates per epoch, where it is not one pass.
            validation_steps, validation_batch_size: the same for validation.
            validation_freq: validate every so many epochs, or after the listed ones.
            checkup: examine the network before, during and after training (see the guide on vital
                signs); False leaves only each step's loss and gradient norm. "auto" examines, but
                for a later run of at most 32 updates, where an earlier one has examined the
                network and neither `checkup` nor `doctor` is asked for.
            doctor: ``"warn"`` tells a new problem once, ``"stop"`` ends training on a certain one,
                None asks no doctor. "auto" warns where "auto" examines.
            checkpoint: folder for the run's whole state after every epoch; the last two are kept.
            checkpoint_every: epochs between two checkpoints.
            resume: go on from the newest checkpoint in the folder, if there is one, and end as the
                run would have ended that was broken off; `epochs` is the epoch to stop at.

        Returns:
            `History`, whose `history` maps log names to one value per epoch, and whose `vitals` is
            what the run measured about itself.

        Raises:
            StateError: not compiled. DataError, ShapeError: data that cannot be trained on.
        """
        check_counts(
            epochs=epochs,
            initial_epoch=initial_epoch,
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
        )
        self.must_be_compiled("fit")
        epochs = limited("epochs", epochs) or epochs
        steps_per_epoch = limited("steps", steps_per_epoch)
        if validation_data is not None or validation_split:
            validation_steps = limited("steps", validation_steps)
        source = preparation.make_source(self, x, y, sample_weight)
        held_out: Any = None
        if validation_split:
            check_one_of(validation_split=validation_split, validation_data=validation_data)
            source, held_out = split_validation(source, validation_split)
        elif validation_data is not None:
            held_out = preparation.validation_source(self, validation_data, validation_steps)
        # After the split: class weights are for training, as in Keras.
        source = preparation.weigh_classes(source, class_weight, "fit")
        preparation.must_end(source, steps_per_epoch, "steps_per_epoch", callbacks)
        size = self._batch_size(source, batch_size)
        preparation.ensure_objective(self, source, "fit")
        check_batches(self, source, size, "fit")
        if held_out is not None:
            preparation.check_held_out(self, held_out)
            size_of_held_out = self._batch_size(held_out, validation_batch_size or batch_size)
            check_batches(self, held_out, size_of_held_out, "fit")
        session, exact = self.session, not self.pads_rows()
        feed = make_feed(source, size, shuffle=shuffle, seed=self.root_seed, exact_tail=exact)
        history = History()
        steps, own = feed.steps(steps_per_epoch), as_list(callbacks)
        check_checkup(checkup)
        session.look()
        updates = None if steps is None else steps * (epochs - initial_epoch)
        brief = is_brief(session, updates, own, checkup=checkup, doctor=doctor)
        observers = [*own, history, *progress_callbacks(verbose, "train")]
        observers += [] if brief else doctor_callbacks("warn" if doctor == "auto" else doctor)
        observers = with_checkpoints(observers, checkpoint, checkpoint_every, resume)
        initial_epoch = first_epoch(observers, self, initial_epoch, (source, size, steps))
        if initial_epoch:  # the order of the samples follows from the seed, which may be another
            feed = make_feed(source, size, shuffle=shuffle, seed=self.root_seed, exact_tail=exact)
        params = {
            "epochs": epochs,
            "steps": steps,
            "verbose": verbose,
            "initial_epoch": initial_epoch,
            "validation": held_out is not None,
        }
        watchers = CallbackList(observers, model=self, **params)
        validation = None
        if held_out is not None:
            validation_feed = make_feed(held_out, size_of_held_out, exact_tail=exact)

            def validation() -> dict[str, Any]:
                return loop.run_evaluate(session, validation_feed, watchers, validation_steps)

        self.__dict__["history"] = history  # no part of the network
        from ..vitals.watch import plan_of, watch  # costs more to import than who never trains owes

        sizes, weights = (size, epochs, steps_per_epoch), (class_weight, sample_weight)
        plan = plan_of(
            source, held_out, feed, watchers, sizes=sizes, weights=weights, shuffle=shuffle
        )
        observer: Any
        if brief:
            observer = Brief(session, history, plan)
            history.vitals = observer.record
        else:
            observer = watch(
                session, source, held_out, watchers, history, checkup=bool(checkup), plan=plan
            )
        with self._mode():
            loop.run_fit(
                session,
                feed,
                watchers,
                history,
                epochs=epochs,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                validation=validation,
                validation_freq=validation_freq,
                observer=observer,
            )
        return history

    @explains_user_code
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics on data, in inference mode.

        Args:
            x, y, sample_weight, batch_size, verbose, callbacks: as for `fit`.
            steps: batches to use; all by default.
            return_dict: return name -> value instead of a list.

        Returns:
            The loss, or `[loss, *metrics]` in the order of `metrics_names`, or a dictionary.
        """
        check_counts(batch_size=batch_size, steps=steps)
        self.must_be_compiled("evaluate")
        steps = limited("steps", steps)
        shown = progress_callbacks(verbose, "test")
        plain = steps is sample_weight is None and not callbacks and not shown
        if plain:
            known = quick_steps.find(self, "evaluate", x, y, batch_size or 32)
            if known is not None:
                logs = known(x, y)
                return logs if return_dict else listed(logs, self.objective)
        source = preparation.make_source(self, x, y, sample_weight)
        preparation.must_end(source, steps, "steps", callbacks)
        preparation.ensure_objective(self, source, "evaluate")
        size = self._batch_size(source, batch_size)
        check_batches(self, source, size, "evaluate")
        feed = make_feed(source, size, exact_tail=not self.pads_rows())
        watchers = CallbackList(
            [*as_list(callbacks), *shown],
            model=self,
            steps=feed.steps(steps),
            verbose=verbose,
        )
        self.session.look()
        with self._mode():
            logs = loop.run_evaluate(self.session, feed, watchers, steps)
        if plain:
            quick_steps.remember_evaluate(self.session, x, y, source, size, feed)
        return logs if return_dict else listed(logs, self.objective)

    @explains_user_code
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The network's outputs for every sample, in inference mode.

        Args:
            x: samples, as for `fit`.
            batch_size: samples at a time, 32 by default; changes speed and memory, not results.
            verbose: as for `fit`.
            steps: batches to predict; all by default.
            callbacks: `Callback` objects.

        Returns:
            NumPy array `(samples, ...)`, or the model's structure of them.
        """
        check_counts(batch_size=batch_size, steps=steps)
        steps = limited("steps", steps)
        shown = progress_callbacks(verbose, "predict")
        if steps is None and not callbacks and not shown:
            found = quick_predict(self, x, batch_size or 32)
            if found is not None:
                return found
        source = preparation.make_source(self, x)
        preparation.must_end(source, steps, "steps", callbacks)
        x_struct, _, _ = preparation.first_batch(source)
        by_row = preparation.gives_rows(preparation.output_shapes(self, x_struct))
        check_data(self, source, [], targets=False)
        size = self._batch_size(source, batch_size)
        check_batches(self, source, size, "predict")
        watchers = CallbackList(
            [*as_list(callbacks), *shown],
            model=self,
            steps=steps,
            verbose=verbose,
        )
        self.session.look()
        with self._mode():
            return run_predict(self.session, source, size, watchers, steps, x, by_row=by_row)

    # --- helpers

    def _mode(self) -> Any:
        return jax.disable_jit(self.run_eagerly)

    def must_be_compiled(self, where: str) -> None:
        """Raise `StateError` where `compile` was not called yet."""
        if not self.compiled:
            raise StateError(
                f"{self.name!r} must be compiled before {where}.",
                got=f"{where}() before compile()",
                fix="model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', "
                "metrics=['accuracy']).",
            )

    def _batch_size(self, source: Any, asked: int | None) -> int:
        return asked or (32 if isinstance(source, ArraySource) else 1)
