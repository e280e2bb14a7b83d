"""What the image operations share: one picture or a batch, channels last or first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError, ShapeError

from ..nn.windows import _first


def as_batch(
    name: str, images: Any, data_format: str | None, function: Callable[[Any], Any]
) -> jax.Array:
    """`function` of ``(batch, height, width, channels)``, for one picture or several."""
    first = _first(f"image.{name}", data_format)
    if images.ndim not in (3, 4):
        raise ShapeError(
            f"ops.image.{name} takes one picture or a batch of them.",
            got=f"shape {images.shape}",
            expected="(height, width, channels) or (batch, height, width, channels)",
            fix="x[..., None] adds missing channels.",
        )
    batch = images if images.ndim == 4 else images[None]
    batch = jnp.moveaxis(batch, 1, -1) if first else batch
    result = function(batch)
    result = jnp.moveaxis(result, -1, 1) if first else result
    return result if images.ndim == 4 else result[0]


def one_of(name: str, argument: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Refuse a value that is not among a few."""
    if value not in allowed:
        raise ConfigError(
            f"ops.image.{name} does not know this {argument}.",
            got=repr(value),
            expected="one of " + ", ".join(map(repr, allowed)),
        )
