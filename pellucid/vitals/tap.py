"""The tap of a checkup: every layer's output, and where its gradient can be had."""

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
    """One call of a layer, as a checkup's trace met it.

    Attributes:
        layer: what was called.
        output: its first output.
    """

    layer: Any
    output: Any


class CheckupProbe:
    """Collects layers' outputs during a trace, and adds zeros that can be differentiated.

    Only what is computed at the level of the trace itself is kept: the calls inside a layer's own
    loop over time have no array of their own here.

    Args:
        model: whose layers are called; itself it is left out, as are models within it.
        bumps: path -> zeros of the output's shape; None to add nothing.
    """

    def __init__(self, model: Any, bumps: dict[str, Any] | None = None):
        self.paths = short_paths(model)
        self.root = model
        self.bumps = bumps
        self.tapped: dict[str, Tapped] = {}
        self.context: Context | None = None
        self.level = trace_state()

    def __call__(self, layer: Any, count: int, output: Any) -> Any:
        self.context = self.context or current()
        if layer is self.root or getattr(layer, "graph", None) is not None:
            return output
        if self.level != trace_state():
            return output
        parts = leaves(output)
        first = parts[0] if parts else None
        if not isinstance(first, jax.Array) or not jnp.issubdtype(first.dtype, jnp.floating):
            return output
        if not first.ndim:
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
) -> tuple[Any, Any, list[tuple[str, Any, Any, Any]], dict[str, Any], Any]:
    """One forward and backward pass with every layer's output and the gradient there; traced.

    Returns:
        The loss, the gradients of the trained weights, (path, layer, output, mask) of every call
        in order, path -> gradient at the output, and the result of `step.forward`.
    """

    def forward(trainable: Any, bumps: Any) -> Any:
        tap = CheckupProbe(model, bumps)
        variables = {**fixed, **trainable}
        result = step.forward(model, variables, batch, training=training, rng=rng, tap=tap)
        loss, _ = step.loss_of(model, variables, batch, result, training=training)
        # In the order of the calls, which a pytree would not keep.
        noted["layers"] = {path: item.layer for path, item in tap.tapped.items()}
        outputs = {path: item.output for path, item in tap.tapped.items()}
        return loss, (outputs, {path: tap.kept(path) for path in outputs}, result)

    noted: dict[str, Any] = {}
    _, (shapes, _, _) = jax.eval_shape(lambda t: forward(t, None), trainable)
    bumps = {path: jnp.zeros(shape.shape, shape.dtype) for path, shape in shapes.items()}
    (loss, (outputs, kept, result)), (gradients, at_outputs) = jax.value_and_grad(
        forward, argnums=(0, 1), has_aux=True
    )(trainable, bumps)
    found = [(path, layer, outputs[path], kept[path]) for path, layer in noted["layers"].items()]
    return loss, gradients, found, at_outputs, result
