"""A model's training state and compiled programs between calls of fit, evaluate and predict."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np

from .._core.errors import StateError
from ..kernels import compiling
from . import cores, devices, program, sharing, step_forms
from .feed import Segment
from .shared_rows import like_batch
from .state import (
    Layout,
    TrainState,
    hyper_arrays,
    layout_of,
    refresh_variables,
    split_variables,
    store_variables,
)
from .step import Batch


class Session:
    """The training state of one model, and the programs compiled for it.

    Args:
        model: compiled and built.
    """

    def __init__(self, model: Any):
        self.model = model
        self.layout: Layout = layout_of(model)
        self.state: TrainState | None = None
        self.optimizer_memory: Any = None  # the optimiser's, which holds the state between chunks
        self.log_names: list[str] = []
        self.last_names: list[str] = []
        self.totals: dict[str, Any] = {}
        self.told_nothing_trains = False
        self._programs: dict[Any, Callable[..., Any]] = {}
        self._seen: dict[Any, float | None] = {}  # kind of chunk -> seconds a step
        self._split: dict[Any, int] = {}
        self.quick: dict[Any, Any] = {}
        self.quick_steps: dict[Any, Any] = {}
        self.examined: Any = None
        """What the structure was when a run had last examined it."""
        devices.ensure_compilation_cache()

    def __getstate__(self) -> dict[str, Any]:
        # Compiled programs belong to this process; a copy compiles its own.
        fresh: dict[str, Any] = {
            "_programs": {},
            "_seen": {},
            "_split": {},
            "quick": {},
            "quick_steps": {},
            "examined": None,
        }
        return self.__dict__ | fresh

    # --- state

    def without_programs(self) -> Session:
        """A session for the same model that goes on from this one's state."""
        fresh = Session(self.model)
        fresh.state, fresh.optimizer_memory = self.state, self.optimizer_memory
        return fresh

    def look(self) -> None:
        """Read the model's structure anew: layers may have been added, frozen or thawed."""
        self.layout = layout_of(self.model)

    def start(self) -> None:
        """Take the model's weights into a state that the programs may consume."""
        self.look()
        trainable, fixed = split_variables(self.layout)
        self.optimizer_memory = self._look_up_memory()
        step = np.int32(0) if self.state is None else self.state.step
        self.state = TrainState(
            trainable,
            fixed,
            self.optimizer_memory.donatable(),
            self.model.objective.init_metrics(),
            step,
            np.uint32(self.model.root_seed),
            hyper_arrays(self.model.optimizer),
        )

    def _look_up_memory(self) -> Any:
        """What the optimiser remembers of the weights that are trained now."""
        weights, flags = self.layout.weights, self.layout.flags
        return self.model.optimizer.memory_for(
            {path: weight for path, weight in weights.items() if flags[path]}
        )

    def publish(self) -> None:
        """Let the model's weights, and the optimiser's variables, be the state's arrays."""
        if self.state is not None:
            store_variables(self.layout, self.state)
            self.optimizer_memory.take(self.state.optimizer)

    def finish(self) -> None:
        """Let averaged weights, where the optimiser keeps any, be the model's."""
        if self.state is None:
            return
        averages = self.model.optimizer.averages(self.state.optimizer)
        for path, array in (averages or {}).items():
            self.layout.weights[path].assign(array)

    def refresh(self) -> None:
        """Take over what callbacks and users changed: weights, the optimiser's variables and
        numbers, and which layers are frozen."""
        if self.state is None:
            raise StateError("Training has not started.", fix="call fit first.")
        if self.model.trainable_flags() != self.layout.flags:
            metrics = self.state.metrics
            self.start()
            self.state = self.state.replace(metrics=metrics)
            return
        state = refresh_variables(self.layout, self.state)
        if not self.optimizer_memory.holds(state.optimizer):
            state = state.replace(optimizer=self.optimizer_memory.donatable())
        self.state = state.replace(hyper=hyper_arrays(self.model.optimizer))

    def reset_sums(self) -> None:
        """Forget the metrics and totals of the epoch so far."""
        self.totals = program.empty_totals(self.log_names, self.last_names)
        if self.state is not None:
            self.state = self.state.replace(metrics=self.model.objective.init_metrics())

    @property
    def tells_loss(self) -> bool:
        """Whether the steps log a loss; one that a user wrote may not."""
        return "loss" in self.log_names or "loss" in self.last_names

    def step_signs(self, signs: list[np.ndarray]) -> np.ndarray:
        """Loss and gradient norm of each step, (2, steps), from those of chunks; none if untold."""
        if not signs or not self.tells_loss:
            return np.zeros((2, 0), np.float32)
        return np.concatenate(signs, axis=1)

    def find_log_names(self, segment: Segment) -> None:
        """Trace one step for the names of what it logs."""
        if self.log_names or self.last_names:
            return
        model = self.model
        if not model.overrides("train_step") and not model.overrides("compute_metrics"):
            self.log_names = self._usual_names()
            return
        rows = like_batch(segment.data, segment.batch_size)
        _, logs = jax.eval_shape(
            lambda s, d: step_forms.train(model, s, Batch(*d)), self.state, rows
        )
        self.log_names, self.last_names = self._split_names(logs, "train_step")

    def test_totals(self, metrics: Any, segment: Segment) -> dict[str, Any]:
        """Empty totals for what a step of evaluation logs."""
        model = self.model
        if not model.overrides("test_step") and not model.overrides("compute_metrics"):
            return program.empty_totals(self._usual_names())
        rows = like_batch(segment.data, segment.batch_size)
        variables = {**self.variables(), **self.memory()}
        _, logs = jax.eval_shape(
            lambda m, d: step_forms.test(model, variables, m, Batch(*d)), metrics, rows
        )
        return program.empty_totals(*self._split_names(logs, "test_step"))

    def _usual_names(self) -> list[str]:
        objective = self.model.objective
        return [name for name in objective.log_names if name not in objective.metric_names]

    def _split_names(self, logs: dict[str, Any], method: str) -> tuple[list[str], list[str]]:
        """Which of a step's logs are means over samples, and which stand for the epoch already."""
        if step_forms.form(self.model, method) == "keras":
            return [], list(logs)
        if self.model.overrides(method):
            return list(logs), []
        usual = self._usual_names()
        return usual, [name for name in logs if name not in usual]

    def hold_metrics(self) -> None:
        """Let the metric objects show what the epoch has come to."""
        if self.state is not None:
            self.model.objective.hold(self.state.metrics)
            self.model.hold_loss(devices.on_host(self.totals))

    # --- programs

    def compiled(self, kind: str, **static: Any) -> Callable[..., Any]:
        """The jitted program of one kind; one per structure of the model."""
        parts: tuple[Any, ...] = (kind, self.layout.key)
        if kind != "predict":
            parts += (self.model.optimizer.structure(),)
        key = (*parts, tuple(static.items()))
        if key not in self._programs:
            function = getattr(program, f"{kind}_chunk")
            settings: dict[str, Any] = {
                "donate_argnums": {"train": (0, 1), "eval": (1,), "predict": ()}[kind]
            }
            if static.get("parts", 1) > 1:
                # What every device is handed may lie in the caller's own memory.
                settings = {"out_shardings": cores.everywhere(static["parts"])}

            def make(owner: Any) -> Callable[..., Any]:
                return compiling.program(
                    partial(_positional, function, owner, dict(static)), **settings
                )

            self._programs[key] = sharing.shared(self.model, key, make)
        return self._programs[key]

    def cached(self, key: Any, make: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
        """The program under `key`, made on first use."""
        if key not in self._programs:
            self._programs[key] = make()
        return self._programs[key]

    def kind_of(self, kind: str, segment: Segment) -> Any:
        """What decides which program runs `segment`."""
        shapes = tuple(
            (leaf.shape, str(leaf.dtype)) for leaf in jax.tree.leaves((segment.data, segment.order))
        )
        return (kind, shapes, segment.batch_size, segment.padded, self.layout.key)

    def is_new(self, kind: Any) -> bool:
        """Whether running a segment of that kind will trace and compile; remembers the answer."""
        if kind in self._seen:
            return False
        self._seen[kind] = None
        return True

    def pace(self, kind: Any) -> float | None:
        """Seconds that a step of such segments took last; None where that is not known."""
        return self._seen.get(kind)

    def note_pace(self, kind: Any, seconds: float | None) -> None:
        """Remember what a step of such segments takes."""
        self._seen[kind] = seconds

    def train(
        self,
        segment: Segment,
        first: int,
        last: int,
        meanwhile: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        """Run training steps; returns the logs so far, on the host.

        The model's weights are the new arrays as soon as there are any, whatever interrupts the
        wait for their numbers.

        Args:
            meanwhile: called while the device computes.
        """
        given = self.steps(self.state, self.totals, segment, first, last)
        try:
            if meanwhile is not None:
                meanwhile()
        finally:
            self.state, self.totals, seen = given()
            self.publish()
        return devices.on_host(seen)

    def steps(
        self, state: Any, totals: Any, segment: Segment, first: int, last: int
    ) -> Callable[[], tuple[Any, Any, Any]]:
        """Start steps of training; call the result for state, totals and what the host looks at.

        `state` and `totals` are used up.
        """
        parts = self.parts(segment.batch_size)
        static = {"batch_size": segment.batch_size, "padded": segment.padded, "parts": parts}
        run = self.compiled("train", **static)
        numbers = (np.int32(first), np.int32(last), np.int32(segment.rows))
        arrays = (state, totals, segment.data, segment.order)
        if parts == 1:
            return partial(tuple, run(*arrays, *numbers))
        given = run(*cores.spread(arrays, parts), *numbers)
        return lambda: cores.gathered(given)

    def parts(self, batch_size: int) -> int:
        """Among how many devices a batch of that size is split."""
        key = (self.layout.key, batch_size, devices.recurrent_cores())
        if key not in self._split:
            self._split[key] = cores.parts(self.model, batch_size)
        return self._split[key]

    def evaluate(
        self, variables: dict[str, Any], carry: Any, segment: Segment, first: int, last: int
    ) -> tuple[Any, dict[str, Any]]:
        """Run evaluation steps; returns the sums and the logs so far."""
        run = self.compiled("eval", batch_size=segment.batch_size, padded=segment.padded)
        return run(
            variables,
            carry,
            segment.data,
            segment.order,
            np.int32(first),
            np.int32(last),
            np.int32(segment.rows),
        )

    def variables(self) -> dict[str, Any]:
        """The weights as arrays that programs read and do not consume."""
        weights = self.layout.weights.items()
        return {path: weight.stored() for path, weight in weights if not weight.transient}

    def memory(self) -> dict[str, Any]:
        """What stateful layers remember of the last batch, as arrays that programs may consume."""
        weights = self.layout.weights.items()
        return {path: np.array(w.host_value()) for path, w in weights if w.transient}

    def remember(self, memory: dict[str, Any]) -> None:
        """Let stateful layers go on from there."""
        for path, array in memory.items():
            self.layout.weights[path].take(array)


def _positional(
    function: Callable[..., Any], model: Any, static: dict[str, Any], *args: Any
) -> Any:
    return function(model, *args, **static)


class Pace:
    """How many steps a chunk should have to take a few tenths of a second, long steps up to one.

    The system hands every chunk fresh memory, page by page, which costs a good part of one step
    where a step keeps much for its gradient. So long steps share a chunk, sixteen of them if a
    second is enough.

    Args:
        seconds: the aim for one chunk.
    """

    SHARING = 16
    LONGEST = 1.0  # seconds

    def __init__(self, seconds: float = 0.25):
        self.seconds = seconds
        self.step_seconds: float | None = None

    def steps(self, available: int) -> int:
        """Steps of the next chunk: one at first, to learn what a step takes."""
        if self.step_seconds is None:
            return min(1, available)
        step = max(self.step_seconds, 1e-7)
        aim = max(self.seconds / step, min(self.SHARING, self.LONGEST / step))
        return max(1, min(available, int(aim)))

    def learn(self, steps: int, seconds: float, compiled: bool) -> None:
        """Take note of what a chunk took, unless compilation was in it."""
        if compiled:
            return
        # A call costs a fixed fraction of a millisecond, so short chunks overstate a step's time;
        # from there the estimate can grow only tenfold at once.
        self.step_seconds = seconds / steps


def timed(call: Callable[..., Any], *args: Any) -> tuple[Any, float]:
    """The result of `call(*args)`, on the host or at least computed, and the seconds it took."""
    start = time.perf_counter()
    result = jax.block_until_ready(call(*args))
    return result, time.perf_counter() - start
