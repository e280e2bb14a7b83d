"""Random numbers as `keras.random` draws them: functions of a shape and a seed.

A seed is a whole number (the same numbers every time), a `SeedGenerator` (the next numbers at every
call), a key of `jax.random`, or None: then the numbers come from the program's own seed
(`pellucid.utils.set_random_seed`), in a compiled step of `fit` other ones at every step. Where the
seed is a number or a `SeedGenerator`, they are those of Keras on JAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._core import rng as _rng
from ._core.dtypes import floatx
from ._core.errors import ConfigError
from ._core.traces import tracing
from .layers.context import current
from .layers.seed_generator import SeedGenerator

__all__ = [
    "SeedGenerator",
    "normal",
    "uniform",
    "truncated_normal",
    "randint",
    "categorical",
    "dropout",
    "shuffle",
    "gamma",
    "beta",
    "binomial",
]

Seed = int | SeedGenerator | jax.Array | None


def normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> jax.Array:
    """Numbers of a normal distribution.

    Args:
        shape: of the result.
        mean, stddev: of the distribution.
        dtype: a float format; None for `pellucid.config.floatx()`.
        seed: see the module.

    >>> normal((2,), seed=7).shape
    (2,)
    """
    return jax.random.normal(_key(seed), _shape(shape), _float(dtype, "normal")) * stddev + mean


def uniform(
    shape: Sequence[int],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> jax.Array:
    """Numbers spread evenly from `minval` up to, not including, `maxval`.

    Args:
        shape: of the result.
        minval, maxval: the bounds.
        dtype: a float format; None for `pellucid.config.floatx()`.
        seed: see the module.

    Raises:
        ConfigError: a format of whole numbers; `randint` draws those.
    """
    format_ = _float(dtype, "uniform")
    return jax.random.uniform(_key(seed), _shape(shape), format_, minval, maxval)


def truncated_normal(
    shape: Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> jax.Array:
    """Numbers of a normal distribution, none further from the mean than two deviations.

    Args: as for `normal`.
    """
    format_ = _float(dtype, "truncated_normal")
    drawn = jax.random.truncated_normal(_key(seed), -2.0, 2.0, _shape(shape), format_)
    return drawn * stddev + mean


def randint(
    shape: Sequence[int], minval: Any, maxval: Any, dtype: Any = "int32", seed: Seed = None
) -> jax.Array:
    """Whole numbers from `minval` up to, not including, `maxval`.

    Args:
        shape: of the result.
        minval, maxval: the bounds.
        dtype: a format of whole numbers.
        seed: see the module.

    Raises:
        ConfigError: a float format; `uniform` draws those.

    >>> sorted(set(randint((100,), 0, 3, seed=1).tolist()))
    [0, 1, 2]
    """
    format_ = jax.dtypes.canonicalize_dtype(dtype)
    if not jnp.issubdtype(format_, jnp.integer):
        raise ConfigError(
            "random.randint draws whole numbers.",
            got=f"dtype={dtype!r}",
            fix="dtype='int32', or random.uniform for floats.",
        )
    return jax.random.randint(_key(seed), _shape(shape), minval, maxval, format_)


def categorical(
    logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None
) -> jax.Array:
    """Classes drawn by their logits.

    Args:
        logits: (batch, classes), logarithms of probabilities up to a constant.
        num_samples: draws for each row.
        dtype: a format of whole numbers.
        seed: see the module.

    Returns:
        (batch, num_samples)

    Raises:
        ConfigError: logits of another rank.
    """
    logits = jnp.asarray(logits)
    if logits.ndim != 2:
        raise ConfigError(
            "random.categorical takes logits of two axes.",
            got=f"shape {logits.shape}",
            expected="(batch, classes)",
            fix="add the axis of the batch: logits[None].",
        )
    shape = (logits.shape[0], num_samples)
    drawn = jax.random.categorical(_key(seed), logits[..., None], axis=1, shape=shape)
    return drawn.astype(dtype)


def dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Seed = None
) -> jax.Array:
    """`inputs` with a random share set to zero and the others divided by ``1 - rate``.

    Args:
        inputs: any array of floats.
        rate: the share, 0 to 1.
        noise_shape: shape of the random mask; None, or an entry None, is the input's.
        seed: see the module.
    """
    inputs = jnp.asarray(inputs)
    if not 0 <= rate <= 1:
        raise ConfigError(
            "The rate of random.dropout is a share.",
            got=f"rate={rate!r}",
            expected="0 to 1",
            fix="rate=0.5, say.",
        )
    if rate == 1.0:
        return jnp.zeros_like(inputs)
    if rate == 0.0:
        return inputs
    wanted = inputs.shape if noise_shape is None else noise_shape
    shape = tuple(n if w is None else w for w, n in zip(wanted, inputs.shape, strict=True))
    kept = jax.random.bernoulli(_key(seed), 1.0 - rate, shape)
    return jnp.where(kept, inputs / (1.0 - rate), jnp.zeros_like(inputs))


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> jax.Array:
    """`x` with the numbers along `axis` in a random order, another one for each line of them.

    Args:
        x: an array.
        axis: along which.
        seed: see the module.
    """
    return jax.random.permutation(_key(seed), jnp.asarray(x), axis, independent=True)


def gamma(shape: Sequence[int], alpha: Any, dtype: Any = None, seed: Seed = None) -> jax.Array:
    """Numbers of a gamma distribution of shape `alpha` and scale 1.

    Args:
        shape: of the result.
        alpha: positive, a number or an array that broadcasts to `shape`.
        dtype: a float format; None for `pellucid.config.floatx()`.
        seed: see the module.
    """
    return jax.random.gamma(_key(seed), jnp.asarray(alpha), _shape(shape), _float(dtype, "gamma"))


def beta(
    shape: Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None
) -> jax.Array:
    """Numbers of a beta distribution.

    Args:
        shape: of the result.
        alpha, beta: positive, numbers or arrays that broadcast to `shape`.
        dtype: a float format; None for `pellucid.config.floatx()`.
        seed: see the module.
    """
    a, b = jnp.asarray(alpha), jnp.asarray(beta)
    return jax.random.beta(_key(seed), a, b, _shape(shape), _float(dtype, "beta"))


def binomial(
    shape: Sequence[int], counts: Any, probabilities: Any, dtype: Any = None, seed: Seed = None
) -> jax.Array:
    """Numbers of successes among independent trials.

    Args:
        shape: of the result.
        counts: trials, a number or an array that broadcasts to `shape`.
        probabilities: of a success, likewise.
        dtype: a float format; None for `pellucid.config.floatx()`.
        seed: see the module.
    """
    n, p = jnp.asarray(counts), jnp.asarray(probabilities)
    return jax.random.binomial(_key(seed), n, p, _shape(shape), _float(dtype, "binomial"))


def _shape(shape: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(size) for size in shape)


def _float(dtype: Any, name: str) -> Any:
    format_ = jnp.dtype(floatx() if dtype is None else dtype)
    if not jnp.issubdtype(format_, jnp.floating):
        raise ConfigError(
            f"random.{name} draws floats.",
            got=f"dtype={dtype!r}",
            fix="dtype='float32', or random.randint for whole numbers.",
        )
    return jax.dtypes.canonicalize_dtype(format_)


def _key(seed: Seed) -> Any:
    """What `jax.random` takes."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return np.array([int(seed) % 2**32, 0], np.uint32)
    if isinstance(seed, jax.Array):
        return seed
    if seed is not None:
        raise ConfigError(
            "This is no seed.",
            got=repr(seed),
            expected="a whole number, a SeedGenerator, a key of jax.random, or None",
            fix="seed=42, or seed=pellucid.random.SeedGenerator(42) kept in the layer.",
        )
    context = current()
    if context is not None:
        return context.unseeded_key()
    if tracing():
        raise ConfigError(
            "Random numbers without a seed, drawn while JAX traces a function, would be the same "
            "at every call.",
            got="seed=None inside jax.jit",
            fix="pass seed=pellucid.random.SeedGenerator(42) kept as an attribute of a layer, or "
            "a key of jax.random.",
        )
    return np.array([_rng.next_seed(), 0], np.uint32)
