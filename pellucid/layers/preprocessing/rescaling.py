"""`Rescaling`: every value times a factor plus an offset."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..._core.errors import ConfigError
from ..._core.specs import family
from ..base import Layer


@family("layer").register("Rescaling")
class Rescaling(Layer):
    """``inputs * scale + offset``: ``Rescaling(1 / 255)`` brings pixels to 0-1.

    Args:
        scale: a number, or an array that broadcasts against the input's last axes.
        offset: the same.

    Whole numbers, such as the bytes of an image, come out as floats.

    Raises:
        ConfigError: a scale or offset that is not a number.

    >>> import numpy as np
    >>> Rescaling(0.5, offset=1.0)(np.array([[2, 4]])).tolist()
    [[2.0, 3.0]]
    """

    traits = frozenset({"per_step", "same_shape", "scales"})
    batch_safe = True
    each_value_alone = True
    casts_inputs = False
    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        for name, value in (("scale", scale), ("offset", offset)):
            try:
                jnp.asarray(value, jnp.float32)
            except (TypeError, ValueError):
                raise ConfigError(
                    f"The argument {name!r} of Rescaling {self.name!r} must be a number.",
                    got=repr(value),
                    expected="a number or an array of numbers",
                    fix=f"{name}=1 / 255, say.",
                ) from None

    def call(self, inputs: Any) -> Any:
        wide = jnp.promote_types(self.compute_dtype, jnp.float32)
        scale, offset = jnp.asarray(self.scale, wide), jnp.asarray(self.offset, wide)
        return (inputs.astype(wide) * scale + offset).astype(self.compute_dtype)
