"""Batch renormalisation: a batch's statistics drawn towards running ones, in training too."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from ... import initializers
from ..._core.errors import ConfigError, UnknownNameError
from ..._core.registry import did_you_mean
from .. import checks

LIMITS = ("rmin", "rmax", "dmax")


def check_renorm(layer: Any) -> None:
    """Refuse limits that are unknown or contradict each other."""
    checks.number(layer, "renorm_momentum", layer.renorm_momentum, 0, 1)
    limits = layer.renorm_clipping or {}
    if not isinstance(limits, dict):
        raise ConfigError(
            f"The argument 'renorm_clipping' of BatchNormalization {layer.name!r} must be a "
            "dictionary.",
            got=repr(limits),
            fix='renorm_clipping={"rmin": 1 / 3, "rmax": 3, "dmax": 5}, say.',
        )
    for name in limits:
        if name not in LIMITS:
            raise UnknownNameError(
                f"BatchNormalization {layer.name!r} has no limit called {name!r}.",
                got=f"renorm_clipping={limits!r}",
                expected=", ".join(LIMITS),
                fix=did_you_mean(str(name), LIMITS),
            )
    rmin, rmax, dmax = (limits.get(name) for name in LIMITS)
    if rmin is not None and rmax is not None and rmin > rmax:
        raise ConfigError(
            f"The limits of BatchNormalization {layer.name!r} leave no room: rmin is above rmax.",
            got=f"renorm_clipping={limits!r}",
            fix="rmin below 1, rmax above 1.",
        )
    if dmax is not None and dmax < 0:
        raise ConfigError(
            f"The limit dmax of BatchNormalization {layer.name!r} must be 0 or more.",
            got=f"renorm_clipping={limits!r}",
            fix='renorm_clipping={"dmax": 5}, say.',
        )


def add_renorm_weights(layer: Any, width: int) -> None:
    """The running standard deviations, and the mean, that the corrections are made with."""

    variance: Any = initializers.get(layer.moving_variance_initializer)

    def root(shape: Any, dtype: Any) -> Any:
        return jnp.sqrt(variance(shape, dtype))

    starts = {
        "moving_stddev": root,
        "renorm_mean": layer.moving_mean_initializer,
        "renorm_stddev": root,
    }
    for name, initializer in starts.items():
        weight = layer.add_weight(
            name=name, shape=(width,), initializer=initializer, trainable=False, autocast=False
        )
        setattr(layer, name, weight)


def corrections(layer: Any, mean: Any, variance: Any) -> tuple[Any, Any]:
    """Factor and offset that make running statistics of a batch's, (features,) each.

    They are held fixed while the gradient is taken: Ioffe, "Batch renormalization",
    arXiv:1702.03275.
    """
    stddev = jnp.sqrt(variance + layer.epsilon)
    running = jnp.maximum(layer.renorm_stddev.astype(mean.dtype), jnp.sqrt(layer.epsilon))
    limits = layer.renorm_clipping or {}
    factor = jnp.clip(stddev / running, limits.get("rmin"), limits.get("rmax"))
    offset = (mean - layer.renorm_mean.astype(mean.dtype)) / running
    if limits.get("dmax") is not None:
        offset = jnp.clip(offset, -limits["dmax"], limits["dmax"])
    return jax.lax.stop_gradient((factor, offset))


def update_running(layer: Any, mean: Any, variance: Any) -> None:
    """Move the running statistics towards a batch's."""
    stddev = jnp.sqrt(variance + layer.epsilon)
    short, keep = layer.renorm_momentum, layer.momentum
    layer.renorm_mean = layer.renorm_mean * short + mean * (1 - short)
    layer.renorm_stddev = layer.renorm_stddev * short + stddev * (1 - short)
    layer.moving_mean = layer.moving_mean * keep + mean * (1 - keep)
    layer.moving_stddev = layer.moving_stddev * keep + stddev * (1 - keep)
    layer.moving_variance = jnp.maximum(jnp.square(layer.moving_stddev) - layer.epsilon, 0)
