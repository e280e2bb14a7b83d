"""The random key of a layer that may have a seed of its own."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..._core.errors import ConfigError
from ..base import Layer
from ..context import current
from ..seed_generator import SeedGenerator


def check_seed(layer: Layer, seed: Any) -> None:
    """Refuse seeds that are not whole numbers."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if seed is not None and not whole and not isinstance(seed, SeedGenerator):
        raise ConfigError(
            f"The seed of {type(layer).__name__} {layer.name!r} must be a whole number, a "
            "SeedGenerator or None.",
            got=repr(seed),
            fix="seed=42, or pellucid.utils.set_random_seed for everything at once.",
        )


def key_of(layer: Any) -> jax.Array:
    """A key for one draw: the step's; with a seed of the layer's own, another stream of it.

    A call outside any training step has no step's key: there a seeded layer counts its draws, so
    that two layers with the same seed draw the same numbers one after the other.
    """
    if layer.seed is None:
        return layer.make_rng()
    if isinstance(layer.seed, SeedGenerator):
        return jax.random.wrap_key_data(layer.seed.next())
    context = current()
    if context is None or context.rng is None:
        drawn = layer.__dict__.get("_drawn_alone", 0)
        layer.__dict__["_drawn_alone"] = drawn + 1
        return jax.random.fold_in(jax.random.key(int(layer.seed) % 2**32), drawn)
    return jax.random.fold_in(layer.make_rng(), int(layer.seed) % 2**32)
