"""The one tap: every layer's output in a pass, and the gradient of the loss there.

Checkups, `model.backward` and the search for the first fault all look through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .._core.traces import trace_state
from ..layers.context import Context, current
from ..layers.symbolic import leaves
from ..training import step
from ..training.step import Batch
from .network import short_paths, with_count


@dataclass
class Tapped:
    """One call of a layer, as a trace met it.

    Attributes:
        layer: what was called.
        output: its first output.
    """

    layer: Any
    output: Any


class Tap:
    """Collects layers' outputs during a trace, and adds zeros that can be differentiated.

    The gradient of the loss by the added zero is the gradient at the output. Only what is computed
    at the level of the trace itself is kept: the calls inside of a layer's own loop over time, a
    branch or a `vmap` have no array of their own here.

    Args:
        model: whose layers are called; itself it is left out.
        bumps: path -> zeros of the output's shape; None to add nothing.
        everything: also the outputs of networks within the network, whole numbers and single
            numbers; checkups take no statistics of these.
    """

    def __init__(self, model: Any, bumps: dict[str, Any] | None = None, everything: bool = False):
        self.paths = short_paths(model)
        self.root = model
        self.everything = everything
        self.bumps = bumps
        self.tapped: dict[str, Tapped] = {}
        self.context: Context | None = None
        self.level = trace_state()

    def __call__(self, layer: Any, count: int, output: Any) -> Any:
        self.context = self.context or current()
        if layer is self.root or self.level != trace_state():
            return output
        parts = leaves(output)
        first = parts[0] if parts else None
        if not isinstance(first, jax.Array) or not (self.everything or _measured(layer, first)):
            return output
        path = with_count(self.paths.get(layer, layer.name), count)
        if self.bumps is not None and path in self.bumps:
            first = first + self.bumps[path].astype(first.dtype)
            output = _with_first(output, first)
        self.tapped[path] = Tapped(layer, first)
        return output

    def kept(self, path: str) -> Any:
        """The mask of the output at `path`, after the pass: False for padding; None without one."""
        if self.context is None:
            return None
        return self.context.mask_of(self.tapped[path].output)


def _measured(layer: Any, output: jax.Array) -> bool:
    """Whether a checkup takes statistics of an output."""
    if getattr(layer, "graph", None) is not None:
        return False  # its last layer's
    return bool(output.ndim) and jnp.issubdtype(output.dtype, jnp.floating)


def _with_first(output: Any, first: Any) -> Any:
    """`output` with its first array replaced."""
    if isinstance(output, jax.Array):
        return first
    flat, structure = jax.tree.flatten(output)
    return jax.tree.unflatten(structure, [first, *flat[1:]])


def tapped_pass(
    model: Any,
    trainable: dict[str, Any],
    fixed: dict[str, Any],
    batch: Batch,
    training: bool = False,
    rng: Any = None,
    everything: bool = False,
) -> tuple[Any, Any, list[tuple[str, Any, Any, Any]], dict[str, Any], Any]:
    """One forward and backward pass with every layer's output and the gradient there; traced.

    Args:
        model: whose pass it is.
        trainable, fixed: path -> array.
        batch: one batch.
        training, rng: of the forward pass.
        everything: see `Tap`.

    Returns:
        The loss, the gradients of the trained weights, (path, layer, output, mask) of every call
        in order, path -> gradient at the output, and the result of `step.forward`.
    """

    def forward(trainable: Any, bumps: Any) -> Any:
        tap = Tap(model, bumps, everything)
        variables = {**fixed, **trainable}
        result = step.forward(model, variables, batch, training=training, rng=rng, tap=tap)
        loss, _ = step.loss_of(model, variables, batch, result, training=training)
        # In the order of the calls, which a pytree would not keep.
        noted["layers"] = {path: item.layer for path, item in tap.tapped.items()}
        outputs = {path: item.output for path, item in tap.tapped.items()}
        kept = {path: tap.kept(path) for path in outputs}
        return loss, (outputs, kept, result._replace(losers=()))  # layers are no arrays

    noted: dict[str, Any] = {}
    _, (shapes, _, _) = jax.eval_shape(lambda t: forward(t, None), trainable)
    bumps = {
        path: jnp.zeros(shape.shape, shape.dtype)
        for path, shape in shapes.items()
        if jnp.issubdtype(shape.dtype, jnp.floating)
    }
    (loss, (outputs, kept, result)), (gradients, at_outputs) = jax.value_and_grad(
        forward, argnums=(0, 1), has_aux=True
    )(trainable, bumps)
    found = [(path, layer, outputs[path], kept[path]) for path, layer in noted["layers"].items()]
    return loss, gradients, found, at_outputs, result
