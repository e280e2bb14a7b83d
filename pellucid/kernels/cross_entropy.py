"""Cross-entropy of the softmax of scores: value and gradient without the table of logarithms.

The gradient is ``softmax(scores) - target``, which XLA does not find by itself: it goes back
through the logarithms. Written by hand it keeps the scores and two numbers for each row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


def cross_entropy_plain(logits: Any, targets: Any) -> jax.Array:
    """What `cross_entropy` computes, as one would write it."""
    return -jnp.sum(targets * jax.nn.log_softmax(logits, axis=-1), axis=-1)


def sparse_cross_entropy_plain(logits: Any, labels: Any) -> jax.Array:
    """What `sparse_cross_entropy` computes, as one would write it."""
    hot = jax.nn.one_hot(labels, logits.shape[-1], dtype=bool)
    return -jnp.sum(jnp.where(hot, jax.nn.log_softmax(logits, axis=-1), 0), axis=-1)


class _Scores(NamedTuple):
    """Rows of scores, and what their softmax is made of.

    Attributes:
        logits: (..., classes)
        largest: (..., 1), the largest of a row.
        log_sum: (..., 1), the logarithm of the sum of ``exp(logits - largest)``.
    """

    logits: jax.Array
    largest: jax.Array
    log_sum: jax.Array

    def below(self) -> jax.Array:
        """How far every score is below the largest: so small differences keep their digits."""
        return self.largest - self.logits

    def softmax(self) -> jax.Array:
        # By one number for a row: with two, or by what the sum was made of, it took twice as long.
        return jnp.exp(self.logits - (self.largest + self.log_sum))


def _scores(logits: jax.Array) -> _Scores:
    largest = jnp.max(logits, axis=-1, keepdims=True)
    largest = lax.stop_gradient(jnp.where(jnp.isfinite(largest), largest, 0))  # a row of only -inf
    total = jnp.sum(jnp.exp(logits - largest), axis=-1, keepdims=True)
    return _Scores(logits, largest, jnp.log(total))


@jax.custom_vjp
def cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """The cross-entropy of rows of probabilities against the softmax of rows of scores.

    Args:
        logits: (..., classes), scores.
        targets: (..., classes), probabilities of the same format.

    Returns:
        (...)

    >>> cross_entropy(jnp.zeros((1, 2)), jnp.array([[1.0, 0.0]])).round(4).tolist()
    [0.6930999755859375]
    """
    return _loss(_scores(logits), targets)


def _loss(scores: _Scores, targets: jax.Array) -> jax.Array:
    return jnp.sum(targets * (scores.log_sum + scores.below()), axis=-1)


def _forward(logits: Any, targets: Any) -> Any:
    scores = _scores(logits)
    return _loss(scores, targets), (scores, targets)


def _backward(saved: Any, dloss: Any) -> Any:
    scores, targets = saved
    weight = dloss[..., None]  # (..., 1)
    mass = jnp.sum(targets, axis=-1, keepdims=True)  # 1 for probabilities
    dlogits = scores.softmax() * (weight * mass) - weight * targets
    return dlogits, weight * (scores.log_sum + scores.below())


cross_entropy.defvjp(_forward, _backward)


@jax.custom_vjp
def sparse_cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """The cross-entropy of class numbers against the softmax of rows of scores.

    Args:
        logits: (..., classes), scores.
        labels: (...), whole numbers from 0; one that is no class has loss and gradient 0.

    Returns:
        (...)

    >>> sparse_cross_entropy(jnp.zeros((1, 2)), jnp.array([1])).round(4).tolist()
    [0.6930999755859375]
    """
    return _sparse_loss(_scores(logits), labels)


def _sparse_loss(scores: _Scores, labels: jax.Array) -> jax.Array:
    own = jnp.sum(jnp.where(_is_label(scores, labels), scores.logits, 0), axis=-1)
    loss = scores.log_sum[..., 0] + (scores.largest[..., 0] - own)
    return jnp.where(_is_class(scores, labels), loss, 0)


def _sparse_forward(logits: Any, labels: Any) -> Any:
    scores = _scores(logits)
    return _sparse_loss(scores, labels), (scores, labels)


def _sparse_backward(saved: Any, dloss: Any) -> Any:
    scores, labels = saved
    weight = jnp.where(_is_class(scores, labels), dloss, 0)[..., None]  # (..., 1)
    right = jnp.where(_is_label(scores, labels), weight, 0)  # (..., classes)
    return scores.softmax() * weight - right, np.zeros(labels.shape, jax.dtypes.float0)


sparse_cross_entropy.defvjp(_sparse_forward, _sparse_backward)


def _is_label(scores: _Scores, labels: Any) -> jax.Array:
    """The one-hot targets, (..., classes), which XLA fuses into what uses them."""
    shape = scores.logits.shape
    return lax.broadcasted_iota(labels.dtype, shape, len(shape) - 1) == labels[..., None]


def _is_class(scores: _Scores, labels: Any) -> jax.Array:
    return (labels >= 0) & (labels < scores.logits.shape[-1])
