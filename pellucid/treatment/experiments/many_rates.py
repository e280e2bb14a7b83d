"""One training step at many learning rates at once: states side by side, one compiled program."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ...kernels import compiling
from ...training.feed import Segment
from ...training.program import batch_of
from ...training.state import TrainState


def side_by_side(state: TrainState, rates: np.ndarray) -> TrainState:
    """`state` once for each rate: every array gets a first axis, and each its own learning rate.

    Args:
        state: of one model.
        rates: (rates,) float32.
    """
    count = len(rates)

    def repeated(leaf: Any) -> jax.Array:
        leaf = jnp.asarray(leaf)
        return jnp.broadcast_to(leaf, (count, *leaf.shape))

    many = jax.tree.map(repeated, state)
    hyper = {**many.hyper, "learning_rate": jnp.asarray(rates, jnp.float32)}
    return many.replace(hyper=hyper)


def train_all(
    model: Any, states: TrainState, segment: Segment, first: int, steps: int, program: Any = None
) -> tuple[TrainState, np.ndarray]:
    """Some steps of every state on the same batches.

    Args:
        model: whose `train_step` it is.
        states: from `side_by_side`.
        segment: the data, on the device.
        first, steps: which batches of it.
        program: from `program_for`, compiled by an earlier call.

    Returns:
        The states, and the losses, ``(rates, steps)``.
    """
    run = program or program_for(model, segment)
    states, losses = run(
        states, segment.data, segment.order, np.int32(first), np.int32(segment.rows), steps
    )
    return states, np.asarray(losses, np.float64).T


def program_for(model: Any, segment: Segment) -> Any:
    """The compiled loop for batches of this size."""

    def run(states: Any, data: Any, order: Any, first: Any, rows: Any, steps: int) -> Any:
        def body(states: Any, number: Any) -> Any:
            batch = batch_of(data, order, number, segment.batch_size, rows, segment.padded)

            def one(state: TrainState) -> Any:
                state, logs = model.train_step(state, batch)
                return state, logs["loss"]

            return jax.vmap(one)(states)  # (rates, ...), (rates,)

        return lax.scan(body, states, first + jnp.arange(steps))

    return compiling.program(run, static_argnums=5)
