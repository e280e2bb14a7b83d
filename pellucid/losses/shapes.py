"""Targets and predictions must have the same shape, but for an axis of length 1 at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ShapeError


def as_float(x: Any) -> jax.Array:
    """`x` as an array of at least float32: losses of bfloat16 predictions keep their digits."""
    x = jnp.asarray(x)
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def same_shape(loss: str, y_true: Any, y_pred: Any) -> tuple[jax.Array, jax.Array]:
    """Both as floats of one shape: an axis of length 1 that one lacks is added, nothing broadcasts.

    Raises:
        ShapeError: the shapes differ; the message gives both, and how to reshape the targets.
    """
    y_pred = as_float(y_pred)
    y_true = jnp.asarray(y_true).astype(y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise shape_error(loss, y_true.shape, y_pred.shape)
    return y_true, y_pred


def same_rank(one: jax.Array, other: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Of ``(n,)`` and ``(n, 1)`` two columns; of ``(n, m)`` and ``(n, m, 1)`` two tables.

    >>> [part.shape for part in same_rank(jnp.zeros(3), jnp.zeros((3, 1)))]
    [(3, 1), (3, 1)]
    """
    if other.ndim == one.ndim + 1:
        other, one = same_rank(other, one)
        return one, other
    if one.ndim != other.ndim + 1 or one.shape[-1] != 1:
        return one, other
    return (one, other[:, None]) if other.ndim == 1 else (one[..., 0], other)


def shape_error(
    loss: str, true_shape: Sequence[Any], pred_shape: Sequence[Any], where: str = ""
) -> ShapeError:
    """The refusal to broadcast, with the line of code that makes the shapes agree."""
    true_shape, pred_shape = tuple(true_shape), tuple(pred_shape)
    what = f"{loss} compares targets and predictions one by one, but their shapes differ{where}."
    if len(true_shape) + 1 == len(pred_shape) and pred_shape[-1] == 1:
        index = ", ".join([":"] * len(true_shape))
        fix = f"reshape the targets: y = y[{index}, None]"
    elif len(true_shape) == len(pred_shape) + 1 and true_shape[-1] == 1:
        fix = "reshape the targets: y = y[..., 0]"
    elif pred_shape and len(true_shape) == len(pred_shape):
        fix = f"give the last layer {true_shape[-1]} units, or pass targets with one column each."
    else:
        fix = "make the model's output and the targets the same shape."
    return ShapeError(
        what,
        got=f"targets {_text(true_shape)}, predictions {_text(pred_shape)}",
        expected=f"targets {_text(pred_shape)}",
        fix=fix,
    )


def _text(shape: tuple[Any, ...]) -> str:
    """A shape with the unknown batch size written as a word."""
    return str(tuple(shape)).replace("None", "batch")


def align_targets(y_true: Any, y_pred_shape: Sequence[Any], loss: Any) -> Any:
    """Targets in the shape that `loss` wants, where only a trailing axis of length 1 is in doubt.

    Labels of classes may come as ``(n,)`` or ``(n, 1)``; other targets ``(n,)`` meet predictions
    ``(n, 1)``: subtracted as they are, the two would make an ``(n, n)`` table.

    Args:
        y_true: targets, NumPy or JAX.
        y_pred_shape: shape of the predictions, batch included (its size may be None).
        loss: the loss object; its ``targets`` says what it expects.

    >>> import numpy as np
    >>> from pellucid import losses
    >>> losses.align_targets(np.zeros(8), (8, 1), losses.as_loss("binary_crossentropy")).shape
    (8, 1)
    """
    shape, y_pred_shape = tuple(y_true.shape), tuple(y_pred_shape)
    kind = getattr(loss, "targets", None)
    if kind == "classes":
        axis = getattr(loss, "axis", -1)
        if len(shape) == len(y_pred_shape) and shape[axis] == 1:
            return y_true.squeeze(axis)
        return y_true
    missing = len(shape) + 1 == len(y_pred_shape) and y_pred_shape[-1] == 1
    surplus = len(shape) == len(y_pred_shape) + 1 and shape[-1] == 1
    if not (missing or surplus):
        return y_true
    return y_true[..., None] if missing else y_true[..., 0]
