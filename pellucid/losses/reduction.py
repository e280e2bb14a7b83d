"""From one loss per sample to one number: weights, masks and padding are applied only here."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.registry import did_you_mean

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


def check_reduction(reduction: str | None) -> str:
    """`reduction` itself ("none" for None); raises `ConfigError` where there is no such rule."""
    if reduction is None:
        return "none"
    if reduction not in REDUCTIONS:
        raise ConfigError(
            "There is no such rule for reducing a loss.",
            got=repr(reduction),
            expected=f"one of {', '.join(REDUCTIONS)}, or None",
            fix=did_you_mean(str(reduction), REDUCTIONS),
        )
    return reduction


def divide_no_nan(numerator: Any, denominator: Any) -> jax.Array:
    """The quotient, and 0 where the denominator is 0."""
    zero = denominator == 0
    return jnp.where(zero, 0.0, numerator / jnp.where(zero, 1.0, denominator))


def match_rank(small: jax.Array, big: jax.Array, what: str = "sample weights") -> jax.Array:
    """`small`, ``(batch, ...)``, with trailing axes added or unit ones dropped, to lie over `big`.

    Raises:
        ShapeError: the two do not begin with the same axes.
    """
    while small.ndim > big.ndim and small.shape[-1] == 1:
        small = small[..., 0]
    fits = small.ndim <= big.ndim and all(
        a in (b, 1) for a, b in zip(small.shape, big.shape, strict=False)
    )
    if not fits:
        raise ShapeError(
            f"The {what} do not match the losses they belong to.",
            got=f"{what} {small.shape}, losses {big.shape}",
            expected=f"a shape that begins like {big.shape}",
            fix="pass one weight per sample, or one per step of each sample.",
        )
    return small.reshape(small.shape + (1,) * (big.ndim - small.ndim))


def merge_mask(sample_weight: Any, mask: Any) -> Any:
    """Weights that are 0 where `mask` is false, for metrics; either may be None.

    >>> merge_mask([2.0, 3.0], jnp.array([True, False])).tolist()
    [2.0, 0.0]
    """
    if mask is None:
        return sample_weight
    mask = jnp.asarray(mask).astype(jnp.float32)
    if sample_weight is None:
        return mask
    weight = jnp.asarray(sample_weight, jnp.float32)
    if weight.ndim <= mask.ndim:
        return match_rank(weight, mask) * mask
    return weight * match_rank(mask, weight, "mask")


def reduce_values(
    values: Any,
    reduction: str | None = "sum_over_batch_size",
    sample_weight: Any = None,
    mask: Any = None,
    valid: Any = None,
) -> jax.Array:
    """One loss per sample -> the number to minimise, by Keras's rules.

    Args:
        values: ``(batch, ...)``, one loss per sample (and per step, per pixel, ...).
        reduction: ``"sum"``; ``"sum_over_batch_size"`` or ``"mean"``, the sum over the number of
            values (of unmasked ones, where there is a mask); ``"mean_with_sample_weight"``, the sum
            over the sum of the weights; ``"none"`` or None, no reduction.
        sample_weight: multiplies the losses; ``(batch,)`` or with more of their axes.
        mask: false where a value does not count; ``(batch, ...)``.
        valid: ``(batch,)``, false for the rows that only fill up the last batch. The result is the
            one of the batch without them.

    Raises:
        ConfigError: an unknown reduction.
        ShapeError: weights or mask whose shape does not match.

    >>> float(reduce_values(jnp.array([1.0, 3.0, 99.0]), valid=jnp.array([True, True, False])))
    2.0
    """
    reduction = check_reduction(reduction)
    values = jnp.asarray(values)
    if values.ndim == 0:  # one number for the whole batch
        if sample_weight is None:
            return values
        values = jnp.broadcast_to(values, jnp.shape(sample_weight))
    if valid is not None:
        valid = match_rank(jnp.asarray(valid, bool), values, "padding flags")
        # Selected, not multiplied: 0 times a padded row's NaN would still be NaN.
        values = jnp.where(valid, values, 0)
    weight = None
    if sample_weight is not None:
        weight = match_rank(jnp.asarray(sample_weight).astype(values.dtype), values)
    if mask is not None:
        # As in Keras the mask is a weight; under a mean its unmasked entries weigh all / unmasked.
        kept = match_rank(jnp.asarray(mask, bool), values, "mask")
        kept = kept if valid is None else kept & _like(valid, kept)
        mask_weight = kept.astype(values.dtype)
        if reduction in ("mean", "sum_over_batch_size"):
            mask_weight *= divide_no_nan(_count(kept, valid, values.dtype), jnp.sum(mask_weight))
        weight = mask_weight if weight is None else weight * mask_weight
    if weight is not None:
        values = values * weight
    if reduction == "none":
        return values
    total = jnp.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        weight = weight if valid is None else jnp.where(_like(valid, weight), weight, 0)
        return divide_no_nan(total, jnp.sum(weight))
    return divide_no_nan(total, _count(values, valid, values.dtype))


def _like(valid: jax.Array, other: jax.Array) -> jax.Array:
    """The batch's flags, ``(batch, 1, ...)``, over an array of any rank."""
    return valid.reshape(valid.shape[:1] + (1,) * (other.ndim - 1))


def _count(values: jax.Array, valid: Any, dtype: Any) -> jax.Array:
    """How many numbers `values` holds in its real rows."""
    if valid is None:
        return jnp.asarray(values.size, dtype)
    return jnp.sum(valid).astype(dtype) * math.prod(values.shape[1:])


def repeat_valid_rows(x: Any, valid: Any) -> jax.Array:
    """`x` with the rows that are not valid replaced by its valid ones, over and over.

    For functions that give one number for a whole batch: they cannot leave rows out, but they can
    be shown real ones.

    >>> repeat_valid_rows(jnp.array([1, 2, 0, 0]), jnp.array([True, True, False, False])).tolist()
    [1, 2, 1, 2]
    """
    x, valid = jnp.asarray(x), jnp.asarray(valid, bool)
    valid_first = jnp.argsort(~valid, stable=True)
    rows = jnp.arange(len(valid)) % jnp.maximum(jnp.sum(valid), 1)
    return x[valid_first[rows]]
