"""Back-propagation laid open: one forward-backward pass with every layer's output and gradient."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..layers import tree
from ..training.state import TrainState
from ..training.step import Batch
from .tap import tapped_pass


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


def backward(model: Any, state: TrainState, batch: Batch, training: bool) -> Any:
    """Loss, outputs, gradients at outputs, gradients of weights, updates; pure, to be jitted."""
    loss, gradients, found, at_outputs, result = tapped_pass(
        model,
        state.trainable,
        state.fixed,
        batch,
        training=training,
        rng=state.rng,
        everything=True,
    )
    # As `tree.walk` names them, so that they stand beside the paths of the weights.
    known = {layer for _, layer in tree.walk(model)}
    full = {path: f"{model.name}/{path}" if layer in known else path for path, layer, _, _ in found}
    outputs = {full[path]: output for path, _, output, _ in found}
    at_outputs = {full[path]: gradient for path, gradient in at_outputs.items()}
    return loss, outputs, at_outputs, gradients, result.updates


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
