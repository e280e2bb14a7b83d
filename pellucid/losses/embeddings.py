"""Losses of embeddings: samples of one group belong together, others apart."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid._core.errors import ShapeError
from pellucid._core.specs import family

from .base import FunctionLoss
from .shapes import as_float

_register = family("loss").register
_function = family("loss_function").register
_NOTHING = -1e30  # in a log-sum-exp: finite, so that a sample without partners has gradient 0


@_function("circle")
def circle(
    y_true,
    y_pred,
    ref_labels=None,
    ref_embeddings=None,
    remove_diagonal=True,
    gamma=80,
    margin=0.4,
):
    """Circle loss: every pair of samples is pulled or pushed, the harder the further it is off.

    Args:
        y_true: group numbers, ``(batch,)`` or ``(batch, 1)``.
        y_pred: embeddings of length 1, ``(batch, features)``.
        ref_labels: group numbers of the samples to compare with; None for the batch itself.
        ref_embeddings: their embeddings; None for the batch itself.
        remove_diagonal: whether a sample is no partner of itself.
        gamma: the scale of the similarities.
        margin: how much distance within a group is accepted.

    Returns:
        One number per sample; 0 for a sample without partner, or without anything to keep from.

    Raises:
        ShapeError: labels that are not one per embedding.

    >>> y_pred = jnp.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> circle(jnp.array([0, 0, 1]), y_pred).round(2).tolist()
    [0.0, 38.39999771118164, 0.0]

    Sun et al., arXiv:2002.10857.
    """
    return _circle(y_true, y_pred, ref_labels, ref_embeddings, remove_diagonal, gamma, margin)


def _circle(
    y_true, y_pred, ref_labels, ref_embeddings, remove_diagonal, gamma, margin, present=None
):
    """`circle`, comparing only with the samples where `present`, ``(references,)``, is true."""
    y_pred = as_float(y_pred)
    labels = _flat(y_true, y_pred)
    others = y_pred if ref_embeddings is None else as_float(ref_embeddings)
    other_labels = labels if ref_labels is None else _flat(ref_labels, others)
    distance = jnp.maximum(1.0 - y_pred @ others.T, 0.0)  # (batch, references)
    together = labels[:, None] == other_labels[None, :]
    apart = ~together
    if remove_diagonal:
        together &= ~jnp.eye(together.shape[0], together.shape[1], dtype=bool)
    if present is not None:
        together, apart = together & present, apart & present
    pull = gamma * jnp.maximum(margin + distance, 0.0) * (distance - margin)
    push = gamma * jnp.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    pulled = jax.nn.logsumexp(jnp.where(together, pull, _NOTHING), axis=1)
    pushed = jax.nn.logsumexp(jnp.where(apart, push, _NOTHING), axis=1)
    return jax.nn.softplus(pulled + pushed)


def _flat(labels, embeddings):
    labels = jnp.asarray(labels).astype(jnp.int32)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ShapeError(
            "circle needs one group number per embedding.",
            got=f"labels {labels.shape}, embeddings {embeddings.shape}",
            expected="labels (batch,), embeddings (batch, features)",
            fix="end the model in Dense(features) and UnitNormalization().",
        )
    return labels


@_register("Circle", "circle")
class Circle(FunctionLoss):
    """The class of `circle`: the model ends in embeddings of length 1, the targets are groups.

    The mean is over the samples whose loss is above zero, as in Keras: a sample that is alone in
    its batch says nothing.

    Args:
        gamma: the scale of the similarities.
        margin: how much distance within a group is accepted.
        remove_diagonal: whether a sample is no partner of itself.
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    >>> y_pred = jnp.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> float(Circle()(jnp.array([0, 0, 1]), y_pred).round(1))
    19.200000762939453
    """

    traits = frozenset()
    fn = staticmethod(circle)
    settings = ("gamma", "margin", "remove_diagonal")
    targets = "groups"

    def __init__(
        self,
        gamma=80.0,
        margin=0.4,
        remove_diagonal=True,
        reduction="sum_over_batch_size",
        name="circle",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.gamma = gamma
        self.margin = margin
        self.remove_diagonal = remove_diagonal

    def batch_values(self, y_true, y_pred, valid):
        # A row that only fills up the batch is nobody's partner and nobody's opponent.
        if valid is not None:
            y_pred = jnp.where(valid[:, None], y_pred, 0.0)
        values = _circle(
            y_true, y_pred, None, None, self.remove_diagonal, self.gamma, self.margin, valid
        )
        return values, values > 0, valid
