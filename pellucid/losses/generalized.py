"""A cross-entropy for labels of which some are wrong."""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.specs import family

from .base import FunctionLoss
from .shapes import as_float

_register = family("loss").register
_function = family("loss_function").register


@_function("categorical_generalized_cross_entropy")
def categorical_generalized_cross_entropy(y_true, y_pred, q):
    """``(1 - p ** q) / q`` of the probability ``p`` that the labelled class was given.

    Args:
        y_true: class numbers from 0, ``(...)`` or ``(..., 1)``.
        y_pred: probabilities, ``(..., classes)``.
        q: between 0 and 1: near 0 it is the cross-entropy, near 1 the absolute error, which a
            wrong label cannot pull far.

    Raises:
        ShapeError: labels that are not one per prediction.

    >>> y_pred = jnp.array([[0.25, 0.75]])
    >>> categorical_generalized_cross_entropy(jnp.array([0]), y_pred, q=0.5).tolist()
    [1.0]

    Zhang and Sabuncu, arXiv:1805.07836.
    """
    y_pred, labels = as_float(y_pred), jnp.asarray(y_true).astype(jnp.int32)
    if labels.ndim == y_pred.ndim and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.shape != y_pred.shape[:-1]:
        raise ShapeError(
            "categorical_generalized_cross_entropy needs one class number per prediction.",
            got=f"labels {labels.shape}, predictions {y_pred.shape}",
            expected=f"labels {y_pred.shape[:-1]}",
            fix="for one-hot targets: y.argmax(axis=-1).",
        )
    chosen = jnp.arange(y_pred.shape[-1]) == labels[..., None]
    p = jnp.sum(jnp.where(chosen, y_pred, 0.0), axis=-1)
    tiny = jnp.finfo(p.dtype).tiny  # the slope at 0 is infinite
    return (1.0 - jnp.maximum(p, tiny) ** q) / q


@_register("CategoricalGeneralizedCrossEntropy", "categorical_generalized_cross_entropy")
class CategoricalGeneralizedCrossEntropy(FunctionLoss):
    """The class of `categorical_generalized_cross_entropy`, for class numbers and a softmax.

    Args:
        q: above 0 and below 1; larger values are hurt less by wrong labels.
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    Raises:
        ConfigError: a `q` outside its range.

    >>> loss = CategoricalGeneralizedCrossEntropy(q=0.5)
    >>> float(loss(jnp.array([0]), jnp.array([[0.25, 0.75]])))
    1.0
    """

    traits = frozenset({"crossentropy"})
    fn = staticmethod(categorical_generalized_cross_entropy)
    settings = ("q",)
    targets = "classes"

    def __init__(
        self,
        q=0.5,
        reduction="sum_over_batch_size",
        name="categorical_generalized_cross_entropy",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        if not 0 < q < 1:
            raise ConfigError(
                "CategoricalGeneralizedCrossEntropy takes a q between 0 and 1.",
                got=repr(q),
                fix="q=0.7, say; for 0 use categorical_crossentropy.",
            )
        self.q = q
