"""The checkups of one run of `fit`: when each is dispatched, and what they returned."""

from __future__ import annotations

import time
from typing import Any

import jax
import numpy as np

from ..record.schema import Checkups
from ..training import devices, sharing
from . import probe_samples
from .checkup_program import Checkup, packed_shape
from .layout import checkups_of
from .used_weights import influential

QUICK = 0.005
"""Seconds up to which a checkup is not waited for: training goes on beside it."""
COPIED = 2**20
"""Bytes of weights that are copied for that; the next step of training consumes the others."""


class Examining:
    """Examines the network where it stands; the numbers are fetched when they are asked for.

    Args:
        session: of the model in training.
        source, held_out: training and validation data.
        batch_size: samples a step.

    Attributes:
        seconds: what the checkups took, but for the first of a program that is yet to be compiled,
            which took `compile_seconds`.
        when: (step, epoch) of each.
        probe, held_out: the samples looked at, once there was a checkup.
    """

    def __init__(self, session: Any, source: Any, held_out: Any, batch_size: int):
        self.session = session
        self.seconds = self.compile_seconds = 0.0
        self.when: list[tuple[int, int]] = []
        self.probe: Any = None
        self.held_out: Any = None
        self._data = (source, held_out, batch_size)
        self._program: Checkup | None = None
        self._of: Any = None  # the layout that it is for
        self._before: Any = None
        self._start: Any = None
        self._vectors: list[Any] = []
        self._held: list[Any] = []

    def take(self, step: int, epoch: int) -> bool:
        """Examine the network as it is; a quick checkup of small weights waits for `launch`.

        Args:
            step, epoch: where training stands.

        Returns:
            Whether a program had to be compiled.
        """
        start = time.perf_counter()
        if self._program is not None and self._of != self.session.layout.key:
            self._begin_anew()
        run = self._program or self._prepare()
        state = self.session.state
        weights = (state.trainable, state.fixed, state.seed)
        quick = run.seconds is not None and run.seconds <= QUICK
        if quick and _on_host_and_small(weights):
            self._held.append(jax.tree.map(np.array, weights))
            self.when.append((step, epoch))
            self.seconds += time.perf_counter() - start + (run.seconds or 0.0)
            return False
        self.launch()
        compiles = run.compiles
        called = time.perf_counter()
        vector = self._call(run, weights)
        self.when.append((step, epoch))
        if not quick:
            vector.block_until_ready()
        taken = time.perf_counter() - start
        if not compiles and not quick:
            run.seconds = time.perf_counter() - called
        if compiles:
            devices.return_freed_memory(taken)
            self.compile_seconds += taken
        else:
            self.seconds += taken + (run.seconds or 0.0 if quick else 0.0)
        return compiles

    def launch(self) -> None:
        """Start the checkups of the weights that were copied; they go on after this returns."""
        held, self._held = self._held, []
        try:
            for weights in held:
                self._call(self._program, weights)
        finally:
            del self.when[len(self._vectors) :]

    def _call(self, run: Any, weights: Any) -> Any:
        """The vector of one checkup, on the device."""
        vector, packed = run(*weights, self.probe, self.held_out, self._before, self._start)
        self._start = self._start if self._vectors else packed
        self._before = packed
        self._vectors.append(vector)
        return vector

    def _prepare(self) -> Checkup:
        """The program and its samples."""
        session = self.session
        source, held_out, batch_size = self._data
        self.probe = probe_samples.training(session.model, source, batch_size)
        self.held_out = probe_samples.validation(session.model, held_out, self.probe)
        shapes = jax.tree.map(lambda a: (a.shape, str(a.dtype)), (self.probe, self.held_out))
        leaves, structure = jax.tree.flatten(shapes)
        key = ("checkup", session.layout.key, tuple(leaves), structure)
        hastily = probe_samples.is_little(session.model, self.probe)
        run = session.cached(
            key, lambda: sharing.shared(session.model, key, lambda model: Checkup(model, hastily))
        )
        self._before = self._start = np.zeros(packed_shape(run.spacing), np.float32)
        self._program, self._of = run, session.layout.key
        return run

    def _begin_anew(self) -> None:
        """Forget the checkups so far: layers were frozen or thawed, and theirs do not compare."""
        self._program, self._vectors, self._held = None, [], []
        self.when.clear()

    def checkups(self) -> Checkups:
        """All of them; waits for those under way."""
        self.launch()
        if not self._vectors or self._program is None:
            return Checkups()
        self._vectors = [np.asarray(vector) for vector in self._vectors]
        steps, epochs = zip(*self.when, strict=True)
        return checkups_of(
            self._program.layout,
            np.stack(self._vectors),
            list(steps),
            list(epochs),
            self.session.model.name,
        )

    def used(self) -> dict[str, bool]:
        """Whether the loss depends on a trained weight, by its path without the model's name."""
        self.launch()
        run, session = self._program, self.session
        if run is None or not self._vectors:
            return {}
        rows = {weight.path: weight for weight in run.layout.weights if weight.trained}
        first = np.asarray(self._vectors[0])[None]
        slopes = run.layout.part(first, "gradient_rows")[0] if rows else np.zeros(0)
        idle = {path for path, w in rows.items() if not slopes[w.start : w.stop].any()}
        needed = set(rows) - idle
        if idle:  # zero by its value, or because no way leads there
            state = session.state
            reached = influential(session.model, state.trainable, state.fixed, self.probe)
            needed |= reached & idle
        start = len(session.model.name) + 1
        return {path[start:]: path in needed for path in rows}


def _on_host_and_small(*arrays: Any) -> bool:
    """Whether the arrays can be copied in no time."""
    leaves = jax.tree.leaves(arrays)
    if sum(leaf.nbytes for leaf in leaves) > COPIED:
        return False
    held = [leaf for leaf in leaves if isinstance(leaf, jax.Array)]
    return all(device.platform == "cpu" for leaf in held[:1] for device in leaf.devices())
