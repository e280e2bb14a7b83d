"""`rearrange`: reshape and transpose by the names of the axes."""

from __future__ import annotations

import math
import re

import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError

from .op import Tensor, op

__all__ = [
    "rearrange",
]


@op
def rearrange(tensor: Tensor, pattern, **axes_lengths):
    """Axes in another order, taken apart and put together, by their names.

    Args:
        tensor: array.
        pattern: names of the axes before and after an arrow; brackets hold those that are one
            axis of the array: ``"b (h p) w -> b h w p"``.
        axes_lengths: lengths of axes that the array's shape does not tell: ``p=2``.

    Raises:
        ConfigError: a pattern whose two sides do not name the same axes, or an unknown length.
        ShapeError: an array that the pattern does not fit.

    >>> rearrange([[1, 2, 3, 4]], "b (h w) -> b h w", h=2).tolist()
    [[[1, 2], [3, 4]]]
    """
    before, after = _sides(pattern)
    if len(before) != tensor.ndim:
        raise ShapeError(
            f"ops.rearrange: the pattern {pattern!r} has {len(before)} axes on its left.",
            got=f"an array of shape {tensor.shape}",
        )
    lengths = dict(axes_lengths)
    for group, size in zip(before, tensor.shape, strict=True):
        unknown = [name for name in group if name not in lengths]
        known = math.prod(lengths[name] for name in group if name in lengths)
        if len(unknown) > 1:
            raise ConfigError(
                f"ops.rearrange cannot tell the lengths of {' and '.join(unknown)} apart.",
                got=repr(pattern),
                fix=f"give one: ops.rearrange(x, {pattern!r}, {unknown[0]}=2), say.",
            )
        if known == 0 or size % known or (not unknown and known != size):
            raise ShapeError(
                f"ops.rearrange: an axis of length {size} is not made of {' x '.join(group)}.",
                got=f"shape {tensor.shape}, lengths {lengths}",
            )
        lengths.update(dict.fromkeys(unknown, size // known))
    flat = [name for group in before for name in group]
    apart = jnp.reshape(tensor, [lengths[name] for name in flat])
    order = [flat.index(name) for group in after for name in group]
    sizes = [math.prod(lengths[name] for name in group) for group in after]
    return jnp.reshape(jnp.transpose(apart, order), sizes)


def _sides(pattern: str) -> tuple[list[list[str]], list[list[str]]]:
    """The axes on both sides of the arrow, each a list of names."""
    sides = [
        [re.findall(r"\w+", group) for group in re.findall(r"\([^()]*\)|\w+", side)]
        for side in pattern.split("->")
    ]
    names = [sorted(name for group in side for name in group) for side in sides]
    if len(sides) != 2 or names[0] != names[1] or len(set(names[0])) < len(names[0]):
        raise ConfigError(
            "ops.rearrange needs every axis once on each side of the arrow.",
            got=repr(pattern),
            fix='"b h w c -> b (h w) c", say.',
        )
    return sides[0], sides[1]
