"""Memory for time: a part of a network whose inside is computed again in the backward pass.

Without this, every intermediate result of the forward pass is kept until its gradient is due. Here
only what goes into the part is kept, and the part runs a second time when gradients reach it.

Chen, Xu, Zhang and Guestrin, "Training Deep Nets with Sublinear Memory Cost", 2016,
https://arxiv.org/abs/1604.06174
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernels.recompute import recompute
from .context import bind, current
from .symbolic import leaves


def recomputed(function: Callable[[Any], Any], inputs: Any) -> Any:
    """``function(inputs)``, whose intermediate results are not kept for the gradient.

    What layers note beside their outputs (new moving means, added losses, masks) comes out as if
    `function` had been called; random numbers are the same both times.

    Args:
        function: calls layers; of arrays (or lists and dictionaries of them) to the same.
        inputs: its argument.
    """
    outer = current()
    if outer is None or outer.abstract or not outer.training or outer.tap is not None:
        # Nobody will ask for gradients, or an observer wants every result for itself.
        return function(inputs)
    random = outer.base_key()
    noted: dict[str, Any] = {}

    def inside(inputs: Any, masks: list[Any], random: Any) -> Any:
        context = outer.inner(random)
        for array, mask in zip(leaves(inputs), masks, strict=True):
            context.set_mask(array, mask)
        with bind(context):
            outputs = function(inputs)
        # The weights themselves cannot leave as a pytree's leaves; their arrays can.
        noted["weights"] = list(context.updates)
        noted["losers"] = context.losers
        out_masks = [context.mask_of(array) for array in leaves(outputs)]
        return outputs, out_masks, list(context.updates.values()), context.losses

    masks = [outer.mask_of(array) for array in leaves(inputs)]
    outputs, masks, updates, losses = recompute(inside, inputs, masks, random)
    for weight, value in zip(noted["weights"], updates, strict=True):
        outer.record(weight, value)
    for layer, loss in zip(noted["losers"], losses, strict=True):
        outer.add_loss(layer, loss)
    for array, mask in zip(leaves(outputs), masks, strict=True):
        outer.set_mask(array, mask)
    return outputs
