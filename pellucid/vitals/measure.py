"""What a checkup computes on the device: sums over samples, for many layers in few operations.

Layers whose outputs have the same positions are laid side by side, so that a network of a hundred
layers compiles to about as many operations as one of three.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

BINS = 32
SUMS = ("sum", "squares", "variance", "zeros", "nonfinite", "saturated", "zero_samples")
"""The rows of `unit_sums`."""
_CODE = 1024.0  # two counts of at most 512 in one exact float32


def side_by_side(outputs: list[Any]) -> jax.Array:
    """Outputs ``(samples, ..., units)`` of equal positions -> (samples, positions, units)."""
    return jnp.concatenate([as_columns(output) for output in outputs], axis=-1)


def as_columns(output: Any) -> jax.Array:
    """One output as float32 (samples, positions, units); a vector has one unit."""
    output = output.astype(jnp.float32)
    units = output.shape[-1] if output.ndim > 1 else 1
    return output.reshape(output.shape[0], -1, units)


def unit_sums(values: jax.Array, kept: Any, low: Any, high: Any) -> tuple[jax.Array, jax.Array]:
    """Sums over samples and positions, by unit.

    Args:
        values: (samples, positions, units)
        kept: (samples, positions) 1 for what counts and 0 for padding; None where all counts.
        low, high: (units,) a number at or beyond them is saturated; None where nothing can be.

    Returns:
        (7, units) in the order of `SUMS`: the sum, the sum of squares, the variance over samples
        summed over positions, how many zeros, how many not finite, how many saturated, how many
        samples that are zero at every position. And () how many numbers each unit has.
    """
    samples, positions, _ = values.shape
    weight = 1.0 if kept is None else kept[..., None]
    count = jnp.full((positions, 1), samples, jnp.float32)
    if kept is not None:
        count = _over_samples(kept)[:, None]
    if kept is not None:
        values = jnp.where(weight > 0, values, 0)
    shifted = values - values[:1]  # equal samples then have exactly no variance
    if kept is not None:
        shifted = jnp.where(weight > 0, shifted, 0)
    total = _over_samples(shifted)  # (positions, units)
    safe = jnp.maximum(count, 1)
    variance = _over_samples(jnp.square(shifted)) / safe - jnp.square(total / safe)
    squares = _over_samples(jnp.square(values))
    zero = (values == 0).astype(jnp.float32) * weight
    coded = _over_samples(zero + _CODE * ~jnp.isfinite(values) * weight)
    nonfinite = jnp.floor(coded / _CODE)
    if low is None:
        saturated = jnp.zeros_like(squares)
    else:
        at = ((values <= low) | (values >= high)).astype(jnp.float32) * weight
        saturated = _over_samples(at)
    if positions == 1:
        silent = coded - _CODE * nonfinite
    else:
        silent = _over_samples(jnp.all(values == 0, axis=1).astype(jnp.float32))[None]
    rows = [
        total + values[0] * count,
        squares,
        jnp.maximum(variance, 0),
        coded - _CODE * nonfinite,
        nonfinite,
        saturated,
        silent,
    ]
    return jnp.stack([jnp.sum(row, axis=0) for row in rows]), jnp.sum(count)


def gradient_sums(gradients: jax.Array) -> jax.Array:
    """(samples, positions, units) -> (2, units): sum of squares, how many are not finite."""
    total = jnp.sum(jnp.square(gradients), axis=(0, 1))
    nonfinite = jnp.sum(~jnp.isfinite(gradients), axis=(0, 1), dtype=jnp.float32)
    return jnp.stack([total, nonfinite])


def _over_samples(values: jax.Array) -> jax.Array:
    return jnp.sum(values, axis=0)  # a product with ones takes longer to compile


def histograms(samples: jax.Array) -> tuple[jax.Array, jax.Array]:
    """NumPy's histogram of every row, over its finite numbers.

    Args:
        samples: (rows, numbers), NaN where there is none.

    Returns:
        (rows, 32) counts, and (rows, 2) the range.
    """
    finite = jnp.isfinite(samples)
    low = jnp.min(jnp.where(finite, samples, jnp.inf), axis=1, keepdims=True)
    high = jnp.max(jnp.where(finite, samples, -jnp.inf), axis=1, keepdims=True)
    known = jnp.isfinite(low)
    alike = low == high
    low = jnp.where(known, jnp.where(alike, low - 0.5, low), 0)
    high = jnp.where(known, jnp.where(alike, high + 0.5, high), 1)
    place = jnp.floor((samples - low) / (high - low) * BINS)
    place = jnp.where(finite, jnp.clip(place, 0, BINS - 1), BINS).astype(jnp.int32)
    rows = jnp.arange(len(samples))[:, None]
    counts = jnp.zeros((len(samples), BINS), jnp.float32).at[rows, place].add(1, mode="drop")
    return counts, jnp.concatenate([low, high], axis=1)


def output_statistics(output: Any, kept: Any, threshold: float | None) -> dict[str, jax.Array]:
    """What the predictions on the probe look like.

    Args:
        output: (samples, ..., units)
        kept: (samples, ...) False for padding, or None.
        threshold: above which an only unit says yes; None where its number is no class.

    Returns:
        Scalars mean, std, minimum, maximum, spread, row_sum_minimum, row_sum_maximum; and
        class_share (classes,).
    """
    values = as_columns(output)  # (samples, positions, units)
    weight = jnp.ones(values.shape[:2], jnp.float32)
    if kept is not None:
        weight = jnp.broadcast_to(
            kept.reshape(kept.shape + (1,) * (output.ndim - 1 - kept.ndim)), output.shape[:-1]
        ).reshape(weight.shape)
        weight = weight.astype(jnp.float32)
    mask = weight[..., None] > 0
    count = jnp.maximum(jnp.sum(weight) * values.shape[-1], 1)
    mean = jnp.sum(jnp.where(mask, values, 0)) / count
    deviation = jnp.where(mask, values - mean, 0)
    sums, _ = unit_sums(values, None if kept is None else weight, None, None)
    seen = jnp.sum(jnp.any(weight > 0, axis=0)) * values.shape[-1]
    rows = jnp.sum(values, axis=-1)
    found = {
        "mean": mean,
        "std": jnp.sqrt(jnp.sum(jnp.square(deviation)) / count),
        "minimum": jnp.min(jnp.where(mask, values, jnp.inf)),
        "maximum": jnp.max(jnp.where(mask, values, -jnp.inf)),
        "spread": jnp.sqrt(jnp.sum(sums[2]) / jnp.maximum(seen, 1)),
        "row_sum_minimum": jnp.min(jnp.where(weight > 0, rows, jnp.inf)),
        "row_sum_maximum": jnp.max(jnp.where(weight > 0, rows, -jnp.inf)),
    }
    units = values.shape[-1]
    if units > 1:
        # Not `argmax`: compiling one of values that are repeated in memory, as an upsampling leaves
        # them, takes the CPU compiler of jaxlib 0.10 to 0.12 minutes.
        best = values == jnp.max(values, axis=-1, keepdims=True)
        answer = jnp.min(jnp.where(best, jnp.arange(units), units - 1), axis=-1).reshape(-1)
        classes = units
    elif threshold is not None:
        answer = (values[..., 0] > threshold).astype(jnp.int32).reshape(-1)
        classes = 2
    else:
        return found
    if classes <= 1024:
        chosen = (answer[:, None] == jnp.arange(classes)).astype(jnp.float32)
        flat = weight.reshape(1, -1)
        found["class_share"] = (flat @ chosen)[0] / jnp.maximum(jnp.sum(flat), 1)
    return found
