"""Back to the step that went wrong: the same steps again, from a copy of the state before them.

A step is a function of state and batch alone, so its first number that is not finite can be looked
for afterwards. Now and then the state is copied, which costs under one percent of the time; the
chunks of steps since then are remembered, not their results.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..kernels import compiling
from ..training import program
from ..training.feed import Segment
from ..training.state import TrainState
from ..training.step import global_norm
from .tap import tapped_pass

LARGEST = 64 * 2**20
"""Bytes of a state that is copied at all."""
HELD = 128 * 2**20
"""Bytes of streamed data that may be kept for going over again."""


@dataclass
class Chunk:
    """Steps that were taken: `first` to `last - 1` of `segment`, with the optimiser's numbers."""

    segment: Segment
    first: int
    last: int
    hyper: dict[str, Any]


class Replay:
    """A copy of the state, and what was done since.

    Args:
        session: of the model in training.
    """

    def __init__(self, session: Any):
        self.session = session
        self._state: TrainState | None = None
        self._chunks: list[Chunk] = []
        self._since = 0.0
        self._cost = 0.0
        self._held = 0

    def start(self) -> None:
        """Copy the state, where it is small enough."""
        state = self.session.state
        size = sum(leaf.nbytes for leaf in jax.tree.leaves(state) if hasattr(leaf, "nbytes"))
        if size > LARGEST or self.session.model.overrides("train_step"):
            return
        begin = time.perf_counter()
        self._state = jax.tree.map(_copy, state)
        self._cost = time.perf_counter() - begin
        self._chunks, self._since, self._held = [], 0.0, 0

    def note(self, segment: Segment, first: int, last: int, seconds: float) -> None:
        """Steps were taken, and went well; copy the state anew when it is time."""
        if self._state is None:
            return
        self.note_only(segment, first, last)
        self._since += seconds
        if self._since > max(1.0, 100 * self._cost):
            self.start()
        elif self._held > HELD:
            self._state = None if self._since < 20 * self._cost else self._state
            if self._state is not None:
                self.start()

    def note_only(self, segment: Segment, first: int, last: int) -> None:
        """Steps were taken."""
        if not self._chunks or self._chunks[-1].segment.data is not segment.data:
            self._held += sum(leaf.nbytes for leaf in jax.tree.leaves(segment.data))
        # As numbers of their own: the next chunk consumes the arrays.
        hyper = {name: np.array(value) for name, value in self.session.state.hyper.items()}
        self._chunks.append(Chunk(segment, first, last, hyper))

    def find(self, step: int) -> tuple[str | None, str | None]:
        """Where the first number that is not finite came from at `step`: place and cause.

        Call `note_only` for the steps up to and with it before; can be asked once.

        Returns:
            As `RunRecord.bad_place` and `bad_cause`; None and None where it cannot be said.
        """
        state, chunks, self._state = self._state, self._chunks, None
        if state is None:
            return None, None
        session = self.session
        done = int(state.step)
        for chunk in chunks:
            segment, count = chunk.segment, chunk.last - chunk.first
            inside = step < done + count
            last = chunk.first + step - done if inside else chunk.last
            state = state.replace(hyper=chunk.hyper, metrics=session.model.objective.init_metrics())
            if last > chunk.first:
                totals = program.empty_totals(session.log_names, session.last_names)
                state, _, seen = session.steps(state, totals, segment, chunk.first, last)()
                if not np.isfinite(seen["signs"][0, : last - chunk.first]).all():
                    return None, None  # something changed the weights from outside
            if inside:
                return first_fault(session.model, state, segment, last)
            done += count
        return None, None


def _copy(leaf: Any) -> Any:
    on_host = not isinstance(leaf, jax.Array) or next(iter(leaf.devices())).platform == "cpu"
    return np.array(leaf) if on_host else jnp.array(leaf, copy=True)


def first_fault(
    model: Any, state: TrainState, segment: Segment, number: int
) -> tuple[str | None, str | None]:
    """Place and cause of the first number that is not finite in one step of training.

    Args:
        model: in training.
        state: before the step.
        segment, number: where its batch lies.
    """
    start = len(model.name) + 1
    for path, array in state.variables.items():
        if not _all_finite(array):
            return path[start:].rpartition("/")[0], "weights"
    batch = program.batch_of(
        segment.data,
        segment.order,
        np.int32(number),
        segment.batch_size,
        np.int32(segment.rows),
        segment.padded,
    )
    for place, leaf in jax.tree_util.tree_flatten_with_path(batch.x)[0]:
        if not _all_finite(leaf):
            name = "".join(str(getattr(key, "key", getattr(key, "idx", key))) for key in place)
            return f"input:{_input_name(model, name)}", "inputs"
    order: list[str] = []

    def sound(state: TrainState, batch: Any) -> Any:
        loss, gradients, found, at_outputs, _ = tapped_pass(
            model, state.trainable, state.fixed, batch, training=True, rng=state.rng
        )
        order[:] = [path for path, _, _, _ in found]
        finite = [jnp.all(jnp.isfinite(output)) for _, _, output, _ in found]
        back = [jnp.all(jnp.isfinite(at_outputs[path])) for path in order]
        weights = {path: jnp.max(jnp.abs(g), initial=0) for path, g in gradients.items()}
        return jnp.isfinite(loss), finite, back, weights, global_norm(gradients)

    loss, finite, back, weights, norm = jax.device_get(compiling.program(sound)(state, batch))
    for path, good in zip(order, finite, strict=True):
        if not good:
            return path, "forward"
    end = order[-1] if order else None
    if not loss:
        return end, "loss"
    # Backward: the last layer at whose output the gradient is still sound has spoilt it.
    if back and not back[-1]:
        return end, "loss"
    bad = [number for number, good in enumerate(back) if not good]
    if bad:
        after = order[max(bad) + 1 :]
        return (after[0] if after else end), "gradient"
    if np.isfinite(norm):
        return None, None
    unsound = [path for path in weights if not np.isfinite(weights[path])]
    # Numbers near the end of their range have squares beyond it: the largest stands for all.
    worst = unsound[0] if unsound else max(weights, key=lambda path: float(weights[path]))
    return worst[start:].rpartition("/")[0], "gradient"


def _all_finite(array: Any) -> bool:
    if not jnp.issubdtype(array.dtype, jnp.floating):
        return True
    return bool(np.isfinite(np.asarray(array).astype(np.float32)).all())


def _input_name(model: Any, position: str) -> str:
    if model.graph is None:
        return position or "x"
    names = model.input_names
    if position in names:
        return position
    return names[int(position)] if position.isdigit() and int(position) < len(names) else names[0]
