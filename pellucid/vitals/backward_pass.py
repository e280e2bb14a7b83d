"""Back-propagation laid open: one forward-backward pass with every layer's output and gradient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..layers import tree
from ..training import step
from ..training.state import TrainState
from ..training.step import Batch


@dataclass(frozen=True)
class BackwardPass:
    """What `model.backward` found.

    Attributes:
        loss: the number that training minimises, for this batch.
        outputs: layer path -> its output, `(batch, ...)`; a layer called again has `#2`, ... added.
        output_gradients: layer path -> gradient of the loss at that output, the same shape.
        gradients: weight path -> gradient of the loss, the weight's shape; in the order of
            `model.trainable_variables`.
    """

    loss: float
    outputs: dict[str, np.ndarray]
    output_gradients: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]
    updates: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        lines = [f"BackwardPass(loss={self.loss:.6g})"]
        for path, output in self.outputs.items():
            gradient = self.output_gradients.get(path)
            at = "" if gradient is None else f", gradient rms {_rms(gradient):.3g}"
            lines.append(f"  {path}: output {output.shape} rms {_rms(output):.3g}{at}")
        for path, gradient in self.gradients.items():
            lines.append(f"  {path}: gradient {gradient.shape} rms {_rms(gradient):.3g}")
        return "\n".join(lines)


def _rms(array: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0


class Probe:
    """Collects every layer's output during a trace, and adds a zero that can be differentiated.

    The gradient of the loss by the added zero is the gradient at the output.
    """

    def __init__(self, model: Any, bumps: dict[str, Any] | None = None):
        self.root = model
        self.paths = {layer: path for path, layer in tree.walk(model)}
        self.bumps = bumps
        self.outputs: dict[str, Any] = {}

    def __call__(self, layer: Any, count: int, output: Any) -> Any:
        if layer is self.root or not isinstance(output, jax.Array):
            return output
        path = self.paths.get(layer, layer.name) + (f"#{count + 1}" if count else "")
        if self.bumps is not None and path in self.bumps:
            output = output + self.bumps[path]
        self.outputs[path] = output
        return output


def backward(model: Any, state: TrainState, batch: Batch, training: bool) -> Any:
    """Loss, outputs, gradients at outputs, gradients of weights, updates; pure, to be jitted."""

    def pass_(trainable: dict[str, Any], bumps: dict[str, Any] | None) -> Any:
        probe = Probe(model, bumps)
        variables = {**state.fixed, **trainable}
        result = step.forward(model, variables, batch, training=training, rng=state.rng, tap=probe)
        loss, _ = step.loss_of(model, variables, batch, result)
        return loss, (probe.outputs, result.updates)

    _, (shapes, _) = jax.eval_shape(lambda t: pass_(t, None), state.trainable)
    bumps = {
        path: jnp.zeros(shape.shape, shape.dtype)
        for path, shape in shapes.items()
        if jnp.issubdtype(shape.dtype, jnp.floating)
    }
    (loss, (outputs, updates)), (gradients, at_outputs) = jax.value_and_grad(
        pass_, argnums=(0, 1), has_aux=True
    )(state.trainable, bumps)
    return loss, outputs, at_outputs, gradients, updates


def in_order(
    model: Any, outputs: dict, at_outputs: dict, gradients: dict
) -> tuple[dict, dict, dict]:
    """The three as the network has them; out of a compiled program they come by the alphabet."""
    ranks = {path: number for number, (path, _) in enumerate(tree.walk(model))}
    weights = {weight.path: number for number, weight in enumerate(model.trainable_variables)}

    def by_layer(found: dict) -> dict:
        def rank(path: str) -> tuple[int, int]:
            layer, _, call = path.partition("#")
            return ranks.get(layer, len(ranks)), int(call or 1)

        return {path: found[path] for path in sorted(found, key=rank)}

    sorted_gradients = sorted(gradients, key=lambda path: weights.get(path, len(weights)))
    return by_layer(outputs), by_layer(at_outputs), {p: gradients[p] for p in sorted_gradients}
