"""train_on_batch and evaluate of arrays like those of an earlier call: straight to the program.

Such a call runs the very program, on the very numbers, that the long way runs. What the long way
finds out first (which program, which weights, whether the data fit) is kept, with what it was
found from; where any of that has changed the long way is gone again.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .._core.specs import argument_names
from ..data import Batch as HostBatch
from ..data.formats import standard_format
from ..optimizers.base import Optimizer
from . import loop, program
from .data_checks import DataCheck
from .feed import ArrayFeed
from .quick import KINDS, is_eager
from .shared_rows import share
from .state import TrainState, hyper_arrays, layout_of

ZERO, ONE = np.int32(0), np.int32(1)
BATCHES = 64
"""The most batches of a quick evaluation, which is one piece of work."""
SIMPLE = (bool, int, float, str, type(None))
"""What cannot change but by being replaced."""


class Settings:
    """What an optimiser is told: its structure and its numbers, read anew where one was replaced.

    Args:
        optimizer: of a compiled model.
    """

    def __init__(self, optimizer: Any):
        self.optimizer = optimizer
        kind = type(optimizer)
        self._plain = kind.hyper is Optimizer.hyper and kind.structure is Optimizer.structure
        self._names = dict.fromkeys([*argument_names(kind), *optimizer.hyperparameters])
        self.structure = optimizer.structure()
        self.hyper = hyper_arrays(optimizer)
        self._values = self._now()

    def _now(self) -> list[Any]:
        if not self._plain:
            return []
        optimizer = self.optimizer
        own = [optimizer._stored(name) for name in self._names]
        return [*own, optimizer._undecayed, optimizer._spared]

    def hold(self) -> bool:
        """Whether the structure is as it was; the numbers are up to date then."""
        before = self._values
        now = self._values = self._now()
        settled = all(isinstance(value, SIMPLE) for value in now[:-2])
        if self._plain and settled and all(map(operator.is_, now, before)):
            return True
        self.hyper = hyper_arrays(self.optimizer)
        return self.optimizer.structure() == self.structure


class Known:
    """What calls on one kind of arrays have in common.

    Args:
        session: of the model, which has just run the program on such arrays the long way.
    """

    def __init__(self, session: Any):
        self._session = session
        self.layout = session.layout
        self._objective = session.model.objective
        self._predictions = session.model.objective_shapes[1]
        self._settings = Settings(session.model.optimizer)

    def fits(self) -> bool:
        """Whether the network, its losses and its optimiser are those that were seen."""
        model = self._session.model
        return (
            model.objective is self._objective
            and model.optimizer is self._settings.optimizer
            and not is_eager(model)
            and layout_of(model) is self.layout
            and self._settings.hold()
        )

    def checked(self, x: np.ndarray, y: np.ndarray) -> HostBatch:
        """The arrays in the engine's formats, their values held against the model."""
        part = HostBatch(standard_format(x, "x", None), standard_format(y, "y", None), None)
        return DataCheck(self._session.model, self._predictions, True)(part)


class QuickTrain(Known):
    """One update on a batch of a kind seen before.

    Args:
        session, rows: of the call before, and how many rows its batch had.
    """

    def __init__(self, session: Any, rows: int):
        super().__init__(session)
        self._rows = np.int32(rows)
        self._run = session.compiled("train", batch_size=rows, padded=False, parts=1)
        self._names = session.log_names, session.last_names
        self._variables = session.optimizer_memory.variables
        flags, weights = self.layout.flags, self.layout.weights.items()
        self._trainable = [(path, weight) for path, weight in weights if flags[path]]
        self._fixed = [(path, weight) for path, weight in weights if not flags[path]]

    def fits(self) -> bool:
        session = self._session
        memory = session.optimizer_memory
        return (
            super().fits()
            and memory is not None
            and session.model.optimizer.memory is memory
            and memory.variables is self._variables
            and session.parts(int(self._rows)) == 1
        )

    def __call__(self, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        batch = self.checked(x, y)
        session, objective = self._session, self._objective
        before = session.state
        state = session.state = TrainState(
            {path: weight.donatable() for path, weight in self._trainable},
            {path: weight.donatable() for path, weight in self._fixed},
            session.optimizer_memory.donatable(),
            objective.init_metrics(),
            ZERO if before is None else before.step,
            np.uint32(session.model.root_seed),
            self._settings.hyper,
        )
        session.layout = self.layout
        totals = program.empty_totals(*self._names)
        session.state, session.totals, seen = self._run(
            state, totals, (batch.x, batch.y, None), None, ZERO, ONE, self._rows
        )
        session.publish()
        objective.hold(session.state.metrics)
        return _shown(seen["logs"], objective)


class QuickEvaluate(Known):
    """Loss and metrics of arrays of a kind seen before.

    Args:
        session: of the call before.
        feed: of that call.
    """

    def __init__(self, session: Any, feed: Any):
        super().__init__(session)
        (segment,) = feed.epoch(0)
        self._order = segment.order
        self._numbers = np.int32(segment.first), np.int32(segment.last), np.int32(segment.rows)
        self._run = session.compiled("eval", batch_size=segment.batch_size, padded=segment.padded)
        self._names = list(session.test_totals([], segment)["sums"])
        self._weights = list(self.layout.weights.values())
        self._held: tuple[list[Any], dict[str, Any]] = ([], {})

    def __call__(self, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        batch = self.checked(x, y)
        session, objective = self._session, self._objective
        session.layout = self.layout
        session.model.stop_evaluating = False
        values, variables = self._held
        now = [weight._value for weight in self._weights]
        if len(now) != len(values) or not all(map(operator.is_, now, values)):
            variables = session.variables()
            self._held = [weight._value for weight in self._weights], variables
        carry: Any = (objective.init_metrics(), program.empty_totals(self._names), {})
        data = (share(batch.x), share(batch.y), None)
        (metrics, totals, _), logs = self._run(variables, carry, data, self._order, *self._numbers)
        shown = _shown(logs, objective)
        objective.hold(metrics)
        session.model.hold_loss(
            {
                "sums": {name: np.asarray(value) for name, value in totals["sums"].items()},
                "rows": np.asarray(totals["rows"]),
            }
        )
        return shown


def _shown(logs: dict[str, Any], objective: Any) -> dict[str, Any]:
    host = {name: np.asarray(value) for name, value in logs.items()}
    return loop.to_floats(host, objective.metric_names)


def _kind(method: str, x: Any, y: Any, batch_size: int | None) -> Any:
    """What decides whether a call is like another; None where none can be."""
    if type(x) is not np.ndarray or type(y) is not np.ndarray:
        return None
    return (method, x.shape, x.dtype, y.shape, y.dtype, batch_size)


def find(model: Any, method: str, x: Any, y: Any, batch_size: int | None = None) -> Any:
    """What a call before has left for arrays like these; None where the long way is due.

    Args:
        model: any.
        method: ``"train"`` or ``"evaluate"``.
        x, y: as the user gave them, without weights.
        batch_size: rows at a time; None for all as one batch.
    """
    session = model.__dict__.get("_session")
    kind = _kind(method, x, y, batch_size)
    known = None if session is None or kind is None else session.quick_steps.get(kind)
    return known if known is not None and known.fits() else None


def remember_train(session: Any, x: Any, y: Any, data: Any) -> None:
    """Let the next train_on_batch of this kind go the quick way, where nothing forbids it.

    Args:
        session: of the model, which has just taken the step.
        x, y: as for `find`.
        data: what became of them, `(x, y, sample_weight)`.
    """
    if not _plain(session, x, y, data) or not any(session.layout.flags.values()):
        return
    if session.parts(len(x)) == 1:
        _keep(session, _kind("train", x, y, None), QuickTrain(session, len(x)))


def remember_evaluate(
    session: Any, x: Any, y: Any, source: Any, batch_size: int, feed: Any
) -> None:
    """Let the next evaluate of this kind go the quick way, where nothing forbids it."""
    if not isinstance(feed, ArrayFeed) or feed.batches > BATCHES:
        return
    whole = not (feed.exact_tail and source.n % feed.batch_size)
    data = (source.x, source.y, source.sample_weight)
    if whole and _plain(session, x, y, data):
        _keep(session, _kind("evaluate", x, y, batch_size), QuickEvaluate(session, feed))


def _keep(session: Any, kind: Any, known: Known) -> None:
    if len(session.quick_steps) >= KINDS:
        session.quick_steps.clear()
    session.quick_steps[kind] = known


def _plain(session: Any, x: Any, y: Any, data: Any) -> bool:
    """Whether the call ran on nothing but these two arrays and the network as it is."""
    read_x, read_y, weights = data
    model = session.model
    own = ("train_step", "test_step", "compute_metrics")
    return (
        _kind("", x, y, None) is not None
        and type(read_x) is type(read_y) is np.ndarray
        and (read_x.shape, read_y.shape) == (x.shape, y.shape)
        and weights is None
        and {x.dtype.kind, y.dtype.kind} <= set("fiub")
        and not (model.takes_raw or is_eager(model) or any(map(model.overrides, own)))
        and not any(weight.transient for weight in session.layout.weights.values())
        and layout_of(model) is session.layout
    )
