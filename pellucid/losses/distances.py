"""Losses between vectors, distributions and counts."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core import settings
from pellucid._core.specs import family

from .regression import ElementwiseLoss
from .shapes import as_float, same_shape

_register = family("loss").register
_function = family("loss_function").register


@_function("kl_divergence")
def kl_divergence(y_true, y_pred):
    """``sum(y_true * log(y_true / y_pred))`` over the last axis.

    >>> float(kl_divergence(jnp.array([0.5, 0.5]), jnp.array([0.5, 0.5])))
    0.0

    Kullback and Leibler, "On information and sufficiency", 1951.
    """
    y_true, y_pred = same_shape("kl_divergence", y_true, y_pred)
    y_true, y_pred = (jnp.clip(y, settings.epsilon(), 1.0) for y in (y_true, y_pred))
    return jnp.sum(y_true * jnp.log(y_true / y_pred), axis=-1)


@_function("poisson")
def poisson(y_true, y_pred):
    """``mean(y_pred - y_true * log(y_pred))``: counts against predicted rates.

    >>> float(poisson(jnp.array([0.0]), jnp.array([2.0])))
    2.0
    """
    y_true, y_pred = same_shape("poisson", y_true, y_pred)
    return jnp.mean(y_pred - y_true * jnp.log(y_pred + settings.epsilon()), axis=-1)


@_function("cosine_similarity")
def cosine_similarity(y_true, y_pred, axis=-1):
    """Minus the cosine of the angle between the two vectors: -1 where they point the same way.

    >>> round(float(cosine_similarity(jnp.array([1.0, 1.0]), jnp.array([2.0, 2.0]))), 4)
    -1.0
    """
    y_true, y_pred = same_shape("cosine_similarity", y_true, y_pred)
    return -jnp.sum(unit_length(y_true, axis) * unit_length(y_pred, axis), axis=axis)


def unit_length(x, axis=-1):
    """`x` divided by its length along `axis`; a zero vector stays zero."""
    x = as_float(x)
    squares = jnp.sum(jnp.square(x), axis=axis, keepdims=True)
    return x * jnp.minimum(jax.lax.rsqrt(squares), 1.0 / settings.epsilon())


@_register("KLDivergence", "kl_divergence", "kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(ElementwiseLoss):
    """The class of `kl_divergence`.

    >>> float(KLDivergence()(jnp.array([[0.5, 0.5]]), jnp.array([[0.5, 0.5]])))
    0.0
    """

    traits = frozenset({"crossentropy"})
    fn = staticmethod(kl_divergence)

    def __init__(self, reduction="sum_over_batch_size", name="kl_divergence", dtype=None):
        super().__init__(reduction, name, dtype)


@_register("Poisson", "poisson")
class Poisson(ElementwiseLoss):
    """The class of `poisson`.

    >>> float(Poisson()(jnp.zeros((1, 1)), jnp.ones((1, 1))))
    1.0
    """

    traits = frozenset({"quantity"})
    fn = staticmethod(poisson)

    def __init__(self, reduction="sum_over_batch_size", name="poisson", dtype=None):
        super().__init__(reduction, name, dtype)


@_register("CosineSimilarity", "cosine_similarity")
class CosineSimilarity(ElementwiseLoss):
    """The class of `cosine_similarity`.

    Args:
        axis: the axis of the vectors.
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    >>> float(CosineSimilarity()(jnp.array([[0.0, 1.0]]), jnp.array([[1.0, 0.0]])))
    -0.0
    """

    traits = frozenset({"quantity"})
    fn = staticmethod(cosine_similarity)
    settings = ("axis",)

    def __init__(
        self, axis=-1, reduction="sum_over_batch_size", name="cosine_similarity", dtype=None
    ):
        super().__init__(reduction, name, dtype)
        self.axis = axis
