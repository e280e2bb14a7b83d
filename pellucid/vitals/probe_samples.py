"""The samples that checkups look at: the same all through a run."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np

from ..data import ArraySource
from ..layers import tree
from ..training.feed import put
from ..training.step import Batch, forward

SAMPLES = 512
FEWER, SMALL = 256, 2**20
"""Samples where 512 would make more outputs than `SMALL`: what a checkup costs goes with these."""
NUMBERS = 2**23
"""Outputs of all layers together for the probe, about; fewer samples where a sample has many."""
LITTLE = 2**22
"""Outputs up to which a checkup is compiled hastily: a few milliseconds of arithmetic."""
LEAST = 4


def training(model: Any, source: Any, batch_size: int) -> Batch:
    """At most 512 samples of the training data, drawn by the model's seed."""
    rows = fixed_rows(model)
    if rows is None:
        each = max(1, numbers_a_sample(model, source))
        rows = SAMPLES if each * SAMPLES <= SMALL else FEWER
        rows = min(rows, max(LEAST, NUMBERS // each))
    return _some(source, rows, model.root_seed)


def validation(model: Any, source: Any, like: Batch) -> Batch | None:
    """As many of the validation samples, or all; None where there are none."""
    if source is None:
        return None
    rows = jax.tree.leaves(like.x)[0].shape[0]
    probe = _some(source, rows, model.root_seed)
    short = jax.tree.leaves(probe.x)[0].shape[0] < rows
    return None if short and fixed_rows(model) is not None else probe


def fixed_rows(model: Any) -> int | None:
    """The only number of samples that the model takes, where there is one."""
    for _, layer in tree.walk(model):
        rows = getattr(layer, "fixed_batch", None)
        if rows is not None:
            return int(rows)
    if model.graph is not None:
        for tensor in model.graph.input_leaves:
            if tensor.shape and tensor.shape[0] is not None:
                return int(tensor.shape[0])
    return None


def numbers_a_sample(model: Any, source: Any) -> int:
    """About how many numbers the layers give for one sample, or keep for the way back."""
    drawn = _numbers_drawn(model)
    if drawn is not None:
        return drawn
    count = 0

    def note(layer: Any, number: int, output: Any) -> Any:
        nonlocal count
        leaves = [leaf for leaf in jax.tree.leaves(output) if hasattr(leaf, "shape")]
        count += sum(math.prod(leaf.shape[1:]) for leaf in leaves)
        if leaves and leaves[0].ndim:
            count += layer.numbers_inside(leaves[0].shape[1:])
        return output

    part = _first(source, 2)
    shapes = jax.tree.map(lambda a: jax.ShapeDtypeStruct(a.shape, _dtype(a)), part)
    variables = {
        path: jax.ShapeDtypeStruct(weight.shape, weight.dtype)
        for path, weight in tree.index(model).items()
    }
    jax.eval_shape(
        lambda v, x: forward(model, v, Batch(x), training=False, tap=note).outputs,
        variables,
        shapes,
    )
    return count


def is_little(model: Any, probe: Batch) -> bool:
    """Whether a checkup of the probe is little arithmetic; False where it is not known."""
    drawn = _numbers_drawn(model)
    if drawn is None:
        return False
    # A layer made of layers gives about as many numbers inside as each of them.
    parts = max(len(list(tree.walk(node.layer))) for node in model.graph.nodes)
    return drawn * parts * jax.tree.leaves(probe.x)[0].shape[0] <= LITTLE


def _numbers_drawn(model: Any) -> int | None:
    """`numbers_a_sample` of a model whose graph says it."""
    if model.graph is None:
        return None
    nodes = model.graph.nodes
    shapes = [t.shape for node in nodes for t in jax.tree.leaves(node.outputs)]
    if any(size is None for shape in shapes for size in shape[1:]):
        return None
    kept = sum(_kept_by_steps(node) + _kept_inside(node) for node in nodes)
    return kept + sum(math.prod(shape[1:]) for shape in shapes)


def _kept_inside(node: Any) -> int:
    """About how many numbers the layers of a node keep beside its output, as they say."""
    samples = [tensor.shape[1:] for tensor in node.inputs()]
    if not samples:
        return 0
    longest = max(samples, key=lambda shape: math.prod(shape[:-1]))
    return sum(layer.numbers_inside(longest) for _, layer in tree.walk(node.layer))


def _kept_by_steps(node: Any) -> int:
    """About how many numbers a recurrent layer keeps of all steps; 0 for another layer."""
    if not any(hasattr(layer, "return_sequences") for _, layer in tree.walk(node.layer)):
        return 0
    steps = next((t.shape[1] for t in node.inputs() if len(t.shape) > 2), None)
    output = jax.tree.leaves(node.outputs)[0]
    # States and gates, before their activations and behind.
    return 8 * (steps or 64) * int(output.shape[-1])


def _dtype(array: Any) -> Any:
    return jax.dtypes.canonicalize_dtype(array.dtype)


def _first(source: Any, rows: int) -> Any:
    taken = source.take(slice(0, rows)) if isinstance(source, ArraySource) else source.peek()
    return jax.tree.map(lambda a: np.asarray(a[:rows]), taken.x)


def _some(source: Any, rows: int, seed: int) -> Batch:
    if isinstance(source, ArraySource):
        rows = min(rows, source.n)
        chosen = np.random.default_rng(seed).choice(source.n, rows, replace=False, shuffle=False)
        part = source.take(np.sort(chosen))
        return Batch(*put((part.x, part.y, part.sample_weight)))
    batch = source.peek()
    return Batch(*put(jax.tree.map(lambda a: np.asarray(a)[:rows], tuple(batch))))
