"""Muon: steps along the nearest orthogonal matrix, for the matrices; Adam for the rest."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError
from .._core.specs import family
from .adam import adam
from .base import Optimizer
from .limits import DECAY, FINITE, NON_NEGATIVE, OPTIONAL, UNIT
from .partition import partitioned
from .transforms import Transformation, decayed, path_filter, per_tensor

_NUMBERS = {
    "adam_beta_1": DECAY,
    "adam_beta_2": DECAY,
    "adam_weight_decay": OPTIONAL,
    "epsilon": NON_NEGATIVE,
    "muon_a": FINITE,
    "muon_b": FINITE,
    "muon_c": FINITE,
    "adam_lr_ratio": NON_NEGATIVE,
    "momentum": UNIT,
    "rms_rate": OPTIONAL,
}


@family("optimizer").register("Muon", "muon")
class Muon(Optimizer):
    """Momentum made orthogonal before each step, for weights that are matrices; else AdamW.

    The output layer should not be trained by it: name it in `exclude_layers`.

    Args:
        learning_rate: a number, a schedule, or a callable of the step.
        adam_beta_1, adam_beta_2: the memories of Adam's averages, 0 to below 1.
        adam_weight_decay: the decay of the weights that Adam moves; None for none.
        epsilon: added to Adam's uncorrected root.
        weight_decay: the decay of the weights that Muon moves; None for none.
        clipnorm, clipvalue, global_clipnorm: see `Optimizer`.
        use_ema, ema_momentum, ema_overwrite_frequency: see `Optimizer`.
        loss_scale_factor, gradient_accumulation_steps, name: see `Optimizer`.
        exclude_layers: regular expressions; weights whose paths match one are left to Adam.
        exclude_embeddings: leave weights with "embedding" in their paths to Adam.
        muon_a, muon_b, muon_c: the coefficients of the iteration that makes a matrix orthogonal.
        adam_lr_ratio: Adam's learning rate over Muon's.
        momentum: the share of the last movement that is kept, 0 to 1.
        ns_steps: how often to iterate.
        nesterov: take the gradient once more ahead.
        rms_rate: steps are scaled to this root mean square, times the root of the matrix's longer
            side, so that AdamW's learning rates fit; None for no scaling.

    Raises:
        ConfigError: a number out of range, a pattern that is no regular expression.

    Jordan et al., "Muon", 2024, https://kellerjordan.github.io/posts/muon/; Liu et al., "Muon is
    Scalable for LLM Training", 2025, https://arxiv.org/abs/2502.16982

    >>> Muon(0.01, exclude_layers=["output"])
    Muon(learning_rate=0.01, exclude_layers=['output'])
    """

    hyperparameters = (*Optimizer.hyperparameters, *_NUMBERS)
    limits = {**Optimizer.limits, **_NUMBERS}
    off_at_zero = Optimizer.off_at_zero - {"momentum"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
    ):
        _check_patterns(exclude_layers)
        if isinstance(ns_steps, bool) or not isinstance(ns_steps, int) or ns_steps < 1:
            raise ConfigError(
                "Muon: ns_steps is a number of iterations.", got=repr(ns_steps), fix="ns_steps=5."
            )
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = exclude_layers
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate
        super().__init__(
            learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
        )

    def rule_for(self, path: str, weight: Any) -> str:
        """Which of the two rules moves a weight: "muon" or "adam"."""
        embeds = self.exclude_embeddings and "embedding" in path.lower()
        named = any(re.search(pattern, path) for pattern in self.exclude_layers or ())
        return "adam" if weight.ndim != 2 or embeds or named else "muon"

    def lr_adjust(self, x: Any) -> Any:
        """An update times Liu's factor for its size, where there is an `rms_rate`."""
        return x if self.rms_rate is None else x * self.rms_rate * math.sqrt(max(x.shape))

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> jax.Array:
        """About the nearest orthogonal matrix.

        Args:
            x: ``(rows, columns)``.
            steps: iterations.
        """
        return orthogonal(jnp.asarray(x), (self.muon_a, self.muon_b, self.muon_c), steps)

    def decaying(self, chain: Transformation, hyper: Mapping[str, Any]) -> Transformation:
        return chain  # each of the two rules has its own decay

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        rate = hyper["learning_rate"]
        rules = {
            "adam": adam(
                rate * hyper["adam_lr_ratio"],
                *(hyper[name] for name in ("adam_beta_1", "adam_beta_2", "epsilon")),
            ),
            "muon": muon(
                rate,
                hyper["momentum"],
                [hyper[name] for name in ("muon_a", "muon_b", "muon_c")],
                iterations=self.ns_steps,
                nesterov=self.nesterov,
                scale=hyper.get("rms_rate"),
            ),
        }
        spared = path_filter(*self._undecayed)
        for key, name in (("adam", "adam_weight_decay"), ("muon", "weight_decay")):
            if name in hyper:
                rules[key] = decayed(rules[key], rate * hyper[name], spared)
        return partitioned(rules, self.rule_for)


def muon(
    learning_rate: Any,
    momentum: Any,
    coefficients: Sequence[Any],
    *,
    iterations: int,
    nesterov: bool,
    scale: Any = None,
) -> Transformation:
    """Jordan's rule for matrices, with Liu's scaling where `scale` is a number."""

    def rule(g: jax.Array, w: jax.Array, velocity: jax.Array) -> Any:
        moved = momentum * velocity + g
        ahead = g + momentum * moved if nesterov else moved
        size = 1.0 if scale is None else scale * math.sqrt(max(w.shape))
        movement = -learning_rate * size * orthogonal(ahead, coefficients, iterations)
        return movement, {"velocity": moved}

    return per_tensor({"velocity": 0.0}, lambda step: rule)


def orthogonal(matrix: jax.Array, coefficients: Sequence[Any], iterations: int) -> jax.Array:
    """About the nearest matrix whose singular values are all 1, by Newton's and Schulz's iteration.

    >>> near = orthogonal(jnp.array([[3.0, 0.0], [0.0, 0.5]]), (3.4445, -4.775, 2.0315), 5)
    >>> bool(jnp.all(abs(near - jnp.eye(2)) < 0.35))
    True
    """
    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix  # the smaller Gram matrix is the cheaper one
    x = x / (jnp.linalg.norm(x) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


def _check_patterns(patterns: Any) -> None:
    fits = patterns is None or isinstance(patterns, (list, tuple))
    for pattern in patterns if fits and patterns else ():
        try:
            re.compile(pattern)
        except (re.error, TypeError):
            fits = False
    if not fits:
        raise ConfigError(
            "Muon: exclude_layers is a list of regular expressions for the paths of weights.",
            got=repr(patterns),
            fix="exclude_layers=['output'] leaves the layer called output to Adam.",
        )
