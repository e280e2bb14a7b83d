"""Which weights the loss depends on at all, read off the program and not off its numbers."""

from __future__ import annotations

from typing import Any

import jax
from jax.interpreters import partial_eval

from ..training import step
from ..training.step import Batch


def influential(model: Any, trainable: dict[str, Any], fixed: Any, probe: Batch) -> set[str]:
    """Paths of the trained weights that the loss of a training step is computed from.

    Args:
        model: with its objective.
        trainable, fixed: path -> array.
        probe: samples.
    """
    rng = jax.random.key(0)

    def loss(trainable: Any, fixed: Any, probe: Batch) -> Any:
        variables = {**fixed, **trainable}
        result = step.forward(model, variables, probe, training=True, rng=rng)
        return step.loss_of(model, variables, probe, result)[0]

    traced = jax.make_jaxpr(loss)(trainable, fixed, probe)
    _, used = partial_eval.dce_jaxpr(traced.jaxpr, [True])
    paths = jax.tree.leaves({path: path for path in trainable})
    return {path for path, needed in zip(paths, used[: len(paths)], strict=True) if needed}
