"""Adam, and AdamW, which is Adam with weight decay on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import jax
import jax.numpy as jnp

from .._core.specs import family
from .base import Optimizer
from .limits import DECAY, NON_NEGATIVE
from .moments import by_moments
from .settings import Common, CommonButDecay
from .transforms import Transformation, one_minus_power

BETAS = {"beta_1": DECAY, "beta_2": DECAY, "epsilon": NON_NEGATIVE}


@family("optimizer").register("Adam", "adam")
class Adam(Optimizer):
    """Steps of the averaged gradient over the root of the averaged squared gradient.

    `w - lr * sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (sqrt(v) + eps)`, t from 1.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        beta_1: the memory of the gradient's average, 0 to below 1.
        beta_2: the memory of the squares' average, 0 to below 1.
        epsilon: added to the uncorrected root ("epsilon hat" in the paper).
        amsgrad: divide by the largest average of squares so far.
        *common: `weight_decay`, clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range.

    Kingma and Ba, "Adam", 2015, https://arxiv.org/abs/1412.6980; Reddi, Kale and Kumar, "On the
    Convergence of Adam and Beyond" (AMSGrad), 2018, https://openreview.net/forum?id=ryQu7f-RZ

    >>> import jax.numpy as jnp
    >>> optimizer = Adam(0.1)
    >>> weights = {"w": jnp.array([1.0, 1.0])}
    >>> state, gradients = optimizer.init(weights), {"w": jnp.array([2.0, -0.002])}
    >>> updates, state = optimizer.update(gradients, state, weights, optimizer.hyper())
    >>> [round(x, 3) for x in updates["w"].tolist()]
    [-0.1, 0.1]
    """

    hyperparameters = (*Optimizer.hyperparameters, *BETAS)
    limits = {**Optimizer.limits, **BETAS}

    slot_order = (("momentum", "velocity"), ("velocity_hat",))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *common: Any,
        **named: Unpack[Common],
    ):
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        super().__init__(learning_rate, *common, **named)

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        numbers = (hyper[name] for name in ("learning_rate", "beta_1", "beta_2", "epsilon"))
        return adam(*numbers, amsgrad=self.amsgrad)


@family("optimizer").register("AdamW", "adamw")
class AdamW(Adam):
    """Adam with decoupled weight decay: every weight first shrinks by `lr * weight_decay * w`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        weight_decay: the rate of the decay, at least 0.
        beta_1: the memory of the gradient's average, 0 to below 1.
        beta_2: the memory of the squares' average, 0 to below 1.
        epsilon: added to the uncorrected root.
        amsgrad: divide by the largest average of squares so far.
        *common: clipping and the rest, by place or by name; see `Optimizer`.

    Raises:
        ConfigError: a number out of range, `weight_decay=None`.

    Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019,
    https://arxiv.org/abs/1711.05101

    >>> AdamW().weight_decay
    0.004
    """

    limits = {**Adam.limits, "weight_decay": NON_NEGATIVE}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        *common: Any,
        **named: Unpack[CommonButDecay],
    ):
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *common, **named
        )


def adam(
    learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any, *, amsgrad: bool = False
) -> Transformation:
    """Kingma and Ba's rule in the form that corrects the step size, not the averages."""

    def movement_at(count: jax.Array) -> Any:
        correction = jnp.sqrt(one_minus_power(beta_2, count)) / one_minus_power(beta_1, count)
        rate = learning_rate * correction
        return lambda g, w, mean, square: -rate * mean / (jnp.sqrt(square) + epsilon)

    return by_moments(beta_1, beta_2, movement_at, amsgrad=amsgrad)
