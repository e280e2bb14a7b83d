"""Losses of whole sequences of labels, without knowing where in time each label belongs."""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.errors import ShapeError
from pellucid._core.specs import family
from pellucid.kernels.ctc import ctc_loss

from .base import FunctionLoss
from .shapes import as_float

_register = family("loss").register
_function = family("loss_function").register
BLANK = 0


@_function("ctc")
def ctc(y_true, y_pred):
    """Connectionist temporal classification: minus the log-probability of the labels, in order.

    Args:
        y_true: class numbers from 1, ``(batch, labels)``; 0 is the blank, and fills up sequences
            that are shorter than the longest.
        y_pred: scores before the softmax, ``(batch, steps, classes)``, class 0 being the blank.

    Raises:
        ShapeError: arrays of other ranks, or of different batch sizes.

    >>> y_pred = jnp.zeros((1, 2, 3))  # two steps, three equally likely classes
    >>> round(float(jnp.exp(-ctc(jnp.array([[1]]), y_pred))[0]), 4)  # 1 blank, blank 1 or 1 1
    0.3333

    Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal classification", 2006.
    """
    y_true, y_pred = jnp.asarray(y_true), as_float(y_pred)
    if y_true.ndim != 2 or y_pred.ndim != 3 or len(y_true) != len(y_pred):
        raise ShapeError(
            "ctc compares one sequence of labels per sample with scores at every step.",
            got=f"targets {y_true.shape}, predictions {y_pred.shape}",
            expected="targets (batch, labels), predictions (batch, steps, classes)",
            fix="fill short sequences up with 0, the blank; let the last layer return one row of "
            "scores per step.",
        )
    labels = y_true.astype(jnp.int32)
    lengths = jnp.sum(labels != BLANK, axis=1)
    return ctc_loss(labels, y_pred, lengths, jnp.full(len(y_pred), y_pred.shape[1]), BLANK)


@_register("CTC", "ctc")
class CTC(FunctionLoss):
    """The class of `ctc`: labels in order, without saying at which steps they are.

    Targets are class numbers from 1, filled up with 0; predictions are scores before the softmax
    with one column more than there are classes, column 0 being the blank.

    Args:
        reduction: see `Loss`.
        name: shown in logs.
        dtype: see `Loss`.

    >>> y_true, y_pred = jnp.array([[1, 2, 0]]), jnp.zeros((1, 4, 3))
    >>> round(float(CTC()(y_true, y_pred)), 4)
    1.6864
    """

    traits = frozenset()
    fn = staticmethod(ctc)
    targets = "sequences"

    def __init__(self, reduction="sum_over_batch_size", name="ctc", dtype=None):
        super().__init__(reduction, name, dtype)
