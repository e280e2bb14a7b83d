"""Gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax

from .._core.specs import family
from .base import Optimizer
from .limits import UNIT
from .settings import Common
from .transforms import Transformation, per_tensor


@family("optimizer").register("SGD", "sgd")
class SGD(Optimizer):
    """Gradient descent, with momentum if asked: `v = momentum * v - lr * g`, `w = w + v`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        momentum: the share of the last movement that is kept, 0 to 1; 0 keeps no state.
        nesterov: take the gradient part once more ahead, `w = w + momentum * v - lr * g`.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013

    >>> import jax.numpy as jnp
    >>> optimizer = SGD(0.1)
    >>> weights = {"w": jnp.array([1.0])}
    >>> state = optimizer.init(weights)
    >>> gradients = {"w": jnp.array([2.0])}
    >>> updates, state = optimizer.update(gradients, state, weights, optimizer.hyper())
    >>> round(float(updates["w"][0]), 6)
    -0.2
    """

    hyperparameters = (*Optimizer.hyperparameters, "momentum")
    limits = {**Optimizer.limits, "momentum": UNIT}

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.momentum = momentum
        self.nesterov = nesterov
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        if "momentum" not in hyper:
            return gradient_descent(hyper["learning_rate"])
        return heavy_ball(hyper["learning_rate"], hyper["momentum"], nesterov=self.nesterov)


def gradient_descent(learning_rate: Any) -> Transformation:
    """`w - lr * g`."""

    def rule(g: jax.Array, w: jax.Array) -> Any:
        return -learning_rate * g, {}

    return per_tensor({}, lambda step: rule)


def heavy_ball(learning_rate: Any, momentum: Any, *, nesterov: bool) -> Transformation:
    """Gradient descent that keeps a share of its last movement."""

    def rule(g: jax.Array, w: jax.Array, velocity: jax.Array) -> Any:
        descent = learning_rate * g
        moved = momentum * velocity - descent
        return (momentum * moved - descent if nesterov else moved), {"velocity": moved}

    return per_tensor({"velocity": 0.0}, lambda step: rule)
